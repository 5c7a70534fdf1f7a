//! A user's machine as the binaries see it: empty.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::binaries::binary;
use crate::{Finished, Invocation};

/// A temporary folder that is home and working folder in one, and gone at the end of the test.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Home {
    /// An empty one.
    ///
    /// # Panics
    /// Where the system has no place for it.
    #[must_use]
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The folder, or what stands in it under `name`.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.folder.path().into() } else { self.folder.path().join(name) }
    }

    /// Writes a file, in folders below where `name` has any.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Where the binary `name` is.
    #[must_use]
    pub fn binary(name: &str) -> PathBuf {
        binary(name)
    }

    /// The binary `name` with `args`, split at spaces.
    #[must_use]
    pub fn command(&self, name: &str, args: &str) -> Invocation {
        Invocation::new(&binary(name), self.folder.path()).args(args.split_whitespace())
    }

    /// `iris` with `args`, split at spaces.
    #[must_use]
    pub fn iris(&self, args: &str) -> Invocation {
        self.command("iris", args)
    }

    /// `fashion-mnist` with `args`, split at spaces.
    #[must_use]
    pub fn fashion(&self, args: &str) -> Invocation {
        self.command("fashion-mnist", args)
    }

    /// Trains Iris for two epochs; the object that `train --json` prints.
    #[must_use]
    pub fn trained_iris(&self) -> Value {
        self.iris("train --json --set training.epochs=2").run().succeeds().json()
    }

    /// Trains Fashion-MNIST for one epoch on few made-up pictures, which it leaves in `pictures`.
    #[must_use]
    pub fn trained_fashion(&self) -> Value {
        crate::write_fashion(&self.path("pictures"), 200, 60);
        let args = "train --json --data pictures --recipe proper-split --set training.epochs=1 --set training.batch_size=32";
        self.fashion(args).run().succeeds().json()
    }

    /// Trains `recipe` of MNIST for so many epochs on few made-up pictures, which it leaves as the archive in
    /// `digits`.
    #[must_use]
    pub fn trained_mnist(&self, recipe: &str, epochs: usize) -> Value {
        crate::write_digits(&self.path("digits"), &[("train", 6), ("valid", 2), ("test", 3)]);
        let train = self.command("mnist", "train --json --data digits --recipe").args([recipe]);
        train.set("training.epochs", epochs).run().succeeds().json()
    }

    /// The folder of a run from the object that `train --json` printed.
    #[must_use]
    pub fn run_folder(&self, trained: &Value) -> PathBuf {
        self.path(crate::text(trained, "/run"))
    }

    /// The folder of the only run of `app`.
    ///
    /// # Panics
    /// Where there are none or several.
    #[must_use]
    pub fn only_run(&self, app: &str) -> PathBuf {
        let runs =
            files_below(&self.path("runs").join(app)).into_iter().filter(|path| path.ends_with("run.json"));
        let runs: Vec<PathBuf> = runs.filter_map(|path| path.parent().map(Path::to_path_buf)).collect();
        let [run] = runs.as_slice() else { panic!("expected one run of {app}, found {runs:?}") };
        run.clone()
    }

    /// The folders of all runs of `app`, oldest first.
    #[must_use]
    pub fn runs(&self, app: &str) -> Vec<PathBuf> {
        let files = files_below(&self.path("runs").join(app));
        let runs = files.iter().filter(|path| path.ends_with("run.json")).filter_map(|path| path.parent());
        runs.map(Path::to_path_buf).collect()
    }

    /// The only run of `app` has failed, its `run.json` holds `message`, and it has no report.
    ///
    /// # Panics
    /// Where that is not so.
    pub fn assert_failed_run(&self, app: &str, message: &str) -> PathBuf {
        let run = self.only_run(app);
        let record = read_json(&run.join("run.json"));
        assert_eq!(crate::text(&record, "/status"), "failed");
        let error = crate::text(&record, "/error");
        assert!(error.contains(message), "{error}");
        assert!(!run.join("report.html").exists());
        self.assert_nothing_unfinished();
        run
    }

    /// No file that was being written is left, under whatever name, and every file of a run that has its final
    /// name is whole.
    ///
    /// # Panics
    /// Where one is not.
    pub fn assert_nothing_unfinished(&self) {
        for path in files_below(self.folder.path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let unfinished = name.starts_with(".brasa-") || name.ends_with(".part") || name.ends_with(".tmp");
            assert!(!unfinished, "left behind: {}", path.display());
            let text = || std::fs::read_to_string(&path).unwrap();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("json") => drop(read_json(&path)),
                Some("jsonl") => {
                    assert!(text().is_empty() || text().ends_with('\n'), "{}", path.display());
                    drop(read_json_lines(&path));
                }
                Some("html") => assert!(text().trim_end().ends_with("</html>"), "{}", path.display()),
                Some("svg") => assert!(text().trim_end().ends_with("</svg>"), "{}", path.display()),
                _ => {}
            }
        }
    }

    /// Runs `invocation` and checks that it was refused as bad input, in one message that holds all of `parts`,
    /// with no run begun.
    ///
    /// # Panics
    /// Where it was not.
    pub fn refuses(&self, invocation: Invocation, parts: &[&str]) -> Finished {
        let finished = invocation.run().fails(2, parts);
        assert!(!self.path("runs").exists(), "a run was begun:\n{finished}");
        finished
    }
}

/// Reads a JSON file.
///
/// # Panics
/// Where it is none.
#[must_use]
pub fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads a file with a JSON value on every line.
///
/// # Panics
/// Where a line is none.
#[must_use]
pub fn read_json_lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parse = |line| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}: {line}", path.display()))
    };
    text.lines().map(parse).collect()
}

/// All files below `folder`, in the order of their names; none where there is no such folder.
#[must_use]
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
