//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use brasa_data::Role;
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::app::App;
use crate::output::answer;
use crate::short_flags;

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

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RecipeArgs {
    /// A recipe of this app, or a .toml file
    #[arg(long, short, value_name = "NAME|FILE")]
    pub recipe: Option<String>,
    #[command(flatten)]
    pub changes: ChangeArgs,
}

/// What is put in the place of a recipe's own values.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ChangeArgs {
    /// Another source of data than the recipe's, where the app has several
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Override a value of the recipe, like optimizer.lr=3e-4
    #[arg(long = "set", value_name = "KEY=VALUE", action = ArgAction::Append)]
    pub overrides: Vec<String>,
    /// Short for --set training.seed=N
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DataArgs {
    /// Folder with the data files, or with a folder of this app's name that holds them
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DeviceArgs {
    /// Backend to run on, with :N for the Nth GPU
    #[arg(long, value_name = "NAME", env = "BRASA_DEVICE", default_value = default_device())]
    pub device: String,
}

fn default_device() -> &'static str {
    brasa_models::backends().first().copied().unwrap_or("flex")
}

#[derive(Debug, Clone, Args)]
pub(crate) struct TrackArgs {
    /// MLflow server that follows the training, or none [default: MLFLOW_TRACKING_URI, where it is an http(s) URL]
    #[arg(long, value_name = "mlflow=URL|none")]
    pub track: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    #[command(flatten)]
    pub track: TrackArgs,
    /// Show Burn's terminal dashboard
    #[arg(long)]
    pub tui: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CvArgs {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Folds; each is held out once
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub folds: usize,
    /// Times that the rows are dealt to folds anew
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub repeats: usize,
    /// Folds to run at once, each in a process of its own [default: the number of cores, 1 on a GPU]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct CvFoldArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A run's name or the start of it, its folder, or "latest"
    #[arg(long, value_name = "RUN", default_value = "latest")]
    pub run: String,
}

#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    #[command(flatten)]
    pub run: RunArgs,
    /// Another source of data than the run's, where the app has several
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Side of the data to score
    #[arg(long, value_enum, default_value = "valid")]
    pub side: Side,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Side {
    Train,
    Valid,
    Test,
}

impl From<Side> for Role {
    fn from(side: Side) -> Self {
        match side {
            Side::Train => Self::Train,
            Side::Valid => Self::Valid,
            Side::Test => Self::Test,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// CSV files, image files (PNG, JPEG), folders of them, or - for stdin
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Classes to show for each input
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub top: usize,
    /// Field separator of CSV input
    #[arg(long, value_name = "CHAR", default_value_t = ',')]
    pub delimiter: char,
}

#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// Titles; without any they are read from stdin, one per line
    #[arg(value_name = "TITLE")]
    pub titles: Vec<String>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Classes to show for each title
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub top: usize,
}

#[derive(Debug, Args)]
pub(crate) struct SummaryArgs {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LookArgs {
    /// What to show
    #[arg(value_enum)]
    pub what: Look,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Side of the data to take pictures from
    #[arg(long, value_enum, default_value = "test")]
    pub side: Side,
    /// Sample of that side to show, from 0 [default: the first of each class, for features the first]
    #[arg(long, value_name = "N", conflicts_with = "image")]
    pub sample: Option<usize>,
    /// Image files to show instead
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub image: Vec<PathBuf>,
    /// Layer whose maps to show, as the summary numbers or names it [default: the first for features, the last for
    /// grad-cam]
    #[arg(long, value_name = "LAYER")]
    pub layer: Option<String>,
    /// Folder for the pictures [default: the run's folder, under look]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Look {
    /// Kernels of the first convolution
    Kernels,
    /// Feature maps of one picture after a layer
    Features,
    /// Where the network finds the class that it names (Grad-CAM)
    GradCam,
    /// Decision regions of a model of two features
    Regions,
    /// The surest wrong answers
    Mistakes,
    /// Pictures of each class
    Samples,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    /// Also draw what the recipe's [augment] makes of samples
    #[arg(long)]
    pub augment: bool,
    /// Folder for the pictures [default: RUNS/APP/inspect]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsVerb {
    /// All runs, oldest first
    List,
    /// One run with its scores
    Show {
        /// A run's name or the start of it, its folder, or "latest"
        #[arg(default_value = "latest")]
        run: String,
    },
    /// Runs side by side, with the recipe values that differ
    Compare {
        /// Runs' names
        #[arg(required = true, num_args = 2..)]
        names: Vec<String>,
    },
    /// Send to MLflow what it has missed of tracked runs
    Push {
        /// Server to send to [default: the one that each run was tracked on]
        #[arg(long, value_name = "mlflow=URL")]
        track: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Samples per step [default: the recipe's, or 128 where that is the whole training side]
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,
    /// Measured steps
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub steps: usize,
    /// Steps before the measurement
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub warm_up: usize,
    /// Measure inference alone, and the memory that it needs
    #[arg(long, conflicts_with = "loader")]
    pub infer: bool,
    /// Measure the data path instead, over seven epochs: load, split, shuffle, batch, scale (needs the data)
    #[arg(long)]
    pub loader: bool,
    #[command(flatten)]
    pub data: DataArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataVerb {
    /// Where the data come from: source, licence, files
    Show,
    /// Download the files, or what is missing of them
    Fetch {
        /// Folder to put them in [default: the user's data folder]
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Server to use instead of the manifest's mirrors; the file names are put after it
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
    },
    /// Make up data of the same form, to measure speed and memory with
    Synth {
        /// Folder to write the files to
        dir: PathBuf,
        /// Samples [default: as many as the full-size set]
        #[arg(long, value_name = "N")]
        samples: Option<usize>,
        /// What every number derives from
        #[arg(long, value_name = "N", default_value_t = 42)]
        seed: u64,
    },
    /// Check the files against the manifest's checksums
    Check {
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// Train the recipes again and write their figures into this results file
    #[arg(long, value_name = "FILE")]
    pub regenerate: Option<PathBuf>,
    /// Only these recipes
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub recipes: Vec<String>,
    /// Seeds to train with
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "0,1,2")]
    pub seeds: Vec<u64>,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    #[command(flatten)]
    pub track: TrackArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LessonArgs {
    /// The lesson; without it, all are listed
    pub name: Option<String>,
    #[command(flatten)]
    pub changes: ChangeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    #[command(flatten)]
    pub track: TrackArgs,
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
