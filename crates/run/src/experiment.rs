//! From a recipe to a finished run folder.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::Instant;

use brasa_data::{Files, Role};
use brasa_models::Network;
use brasa_train::{
    Callback, CheckedRecipe, Leg, MakeRule, Outcome, Prepared, StopReason, score_given, score_outputs,
    score_rows, train_network_leg,
};
use burn::tensor::Device;

use crate::predictions::predictions;

use crate::{
    DataFacts, Environment, Recorder, Result, RunError, RunFolder, RunObserver, RunRecord, RunScores,
    RunStatus, model_card, run_report,
};

/// What the model said of the validation and the test split.
const PREDICTIONS: &str = "predictions.csv";

/// What to run, on what, and where to leave it.
#[derive(Debug)]
pub struct Experiment<'a> {
    /// The app's name.
    pub app: &'a str,
    /// The recipe's name.
    pub recipe_name: &'a str,
    /// The recipe.
    pub recipe: &'a CheckedRecipe,
    /// Where its data are.
    pub files: &'a Files,
    /// The device's name.
    pub device_name: &'a str,
    /// The device, without autodiff.
    pub device: &'a Device,
    /// Folder of all runs.
    pub runs: &'a Path,
    /// The update rule where it is not gradient descent.
    pub rule: Option<MakeRule>,
}

/// A run that came to its end.
#[derive(Debug)]
pub struct FinishedRun {
    /// Its folder.
    pub folder: RunFolder,
    /// Its `run.json`.
    pub record: RunRecord,
    /// The scores of the kept weights.
    pub scores: RunScores,
    /// The network and its history.
    pub outcome: Outcome<Network>,
    /// The data.
    pub prepared: Prepared,
}

