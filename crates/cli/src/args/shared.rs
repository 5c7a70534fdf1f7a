//! Arguments that several verbs take.

use std::path::PathBuf;

use brasa_data::Role;
use clap::{ArgAction, Args, ValueEnum};

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
    /// Override a value of the recipe, like optimizer.lr=3e-4; without a value, take it back to its default
    #[arg(long = "set", value_name = "KEY=VALUE", action = ArgAction::Append)]
    pub overrides: Vec<String>,
    /// Short for --set training.seed=N
    #[arg(long, value_name = "N", value_parser = seed)]
    pub seed: Option<u64>,
    /// A file of the person's own, for the apps that take one.
    #[arg(skip)]
    pub own: OwnArgs,
}

/// A data file of a person's own in the place of a recipe.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub(crate) struct OwnArgs {
    /// Data of your own: a table (CSV, TSV), a folder or .zip of images in a folder per class, texts (.jsonl, .csv with --text), time
    /// series (CSV with --series and --step); or a recipe (.toml)
    #[arg(id = "own_file", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Column to predict
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// What is predicted [default: what the column looks like]
    #[arg(id = "own_task", long = "task", value_name = "classes|numbers", value_enum)]
    pub task: Option<OwnTask>,
    /// Column whose equal rows stay in one split: customers, patients
    #[arg(id = "own_group", long = "group", value_name = "COLUMN")]
    pub group: Option<String>,
    /// Column with times or numbers by which the rows are split: the earlier train, the later judge
    #[arg(id = "own_order", long = "order", value_name = "COLUMN", conflicts_with = "own_group")]
    pub order: Option<String>,
    /// Column to leave out; may be given several times
    #[arg(id = "own_drop", long = "drop", value_name = "COLUMN", action = ArgAction::Append)]
    pub drop: Vec<String>,
    /// Cell that says that a value is missing, such as -999; may be given several times
    #[arg(id = "own_missing", long = "missing", value_name = "CELL", action = ArgAction::Append, allow_hyphen_values = true)]
    pub missing: Vec<String>,
    /// Column or field with texts, the class of which is to be predicted
    #[arg(id = "own_text", long = "text", value_name = "FIELD")]
    pub text: Option<String>,
    /// Column that says which time series a row belongs to
    #[arg(id = "own_series", long = "series", value_name = "COLUMN")]
    pub series: Option<String>,
    /// Column with the number of the step within its series
    #[arg(id = "own_step", long = "step", value_name = "COLUMN")]
    pub step: Option<String>,
    /// File beside with a row for each series: its id, its class, its group
    #[arg(id = "own_labels", long = "labels", value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// File beside whose rows are to judge, and are not trained on
    #[arg(id = "own_test", long = "test", value_name = "FILE")]
    pub test: Option<PathBuf>,
    /// How much time to take
    #[arg(id = "own_effort", long = "effort", value_name = "quick|normal|best", value_enum)]
    pub effort: Option<Effort>,
    /// Time for the epochs of a training, at most, such as 90s, 2m or 1h
    #[arg(id = "own_time", long = "time", value_name = "TIME", value_parser = seconds)]
    pub time: Option<u64>,
}

/// What is predicted, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OwnTask {
    Classes,
    Numbers,
}

/// How much time a training takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Effort {
    /// A quarter of the epochs
    Quick,
    /// The epochs that the network was tuned with
    #[default]
    Normal,
    /// More networks in the bag, and further kinds of model beside them
    Best,
}

/// What a recipe can hold: TOML's whole numbers end there.
const LARGEST_SEED: u64 = i64::MAX as u64;

/// A seed as it is typed.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    let seed = text.parse().ok().filter(|seed| *seed <= LARGEST_SEED);
    seed.ok_or_else(|| format!("expected a whole number from 0 to {LARGEST_SEED}"))
}

/// A time as it is typed, in seconds.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    let (number, factor) = match text.trim().strip_suffix(['s', 'm', 'h']) {
        Some(number) => (
            number,
            if text.ends_with('h') {
                3_600
            } else if text.ends_with('m') {
                60
            } else {
                1
            },
        ),
        None => (text, 1),
    };
    let seconds = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    seconds.filter(|seconds| *seconds > 0).ok_or_else(|| "expected a time such as 90s, 2m or 1h".to_owned())
}

/// A separator of fields as it is typed; a tab has names, since it is hard to type.
pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    let problem = "expected one ASCII character that is no quote or line break, or `tab`";
    brasa_data::parse_delimiter(text).ok_or_else(|| problem.to_owned())
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
    #[cfg(feature = "mlflow")]
    #[arg(long, value_name = "mlflow=URL|none")]
    pub track: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A run's name or the start of it, its folder, or "latest"
    #[arg(long, value_name = "RUN", default_value = "latest")]
    pub run: String,
}

/// A split of the data as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Split {
    Train,
    Valid,
    Test,
}

impl From<Split> for Role {
    fn from(split: Split) -> Self {
        match split {
            Split::Train => Self::Train,
            Split::Valid => Self::Valid,
            Split::Test => Self::Test,
        }
    }
}
