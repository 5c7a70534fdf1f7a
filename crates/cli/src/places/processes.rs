//! Jobs in processes of this binary: its hidden verb `trial`. A process does one job after another.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

use super::{LOOK, Places, asked_soon};
use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
use crate::own_processes::OwnProcesses;
use crate::trial::{Ended, Line, Said, TrialJob, Verdict};

/// What a process said: a line, or at its end what it wrote to stderr.
enum Event {
    Line(usize, String),
    Closed(usize, String),
}

struct Worker {
    id: usize,
    child: Child,
    stdin: ChildStdin,
    trial: Option<usize>,
    /// Why it was ended from here.
    killed: Option<String>,
    /// Why it ends, in its own words.
    said: Option<String>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// [`Places`] that are processes.
pub(super) struct Processes {
    own: OwnProcesses,
    workers: Vec<Worker>,
    started: usize,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

impl Processes {
    pub(super) fn new(own: OwnProcesses) -> Self {
        let (sender, events) = channel();
        Self { own, workers: Vec::new(), started: 0, sender, events }
    }

    /// A process without work, started where there is none.
    fn idle(&mut self) -> Result<&mut Worker> {
        let idle = |worker: &Worker| worker.trial.is_none() && worker.killed.is_none();
        let place = match self.workers.iter().position(idle) {
            Some(place) => place,
            None => {
                let worker = self.spawn()?;
                self.workers.push(worker);
                self.workers.len() - 1
            }
        };
        self.workers.get_mut(place).ok_or_else(|| CliError::Failure("no process for a trial".into()))
    }

    fn spawn(&mut self) -> Result<Worker> {
        let failed =
            |error: std::io::Error| CliError::Failure(format!("a process for it could not be run: {error}"));
        let command = self.own.command();
        let mut child = command.and_then(|mut command| command.spawn()).map_err(failed)?;
        let (Some(stdin), Some(stdout), Some(mut stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(CliError::Failure("a trial's process has no pipes".into()));
        };
        self.started += 1;
        let (id, sender) = (self.started, self.sender.clone());
        std::thread::spawn(move || {
            let errors = std::thread::spawn(move || {
                // Of many trials' words, the last.
                let (mut last, mut bytes) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = stderr.read(&mut bytes) {
                    last.extend(bytes.iter().take(read));
                    last.drain(..last.len().saturating_sub(4096));
                }
                String::from_utf8_lossy(&last).trim().to_owned()
            });
            for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
                // Nobody waits where the search is over.
                let _ = sender.send(Event::Line(id, line));
            }
            let _ = sender.send(Event::Closed(id, errors.join().unwrap_or_default()));
        });
        Ok(Worker { id, child, stdin, trial: None, killed: None, said: None })
    }

    fn of_trial(&mut self, trial: usize) -> Option<&mut Worker> {
        self.workers.iter_mut().find(|worker| worker.trial == Some(trial))
    }

    /// The line of a process.
    fn read(&mut self, id: usize, text: &str) -> Option<Line> {
        let line = match serde_json::from_str(text) {
            Ok(line) => line,
            Err(_) if error_of(text).is_some() => {
                self.workers.iter_mut().find(|worker| worker.id == id)?.said = error_of(text);
                return None;
            }
            Err(error) => return self.fail(id, format!("its process wrote {text:?}: {error}")),
        };
        if matches!(line, Line::Ended(_))
            && let Some(worker) = self.workers.iter_mut().find(|worker| worker.id == id)
        {
            worker.trial = None;
        }
        Some(line)
    }

    /// The end of a process, which is that of its job; none where the signal that ended it was for all of us.
    fn closed(&mut self, id: usize, errors: &str) -> Option<Line> {
        let place = self.workers.iter().position(|worker| worker.id == id)?;
        let mut worker = self.workers.swap_remove(place);
        let trial = worker.trial?;
        let status = worker.child.wait();
        if worker.killed.is_none() && status.as_ref().is_ok_and(ended_by_a_signal) && asked_soon() {
            return None;
        }
        let input = worker.killed.is_none() && status.as_ref().is_ok_and(|status| status.code() == Some(2));
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let message = worker.killed.take().or(worker.said.take()).unwrap_or_else(|| {
            let last = errors.lines().last().unwrap_or_default();
            format!("its process ended with {status} {last}").trim().to_owned()
        });
        Some(Line::Ended(Ended { input, ..Ended::failed(trial, message) }))
    }

    fn fail(&mut self, id: usize, message: String) -> Option<Line> {
        let worker = self.workers.iter_mut().find(|worker| worker.id == id)?;
        worker.killed = Some(message);
        // Its end comes as an event of its own.
        let _ = worker.child.kill();
        None
    }

    /// Ends what takes too much memory.
    fn look_at_memory(&mut self) {
        let Some(most) = self.own.memory else { return };
        for worker in &mut self.workers {
            let used = memory_mib(worker.child.id());
            if worker.killed.is_none() && used.is_some_and(|used| used > most) {
                worker.killed = Some(format!("it took more than {most} MiB of memory (--memory)"));
                let _ = worker.child.kill();
            }
        }
    }
}

impl Places for Processes {
    fn start(&mut self, job: TrialJob) -> Result<()> {
        let line = serde_json::to_string(&job)
            .map_err(|error| CliError::Failure(format!("cannot write a trial's job: {error}")))?;
        let worker = self.idle()?;
        worker.trial = Some(job.trial);
        // One that ended before reading it says why by its end.
        let _ = writeln!(worker.stdin, "{line}").and_then(|()| worker.stdin.flush());
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Line>> {
        loop {
            let line = match self.events.recv_timeout(LOOK) {
                Ok(Event::Line(id, line)) => self.read(id, &line),
                Ok(Event::Closed(id, errors)) => self.closed(id, &errors),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(CliError::Failure("the trials' processes are gone".into()));
                }
            };
            self.look_at_memory();
            if line.is_some() || Interrupt::asked() {
                return Ok(line);
            }
        }
    }

    fn answer(&mut self, trial: usize, said: Said) {
        let line = serde_json::to_string(&Verdict { verdict: said }).unwrap_or_default();
        if let Some(worker) = self.of_trial(trial) {
            let _ = writeln!(worker.stdin, "{line}").and_then(|()| worker.stdin.flush());
        }
    }

    fn stop(&mut self, trial: usize) {
        if let Some(worker) = self.of_trial(trial) {
            worker.killed = Some("the search was stopped".into());
            let _ = worker.child.kill();
        }
    }
}

/// Whether somebody asked a process to end; one that crashed was not asked.
fn ended_by_a_signal(status: &std::process::ExitStatus) -> bool {
    #[cfg(unix)]
    return matches!(std::os::unix::process::ExitStatusExt::signal(status), Some(1 | 2 | 15));
    #[cfg(not(unix))]
    false
}

/// The message of the object that a verb answers with `--json` when it fails.
fn error_of(line: &str) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(answer.get("error")?.as_str()?.to_owned())
}

/// The memory that a process has of its own, where the system tells.
fn memory_mib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}
