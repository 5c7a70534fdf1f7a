//! Tracks a search.

mod delivery;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use brasa_run::RunFolder;

use crate::client::Client;
use crate::entry::millis;
use crate::journal::Destination;
use crate::signal::{FIRST_DELAY, LONGEST_DELAY, Signal};
use crate::{Ending, Result, Target, Teller};
use delivery::SearchDelivery;
use state::{Found, STATE, SearchState};

/// Trials that end within this time are sent together.
const REST: Duration = Duration::from_millis(500);

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
            // Somebody sends the trials of an earlier life at this moment, and all that comes with them.
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

    /// The number of the search's run, once the server has it.
    pub fn run(&self) -> Option<String> {
        self.shared.run.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends the rest and the files of the study's folder, and says what became of it. A server that does not answer is given up
    /// after one attempt.
    pub fn finish(mut self) -> Option<Ending> {
        self.end()
    }

    fn end(&mut self) -> Option<Ending> {
        self.shared.signal.finish();
        let lost = || Ending::Off { reason: "the thread that sends ended by a panic".into() };
        Some(self.thread.take()?.join().unwrap_or_else(|_| lost()))
    }
}

/// A search that failed is ended on the server, too.
impl Drop for SearchTracker {
    fn drop(&mut self) {
        let _ = self.end();
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
        // A study that goes on may have been sent in part.
        let doubtful = state.created.is_some() || !state.sent.is_empty();
        let starts = BTreeMap::new();
        let (client, folder) = (&self.client, &self.folder);
        let mut delivery = SearchDelivery { client, folder, state, starts, doubtful, refusal: None };
        let signal = &self.shared.signal;
        let (mut delay, mut away) = (FIRST_DELAY, false);
        loop {
            // Asked before sending: what was told before the end is sent by then.
            if signal.finished() {
                let closed = delivery.close();
                return Ending::of(closed, delivery.refusal, path);
            }
            delivery.starts = self.shared.starts.lock().unwrap_or_else(PoisonError::into_inner).clone();
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
                    if std::mem::take(&mut away) {
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
                    if !std::mem::replace(&mut away, true) {
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
    let starts = BTreeMap::new();
    let mut delivery = SearchDelivery {
        client: &client,
        folder: &folder,
        state: *state,
        starts,
        doubtful: true,
        refusal: None,
    };
    let closed = delivery.close();
    Some(Ending::of(closed, delivery.refusal, path))
}
