//! `eval`: a run's model on one split of its data, or on a labelled file of one's own.

use std::path::PathBuf;

use brasa_data::Role;
use brasa_train::score;
use serde_json::json;

use super::Verb;
use super::scores::{class_tables, split_table, target_table};
use crate::app::App;
use crate::args::{Common, DataArgs, DeviceArgs, RunArgs, Split};
use crate::context;
use crate::error::Result;
use crate::output::{Screen, note};
use clap::Args;

/// Score a run's model on one split of its data, or on another labelled file
#[derive(Debug, Args)]
pub(crate) struct Eval {
    #[command(flatten)]
    pub run: RunArgs,
    /// Another source of data than the run's, where the app has several
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Split of the data to score
    #[arg(long, value_enum, default_value = "valid", alias = "side")]
    pub split: Split,
    /// Score all rows of another labelled file instead: a table with the run's columns, a folder or archive of images
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "data", "split"])]
    pub on: Option<PathBuf>,
}

impl Verb for Eval {
    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let device = context::device(&self.device)?;
        let name = &self.run.run;
        let (run, split) = match &self.on {
            Some(path) => (context::run_on(app, &common.runs, name, path, &device)?, Role::Test),
            None => {
                let source = self.source.as_deref();
                (
                    context::loaded_run(app, &common.runs, name, source, &self.data, &device)?,
                    Role::from(self.split),
                )
            }
        };
        if split == Role::Test && self.on.is_none() {
            note(
                "the test split is for the final judgement: choosing between runs by it makes it a validation split",
            );
        }
        let warnings = &run.prepared.data.warnings;
        warnings.iter().for_each(|warning| note(format!("warning: {warning}")));
        let scores = score(run.model.model(), &run.recipe, &run.prepared, split, &device)?;
        let mut object = json!({
            "run": run.folder.path().display().to_string(),
            "id": run.record.id,
            "scores": scores,
            "warnings": warnings,
        });
        let (key, judged) = match &self.on {
            Some(path) => ("on", path.display().to_string()),
            None => ("split", split.to_string()),
        };
        object[key] = json!(judged);
        screen.object(&object)?;
        screen.say(split_table(&[(&judged, &scores)], &run.recipe.metrics().of_tables()));
        let tables = class_tables(&scores) + &target_table(&scores);
        if !tables.is_empty() {
            screen.say(format!("\n{}", tables.trim_start()));
        }
        Ok(())
    }
}
