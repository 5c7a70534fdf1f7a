//! Tracks a search.

mod delivery;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use brasa_run::{RunFolder, RunStatus};

use crate::client::Client;
use crate::entry::millis;
use crate::journal::Destination;
use crate::signal::{FIRST_DELAY, LONGEST_DELAY, Signal};
use crate::{Ending, Result, Target, Teller};
use delivery::SearchDelivery;
use state::{Found, STATE, SearchState};

/// Trials that end within this time are sent together.
const REST: Duration = Duration::from_millis(500);
/// How long a server is waited for that is slow to make the search's run.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a search to an MLflow server from a thread of its own: the study as a run, and each trial that has left its place as
/// a run below it, with its values as parameters and its reports as a metric.
///
/// What there is to tell is read from the study's own file, so the search neither waits for the server nor fails with it; what
/// is left at the end is sent by the next process that goes on with the study, or by [`push`](crate::push()).
pub struct SearchTracker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Ending>>,
}

#[derive(Default)]
struct Shared {
    signal: Signal,
    /// When trials began, in milliseconds since 1970.
    starts: Mutex<BTreeMap<usize, u64>>,
    /// The run of the search, once the server has it.
    run: Mutex<Option<String>>,
    /// Whether the server did not answer the last time.
    away: AtomicBool,
    /// How the search ended, once it has.
    status: Mutex<Option<RunStatus>>,
}

impl SearchTracker {
    /// Tracks the study of a folder, whose file is `study.jsonl`; `recipe` is the name of its recipe.
    ///
    /// # Errors
    /// [`TrackError::File`](crate::TrackError::File) where the folder cannot hold what a server knows of it, and
    /// [`TrackError::Damaged`](crate::TrackError::Damaged) where it holds something else.
    pub fn new(target: Target, folder: RunFolder, app: &str, recipe: &str, teller: Teller) -> Result<Self> {
        let start_time = millis(SystemTime::now());
        let name = folder.path().file_name().map(|name| name.to_string_lossy().into_owned());
        let destination = Destination {
            url: target.url().into(),
            experiment: target.experiment().unwrap_or(app).into(),
            key: format!("{} {start_time} {}", name.unwrap_or_default(), std::process::id()),
            start_time,
            parent: None,
        };
        let shared = Arc::new(Shared::default());
        let Some(state) = SearchState::open(folder.path(), destination, recipe)? else {
            teller(
                "not tracked: another process sends what there is of this search; `runs push` sends the rest",
            );
            return Ok(Self { shared, thread: None });
        };
        let sender = Sender { client: Client::new(target), folder, shared: shared.clone(), teller };
        let thread = Some(std::thread::spawn(move || sender.run(state)));
        Ok(Self { shared, thread })
    }

    /// A trial begins.
    pub fn started(&self, trial: usize) {
        let mut starts = self.shared.starts.lock().unwrap_or_else(PoisonError::into_inner);
        starts.insert(trial, millis(SystemTime::now()));
    }

    /// A trial has left its place.
    pub fn news(&self) {
        self.shared.signal.news();
    }

    /// The number of the search's run. A server that answers is waited for, since a search may be over before its run is made.
    pub fn run(&self) -> Option<String> {
        let known = || self.shared.run.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let started = Instant::now();
        while known().is_none()
            && self.thread.is_some()
            && !self.shared.away.load(Ordering::SeqCst)
            && started.elapsed() < PATIENCE
        {
            std::thread::sleep(Duration::from_millis(10));
        }
        known()
    }

    /// Sends the rest and the files of the study's folder, and says what became of it; `status` is how the search ended. A server
    /// that does not answer is given up after one attempt.
    pub fn finish(mut self, status: RunStatus) -> Option<Ending> {
        self.end(status)
    }

    fn end(&mut self, status: RunStatus) -> Option<Ending> {
        *self.shared.status.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
        self.shared.signal.finish();
        let lost = || Ending::Off { reason: "the thread that sends ended by a panic".into() };
        Some(self.thread.take()?.join().unwrap_or_else(|_| lost()))
    }
}

/// A search that ended by a panic is ended on the server, too.
impl Drop for SearchTracker {
    fn drop(&mut self) {
        let _ = self.end(RunStatus::Failed);
    }
}

struct Sender {
    client: Client,
    folder: RunFolder,
    shared: Arc<Shared>,
    teller: Teller,
}

impl Sender {
    fn run(self, state: SearchState) -> Ending {
        let path = state.path().to_owned();
        let mut delivery = SearchDelivery::new(&self.client, &self.folder, state);
        let signal = &self.shared.signal;
        let (mut delay, away) = (FIRST_DELAY, &self.shared.away);
        loop {
            // Asked before sending: what was told before the end is sent by then.
            let finished = signal.finished();
            delivery.starts = self.shared.starts.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if finished {
                let status = *self.shared.status.lock().unwrap_or_else(PoisonError::into_inner);
                let closed = delivery.close(status);
                return Ending::of(closed, delivery.refusals.take(), path);
            }
            match delivery.advance() {
                Ok(run) => {
                    let known = self
                        .shared
                        .run
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .replace(run.run_id.clone());
                    if known.is_none() {
                        (self.teller)(&format!("tracked  {}", self.client.page(&run)));
                    }
                    if away.swap(false, Ordering::SeqCst) {
                        (self.teller)(&format!("MLflow at {} answers again", self.client.target().url()));
                    }
                    delay = FIRST_DELAY;
                    signal.wait_for_news();
                    signal.wait(REST);
                }
                // The end came during this attempt, and another would keep it waiting as long.
                Err(error) if signal.finished() => return Ending::of(Err(error), None, path),
                Err(error) => {
                    delivery.doubtful = true;
                    if !away.swap(true, Ordering::SeqCst) {
                        (self.teller)(&format!(
                            "{error}; the search goes on, and what is missing there is sent later"
                        ));
                    }
                    signal.wait(delay);
                    delay = (delay * 2).min(LONGEST_DELAY);
                }
            }
        }
    }
}

/// Sends what is pending of the search in a folder, where there is any; `server_for` answers where to send what was tracked on a URL.
pub(crate) fn push_search(
    folder: PathBuf,
    server_for: impl Fn(&str) -> Result<Option<Target>>,
) -> Option<Ending> {
    let path = folder.join(STATE);
    let pending =
        |error: crate::TrackError| Ending::Pending { path: path.clone(), reason: error.to_string() };
    let state = match SearchState::resume(&folder) {
        Ok(Found::Here(state)) => state,
        Ok(Found::None | Found::Busy) => return None,
        Err(error) => return Some(pending(error)),
    };
    if state.closed {
        return None;
    }
    let server = match server_for(&state.destination.url) {
        Ok(server) => server?,
        Err(error) => return Some(pending(error)),
    };
    let (client, folder) = (Client::new(server), RunFolder::at(folder));
    let mut delivery = SearchDelivery::new(&client, &folder, *state);
    let closed = delivery.close(None);
    Some(Ending::of(closed, delivery.refusals.take(), path))
}
