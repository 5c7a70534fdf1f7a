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
