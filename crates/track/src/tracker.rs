//! The callback that tracks a run.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::SystemTime;

use brasa_run::{RunFolder, RunObserver, RunRecord};
use brasa_train::{Callback, Control, EpochRecord, Plan, StepLoss};

use crate::client::Client;
use crate::delivery::{Delivery, lock};
use crate::entry::{Metric, millis};
use crate::journal::{Destination, Journal};
use crate::push::push_to;
use crate::signal::{FIRST_DELAY, LONGEST_DELAY, Signal};
use crate::{Ending, Result, Target, TrackError, figures};

/// Tells a person something while a run is tracked; called from another thread, too.
pub type Teller = Arc<dyn Fn(&str) + Send + Sync>;

/// Sends a run to an MLflow server from a thread of its own: parameters and tags at its start, losses of steps and
/// figures of epochs as they come, the scores and files at its end.
///
/// The training neither waits for the server nor fails with it. What it has to tell goes into a file of the run's folder,
/// from which the thread sends; what is left of it at the end is sent by the next tracked run of the app, or by
/// [`push`](crate::push()).
pub struct Tracker {
    target: Target,
    teller: Teller,
    parent: Option<String>,
    steps_per_epoch: usize,
    work: Option<Work>,
    off: Option<String>,
}

/// What is there once the run has a folder.
struct Work {
    journal: Arc<Mutex<Journal>>,
    signal: Arc<Signal>,
    thread: JoinHandle<Ending>,
}

impl Tracker {
    /// Tracks one run on `target`; `teller` hears the run's page there, and when the server goes away and comes back.
    pub fn new(target: Target, teller: Teller) -> Self {
        Self { target, teller, parent: None, steps_per_epoch: 0, work: None, off: None }
    }

    /// The same, of a run below another one, where the server has numbered that.
    #[must_use]
    pub fn below(mut self, parent: Option<String>) -> Self {
        self.parent = parent;
        self
    }

    /// Sends the scores and files of the run, which has come to its end, and says what became of it; `None` where it never
    /// began. A server that does not answer is given up after one attempt.
    pub fn finish(mut self) -> Option<Ending> {
        self.end()
    }

    fn end(&mut self) -> Option<Ending> {
        let ending = self.work.take().map(|work| {
            work.signal.finish();
            let lost = || Ending::Off { reason: "the thread that sends ended by a panic".into() };
            work.thread.join().unwrap_or_else(|_| lost())
        });
        match self.off.take() {
            Some(reason) => Some(Ending::Off { reason }),
            None => ending,
        }
    }

    fn begin(&mut self, folder: &RunFolder, record: &RunRecord) -> Result<()> {
        let start_time = millis(SystemTime::now());
        let destination = Destination {
            url: self.target.url().into(),
            experiment: self.target.experiment().unwrap_or(&record.app).into(),
            key: format!("{} {} {}", record.id, record.started, record.process),
            start_time,
            parent: self.parent.clone(),
        };
        let goes_on = !record.resumed.is_empty();
        // What an earlier life of the run has left unsent goes first, where it was to go to the same server.
        let left = if goes_on { Journal::resume(folder.path())? } else { None };
        let journal = match left {
            Some(journal) if journal.destination().url == destination.url => journal,
            Some(journal) => return Err(TrackError::OtherServer { url: journal.destination().url.clone() }),
            None => Journal::create(folder.path(), destination)?,
        };
        let journal = Arc::new(Mutex::new(journal));
        let signal = Arc::new(Signal::default());
        let sender = Sender {
            client: Client::new(self.target.clone()),
            folder: folder.clone(),
            app: record.app.clone(),
            journal: journal.clone(),
            signal: signal.clone(),
            teller: self.teller.clone(),
            goes_on,
        };
        self.work = Some(Work { journal, signal, thread: std::thread::spawn(move || sender.run()) });
        Ok(())
    }

    fn push(&mut self, metrics: Vec<Metric>) {
        let Some(work) = &self.work else { return };
        if self.off.is_some() {
            return;
        }
        match lock(&work.journal).push(metrics) {
            Ok(()) => work.signal.news(),
            Err(error) => {
                (self.teller)(&format!("tracking has stopped: {error}"));
                self.off = Some(error.to_string());
            }
        }
    }
}

