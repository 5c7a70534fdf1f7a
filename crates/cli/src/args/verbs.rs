//! The arguments of each verb.

use std::path::PathBuf;

use brasa_data::Role;
use clap::{Args, Subcommand, ValueEnum};

use super::{ChangeArgs, DataArgs, DeviceArgs, RecipeArgs, TrackArgs, delimiter};

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
    /// Score all rows of another labelled file instead: a table with the run's columns, a folder or archive of images
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "data", "side"])]
    pub on: Option<PathBuf>,
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
    /// Field separator of CSV input, one character or "tab"; found out when it is not given
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
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
        #[arg(long, value_name = "N", default_value_t = 42, value_parser = super::seed)]
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
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "0,1,2", value_parser = super::seed)]
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
