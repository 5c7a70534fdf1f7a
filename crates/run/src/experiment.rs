//! From a recipe to a finished run folder.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::Instant;

use brasa_data::{Files, Role};
use brasa_models::Network;
use brasa_predict::{ModelCard, amend_card};
use brasa_train::{
    Callback, CheckedRecipe, Leg, LrCurve, LrRange, MakeRule, Outcome, Prepared, StopReason, TrainError,
    find_lr, score_given, score_outputs, score_rows, train_network_leg,
};
use burn::tensor::Device;

use crate::certainty::Sureness;
use crate::linear::linear;
use crate::predictions::write_predictions;

use crate::{
    DataFacts, Decided, Environment, GoingOn, Recorder, Result, Resumption, RunError, RunFolder, RunObserver,
    RunRecord, RunScores, RunStatus, Says, model_card, now_utc, run_report,
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
    /// What could not be written of what explains it, and why: the report, a picture, the answers of each row.
    pub unwritten: Vec<String>,
}

impl Experiment<'_> {
    /// Reads the data, trains, scores the best weights on each split (the test split once), and writes the run's
    /// folder with its report. A run that fails leaves its folder with the reason.
    ///
    /// # Errors
    /// Whatever reading, training or writing answers.
    pub fn run(&self, observers: &mut [&mut dyn RunObserver]) -> Result<FinishedRun> {
        self.begin(None, observers)
    }

    /// As [`run`](Self::run), going on from the checkpoint of an epoch of another training of the same recipe; the run is that of
    /// the whole training.
    ///
    /// # Errors
    /// As there.
    pub fn run_from(
        &self,
        checkpoints: &Path,
        epoch: usize,
        observers: &mut [&mut dyn RunObserver],
    ) -> Result<FinishedRun> {
        self.begin(Some((checkpoints, epoch)), observers)
    }

    /// Which learning rates the network learns by; nothing is written.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn find_lr(&self, range: LrRange) -> Result<LrCurve> {
        let prepared = Prepared::new(self.recipe, self.files)?;
        self.check_memory(&prepared)?;
        Ok(find_lr(self.recipe, &prepared, self.device, range)?)
    }

    fn begin(
        &self,
        from: Option<(&Path, usize)>,
        observers: &mut [&mut dyn RunObserver],
    ) -> Result<FinishedRun> {
        let started = Instant::now();
        let prepared = Prepared::new(self.recipe, self.files)?;
        // Vectors of words that cannot be had, and memory that is not there, are told before a folder is made.
        prepared.embedding(self.recipe)?;
        self.check_memory(&prepared)?;
        let (folder, mut record, _lock) = RunFolder::create(self.runs, self.app, self.recipe_name)?;
        let checkpoints = folder.checkpoints();
        let leg = Leg {
            from: from.map(|(folder, _)| folder),
            at: from.map(|(_, epoch)| epoch),
            save: Some(&checkpoints),
            every: Some(self.recipe.recipe().training.checkpoint),
            ..Leg::default()
        };
        self.run_and_record(&folder, &mut record, prepared, observers, started, leg)
    }

    /// Goes on with a run that was ended, as if it had not been. Its recipe is that of this experiment, with more epochs at most.
    ///
    /// # Errors
    /// As [`run`](Self::run); [`RunError::Changed`] where it would be another training, unless that is forced,
    /// [`RunError::NothingLeft`] where it is over.
    pub fn resume(&self, going_on: GoingOn, observers: &mut [&mut dyn RunObserver]) -> Result<FinishedRun> {
        let started = Instant::now();
        going_on.check_unfinished(self.recipe.recipe())?;
        let prepared = Prepared::new(self.recipe, self.files)?;
        let forced = going_on.changes(self, &prepared)?;
        prepared.embedding(self.recipe)?;
        self.check_memory(&prepared)?;
        let folder = going_on.folder.clone();
        let epochs = folder.epochs().unwrap_or_default();
        // Of a killed run, the time of its epochs is known.
        let of_epochs: f64 = epochs.iter().map(|epoch| epoch.train_seconds + epoch.valid_seconds).sum();
        let before = going_on.record.seconds.unwrap_or(0.0).max(of_epochs);
        let mut resumed = going_on.record.resumed.clone();
        resumed.push(Resumption {
            at: now_utc(),
            process: std::process::id(),
            from: folder.newest_checkpoint().map(|position| position.to_string()),
            forced,
        });
        let mut record = RunRecord {
            status: RunStatus::Running,
            seconds: Some(before),
            epochs: None,
            best_epoch: None,
            stop: None,
            error: None,
            scores: None,
            decided: None,
            covered: Vec::new(),
            linear: None,
            resumed,
            ..going_on.record.clone()
        };
        folder.reserve();
        let checkpoints = folder.checkpoints();
        let leg = Leg {
            from: Some(&checkpoints),
            save: Some(&checkpoints),
            every: Some(self.recipe.recipe().training.checkpoint),
            force: going_on.force(),
            ..Leg::default()
        };
        self.run_and_record(&folder, &mut record, prepared, observers, started, leg)
    }

    /// A device of its own has memory of its own.
    fn check_memory(&self, prepared: &Prepared) -> Result<()> {
        match self.device_name {
            "flex" | "ndarray" => Ok(prepared.check_memory(self.recipe)?),
            _ => Ok(()),
        }
    }

    /// A run that fails leaves its folder with the reason.
    fn run_and_record(
        &self,
        folder: &RunFolder,
        record: &mut RunRecord,
        prepared: Prepared,
        observers: &mut [&mut dyn RunObserver],
        started: Instant,
        leg: Leg<'_>,
    ) -> Result<FinishedRun> {
        let before = record.seconds.unwrap_or(0.0);
        let failed = |record: &RunRecord, error: String| {
            // What goes on is what it was until it does: a run that is finished keeps its scores.
            if folder.record().is_ok_and(|there| there.resumed.len() < record.resumed.len()) {
                return;
            }
            let epochs = folder.epochs().unwrap_or_default();
            let record = RunRecord {
                status: RunStatus::Failed,
                error: Some(error),
                seconds: Some(before + started.elapsed().as_secs_f64()),
                epochs: Some(epochs.len()),
                best_epoch: epochs.iter().rev().find(|epoch| epoch.improved).map(|epoch| epoch.epoch),
                ..record.clone()
            };
            // The first error is the one to tell; a folder that cannot be written is often its cause.
            let _ = folder.write_last_record(&record);
        };
        let again = prepared.clone();
        // A callback or a driver may panic: the run is not left as running.
        let attempt = AssertUnwindSafe(|| {
            let outcome = self.run_in(folder, record, prepared, observers, started, leg);
            outcome.map_err(|error| {
                // Whoever ends the search for the reason leaves a run that says what it failed by.
                if matches!(error, RunError::Train(TrainError::NotFinite { .. })) {
                    failed(record, error.to_string());
                }
                self.explained(error, folder, &again, observers)
            })
        });
        match catch_unwind(attempt) {
            Ok(Err(error @ RunError::Stopped { .. })) => Err(error),
            Ok(outcome) => outcome.inspect_err(|error| failed(record, error.to_string())),
            Err(panic) => {
                failed(record, "ended by a panic".into());
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
        // A run that goes on is what it was begun as.
        let begun = folder.environment().ok().filter(|_| !record.resumed.is_empty());
        let environment =
            begun.unwrap_or_else(|| Environment::capture(self.device_name)).with_data(self.files);
        let resolved = self.recipe.resolved(prepared.split.train.len())?.to_toml()?;
        let says =
            Says { recipe: resolved, environment: environment.clone(), data: DataFacts::new(&prepared) };
        let card = model_card(self.recipe, &prepared);
        let vectors = prepared.embedding(self.recipe)?;
        let subwords =
            vectors.filter(|_| card.subwords).map(|vectors| vectors.as_ref().clone().without_words());
        let mut recorder = Recorder::new(folder, card.clone(), subwords);
        match record.resumed.is_empty() {
            true => says.write(folder)?,
            // Until its first step, what goes on is what it was.
            false => recorder = recorder.that_goes_on(record.clone(), says),
        }
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
        let before = record.seconds.unwrap_or(0.0);
        record.status = match outcome.stop {
            _ if outcome.stop.is_pause() => RunStatus::Interrupted,
            StopReason::Interrupted => RunStatus::Interrupted,
            _ => RunStatus::Finished,
        };
        record.epochs = Some(outcome.history.len());
        record.best_epoch =
            outcome.history.iter().rev().find(|epoch| epoch.improved).map(|epoch| epoch.epoch);
        record.stop = Some(outcome.stop.clone());
        if outcome.best_epoch == 0 || outcome.stop.is_pause() {
            record.error = Some(outcome.stop.to_string());
            record.seconds = Some(before + started.elapsed().as_secs_f64());
            folder.write_last_record(record)?;
            let (folder, record) = (folder.clone(), Box::new(record.clone()));
            return Err(RunError::Stopped { folder, record, reason: outcome.stop });
        }
        let mut unwritten: Vec<String> = outcome.unsaved.iter().map(ToString::to_string).collect();
        let Scored { scores, valid, test } = self.score(&outcome, &prepared)?;
        let said =
            [(Role::Valid, prepared.split.valid.as_slice(), valid), (Role::Test, &prepared.split.test, test)];
        let said = said.each_ref().map(|(role, rows, outputs)| (*role, *rows, outputs.as_slice()));
        let sureness = Sureness::of(&card, &prepared, &said);
        let decided = Decided::of(self.recipe, &prepared, &said)?;
        record.covered = sureness.iter().flat_map(|sureness| sureness.covered.clone()).collect();
        record.decided = decided.as_ref().map(|(decided, _)| decided.clone());
        record.best_epoch = Some(outcome.best_epoch);
        record.scores = Some(scores.clone());
        // Taken once, so that the report and the record say the same.
        record.seconds = Some(before + started.elapsed().as_secs_f64());
        // First what cannot be had again: a disk that is full takes no pictures.
        folder.write_last_record(record)?;
        let decision = record.decided.as_ref().and_then(|decided| decided.decision(card.classes()));
        let card = ModelCard { decision, ..card };
        let written = folder.write_by(PREDICTIONS, |file| write_predictions(&card, &prepared, &said, file));
        unwritten.extend(written.err().map(|error| error.to_string()));
        let amended = amend_card(&folder.model(), |card| {
            card.decision = decision;
            card.held_out = sureness.as_ref().map(|sureness| sureness.held_out.clone());
        });
        unwritten.extend(amended.err().map(|error| error.to_string()));
        // A model beside, without which the run is what it is.
        match linear(self.recipe, &prepared, self.device, &mut all) {
            Ok(None) => {}
            Ok(scores) => {
                record.linear = scores;
                folder.write_last_record(record)?;
            }
            Err(error) => unwritten.push(format!("there is no linear model to compare with: {error}")),
        }
        let mut report = run_report::assemble(self, record, &environment, &prepared, &outcome, &scores)?;
        let targets = prepared.data.numbers().map_or(&[][..], |numbers| &numbers.names);
        report.sections.extend(decided.map(|(_, section)| section));
        report.sections.extend(sureness.map(|sureness| sureness.section(targets)));
        let mut run = FinishedRun {
            folder: folder.clone(),
            record: record.clone(),
            scores,
            outcome,
            prepared,
            unwritten: Vec::new(),
        };
        for observer in all {
            observer.on_report(&run, &mut report)?;
        }
        unwritten.extend(folder.write_report(&report).err().map(|error| error.to_string()));
        run.unwritten = unwritten;
        Ok(run)
    }

    /// Scores the kept weights.
    fn score(&self, outcome: &Outcome<Network>, prepared: &Prepared) -> Result<Scored> {
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
        let scores = RunScores { train: of(&split.train)?.0, valid, test, test_without_duplicates };
        Ok(Scored { scores, valid: valid_outputs, test: test_outputs })
    }
}

/// Scores, and the outputs for the validation and the test split that they are of, row-major.
struct Scored {
    scores: RunScores,
    valid: Vec<f32>,
    test: Vec<f32>,
}
