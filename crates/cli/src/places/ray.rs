//! Jobs on a Ray cluster: `integrations/ray` is the driver that this process speaks JSON lines with.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::{LOOK, Places, asked_soon};
use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
use crate::output::note;
use crate::own_processes::OwnProcesses;
use crate::trial::{Ended, Ending, Line, Said, TrialJob};

/// [`Places`] of a Ray cluster.
pub(super) struct Ray {
    own: OwnProcesses,
    driver: Child,
    /// Closed to end the driver.
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// The jobs that run, to be handed out again where a node is lost.
    jobs: BTreeMap<usize, TrialJob>,
    /// Those of them that were told to pause or stop.
    leaving: BTreeSet<usize>,
    ready: bool,
    /// What is to be done where the driver ends.
    left: &'static str,
}

impl Ray {
    /// Starts the driver and waits until Ray is there.
    pub(super) fn connect(address: &str, own: OwnProcesses, left: &'static str) -> Result<Self> {
        let places = own.at_once;
        let python = std::env::var("BRASA_PYTHON").unwrap_or_else(|_| "python3".into());
        let not_started = |error: std::io::Error| {
            CliError::Usage(format!("--executor ray: {python} could not be run: {error}"))
        };
        let mut command = Command::new(&python);
        command.args(["-m", "brasa_ray.driver", "--address", address, "--places", &places.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut driver = command.spawn().map_err(not_started)?;
        let (Some(stdin), Some(stdout)) = (driver.stdin.take(), driver.stdout.take()) else {
            return Err(CliError::Failure("Ray's driver has no pipes".into()));
        };
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
                // Nobody waits where the search is over.
                let _ = sender.send(line);
            }
        });
        let (jobs, leaving) = (BTreeMap::new(), BTreeSet::new());
        let mut ray = Self { own, driver, stdin: Some(stdin), lines, jobs, leaving, ready: false, left };
        let Some(line) = ray.line()? else {
            return Err(CliError::Failure("stopped before Ray was reached".into()));
        };
        let ready: Value = serde_json::from_str(&line).unwrap_or_default();
        match (ready.get("error"), ready.get("ready")) {
            (Some(error), _) => {
                Err(CliError::Usage(format!("--executor ray: {}", error.as_str().unwrap_or_default())))
            }
            (None, Some(ready)) => {
                let of = |key: &str| ready.get(key).map(ToString::to_string).unwrap_or_default();
                note(format!(
                    "Ray {}: {} CPUs on {} nodes",
                    of("ray").trim_matches('"'),
                    of("cpus"),
                    of("nodes")
                ));
                ray.ready = true;
                Ok(ray)
            }
            (None, None) => Err(CliError::Failure("Ray's driver did not say that it is ready".into())),
        }
    }

    /// The driver's next line; none where this process is asked to end.
    fn line(&mut self) -> Result<Option<String>> {
        loop {
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => return Ok(Some(line)),
                Err(RecvTimeoutError::Timeout) if Interrupt::asked() => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
                // A signal may have been for the driver, too.
                Err(RecvTimeoutError::Disconnected) if asked_soon() => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self
                        .driver
                        .wait()
                        .map_or_else(|error| error.to_string(), |status| status.to_string());
                    return Err(CliError::Failure(match self.ready {
                        true => format!("Ray's driver ended with {status}; {}", self.left),
                        false => format!(
                            "Ray's driver ended with {status}: is its package installed (pip install ./integrations/ray) for the \
                             Python that BRASA_PYTHON names?"
                        ),
                    }));
                }
            }
        }
    }

    fn tell(&mut self, line: &Value) {
        // A driver that is gone is noticed where its lines are read.
        if let Some(stdin) = &mut self.stdin {
            let _ = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        }
    }

    fn send(&mut self, job: &TrialJob) -> Result<()> {
        let failed =
            |error: &dyn std::fmt::Display| CliError::Failure(format!("cannot write a trial's job: {error}"));
        let binary = std::env::current_exe().map_err(|error| failed(&error))?;
        let mut command: Vec<String> =
            [binary.display().to_string(), "--json".into(), "trial".into()].into_iter().collect();
        command.extend(self.own.args.iter().map(|word| word.to_string_lossy().into_owned()));
        let mut start = serde_json::to_value(job).map_err(|error| failed(&error))?;
        start["command"] = json!(command);
        self.tell(&json!({ "version": job.version, "start": start }));
        Ok(())
    }

    /// The line of a job, where this is one.
    fn read(&mut self, text: &str) -> Result<Option<Line>> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| CliError::Failure(format!("Ray's driver wrote {text:?}: {error}")))?;
        if let Some(error) = value.get("error") {
            let error = error.as_str().unwrap_or_default();
            return Err(CliError::Failure(format!("--executor ray: {error}")));
        }
        let trial = value.get("trial").and_then(Value::as_u64).and_then(|trial| usize::try_from(trial).ok());
        if let (Some(why), Some(trial)) = (value.get("lost"), trial) {
            note(format!(
                "trial {trial} was lost ({}) and goes on elsewhere",
                why.as_str().unwrap_or_default()
            ));
            if self.leaving.remove(&trial) {
                // It was on its way out; what it had not saved is done again when it is promoted.
                self.jobs.remove(&trial);
                return Ok(Some(Line::Ended(Ended::new(trial, Ending::Completed))));
            }
            if let Some(job) = self.jobs.get(&trial).cloned() {
                self.send(&job)?;
            }
            return Ok(None);
        }
        let line: Line = serde_json::from_value(value)
            .map_err(|error| CliError::Failure(format!("Ray's driver wrote {text:?}: {error}")))?;
        match &line {
            Line::Checkpoint { trial, checkpoint } => {
                if let Some(job) = self.jobs.get_mut(trial) {
                    job.from_epoch = *checkpoint;
                }
            }
            Line::Ended(Ended { trial, .. }) => {
                self.jobs.remove(trial);
                self.leaving.remove(trial);
            }
            Line::Report { .. } => {}
        }
        Ok(Some(line))
    }
}

impl Places for Ray {
    fn start(&mut self, job: TrialJob) -> Result<()> {
        // A driver of another machine's trials asks for a folder that is there.
        std::fs::create_dir_all(&job.folder)
            .map_err(|source| CliError::Write { path: job.folder.clone(), source })?;
        self.send(&job)?;
        self.jobs.insert(job.trial, job);
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Line>> {
        while let Some(text) = self.line()? {
            if let Some(line) = self.read(&text)? {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    fn answer(&mut self, trial: usize, said: Said) {
        if said != Said::Continue {
            self.leaving.insert(trial);
        }
        self.tell(&json!({ "answer": { "trial": trial, "verdict": said } }));
    }

    fn stop(&mut self, trial: usize) {
        self.tell(&json!({ "stop": trial }));
    }
}

impl Drop for Ray {
    fn drop(&mut self) {
        // The end of its input ends the driver, which ends its trials; what does not is ended in a while.
        self.stdin = None;
        for _ in 0..80 {
            if matches!(self.driver.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
