//! Brings a search to a server: the study as a run, each trial as a run below it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use brasa_run::{RunFolder, RunStatus};
use brasa_tune::study::{Next, State, Study, Trial};
use brasa_tune::{Header, Unit};

use super::state::{SearchState, Sent};
use crate::client::{Client, RemoteRun, RemoteStatus};
use crate::entry::{ENTRIES_PER_CALL, METRICS_PER_CALL, Metric, PARAMS_PER_CALL, Pair, millis};
use crate::refusals::Refusals;
use crate::{Result, TrackError, folder};

/// The file of a study in its folder.
pub(super) const STUDY: &str = "study.jsonl";

/// A search on its way. Everything may be sent twice: MLflow keeps one of two equal metrics, parameters, tags and files.
pub(super) struct SearchDelivery<'a> {
    pub(super) client: &'a Client,
    pub(super) folder: &'a RunFolder,
    pub(super) state: SearchState,
    /// When each trial began in this process, in milliseconds since 1970.
    pub(super) starts: BTreeMap<usize, u64>,
    /// Whether the run that there is has been ended, and goes on.
    pub(super) reopen: bool,
    /// Whether the server may know runs although the state does not.
    pub(super) doubtful: bool,
    pub(super) refusals: Refusals,
}

impl<'a> SearchDelivery<'a> {
    /// Of a search of this process, or of one that another process left.
    pub(super) fn new(client: &'a Client, folder: &'a RunFolder, state: SearchState) -> Self {
        let (reopen, doubtful) = (state.resumed, state.resumed);
        let refusals = Refusals::default();
        Self { client, folder, state, starts: BTreeMap::new(), reopen, doubtful, refusals }
    }

    /// Sends what trials have come to since the last time.
    pub(super) fn advance(&mut self) -> Result<RemoteRun> {
        self.advance_with(&self.study()?)
    }

    /// Sends the rest and ends the run; answers its page. What is not said of its end follows from the study.
    pub(super) fn close(&mut self, status: Option<RunStatus>) -> Result<String> {
        let mut study = self.study()?;
        let run = self.advance_with(&study)?;
        let now = millis(SystemTime::now());
        let best = study.best().and_then(|best| Some((best.number, study.result(best)?.1)));
        let tags = best.map(|(trial, _)| Pair::tag("brasa.best_trial", &trial.to_string()));
        let metric = best.map(|(_, value)| result_of(study.header(), value, study.trials().len(), now));
        self.refusals.tolerate(self.client.log_all(
            &run.run_id,
            &[],
            &Vec::from_iter(metric),
            &Vec::from_iter(tags),
        ))?;
        self.refusals.send_files(self.client, &run, self.folder)?;
        let status = status.map(folder::status_of).unwrap_or_else(|| match (study.next_job(), best) {
            (Ok(Next::Finished), Some(_)) => RemoteStatus::Finished,
            (Ok(Next::Finished), None) => RemoteStatus::Failed,
            _ => RemoteStatus::Killed,
        });
        self.refusals.tolerate(self.client.end_run(&run.run_id, status, now))?;
        self.state.set_closed()?;
        Ok(self.client.page(&run))
    }

    fn study(&self) -> Result<Study> {
        let path = self.folder.path().join(STUDY);
        Study::read(&path).map_err(|error| TrackError::Damaged { path, found: error.to_string() })
    }

    fn advance_with(&mut self, study: &Study) -> Result<RemoteRun> {
        let run = self.run(study.header())?;
        let over = study.trials().iter().filter(|trial| trial.state != State::Running);
        for trial in over {
            let state = trial.state.name();
            let known = self.state.sent.get(&trial.number);
            if known
                .is_some_and(|known| known.reports == trial.epochs() && known.state.as_deref() == Some(state))
            {
                continue;
            }
            self.send(study, trial, &run)?;
        }
        Ok(run)
    }

