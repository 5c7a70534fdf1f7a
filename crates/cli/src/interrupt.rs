//! Signals that ask the process to end.
//!
//! A signal during a training ends it after the step, in a checkpoint: after Ctrl-C what was reached is judged, after any other
//! the process ends. A second one, or any while nothing is trained, ends the process within a second: files that are being
//! written are finished, and the run says how it ended.

mod signals;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use brasa_run::{RunFolder, RunObserver, RunRecord, hold_writes};
use brasa_train::{Callback, Control, EpochRecord, Plan, Result, StopReason};

pub(crate) use signals::Signal;

use crate::error::CliError;
use crate::output::{Screen, note};

/// Whether what goes on is to stop in its own time, and by what: 0 for nothing, else the exit code of the signal.
static ASKED: AtomicU8 = AtomicU8::new(0);
/// Exit code after the last signal, 0 before any.
static CODE: AtomicU8 = AtomicU8::new(0);
/// What a first signal does in place of ending the process.
static GRACE: Mutex<Option<Grace>> = Mutex::new(None);
/// Writes down that the process ends, and says what is left.
static LAST_WORDS: Mutex<Option<LastWords>> = Mutex::new(None);

type LastWords = Box<dyn FnOnce(&str) -> Option<String> + Send>;

/// All of the end has to be done in this time.
const LIMIT: Duration = Duration::from_millis(900);
/// Of which files that are being written may take this long.
const WRITES: Duration = Duration::from_millis(600);

/// Whoever ends a process with SIGTERM waits some ten seconds before it kills it.
const CHECKPOINT: Duration = Duration::from_secs(8);

/// Does what is to be done at the first signal.
type Grace = Box<dyn Fn(Signal) + Send>;

/// Listens from now on; for the start of the process.
pub(crate) fn listen(screen: Screen) {
    signals::on_signal(move |signal| {
        CODE.store(signal.exit_code(), Ordering::SeqCst);
        let grace = GRACE.lock().unwrap_or_else(PoisonError::into_inner).take();
        match grace {
            Some(act) => {
                ASKED.store(signal.exit_code(), Ordering::SeqCst);
                act(signal);
                if signal != Signal::CtrlC {
                    end_later(signal, screen);
                }
            }
            None => end(signal, screen),
        }
    });
}

/// Ends the process when it has had the time to leave by itself.
fn end_later(signal: Signal, screen: Screen) {
    in_background(move || {
        std::thread::sleep(CHECKPOINT);
        end(signal, screen);
    });
}

/// Ends the process soon; when it is asked to again meanwhile, at once.
fn end(signal: Signal, screen: Screen) {
    static ENDING: AtomicBool = AtomicBool::new(false);
    let code = i32::from(signal.exit_code());
    if ENDING.swap(true, Ordering::SeqCst) {
        std::process::exit(code);
    }
    // On a thread of its own, since a full disk or a reader that does not read may hold it up.
    in_background(move || {
        if signal == Signal::CtrlC && std::io::stderr().is_terminal() {
            // Behind the terminal's own ^C.
            note("");
        }
        let _held = hold_writes(WRITES);
        let last_words = LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).take();
        let reason = stopped_by(signal);
        let left = last_words.and_then(|last_words| last_words(&reason));
        screen.fail(&CliError::Stopped { reason, left });
        std::process::exit(code);
    });
    in_background(move || {
        std::thread::sleep(LIMIT);
        std::process::exit(code);
    });
}

/// On a thread of its own; on this one where the system allows no more.
fn in_background(act: impl FnOnce() + Send + 'static) {
    let act = std::sync::Arc::new(Mutex::new(Some(act)));
    let take = |act: &Mutex<Option<_>>| act.lock().unwrap_or_else(PoisonError::into_inner).take();
    let own = std::sync::Arc::clone(&act);
    let started = std::thread::Builder::new().spawn(move || {
        if let Some(act) = take(&own) {
            act();
        }
    });
    if started.is_err()
        && let Some(act) = take(&act)
    {
        act();
    }
}

/// Until [`no_grace`], a first signal of any kind tells `words` and calls `act`, and the process goes on to its end, for which
/// it has some seconds after any but Ctrl-C.
pub(crate) fn on_first(words: &'static str, act: impl Fn() + Send + 'static) {
    set_grace(Some(Box::new(move |_| {
        note(words);
        act();
    })));
}

