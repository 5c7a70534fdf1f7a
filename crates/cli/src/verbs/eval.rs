//! `eval`: a run's model on one side of its data.

use std::path::Path;

use brasa_data::Role;
use brasa_train::score;
use serde_json::json;

use super::scores::{class_tables, split_table};
use crate::app::App;
use crate::args::EvalArgs;
use crate::context;
use crate::error::Result;
use crate::output::{Screen, note};

pub(super) fn run(app: &App, runs: &Path, args: &EvalArgs, screen: Screen) -> Result<()> {
    let device = context::device(&args.device)?;
    let run = context::loaded_run(app, runs, &args.run.run, args.source.as_deref(), &args.data, &device)?;
    let side = Role::from(args.side);
    if side == Role::Test {
        note(
            "the test side is for the final judgement: choosing between runs by it makes it a validation side",
        );
    }
    let scores = score(run.model.model(), &run.recipe, &run.prepared, side, &device)?;
    screen.object(&json!({
        "run": run.folder.path().display().to_string(),
        "id": run.record.id,
        "side": side,
        "scores": scores,
    }))?;
    screen.say(split_table(&[(&side.to_string(), &scores)], &run.recipe.metrics().of_tables()));
    screen.say(format!("\n{}", class_tables(&scores)));
    Ok(())
}
