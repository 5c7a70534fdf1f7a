//! This binary's hidden verb `trial` in processes of its own.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use brasa_data::Files;

use crate::args::DeviceArgs;
use crate::context;

/// How such processes are started.
#[derive(Debug, Clone)]
pub(crate) struct OwnProcesses {
    /// Arguments after the verb.
    pub(crate) args: Vec<OsString>,
    /// Processes at once.
    pub(crate) at_once: usize,
    /// Threads of each.
    pub(crate) threads: usize,
    /// The most memory of each, in MiB.
    pub(crate) memory: Option<u64>,
}

impl OwnProcesses {
    /// `jobs` at once, or as many as there are cores, and `most` at the most; they read what `files` does.
    pub(crate) fn new(device: &DeviceArgs, files: &Files, jobs: Option<usize>, most: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let on_cores = ["flex", "ndarray"].contains(&device.device.as_str());
        // Several processes on one GPU would share its memory: only where asked for.
        let at_once = jobs.unwrap_or(if on_cores { cores } else { 1 }).min(most);
        let mut args: Vec<OsString> = vec!["--device".into(), device.device.clone().into()];
        if let Some(folder) = files.directories().next() {
            args.extend(["--data".into(), context::absolute(folder).into()]);
        }
        Self { args, at_once, threads: (cores / at_once.max(1)).max(1), memory: None }
    }

    /// The command of one: its stdin, stdout and stderr are pipes.
    pub(crate) fn command(&self) -> std::io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--json", "trial"]).args(&self.args);
        command.env("RAYON_NUM_THREADS", self.threads.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // The terminal's Ctrl-C goes to this process alone, which then ends the others.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(command)
    }
}
