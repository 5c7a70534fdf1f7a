//! The folds of a cross-validation, each in a process of its own: this binary's hidden verb `cv-fold`.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::process::{Child, ChildStderr, ChildStdout};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use brasa_run::cross_validation::{CrossValidationConfig, FoldId, FoldResult};
use brasa_train::Recipe;
use serde::{Deserialize, Serialize};

use crate::error::{CliError, Result};
use crate::interrupt;
use crate::own_processes::OwnProcesses;

/// What a process reads on stdin, as one line. It then goes on for as long as its stdin stays open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FoldJob {
    pub(crate) recipe: Recipe,
    pub(crate) config: CrossValidationConfig,
    pub(crate) id: FoldId,
}

/// The processes of folds.
#[derive(Debug)]
pub(crate) struct FoldProcesses<'a>(pub(crate) &'a OwnProcesses);

enum Event {
    Done(Box<FoldResult>),
    Failed(CliError),
    Interrupted,
    WorkerEnded,
}

#[derive(Default)]
struct Shared {
    waiting: VecDeque<FoldJob>,
    running: Vec<(FoldId, Child)>,
}

impl Shared {
    fn stop(&mut self) {
        self.waiting.clear();
        for (_, child) in &mut self.running {
            // It may have ended by itself in this moment.
            let _ = child.kill();
        }
    }
}

impl FoldProcesses<'_> {
    /// Runs all `jobs` and answers their results in the order in which they ended; `on_done` sees each at once. The
    /// first failure, or Ctrl-C, ends all processes.
    pub(crate) fn run(
        &self,
        jobs: Vec<FoldJob>,
        mut on_done: impl FnMut(&FoldResult),
    ) -> Result<Vec<FoldResult>> {
        let wanted = jobs.len();
        let shared = Mutex::new(Shared { waiting: jobs.into(), running: Vec::new() });
        let (sender, events) = channel();
        let on_interrupt = sender.clone();
        interrupt::on_first("\nstopping all folds; once more to end at once", move || {
            let _ = on_interrupt.send(Event::Interrupted);
        });
        let mut results = Vec::new();
        let mut failure = None;
        std::thread::scope(|scope| {
            let workers = self.0.at_once.min(wanted);
            for _ in 0..workers {
                let (sender, shared) = (sender.clone(), &shared);
                scope.spawn(move || self.work(shared, &sender));
            }
            let mut ended = 0;
            while ended < workers {
                let error = match events.recv() {
                    Ok(Event::Done(result)) => {
                        on_done(&result);
                        results.push(*result);
                        continue;
                    }
                    Ok(Event::WorkerEnded) => {
                        ended += 1;
                        continue;
                    }
                    Ok(Event::Failed(error)) => error,
                    Ok(Event::Interrupted) => CliError::Interrupted { done: results.len(), wanted },
                    Err(_) => break,
                };
                lock(&shared).stop();
                failure.get_or_insert(error);
            }
        });
        interrupt::no_grace();
        failure.map_or(Ok(results), Err)
    }

    fn work(&self, shared: &Mutex<Shared>, events: &Sender<Event>) {
        // The receiver lives until every worker has ended.
        while let Some(outcome) = self.next(shared) {
            let _ = events.send(match outcome {
                Ok(result) => Event::Done(Box::new(result)),
                Err(error) => Event::Failed(error),
            });
        }
        let _ = events.send(Event::WorkerEnded);
    }

    /// Starts the next job and waits for its end; `None` where no job is left.
    fn next(&self, shared: &Mutex<Shared>) -> Option<Result<FoldResult>> {
        // Taken and started under one lock, so that a stop misses no process.
        let mut locked = lock(shared);
        let job = locked.waiting.pop_front()?;
        let started = self.start(&job).map(|(child, stdout, stderr)| {
            locked.running.push((job.id, child));
            (stdout, stderr)
        });
        drop(locked);
        Some(started.and_then(|(stdout, stderr)| {
            let (stdout, stderr) = read_both(stdout, stderr);
            let mut locked = lock(shared);
            let place = locked.running.iter().position(|(id, _)| *id == job.id);
            let child = place.map(|place| locked.running.swap_remove(place));
            drop(locked);
            let status = match child {
                Some((_, mut child)) => child.wait().map_err(|error| not_started(job.id, &error))?,
                None => return Err(CliError::Failure("a fold's process was lost".into())),
            };
            if status.success() {
                return serde_json::from_str(&stdout)
                    .map_err(|error| fold_error(job.id, error.to_string(), 1));
            }
            let message = error_of(&stdout).unwrap_or_else(|| {
                format!("its process ended with {status} {}", stderr.trim()).trim().into()
            });
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            Err(fold_error(job.id, message, code.unwrap_or(1)))
        }))
    }

    fn start(&self, job: &FoldJob) -> Result<(Child, ChildStdout, ChildStderr)> {
        let failed = |error: std::io::Error| not_started(job.id, &error);
        let mut child = self.0.command("cv-fold").and_then(|mut command| command.spawn()).map_err(failed)?;
        let line = serde_json::to_string(job).map_err(|error| failed(error.into()))?;
        if let Some(stdin) = &mut child.stdin {
            // One that ended before reading it says why by itself. The pipe stays open with the child.
            let _ = stdin.write_all(format!("{line}\n").as_bytes());
        }
        match (child.stdout.take(), child.stderr.take()) {
            (Some(stdout), Some(stderr)) => Ok((child, stdout, stderr)),
            _ => Err(fold_error(job.id, "its process has no output".into(), 1)),
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_both(mut stdout: ChildStdout, mut stderr: ChildStderr) -> (String, String) {
    // Both at once, or a full pipe would stop the process. What came before an error counts.
    let errors = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stderr.read_to_end(&mut bytes);
        bytes
    });
    let mut bytes = Vec::new();
    let _ = stdout.read_to_end(&mut bytes);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(bytes), text(errors.join().unwrap_or_default()))
}

/// The message of the object that every verb answers with `--json` when it fails.
fn error_of(stdout: &str) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_str(stdout).ok()?;
    Some(answer.get("error")?.as_str()?.to_string())
}

fn fold_error(id: FoldId, message: String, code: u8) -> CliError {
    CliError::Fold { fold: id.fold, repeat: id.repeat, message, code }
}

fn not_started(id: FoldId, error: &std::io::Error) -> CliError {
    fold_error(id, format!("its process could not be run: {error}"), 1)
}
