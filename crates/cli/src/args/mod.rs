//! The command line.

mod shared;
mod verbs;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use crate::app::App;
use crate::output::answer;
use crate::short_flags;

pub(crate) use shared::*;
pub(crate) use verbs::*;

/// Everything that was typed.
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Print one JSON object on stdout and all else on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder that runs are kept in
    #[arg(long, global = true, value_name = "DIR", env = "BRASA_RUNS", default_value = "runs")]
    pub runs: PathBuf,
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Train a recipe and judge the best weights on held-out data
    Train(TrainArgs),
    /// Judge a recipe by k-fold cross-validation, with intervals
    Cv(CvArgs),
    /// One fold of cv, which starts it
    #[command(hide = true)]
    CvFold(CvFoldArgs),
    /// Score a run's model on one side of its data
    Eval(EvalArgs),
    /// Classify raw rows or image files
    Predict(PredictArgs),
    /// Type titles and see the most probable classes
    Ask(AskArgs),
    /// Pictures of what a run's model has learned and where it errs
    Look(LookArgs),
    /// Look at the data: classes, ranges, duplicates, leaks, pictures
    Inspect(InspectArgs),
    /// Show a recipe's network layer by layer
    Summary(SummaryArgs),
    /// List the recipes, or print one
    Recipes {
        /// The recipe to print
        name: Option<String>,
    },
    /// List, show or compare runs; send them to a tracking server
    #[command(subcommand)]
    Runs(RunsVerb),
    /// Measure training steps and inference on random data
    Bench(BenchArgs),
    /// Fetch or check the data files
    #[command(subcommand)]
    Data(DataVerb),
    /// Put the tutorial's figures beside ours
    Compare(CompareArgs),
    /// Train the recipes of a lesson and compare them on one page
    Lesson(LessonArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The command of `app`, as `--help` and the completions see it.
pub(crate) fn command(app: &App) -> clap::Command {
    let command =
        Cli::command().name(app.name).bin_name(app.name).about(app.about).version(env!("CARGO_PKG_VERSION"));
    short_flags::declare(app, command)
        .mut_subcommand("ask", |verb| verb.hide(!app.asks))
        .mut_subcommand("compare", |verb| verb.hide(app.seed_figures.is_empty()))
        .mut_subcommand("lesson", |verb| verb.hide(app.lessons.is_empty()))
        .mut_subcommand("data", |verb| {
            verb.mut_subcommand("synth", |verb| verb.hide(app.synthetic.is_none()))
        })
}

/// Reads the process's arguments; a wrong one is told and answered with exit code 2.
pub(crate) fn parse(app: &App) -> Result<Cli, ExitCode> {
    let outcome = command(app).try_get_matches().and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        short_flags::apply(app, &matches, &mut cli.verb);
        Ok(cli)
    });
    outcome.map_err(|error| {
        // Help and version go to stdout and are no error.
        let _ = error.print();
        if error.use_stderr() && std::env::args_os().any(|word| word == "--json") {
            answer(&serde_json::json!({ "error": error.kind().to_string() }).to_string());
        }
        ExitCode::from(if error.use_stderr() { 2 } else { 0 })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::app::RecipeFile;

    const APP: App = App {
        name: "flowers",
        about: "Species",
        recipes: &[RecipeFile { name: "small", text: "" }],
        default_recipe: "small",
        manifest: "",
        ..App::BARE
    };

    #[test]
    fn every_verb_parses() {
        command(&APP).debug_assert();
        for line in [
            "train --recipe small --set a.b=1 --seed 3 --data x --device flex --track mlflow=http://a --tui",
            "cv --recipe small --folds 10 --repeats 3 --jobs 2 --seed 3 --set a.b=1 --data x --device flex",
            "cv-fold --data x --device flex",
            "eval --run latest --side test",
            "predict a.csv - --top 2 --delimiter ;",
            "inspect --augment --out pictures",
            "ask --run latest --top 2 --device flex a title",
            "look kernels --run latest --side valid --out x",
            "look features --layer 2 --sample 3",
            "look grad-cam --image a.png b.png --device flex",
            "summary --data x",
            "recipes small",
            "runs list",
            "runs show x",
            "runs compare a b",
            "runs push --track mlflow=http://a",
            "bench --batch 4 --steps 2 --loader",
            "data synth x --samples 5 --seed 2",
            "data fetch --to x --mirror http://127.0.0.1",
            "compare --regenerate x --recipes a,b --seeds 1,2 --track none",
            "lesson batch-size --set a.b=1 --seed 3 --data x --device flex --track none",
            "completions bash",
        ] {
            let words =
                std::iter::once("flowers").chain(line.split(' ')).chain(["--json", "--runs", "elsewhere"]);
            let cli =
                command(&APP).try_get_matches_from(words).and_then(|found| Cli::from_arg_matches(&found));
            let cli = cli.unwrap();
            assert!(cli.json && cli.runs == std::path::Path::new("elsewhere"), "{line}");
        }
    }
}
