//! One file per verb.

mod answers;
mod ask;
mod bench;
mod compare;
mod cv;
mod cv_fold;
mod data;
mod eval;
mod inspect;
mod lesson;
mod look;
mod predict;
mod push;
mod recipes;
mod runs;
mod scores;
mod train;

use crate::app::App;
use crate::args::{Cli, Verb, typed_command};
use crate::context;
use crate::error::Result;
use crate::interrupt;
use crate::output::{Screen, answer};

/// Runs what was typed.
pub(crate) fn run(app: &App, cli: &Cli, screen: &Screen) -> Result<()> {
    let screen = *screen;
    if !matches!(cli.verb, Verb::CvFold(_)) {
        // A fold is ended by the process that started it.
        interrupt::listen(screen);
    }
    match &cli.verb {
        Verb::Train(args) => train::run(app, &cli.runs, args, screen),
        Verb::Eval(args) => eval::run(app, &cli.runs, args, screen),
        Verb::Ask(args) => ask::run(app, &cli.runs, args, screen),
        Verb::Predict(args) => predict::run(app, &cli.runs, args, screen),
        Verb::Look(args) => look::run(app, &cli.runs, args, screen),
        Verb::Inspect(args) => inspect::run(app, &cli.runs, args, screen),
        Verb::Summary(args) => {
            let summary = context::network(app, &args.recipe, &args.data)?.1.summary()?;
            screen.object(&serde_json::json!({
                "input": summary.input,
                "layers": summary.layers,
                "parameters": summary.parameters(),
                "flops": summary.flops(),
            }))?;
            screen.say(summary.to_string());
            Ok(())
        }
        Verb::Recipes { name } => recipes::run(app, name.as_deref(), screen),
        Verb::Runs(verb) => runs::run(app, &cli.runs, verb, screen),
        Verb::Bench(args) => bench::run(app, args, screen),
        Verb::Data(verb) => data::run(app, verb, screen),
        Verb::Cv(args) => cv::run(app, &cli.runs, args, screen),
        Verb::CvFold(args) => cv_fold::run(app, args, screen),
        Verb::Compare(args) => compare::run(app, &cli.runs, args, screen),
        Verb::Lesson(args) => lesson::run(app, &cli.runs, args, screen),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut typed_command(app), app.name, &mut script);
            let script = String::from_utf8_lossy(&script);
            screen.object(&serde_json::json!({ "shell": shell.to_string(), "script": script }))?;
            if !cli.json {
                answer(&script);
            }
            Ok(())
        }
    }
}
