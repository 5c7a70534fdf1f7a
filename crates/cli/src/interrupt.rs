//! Ctrl-C: the first ends the epoch cleanly, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use brasa_train::{Callback, Control, EpochRecord, Result, StopReason};

use crate::output::note;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Stops a training after the epoch in which the user asked for it.
#[derive(Debug)]
pub(crate) struct Interrupt;

impl Interrupt {
    /// Listens for Ctrl-C and the termination signal from now on.
    pub(crate) fn listen() -> Self {
        on_interrupt("\nstopping after this epoch; once more to quit at once", || ());
        Self
    }

    /// Whether the user asked to stop.
    pub(crate) fn asked() -> bool {
        ASKED.load(Ordering::SeqCst)
    }
}

/// Calls `act` at the first Ctrl-C or termination signal, after `words` were told; a second one ends the process.
pub(crate) fn on_interrupt(words: &'static str, act: impl Fn() + Send + 'static) {
    let handler = move || {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        note(words);
        act();
    };
    // A second training in one process keeps the first one's handler.
    let _ = ctrlc::set_handler(handler);
}

impl Callback for Interrupt {
    fn on_epoch(&mut self, _record: &EpochRecord) -> Result<Control> {
        Ok(if Self::asked() { Control::Stop(StopReason::Interrupted) } else { Control::Continue })
    }
}

impl brasa_run::RunObserver for Interrupt {}
