//! What a run ran on.

use std::process::{Command, Stdio};

use brasa_data::Files;
use serde::{Deserialize, Serialize};

/// Versions, machine and commit of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Version of brasa.
    pub brasa: String,
    /// Version of Burn.
    pub burn: String,
    /// The `--device` that was used.
    pub device: String,
    /// Operating system and processor architecture.
    pub platform: String,
    /// The processor's name, where the system tells it.
    pub processor: Option<String>,
    /// Threads that the system lets the process run at once.
    pub threads: usize,
    /// Commit of the folder that the run was started in, with `-dirty` where it had changes.
    pub git_commit: Option<String>,
    /// The command line.
    pub command: Vec<String>,
    /// The folder that the data were read from, from the root on; `None` where they are part of the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

impl Environment {
    /// Looks at the machine.
    pub fn capture(device: &str) -> Self {
        Self {
            brasa: env!("CARGO_PKG_VERSION").into(),
            burn: BURN_VERSION.into(),
            device: device.into(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: processor(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            git_commit: git_commit(),
            command: std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect(),
            data: None,
        }
    }

    /// Remembers where the data are, so that the run can be scored again without being told.
    #[must_use]
    pub fn with_data(mut self, files: &Files) -> Self {
        let folder = files.directories().next();
        let absolute = folder.map(|folder| std::path::absolute(folder).unwrap_or_else(|_| folder.into()));
        self.data = absolute.map(|folder| folder.to_string_lossy().into_owned());
        self
    }
}

/// The pinned version; a test holds it against the lock file.
const BURN_VERSION: &str = "0.22.1";

fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_string())
}

fn git_commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).filter(|commit| !commit.is_empty())?;
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
    Some(if changed { format!("{commit}-dirty") } else { commit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_locked_version_of_burn() {
        // Read when it runs: a package must not include files from outside.
        let path = format!("{}/../../Cargo.lock", std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
        let lock = std::fs::read_to_string(path).unwrap_or_default();
        assert!(lock.contains(&format!("name = \"burn\"\nversion = \"{BURN_VERSION}\"")));
    }
}
