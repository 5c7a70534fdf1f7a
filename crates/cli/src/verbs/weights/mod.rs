//! `weights`: those that others have published, by name: list, fetch, verify.

mod fetch;
mod list;
mod verify;

use std::path::{Path, PathBuf};

use brasa_train::{KnownWeights, WeightsRegistry};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Verb;
use crate::app::App;
use crate::args::{Common, DataArgs};
use crate::context::{candidate_folders, weights_folder};
use crate::error::Result;
use crate::output::Screen;

/// Weights that others have published, for transfer.pretrained: list, fetch, verify
#[derive(Debug, Args)]
pub(crate) struct Weights {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Which are known by name, and which are here
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Download the file of one and check it
    Fetch {
        /// Its name in the list
        name: String,
        /// Folder to put it in [default: the user's folder of weights]
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Server to use instead of the list's; the file name is put after it
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
    },
    /// Check the files that are here against the list's checksums
    Verify {
        /// Only this one, which must be here
        name: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
}

impl Verb for Weights {
    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        let known = WeightsRegistry::known()?;
        match &self.action {
            Action::List { data } => list::list(&known, &folders(app, data), screen),
            Action::Fetch { name, data, mirror } => {
                fetch::fetch(known.find(name)?, data.clone(), mirror.as_deref(), screen)
            }
            Action::Verify { name: Some(name), data } => {
                verify::one(known.find(name)?, &folders(app, data), screen)
            }
            Action::Verify { name: None, data } => verify::all(&known, &folders(app, data), screen),
        }
    }
}

/// Where files of weights may be: below `--data` alone where it is given, as for data.
fn folders(app: &App, data: &DataArgs) -> Vec<PathBuf> {
    let own = weights_folder().filter(|_| data.data.is_none());
    candidate_folders(app, data).into_iter().chain(own).collect()
}

/// The file of `entry`, where one of the folders has it.
fn found(entry: &KnownWeights, folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(&entry.file)).find(|path| path.is_file())
}

/// The folders in a sentence.
fn places(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What a file is checked by.
fn checked(entry: &KnownWeights) -> &'static str {
    match &entry.sha256 {
        Some(_) => "its sha256",
        None => "the first digits of its sha256, of which no more is known",
    }
}

/// A file that was checked, for a program.
fn verified(entry: &KnownWeights, path: &Path) -> Value {
    json!({
        "name": entry.name,
        "path": path.display().to_string(),
        "checked": if entry.sha256.is_some() { "sha256" } else { "sha256_prefix" },
    })
}
