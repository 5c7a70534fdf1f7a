//! Brings a run to a server, from wherever it got stuck before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use brasa_run::{RunFolder, RunRecord};

use crate::client::{Client, RemoteRun};
use crate::entry::{DATASETS_PER_CALL, METRICS_PER_CALL, millis};
use crate::journal::Journal;
use crate::refusals::Refusals;
use crate::{Result, TrackError, figures, folder};

/// A run on its way. Everything may be sent twice: MLflow keeps one of two equal metrics, parameters, tags and files.
pub(crate) struct Delivery<'a> {
    client: &'a Client,
    folder: RunFolder,
    journal: Arc<Mutex<Journal>>,
    described: bool,
    /// Whether the server may know the run although the journal does not.
    doubtful: bool,
    refusals: Refusals,
}

impl<'a> Delivery<'a> {
    /// Of a run of this process.
    pub(crate) fn new(client: &'a Client, folder: RunFolder, journal: Arc<Mutex<Journal>>) -> Self {
        Self { client, folder, journal, described: false, doubtful: false, refusals: Refusals::default() }
    }

    /// Of a run that has gone on: the server may know it from before.
    pub(crate) fn doubtful(self, doubtful: bool) -> Self {
        Self { doubtful, ..self }
    }

    /// Of a run that another process left. Which run of the server it is, is asked there: a folder from elsewhere may name another.
    pub(crate) fn resumed(client: &'a Client, folder: RunFolder, mut journal: Journal) -> Self {
        journal.forget_created();
        Self { doubtful: true, ..Self::new(client, folder, Arc::new(Mutex::new(journal))) }
    }

    /// The first thing that the server will never take, since the last call: the rest went on without it.
    pub(crate) fn refusal(&mut self) -> Option<TrackError> {
        self.refusals.take()
    }

    /// The page that shows the run, as soon as the server has made it.
    pub(crate) fn page(&self) -> Option<String> {
        self.journal().created().map(|run| self.client.page(run))
    }

    /// Makes the run on the server, and says what it is made of.
    pub(crate) fn describe(&mut self) -> Result<()> {
        let run = self.remote_run()?;
        if self.described {
            return Ok(());
        }
        let params = folder::params(&self.folder)?;
        self.refusals.send_params(self.client, &run.run_id, &params)?;
        for part in folder::datasets(&self.folder)?.chunks(DATASETS_PER_CALL) {
            match self.client.log_datasets(&run.run_id, part) {
                // Servers before MLflow 2.4 know no data sets.
                Err(error @ TrackError::Refused { status: 404, .. }) => {
                    self.refusals.add(error);
                }
                outcome => self.refusals.tolerate(outcome)?,
            }
        }
        self.described = true;
        Ok(())
    }

    /// Sends all that is known so far.
    pub(crate) fn advance(&mut self) -> Result<()> {
        self.describe()?;
        let run = self.remote_run()?;
        loop {
            // The training is not kept waiting by a slow server: the lock is not held while sending.
            let metrics = self.journal().unsent()?;
            if metrics.is_empty() {
                return self.journal().confirm();
            }
            self.refusals.tolerate(self.client.log_metrics(&run.run_id, &metrics))?;
            self.journal().confirm()?;
        }
    }

    /// Sends the rest, which is in the run's folder, ends the run on the server, and answers its page there.
    pub(crate) fn close(&mut self) -> Result<String> {
        self.advance()?;
        let run = self.remote_run()?;
        let record = self.folder.record()?;
        let end_time = self.end_time(&record);
        if let Some(scores) = &record.scores {
            let metrics = figures::of_best(scores, end_time);
            for part in metrics.chunks(METRICS_PER_CALL) {
                self.refusals.tolerate(self.client.log_metrics(&run.run_id, part))?;
            }
        }
        self.refusals.tolerate(self.client.set_tags(&run.run_id, &folder::closing_tags(&record)))?;
        self.refusals.send_files(self.client, &run, &self.folder)?;
        self.refusals.tolerate(self.client.end_run(
            &run.run_id,
            folder::status_of(record.status),
            end_time,
        ))?;
        self.journal().remove()?;
        Ok(self.client.page(&run))
    }

    fn end_time(&self, record: &RunRecord) -> u64 {
        let journal = self.journal();
        match record.seconds {
            // Of a run that went on, these are the seconds of all its lives.
            Some(seconds) if record.resumed.is_empty() => {
                journal.destination().start_time + (seconds * 1e3) as u64
            }
            _ => millis(journal.touched()),
        }
    }

    fn remote_run(&mut self) -> Result<RemoteRun> {
        let (created, destination) = {
            let journal = self.journal();
            (journal.created().cloned(), journal.destination().clone())
        };
        if let Some(run) = created {
            return Ok(run);
        }
        let record = self.folder.record()?;
        let tags = folder::tags(&self.folder, (&record.app, &record.recipe), &destination)?;
        let experiment = self.client.experiment_id(&destination.experiment)?;
        let doubtful = std::mem::replace(&mut self.doubtful, true);
        let (name, start_time) = (&record.id, destination.start_time);
        let run = self.client.make_run(&experiment, name, start_time, &tags, doubtful)?;
        self.journal().set_created(run.clone())?;
        Ok(run)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        lock(&self.journal)
    }
}

/// A journal is whole between its methods, whoever panicked.
pub(crate) fn lock(journal: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}
