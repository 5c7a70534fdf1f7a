//! The folder that cross-validation leaves: `cv.json`, `predictions.csv`, `report.html`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::{CrossValidated, CrossValidation, FoldResult, Said, kept, run_report};
use crate::Result;
#[cfg(doc)]
use crate::RunError;
use crate::files::read_json;
use crate::predictions::number_columns;
use crate::{Environment, RunFolder, RunLock, RunStatus, now_utc};

/// The recipe's name with `-cv` behind it, once.
fn label(recipe_name: &str) -> String {
    match recipe_name == "cv" || recipe_name.ends_with("-cv") {
        true => recipe_name.into(),
        false => format!("{recipe_name}-cv"),
    }
}

/// `<runs>/<app>/<time>-<recipe>-cv`. It has no `run.json`, so it is not among the runs that can predict.
#[derive(Debug, Clone)]
pub struct CrossValidationFolder {
    folder: RunFolder,
    facts: Facts,
    environment: Environment,
    /// Held by whoever works on it.
    _lock: Arc<RunLock>,
}

/// What `cv.json` begins with.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Facts {
    pub(super) app: String,
    pub(super) recipe: String,
    pub(super) id: String,
    started: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// `cv.json`: what was cross-validated and how it ended.
#[derive(Debug, Clone, Serialize)]
pub struct CrossValidationRecord<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    /// How far it came.
    pub status: RunStatus,
    /// The error that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'a str>,
    /// Folds that ran at once.
    pub jobs: usize,
    /// Wall-clock seconds from the start until all folds were judged, reading data included.
    pub seconds: f64,
    /// What was found.
    #[serde(flatten)]
    pub result: Option<&'a CrossValidated>,
}

impl CrossValidationFolder {
    /// Makes the folder and writes the recipe and the environment.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn create(
        runs: &Path,
        app: &str,
        recipe_name: &str,
        plan: &CrossValidation,
        device_name: &str,
    ) -> Result<Self> {
        let (folder, id) = RunFolder::create_empty(runs, app, &label(recipe_name))?;
        let facts = Facts {
            app: app.into(),
            recipe: recipe_name.into(),
            id,
            started: now_utc(),
            warnings: plan.data().warnings.clone(),
        };
        let environment = Environment::capture(device_name);
        let lock = folder.lock()?;
        folder.write("recipe.toml", plan.recipe().recipe().to_toml()?.as_bytes())?;
        folder.write_json("environment.json", &environment)?;
        kept::begin(&folder, plan, device_name, &facts.started)?;
        Ok(Self { folder, facts, environment, _lock: Arc::new(lock) })
    }

    /// The newest folder of the same cross-validation (recipe, data, folds, version, device) that was ended before its time, and the
    /// folds that it has; `None` where there is none. A fold's result is a function of these, so the others are all that is
    /// left to do.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn reopen(
        runs: &Path,
        app: &str,
        recipe_name: &str,
        plan: &CrossValidation,
        device_name: &str,
    ) -> Result<Option<(Self, Vec<FoldResult>)>> {
        let found = kept::unfinished(runs, app, plan, device_name)?;
        Ok(found.map(|kept::Unfinished { folder, started, done, lock }| {
            let id = folder.path().file_name().map(|name| name.to_string_lossy().into_owned());
            let facts = Facts {
                app: app.into(),
                recipe: recipe_name.into(),
                id: id.unwrap_or_default(),
                started,
                warnings: plan.data().warnings.clone(),
            };
            let environment = folder.environment().unwrap_or_else(|_| Environment::capture(device_name));
            (Self { folder, facts, environment, _lock: Arc::new(lock) }, done)
        }))
    }

    /// Writes down a fold that is done.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn keep(&self, result: &FoldResult) -> Result<()> {
        kept::keep(&self.folder, result)
    }

    /// Whether it has the result of all folds.
    pub fn is_over(&self) -> bool {
        Self::is_finished(&self.folder)
    }

    /// Whether a folder has the result of all folds.
    pub(super) fn is_finished(folder: &RunFolder) -> bool {
        let record = read_json::<serde_json::Value>(&folder.path().join("cv.json"));
        record.is_ok_and(|record| record.get("status") == Some(&RunStatus::Finished.name().into()))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The HTML report.
    pub fn report(&self) -> PathBuf {
        self.folder.report()
    }

    /// Writes the result: its predictions, its report with the pictures, and last `cv.json`, which is answered. `jobs`
    /// folds ran at once for `seconds` in all.
    ///
    /// # Errors
    /// [`RunError::Write`] and [`RunError::Report`].
    pub fn finish<'a>(
        &'a self,
        plan: &CrossValidation,
        result: &'a CrossValidated,
        jobs: usize,
        seconds: f64,
    ) -> Result<CrossValidationRecord<'a>> {
        self.folder.write_by("predictions.csv", |file| write_predictions(result, file))?;
        let report = run_report::assemble(&self.facts, &self.environment, plan, result, seconds)?;
        self.folder.write_report(&report)?;
        let record = CrossValidationRecord {
            facts: &self.facts,
            status: RunStatus::Finished,
            error: None,
            jobs,
            seconds,
            result: Some(result),
        };
        self.folder.write_json("cv.json", &record)?;
        Ok(record)
    }

    /// Writes why there is no result.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn fail(&self, status: RunStatus, error: &str, jobs: usize, seconds: f64) -> Result<()> {
        let error = Some(error);
        let record = CrossValidationRecord { facts: &self.facts, status, error, jobs, seconds, result: None };
        self.folder.write_json("cv.json", &record)
    }
}

/// Writes what was said of each row when it was held out.
fn write_predictions(result: &CrossValidated, file: &mut impl std::io::Write) -> std::io::Result<()> {
    let name = |class: u32| {
        let class = result.out_of_fold.classes().and_then(|classes| classes.per_class.get(class as usize));
        class.map_or("", |class| class.name.as_str())
    };
    let targets: Vec<&str> = result.out_of_fold.numbers().map_or_else(Vec::new, |numbers| {
        numbers.per_target.iter().map(|target| target.name.as_str()).collect()
    });
    let mut head: Vec<String> = ["row", "fold", "repeat"].map(String::from).into();
    match targets.as_slice() {
        [] => head.extend(["true", "predicted", "probability"].map(String::from)),
        names => head.extend(number_columns(names)),
    }
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(head)?;
    for (id, held_out) in &result.predictions {
        let mut cells = vec![held_out.row.to_string(), id.fold.to_string(), id.repeat.to_string()];
        match &held_out.said {
            Said::Class { target, predicted, probability } => {
                let sure = if probability.is_finite() { probability.to_string() } else { String::new() };
                cells.extend([name(*target).to_owned(), name(*predicted).to_owned(), sure]);
            }
            Said::Numbers { targets, predicted } => {
                let pairs = targets.iter().zip(predicted);
                cells.extend(pairs.flat_map(|(target, said)| [target.to_string(), said.to_string()]));
            }
        }
        writer.write_record(cells)?;
    }
    writer.flush()
}
