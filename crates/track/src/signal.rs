//! How a thread that sends is told that there is something to send.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long a server that is away is let alone, at first and at the most.
pub(crate) const FIRST_DELAY: Duration = Duration::from_secs(1);
pub(crate) const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// From the training to the thread that sends.
#[derive(Default)]
pub(crate) struct Signal {
    state: Mutex<SignalState>,
    changed: Condvar,
}

#[derive(Default)]
struct SignalState {
    news: bool,
    finished: bool,
}

impl Signal {
    pub(crate) fn news(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).news = true;
        self.changed.notify_one();
    }

    pub(crate) fn finish(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).finished = true;
        self.changed.notify_one();
    }

    pub(crate) fn finished(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).finished
    }

    /// Until there is something to send, or the end.
    pub(crate) fn wait_for_news(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_while(state, |state| !state.news && !state.finished);
        waited.unwrap_or_else(PoisonError::into_inner).news = false;
    }

    /// So long, or until the end.
    pub(crate) fn wait(&self, time: Duration) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.changed.wait_timeout_while(state, time, |state| !state.finished);
    }
}