/// The next signal ends the process.
pub(crate) fn no_grace() {
    set_grace(None);
}

fn set_grace(grace: Option<Grace>) {
    *GRACE.lock().unwrap_or_else(PoisonError::into_inner) = grace;
}

/// Where the process is ended, `act` is called with the reason before; it may answer what is left.
pub(crate) fn before_the_end(act: impl FnOnce(&str) -> Option<String> + Send + 'static) {
    *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(act));
}

/// The exit code of a process that a signal has asked to end.
pub(crate) fn exit_code() -> ExitCode {
    ExitCode::from(CODE.load(Ordering::SeqCst))
}

/// Stops a training after the step in which it was asked to.
#[derive(Debug)]
pub(crate) struct Interrupt {
    since: Instant,
}

impl Interrupt {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now() }
    }

    /// Whether the user asked to stop.
    pub(crate) fn asked() -> bool {
        ASKED.load(Ordering::SeqCst) != 0
    }

    /// Why a training is to stop, where it is: after Ctrl-C to be judged, after another signal to go on another time.
    fn reason() -> Option<StopReason> {
        match ASKED.load(Ordering::SeqCst) {
            0 => None,
            code if code == Signal::CtrlC.exit_code() => Some(StopReason::Interrupted),
            code => Signal::of_exit_code(code).map(|signal| StopReason::Suspended(stopped_by(signal))),
        }
    }
}

/// Why the process is to end, once it was asked to.
pub(crate) fn reason_words() -> Option<String> {
    Signal::of_exit_code(ASKED.load(Ordering::SeqCst)).map(stopped_by)
}

fn stopped_by(signal: Signal) -> String {
    format!("stopped by {signal}")
}

impl Callback for Interrupt {
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        // Trees grow to their end.
        grace_for_a_training(plan.epochs * plan.steps == 1);
        Ok(())
    }

    fn stop_now(&mut self) -> Option<StopReason> {
        Self::reason()
    }

    fn on_epoch(&mut self, _record: &EpochRecord) -> Result<Control> {
        Ok(Self::reason().map_or(Control::Continue, Control::Stop))
    }

    fn on_end(&mut self, _reason: &StopReason) -> Result<()> {
        no_grace();
        // Another training may follow.
        self.since = Instant::now();
        Ok(())
    }
}

impl RunObserver for Interrupt {
    fn on_folder(&mut self, folder: &RunFolder, _record: &RunRecord) -> brasa_run::Result<()> {
        // From here on there is something to leave.
        grace_for_a_training(false);
        let (folder, since) = (folder.clone(), self.since);
        before_the_end(move |reason| {
            let record = folder.interrupt(reason, since.elapsed().as_secs_f64()).ok()?;
            Some(kept(&record, &folder))
        });
        Ok(())
    }
}

/// A first signal ends the training that is about to begin after a step, or after `all` of it.
fn grace_for_a_training(all: bool) {
    set_grace(Some(Box::new(move |signal| {
        note(match (signal, all) {
            (Signal::CtrlC, false) => "\nstopping after this step, then the scores; once more to end at once",
            (Signal::CtrlC, true) => "\nstopping when this is over; once more to end at once",
            #[cfg(unix)]
            (_, _) => "stopping after this step",
        });
    })));
}

/// What the folder of a run that was ended holds.
pub(crate) fn kept(record: &RunRecord, folder: &RunFolder) -> String {
    let has_model = folder.model().exists();
    let resume = format!("`{} train --resume {}` goes on with it", record.app, record.id);
    let folder = folder.path().display();
    let kept = match (record.epochs, record.best_epoch) {
        (Some(epochs), Some(_)) if !has_model => {
            format!(
                "{folder} holds no weights: those of a bag are written at its end, and it had {epochs} epochs behind it"
            )
        }
        (Some(epochs), Some(best)) => {
            format!("{folder} keeps the weights of epoch {best}, the best of {epochs}")
        }
        _ => format!("no epoch had ended, so {folder} holds no weights"),
    };
    format!("{kept}; {resume}")
}
