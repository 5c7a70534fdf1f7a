//! `eval`: a run's model on one side of its data.

use std::path::Path;

use brasa_data::Role;
use brasa_train::run::find_run;
use brasa_train::{Prepared, SavedModel, score};
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
    let prepared = Prepared::new(&recipe, &files)?;
    let side = Role::from(args.side);
    if side == Role::Test {
        note(
            "the test side is for the final judgement: choosing between runs by it makes it a validation side",
        );
    }
    let scores = score(model.network(), &recipe, &prepared, side, &device)?;
    screen.object(&json!({ "run": folder.path(), "id": record.id, "side": side, "scores": scores }))?;
    screen.say(side_table(&[(&side.to_string(), &scores)]));
    screen.say(format!("\n{}", class_tables(&scores)));
    Ok(())
}
