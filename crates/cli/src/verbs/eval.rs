//! `eval`: a run's model on one side of its data.

use std::path::Path;
use std::sync::Arc;

use brasa_data::Role;
use brasa_train::run::find_run;
use brasa_train::{Prepared, SavedModel, TrainError, score};
use serde_json::json;

use super::scores::{class_tables, side_table};
use crate::app::App;
use crate::args::EvalArgs;
use crate::context;
use crate::error::Result;
use crate::output::{Screen, note};

pub(super) fn run(app: &App, runs: &Path, args: &EvalArgs, screen: Screen) -> Result<()> {
    let (folder, record) = find_run(runs, app.name, &args.run.run)?;
    let device = context::device(&args.device)?;
    let model = SavedModel::load(&folder.model(), &device)?;
    let recipe = folder.recipe()?.check()?;
    let files = context::files(app, &args.data, &recipe)?;
    let mut prepared = Prepared::new(&recipe, &files)?;
    if prepared.data.class_names != model.card().classes {
        let problem = format!(
            "was trained on the classes {}, but these data have {}",
            model.card().classes.join(", "),
            prepared.data.class_names.join(", ")
        );
        return Err(TrainError::BrokenRun { path: folder.path().into(), problem }.into());
    }
    prepared.scaler = Arc::new(model.card().scaler.clone());
    if folder.data_facts().is_ok_and(|facts| facts.files != prepared.data.files) {
        note("these data files are not those that the run was trained on");
    }
    let side = Role::from(args.side);
    if side == Role::Test {
        note(
            "the test side is for the final judgement: choosing between runs by it makes it a validation side",
        );
    }
    let scores = score(model.network(), &recipe, &prepared, side, &device)?;
    screen.object(&json!({ "run": folder.path().display().to_string(), "id": record.id, "side": side, "scores": scores }))?;
    screen.say(side_table(&[(&side.to_string(), &scores)]));
    screen.say(format!("\n{}", class_tables(&scores)));
    Ok(())
}