    /// The run of the search, which is made where there is none.
    fn run(&mut self, header: &Header) -> Result<RemoteRun> {
        if let Some(run) = self.state.created.clone() {
            if std::mem::take(&mut self.reopen) {
                self.refusals.tolerate(self.client.reopen_run(&run.run_id))?;
            }
            return Ok(run);
        }
        let destination = self.state.destination.clone();
        let tags = folder::tags(self.folder, (&header.app, &self.state.recipe), &destination)?;
        let name = self.folder.path().file_name().map(|name| name.to_string_lossy().into_owned());
        let experiment = self.client.experiment_id(&destination.experiment)?;
        let (name, start_time) = (name.unwrap_or_default(), destination.start_time);
        let run = self.client.make_run(&experiment, &name, start_time, &tags, self.doubtful)?;
        let mut params = folder::params(self.folder)?;
        params.push(Pair::param("search.budget", &header.unit.count(header.max_epochs)));
        self.refusals.send_params(self.client, &run.run_id, &params)?;
        self.state.set_created(&run)?;
        Ok(run)
    }

    fn send(&mut self, study: &Study, trial: &Trial, parent: &RemoteRun) -> Result<()> {
        let (header, number, now) = (study.header(), trial.number, millis(SystemTime::now()));
        let start_time = self.starts.get(&number).copied().unwrap_or(now);
        let mut sent = match self.state.sent.get(&number) {
            Some(sent) => sent.clone(),
            None => {
                let key = format!("{} trial {number}", self.state.destination.key);
                let tags = [
                    Pair::tag(folder::KEY_TAG, &key),
                    Pair::tag(folder::PARENT_TAG, &parent.run_id),
                    Pair::tag("mlflow.source.name", &header.app),
                    Pair::tag("brasa.trial", &number.to_string()),
                ];
                let (experiment, name) = (&parent.experiment_id, format!("trial {number}"));
                let run = self.client.make_run(experiment, &name, start_time, &tags, self.doubtful)?;
                Sent { trial: number, run, reports: 0, state: None, pending: None }
            }
        };
        let time = match sent.pending {
            Some(time) => time,
            None => {
                sent.pending = Some(now);
                self.state.set_sent(sent.clone())?;
                now
            }
        };
        let params: Vec<Pair> = trial.values.iter().map(|(key, value)| Pair::value(key, value)).collect();
        let curve = (1..).zip(&trial.curve).skip(sent.reports).filter(|(_, value)| value.is_finite());
        let mut metrics: Vec<Metric> = curve
            .map(|(step, value)| Metric { key: curve_name(header), value: *value, timestamp: time, step })
            .collect();
        metrics.extend(study.result(trial).map(|(_, value)| result_of(header, value, 0, time)));
        let mut tags = vec![Pair::tag("brasa.state", trial.state.name())];
        if let State::Failed(message) = &trial.state {
            tags.push(Pair::tag("brasa.error", message));
        }
        self.send_all(&sent.run.run_id, &params, &metrics, &tags)?;
        let status = match trial.state {
            State::Failed(_) | State::Diverged => RemoteStatus::Failed,
            _ => RemoteStatus::Finished,
        };
        self.refusals.tolerate(self.client.end_run(&sent.run.run_id, status, now))?;
        (sent.reports, sent.state) = (trial.epochs(), Some(trial.state.name().into()));
        sent.pending = None;
        self.state.set_sent(sent)
    }

    /// Nearly always one call; several where there is more than one takes, or where the server refuses something of it.
    fn send_all(&mut self, id: &str, params: &[Pair], metrics: &[Metric], tags: &[Pair]) -> Result<()> {
        if params.len() <= PARAMS_PER_CALL && params.len() + metrics.len() + tags.len() <= ENTRIES_PER_CALL {
            match self.client.log_all(id, params, metrics, tags) {
                Err(error) if error.is_final() => {}
                outcome => return outcome,
            }
        }
        self.refusals.send_params(self.client, id, params)?;
        for part in metrics.chunks(METRICS_PER_CALL) {
            self.refusals.tolerate(self.client.log_metrics(id, part))?;
        }
        self.refusals.tolerate(self.client.set_tags(id, tags))
    }
}

/// As the runs of trainings name it.
fn curve_name(header: &Header) -> String {
    match header.unit {
        Unit::Epoch => format!("valid/{}", header.metric.name),
        Unit::Fold => format!("folds/{}", header.metric.name),
    }
}

fn result_of(header: &Header, value: f64, step: usize, timestamp: u64) -> Metric {
    let section = match header.unit {
        Unit::Epoch => "valid_best",
        Unit::Fold => "cv",
    };
    Metric { key: format!("{section}/{}", header.metric.name), value, timestamp, step: step as u64 }
}
