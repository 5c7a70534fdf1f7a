//! The trials of a search in processes of this binary: its hidden verb `trial`. A process does one trial after another.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use brasa_tune::executor::{Executor, Message};
use brasa_tune::scheduler::Verdict as Decision;
use brasa_tune::study::{End, Job};

use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
use crate::trial::{Line, Said, Verdict};
use crate::trial_work::TrialWork;

/// How often the processes' memory is looked at.
const LOOK: Duration = Duration::from_millis(200);

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
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An [`Executor`] of processes.
pub(crate) struct TrialProcesses<'a> {
    work: TrialWork<'a>,
    workers: Vec<Worker>,
    started: usize,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

impl<'a> TrialProcesses<'a> {
    pub(crate) fn new(work: TrialWork<'a>) -> Self {
        let (sender, events) = channel();
        Self { work, workers: Vec::new(), started: 0, sender, events }
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
            |error: std::io::Error| CliError::Failure(format!("a trial's process could not be run: {error}"));
        let command = self.work.settings.processes.command("trial");
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
        Ok(Worker { id, child, stdin, trial: None, killed: None })
    }

    fn of_trial(&mut self, trial: usize) -> Option<&mut Worker> {
        self.workers.iter_mut().find(|worker| worker.trial == Some(trial))
    }

    /// The message of a process's line.
    fn read(&mut self, id: usize, text: &str) -> Option<Message> {
        let line = match serde_json::from_str(text) {
            Ok(line) => line,
            Err(error) => return self.fail(id, format!("its process wrote {text:?}: {error}")),
        };
        if matches!(line, Line::Ended { .. })
            && let Some(worker) = self.workers.iter_mut().find(|worker| worker.id == id)
        {
            worker.trial = None;
        }
        Some(self.work.message_of(line))
    }

    /// The end of a process, which is that of its trial.
    fn closed(&mut self, id: usize, errors: &str) -> Result<Option<Message>> {
        let Some(place) = self.workers.iter().position(|worker| worker.id == id) else { return Ok(None) };
        let mut worker = self.workers.swap_remove(place);
        let Some(trial) = worker.trial else { return Ok(None) };
        let status = worker.child.wait();
        if worker.killed.is_none() && status.as_ref().is_ok_and(ended_by_a_signal) && asked_soon() {
            // The signal was for all of us: the trial has not failed.
            return Err(CliError::stopped_search());
        }
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let message = worker.killed.take().unwrap_or_else(|| {
            format!("its process ended with {status} {}", error_of(errors)).trim().to_owned()
        });
        Ok(Some(Message::Ended { trial, end: End::Failed(message) }))
    }

    fn fail(&mut self, id: usize, message: String) -> Option<Message> {
        let worker = self.workers.iter_mut().find(|worker| worker.id == id)?;
        worker.killed = Some(message);
        // Its end comes as an event of its own.
        let _ = worker.child.kill();
        None
    }

    /// Ends what takes too much memory.
    fn look_at_memory(&mut self) {
        let Some(most) = self.work.settings.memory else { return };
        for worker in &mut self.workers {
            let used = memory_mib(worker.child.id());
            if worker.killed.is_none() && used.is_some_and(|used| used > most) {
                worker.killed = Some(format!("it took more than {most} MiB of memory (--memory)"));
                let _ = worker.child.kill();
            }
        }
    }
}

impl Executor for TrialProcesses<'_> {
    type Error = CliError;

    fn start(&mut self, job: &Job) -> Result<()> {
        let Some(line) = self.work.job(job) else { return Ok(()) };
        let line = serde_json::to_string(&line)
            .map_err(|error| CliError::Failure(format!("cannot write a trial's job: {error}")))?;
        let worker = self.idle()?;
        worker.trial = Some(job.trial);
        // One that ended before reading it says why by its end.
        let _ = writeln!(worker.stdin, "{line}").and_then(|()| worker.stdin.flush());
        Ok(())
    }

    fn wait(&mut self) -> Result<Message> {
        loop {
            if let Some(message) = self.work.refused() {
                return Ok(message);
            }
            let message = match self.events.recv_timeout(LOOK) {
                Ok(Event::Line(id, line)) => self.read(id, &line),
                Ok(Event::Closed(id, errors)) => self.closed(id, &errors)?,
                Err(RecvTimeoutError::Timeout) if Interrupt::asked() => {
                    return Err(CliError::stopped_search());
                }
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(CliError::Failure("the trials' processes are gone".into()));
                }
            };
            self.look_at_memory();
            if let Some(message) = message {
                return Ok(message);
            }
        }
    }

    fn answer(&mut self, trial: usize, verdict: Decision) -> Result<()> {
        let line = serde_json::to_string(&Verdict { verdict: Said::from(verdict) }).unwrap_or_default();
        if let Some(worker) = self.of_trial(trial) {
            let _ = writeln!(worker.stdin, "{line}").and_then(|()| worker.stdin.flush());
        }
        Ok(())
    }

    fn stop(&mut self, trial: usize) -> Result<()> {
        if let Some(worker) = self.of_trial(trial) {
            worker.killed = Some("the search was stopped".into());
            let _ = worker.child.kill();
        }
        Ok(())
    }
}

/// Whether somebody asked a process to end; one that crashed was not asked.
fn ended_by_a_signal(status: &std::process::ExitStatus) -> bool {
    #[cfg(unix)]
    return matches!(std::os::unix::process::ExitStatusExt::signal(status), Some(1 | 2 | 15));
    #[cfg(not(unix))]
    false
}

/// Whether this process is asked to end, too, now or in a moment.
pub(crate) fn asked_soon() -> bool {
    (0..20).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        Interrupt::asked()
    })
}

/// The message of the object that a verb answers with `--json` when it fails, or the last line.
fn error_of(stderr: &str) -> String {
    stderr.lines().last().unwrap_or_default().to_owned()
}

/// The memory that a process has of its own, where the system tells.
fn memory_mib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}
