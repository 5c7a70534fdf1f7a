//! Pythons with a package from PyPI, kept in the cache folder for the next time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The Python of an environment with `package` in this `version`, which is installed where it is not there yet.
///
/// # Panics
/// Where it cannot be installed.
#[must_use]
pub fn python_with(package: &str, version: &str) -> PathBuf {
    let python = |folder: &Path| folder.join("bin/python");
    let works = |folder: &Path| {
        let status = Command::new(python(folder)).arg("--version").stdout(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let folder = kept(&format!("{package}-{version}"), works, |folder| {
        succeed(Command::new("python3").args(["-m", "venv"]).arg(folder));
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        succeed(Command::new(python(folder)).args(install).arg(format!("{package}=={version}")));
    });
    python(&folder)
}

/// What the wheel of `package` in this `version` holds, unpacked and not installed.
///
/// # Panics
/// Where it cannot be had.
#[must_use]
pub fn wheel(package: &str, version: &str) -> PathBuf {
    kept(
        &format!("{package}-{version}-wheel"),
        |_| true,
        |folder| {
            let download = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
            let (only, wanted) = (["--only-binary", ":all:", "--dest"], format!("{package}=={version}"));
            succeed(Command::new("python3").args(download).args(only).arg(folder).arg(wanted));
            let mut files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
            let wheel = files.find(|path| path.extension().is_some_and(|ending| ending == "whl")).unwrap();
            succeed(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(folder));
        },
    )
}

/// A folder of the cache that `fill` makes where it is not complete or does not work.
fn kept(name: &str, works: impl FnOnce(&Path) -> bool, fill: impl FnOnce(&Path)) -> PathBuf {
    let cache = cache();
    std::fs::create_dir_all(&cache).unwrap();
    let folder = cache.join(name);
    // Another test program may be making it.
    let lock = File::create(cache.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let complete = folder.join("complete");
    if !(complete.is_file() && works(&folder)) {
        let _ = std::fs::remove_dir_all(&folder);
        fill(&folder);
        std::fs::write(complete, "").unwrap();
    }
    folder
}

/// The folder that `.ci/run` keeps its build artefacts in.
fn cache() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("BRASA_CI_CACHE").unwrap_or_else(|| {
        let user = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
        user.unwrap_or_else(std::env::temp_dir).join("brasa-ci")
    })
}

fn succeed(command: &mut Command) {
    let status = command.status();
    assert!(status.as_ref().is_ok_and(|status| status.success()), "{command:?}: {status:?}");
}
