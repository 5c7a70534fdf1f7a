//! The folder of one run.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Environment;
use crate::files::{append_line, failed, read_json, read_text, write_atomic, write_atomic_by, write_json};
use crate::report::Report;
use crate::{DataFacts, RunLock, RunRecord, RunStatus};
use crate::{Result, RunError};
use brasa_train::EpochRecord;

/// Keeps room on the disk for the last record.
const RESERVE: &str = ".reserve";
/// A record of a few classes takes some kilobytes.
const RESERVED: usize = 1 << 16;

/// Where the files of one run stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder at a path, whatever is in it.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes a new folder `root/app/<time>-<recipe>`, which is this process' until the lock goes, and its first `run.json`.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn create(root: &Path, app: &str, recipe: &str) -> Result<(Self, RunRecord, RunLock)> {
        let (folder, id) = Self::create_empty(root, app, recipe)?;
        let lock = folder.lock()?;
        let now = OffsetDateTime::now_utc();
        let record = RunRecord {
            id,
            app: app.into(),
            recipe: recipe.into(),
            status: RunStatus::Running,
            started: format!("{}.{:09}Z", now_utc().trim_end_matches('Z'), now.nanosecond()),
            process: std::process::id(),
            seconds: None,
            epochs: None,
            best_epoch: None,
            stop: None,
            error: None,
            scores: None,
            decided: None,
            covered: Vec::new(),
            linear: None,
            resumed: Vec::new(),
        };
        folder.write_record(&record)?;
        folder.reserve();
        Ok((folder, record, lock))
    }

    /// Makes a new folder `root/app/<time>-<label>` and answers its name, too. Without a `run.json` it is no run
    /// for [`list_runs`](crate::list_runs) and [`find_run`](crate::find_run).
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn create_empty(root: &Path, app: &str, label: &str) -> Result<(Self, String)> {
        let now = OffsetDateTime::now_utc();
        let parent = root.join(app);
        fs::create_dir_all(&parent).map_err(failed(&parent))?;
        let stamp = format!(
            "{:04}{:02}{:02}-{:02}{:02}{:02}-{label}",
            now.year(),
            u8::from(now.month()),
            now.day(),
            now.hour(),
            now.minute(),
            now.second()
        );
        let (id, path) = (1..)
            .map(|copy| if copy == 1 { stamp.clone() } else { format!("{stamp}-{copy}") })
            .map(|id| (id.clone(), parent.join(id)))
            .find_map(|(id, path)| match fs::create_dir(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => None,
                outcome => Some(outcome.map(|()| (id, path.clone())).map_err(failed(&parent))),
            })
            .unwrap_or_else(|| Err(failed(&parent)(std::io::ErrorKind::AlreadyExists.into())))?;
        Ok((Self { path }, id))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Folder of the best model.
    pub fn model(&self) -> PathBuf {
        self.path.join("model")
    }

    /// The HTML report.
    pub fn report(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// Writes `report.html` and its pictures.
    ///
    /// # Errors
    /// [`RunError::Write`] and [`RunError::Report`].
    pub fn write_report(&self, report: &Report) -> Result<()> {
        for (name, bytes) in report.pictures()? {
            self.write(&format!("pictures/{name}"), &bytes)?;
        }
        self.write("report.html", report.to_html()?.as_bytes())
    }

    /// Reads `run.json`. A run that says that it is running, and that no process trains, was killed.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`].
    pub fn record(&self) -> Result<RunRecord> {
        let mut record = self.written_record()?;
        if record.status == RunStatus::Running && !self.is_locked() {
            record.status = RunStatus::Killed;
        }
        Ok(record)
    }

    /// What stands in `run.json`.
    pub(crate) fn written_record(&self) -> Result<RunRecord> {
        read_json(&self.path.join("run.json"))
    }

    /// Writes `run.json`.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn write_record(&self, record: &RunRecord) -> Result<()> {
        write_json(&self.path.join("run.json"), record)
    }

    /// Keeps room for the last record, as much as there is of what it may take.
    pub(crate) fn reserve(&self) {
        // Where there is no room for it, there will be none for what matters more.
        let sizes = std::iter::successors(Some(RESERVED), |size| Some(size / 2)).take(5);
        let _ = sizes.map(|size| self.write(RESERVE, &vec![b'\n'; size])).find(std::result::Result::is_ok);
    }

    /// As [`write_record`](Self::write_record), at the end of a run: on a disk that is full by now, into the room that was kept
    /// for it.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn write_last_record(&self, record: &RunRecord) -> Result<()> {
        let written = self.write_record(record);
        // Of no use any more; where it cannot be removed, it is in nobody's way.
        let _ = fs::remove_file(self.path.join(RESERVE));
        written.or_else(|_| self.write_record(record))
    }

    /// The room for the last record, where it is not needed any more.
    pub(crate) fn unused_reserve(&self) -> Option<PathBuf> {
        let path = self.path.join(RESERVE);
        path.symlink_metadata().is_ok_and(|found| found.is_file()).then_some(path)
    }

    /// Writes a JSON file of the run.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn write_json<T: serde::Serialize>(&self, name: &str, value: &T) -> Result<()> {
        write_json(&self.path.join(name), value)
    }

    /// Writes a file of the run, in folders below it where `name` has any.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_atomic(&self.with_folders(name)?, bytes)
    }

    /// As [`write`](Self::write), of what `write` writes, which need not be in memory as a whole.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn write_by(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<&mut File>) -> std::io::Result<()>,
    ) -> Result<()> {
        write_atomic_by(&self.with_folders(name)?, write)
    }

    /// The path of a file of the run, whose folders are made.
    fn with_folders(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        // Folders below the run's own: a run that is gone is not begun again by halves.
        let below = Path::new(name).ancestors().skip(1).filter(|part| !part.as_os_str().is_empty());
        for part in below.collect::<Vec<_>>().into_iter().rev() {
            let folder = self.path.join(part);
            match fs::create_dir(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(failed(&folder)(error));
                }
                _ => {}
            }
        }
        Ok(path)
    }

    /// Adds an epoch to `metrics.jsonl`.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn append_epoch(&self, record: &EpochRecord) -> Result<()> {
        self.append("metrics.jsonl", record)
    }

    /// Adds a line of JSON to a file that is there.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn append<T: serde::Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let path = self.path.join(name);
        let line = serde_json::to_string(value).map_err(|error| failed(&path)(error.into()))?;
        append_line(&path, &line)
    }

    /// Writes a file of lines of JSON, in one piece.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn write_lines<T: serde::Serialize>(&self, name: &str, values: &[T]) -> Result<()> {
        let lines = values.iter().map(|value| serde_json::to_string(value).map(|line| line + "\n"));
        let text = lines.collect::<std::result::Result<String, _>>();
        let text = text.map_err(|error| failed(&self.path.join(name))(error.into()))?;
        self.write(name, text.as_bytes())
    }

    /// The lines of JSON of a file. A line that was cut off by a kill is left out, and what is behind it.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`] where the file cannot be read.
    pub fn lines<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Vec<T>> {
        let text = read_text(&self.path.join(name))?;
        Ok(text.lines().map_while(|line| serde_json::from_str(line).ok()).collect())
    }

    /// The epochs of `metrics.jsonl`. A line that was cut off by a kill is left out.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`].
    pub fn epochs(&self) -> Result<Vec<EpochRecord>> {
        self.lines("metrics.jsonl")
    }

    /// What was read and how it was split.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`].
    pub fn data_facts(&self) -> Result<DataFacts> {
        read_json(&self.path.join("data.json"))
    }

    /// What it ran on.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`].
    pub fn environment(&self) -> Result<Environment> {
        read_json(&self.path.join("environment.json"))
    }

    /// The resolved recipe as it was run.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`].
    pub fn recipe(&self) -> Result<brasa_train::Recipe> {
        let path = self.path.join("recipe.toml");
        brasa_train::Recipe::parse("recipe.toml", &read_text(&path)?, &[])
            .map_err(|error| RunError::BrokenRun { path, problem: format!("is damaged: {error}") })
    }

    /// The text of `recipe.toml`.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`].
    pub fn recipe_text(&self) -> Result<String> {
        read_text(&self.path.join("recipe.toml"))
    }

    /// As [`recipe`](Self::recipe), on other data: see [`Recipe::parse_on`](brasa_train::Recipe::parse_on).
    ///
    /// # Errors
    /// [`RunError::BrokenRun`].
    pub fn recipe_on(&self, source: &str) -> Result<brasa_train::Recipe> {
        let text = self.recipe()?.to_toml()?;
        let path = self.path.join("recipe.toml");
        brasa_train::Recipe::parse_on(&path.display().to_string(), &text, source, &[])
            .map_err(|error| RunError::BrokenRun { path, problem: format!("is damaged: {error}") })
    }
}

/// The time in UTC to the second, RFC 3339.
pub(crate) fn now_utc() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default()
}
