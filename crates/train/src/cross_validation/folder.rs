//! The folder that cross-validation leaves: `cv.json`, `predictions.csv`, `report.html`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{CrossValidated, CrossValidation, run_report};
use crate::run::{Environment, RunFolder, RunStatus, now_utc};
use crate::{Result, TrainError};

/// `<runs>/<app>/<time>-<recipe>-cv`. It has no `run.json`, so it is not among the runs that can predict.
#[derive(Debug)]
pub struct CrossValidationFolder {
    folder: RunFolder,
    facts: Facts,
    environment: Environment,
}

/// What `cv.json` begins with.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) app: String,
    pub(super) recipe: String,
    pub(super) id: String,
    started: String,
}

impl CrossValidationFolder {
    /// Makes the folder and writes the recipe and the environment.
    ///
    /// # Errors
    /// [`TrainError::Write`].
    pub fn create(
        runs: &Path,
        app: &str,
        recipe_name: &str,
        plan: &CrossValidation,
        device_name: &str,
    ) -> Result<Self> {
        let (folder, id) = RunFolder::create_empty(runs, app, &format!("{recipe_name}-cv"))?;
        let facts = Facts { app: app.into(), recipe: recipe_name.into(), id, started: now_utc() };
        let environment = Environment::capture(device_name);
        folder.write("recipe.toml", plan.recipe().recipe().to_toml().as_bytes())?;
        folder.write_json("environment.json", &environment)?;
        Ok(Self { folder, facts, environment })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The HTML report.
    pub fn report(&self) -> PathBuf {
        self.folder.report()
    }

    /// Writes the result: its predictions, its report with the pictures, and last `cv.json`, whose object is answered.
    /// `jobs` folds ran at once for `seconds` in all.
    ///
    /// # Errors
    /// [`TrainError::Write`] and [`TrainError::Report`].
    pub fn finish(
        &self,
        plan: &CrossValidation,
        result: &CrossValidated,
        jobs: usize,
        seconds: f64,
    ) -> Result<Value> {
        self.folder.write("predictions.csv", &self.predictions(result)?)?;
        let report = run_report::assemble(&self.facts, &self.environment, plan, result, seconds)?;
        for (name, bytes) in report.pictures()? {
            self.folder.write(&format!("pictures/{name}"), &bytes)?;
        }
        self.folder.write("report.html", report.to_html()?.as_bytes())?;
        let mut answer = self.head(RunStatus::Finished);
        answer["jobs"] = json!(jobs);
        answer["seconds"] = json!(seconds);
        let found = serde_json::to_value(result).map_err(|error| self.unwritable("cv.json", error.into()))?;
        if let (Value::Object(answer), Value::Object(found)) = (&mut answer, found) {
            answer.extend(found);
        }
        self.folder.write_json("cv.json", &answer)?;
        Ok(answer)
    }

    /// Writes why there is no result.
    ///
    /// # Errors
    /// [`TrainError::Write`].
    pub fn fail(&self, status: RunStatus, error: &str) -> Result<()> {
        let mut answer = self.head(status);
        answer["error"] = json!(error);
        self.folder.write_json("cv.json", &answer)
    }

    fn head(&self, status: RunStatus) -> Value {
        let Facts { app, recipe, id, started } = &self.facts;
        json!({ "app": app, "recipe": recipe, "id": id, "status": status, "started": started })
    }

    fn predictions(&self, result: &CrossValidated) -> Result<Vec<u8>> {
        let name = |class: u32| {
            let class = result.out_of_fold.per_class.get(class as usize);
            class.map_or("", |class| class.name.as_str())
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        let head = ["row", "fold", "repeat", "true", "predicted", "probability"];
        let mut written = writer.write_record(head);
        for (id, held_out) in &result.predictions {
            let probability = held_out.probability;
            written = written.and_then(|()| {
                writer.write_record([
                    &held_out.row.to_string(),
                    &id.fold.to_string(),
                    &id.repeat.to_string(),
                    name(held_out.target),
                    name(held_out.predicted),
                    &if probability.is_finite() { probability.to_string() } else { String::new() },
                ])
            });
        }
        let failed = |error| self.unwritable("predictions.csv", error);
        written.map_err(|error| failed(error.into()))?;
        writer.into_inner().map_err(|error| failed(error.into_error()))
    }

    fn unwritable(&self, name: &str, source: std::io::Error) -> TrainError {
        TrainError::Write { path: self.path().join(name), source }
    }
}