impl Experiment<'_> {
    /// Reads the data, trains, scores the best weights on each split (the test split once), and writes the run's
    /// folder with its report. A run that fails leaves its folder with the reason.
    ///
    /// # Errors
    /// Whatever reading, training or writing answers.
    pub fn run(&self, observers: &mut [&mut dyn RunObserver]) -> Result<FinishedRun> {
        self.run_from(Leg::default(), observers)
    }

    /// As [`run`](Self::run), going on from a training's checkpoint; the run is that of the whole training.
    ///
    /// # Errors
    /// As there.
    pub fn run_from(&self, leg: Leg<'_>, observers: &mut [&mut dyn RunObserver]) -> Result<FinishedRun> {
        let started = Instant::now();
        let prepared = Prepared::new(self.recipe, self.files)?;
        // Vectors of words that cannot be had are told before a folder is made.
        prepared.embedding(self.recipe)?;
        let (folder, mut record) = RunFolder::create(self.runs, self.app, self.recipe_name)?;
        let failed = |record: &RunRecord, error: String| {
            let seconds = Some(started.elapsed().as_secs_f64());
            let record =
                RunRecord { status: RunStatus::Failed, error: Some(error), seconds, ..record.clone() };
            // The first error is the one to tell; a folder that cannot be written is often its cause.
            let _ = folder.write_record(&record);
        };
        // A callback or a driver may panic: the run is not left as running.
        let attempt =
            AssertUnwindSafe(|| self.run_in(&folder, &mut record, prepared, observers, started, leg));
        match catch_unwind(attempt) {
            Ok(outcome) => outcome.inspect_err(|error| failed(&record, error.to_string())),
            Err(panic) => {
                failed(&record, "ended by a panic".into());
                resume_unwind(panic)
            }
        }
    }

    fn run_in(
        &self,
        folder: &RunFolder,
        record: &mut RunRecord,
        prepared: Prepared,
        observers: &mut [&mut dyn RunObserver],
        started: Instant,
        leg: Leg<'_>,
    ) -> Result<FinishedRun> {
        let environment = Environment::capture(self.device_name).with_data(self.files);
        folder
            .write("recipe.toml", self.recipe.resolved(prepared.split.train.len())?.to_toml()?.as_bytes())?;
        folder.write_json("environment.json", &environment)?;
        folder.write_json("data.json", &DataFacts::new(&prepared))?;

        let card = model_card(self.recipe, &prepared);
        let vectors = prepared.embedding(self.recipe)?;
        let subwords =
            vectors.filter(|_| card.subwords).map(|vectors| vectors.as_ref().clone().without_words());
        let mut recorder = Recorder::new(folder, card, subwords);
        let mut all: Vec<&mut dyn RunObserver> = vec![&mut recorder];
        all.extend(observers.iter_mut().map(|observer| &mut **observer as &mut dyn RunObserver));
        for observer in &mut all {
            observer.on_folder(folder, record)?;
        }
        let outcome = {
            let mut callbacks: Vec<&mut dyn Callback> =
                all.iter_mut().map(|observer| &mut **observer as &mut dyn Callback).collect();
            train_network_leg(self.recipe, &prepared, self.rule, self.device, &mut callbacks, leg)?
        };
        if leg.from.is_some() && leg.at != Some(0) {
            // The observers saw the epochs of this part alone.
            folder.write("metrics.jsonl", b"")?;
            outcome.history.iter().try_for_each(|epoch| folder.append_epoch(epoch))?;
            if let Some(recorder) = all.first_mut() {
                recorder.on_improvement(outcome.best_epoch, &outcome.model)?;
            }
        }

        let scores = self.score(folder, &outcome, &prepared)?;
        record.status = match outcome.stop {
            StopReason::Interrupted => RunStatus::Interrupted,
            _ => RunStatus::Finished,
        };
        record.epochs = Some(outcome.history.len());
        record.best_epoch = Some(outcome.best_epoch);
        record.stop = Some(outcome.stop.clone());
        record.scores = Some(scores.clone());
        // Taken once, so that the report and the record say the same.
        record.seconds = Some(started.elapsed().as_secs_f64());
        let mut report = run_report::assemble(self, record, &environment, &prepared, &outcome, &scores)?;
        let run = FinishedRun { folder: folder.clone(), record: record.clone(), scores, outcome, prepared };
        for observer in all {
            observer.on_report(&run, &mut report)?;
        }
        folder.write_report(&report)?;
        folder.write_record(record)?;
        Ok(run)
    }

    /// Scores the kept weights, and writes what they said of the validation and the test split.
    fn score(
        &self,
        folder: &RunFolder,
        outcome: &Outcome<Network>,
        prepared: &Prepared,
    ) -> Result<RunScores> {
        let of = |rows: &[usize]| score_outputs(&outcome.model, self.recipe, prepared, rows, self.device);
        let split = &prepared.split;
        let (test, test_outputs) = match split.test.as_slice() {
            [] => (None, Vec::new()),
            rows => of(rows).map(|(scores, outputs)| (Some(scores), outputs))?,
        };
        let duplicates = &prepared.leaks.test_duplicates;
        let clean: Vec<usize> =
            split.test.iter().copied().filter(|row| duplicates.binary_search(row).is_err()).collect();
        let test_without_duplicates = match duplicates.is_empty() || clean.is_empty() {
            true => None,
            false => Some(score_rows(&outcome.model, self.recipe, prepared, &clean, self.device)?),
        };
        let (valid, valid_outputs) = match &outcome.bagged {
            Some(bagged) => {
                let outputs = bagged.valid_outputs.clone();
                (score_given(&outputs, self.recipe, prepared, &split.valid)?, outputs)
            }
            None => of(&split.valid)?,
        };
        let said =
            [(Role::Valid, split.valid.as_slice(), valid_outputs), (Role::Test, &split.test, test_outputs)];
        let said = said.each_ref().map(|(role, rows, outputs)| (*role, *rows, outputs.as_slice()));
        let path = folder.path().join(PREDICTIONS);
        let table = predictions(prepared, &said).map_err(|source| RunError::Write { path, source })?;
        folder.write(PREDICTIONS, &table)?;
        Ok(RunScores { train: of(&split.train)?.0, valid, test, test_without_duplicates })
    }
}