impl Callback for Tracker {
    fn on_start(&mut self, plan: &Plan) -> brasa_train::Result<()> {
        self.steps_per_epoch = plan.steps;
        Ok(())
    }

    fn on_steps(&mut self, steps: &[StepLoss]) {
        self.push(figures::of_steps(steps, self.steps_per_epoch));
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> brasa_train::Result<Control> {
        self.push(figures::of_epoch(record));
        Ok(Control::Continue)
    }
}

impl RunObserver for Tracker {
    fn on_folder(&mut self, folder: &RunFolder, record: &RunRecord) -> brasa_run::Result<()> {
        if let Err(error) = self.begin(folder, record) {
            (self.teller)(&format!("not tracked: {error}"));
            self.off = Some(error.to_string());
        }
        Ok(())
    }
}

/// A training that ended by a panic is ended on the server, too.
impl Drop for Tracker {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Bytes of figures whose sending a person notices.
const LONG_REST: u64 = 1_000_000;

/// The thread that sends.
struct Sender {
    client: Client,
    folder: RunFolder,
    app: String,
    journal: Arc<Mutex<Journal>>,
    signal: Arc<Signal>,
    teller: Teller,
    /// Whether the run had a life before.
    goes_on: bool,
}

impl Sender {
    fn run(self) -> Ending {
        let delivery = Delivery::new(&self.client, self.folder.clone(), self.journal.clone());
        let mut delivery = delivery.doubtful(self.goes_on);
        let path = lock(&self.journal).path().to_path_buf();
        let mut delay = FIRST_DELAY;
        let mut away = false;
        let mut greeted = false;
        let mut earlier_runs = false;
        loop {
            // Asked before sending: what was pushed before the end is sent by then.
            let finished = self.signal.finished();
            let outcome = match finished {
                true => {
                    self.tell_of_a_long_rest();
                    return Ending::of(delivery.close(), delivery.refusal(), path);
                }
                false => delivery.describe().and_then(|()| {
                    if let (false, Some(page)) = (std::mem::replace(&mut greeted, true), delivery.page()) {
                        self.tell(&format!("tracked  {page}"));
                    }
                    delivery.advance()
                }),
            };
            match outcome {
                Ok(()) => {
                    if away {
                        self.tell(&format!("MLflow at {} answers again", self.client.target().url()));
                    }
                    (away, delay) = (false, FIRST_DELAY);
                    if !std::mem::replace(&mut earlier_runs, true) {
                        self.push_earlier_runs();
                    }
                    self.signal.wait_for_news();
                }
                // The end came during this attempt, and another would keep it waiting as long.
                Err(error) if self.signal.finished() => return Ending::of(Err(error), None, path),
                Err(error) => {
                    if !std::mem::replace(&mut away, true) {
                        self.tell(&format!(
                            "{error}; training goes on, and what is missing there is sent later"
                        ));
                    }
                    self.signal.wait(delay);
                    delay = (delay * 2).min(LONGEST_DELAY);
                }
            }
        }
    }

    /// A training of short steps can be faster than the server, which is then waited for at the end.
    fn tell_of_a_long_rest(&self) {
        let bytes = lock(&self.journal).waiting();
        if bytes > LONG_REST {
            let url = self.client.target().url();
            self.tell(&format!("sending the figures that {url} has not got yet ({} MB)", bytes / 1_000_000));
        }
    }

    fn push_earlier_runs(&self) {
        let runs = self.folder.path().parent().and_then(|app| app.parent());
        // The end of this training does not wait for all of them.
        let push = |runs| push_to(runs, &self.app, self.client.target(), || !self.signal.finished());
        let Some(Ok(pushed)) = runs.map(push) else { return };
        for earlier in pushed {
            self.tell(&format!("tracked earlier: {} {}", earlier.run, earlier.ending));
        }
    }

    fn tell(&self, words: &str) {
        (self.teller)(words);
    }
}
