//! `eval`: a run's model on one side of its data, or on a labelled file of one's own.

use std::path::Path;

use brasa_data::Role;
use brasa_train::score;
use serde_json::json;

use super::scores::{class_tables, split_table, target_table};
use crate::app::App;
use crate::args::EvalArgs;
use crate::context;
use crate::error::Result;
use crate::output::{Screen, note};

pub(super) fn run(app: &App, runs: &Path, args: &EvalArgs, screen: Screen) -> Result<()> {
    let device = context::device(&args.device)?;
    let name = &args.run.run;
    let (run, side) = match &args.on {
        Some(path) => (context::run_on(app, runs, name, path, &device)?, Role::Test),
        None => {
            let source = args.source.as_deref();
            (context::loaded_run(app, runs, name, source, &args.data, &device)?, Role::from(args.side))
        }
    };
    if side == Role::Test && args.on.is_none() {
        note(
            "the test side is for the final judgement: choosing between runs by it makes it a validation side",
        );
    }
    let warnings = &run.prepared.data.warnings;
    warnings.iter().for_each(|warning| note(format!("warning: {warning}")));
    let scores = score(run.model.model(), &run.recipe, &run.prepared, side, &device)?;
    let mut object = json!({
        "run": run.folder.path().display().to_string(),
        "id": run.record.id,
        "scores": scores,
        "warnings": warnings,
    });
    let (key, judged) = match &args.on {
        Some(path) => ("on", path.display().to_string()),
        None => ("side", side.to_string()),
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
