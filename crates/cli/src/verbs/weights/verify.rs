//! `weights verify`: whether the files that are here are those of the list.

use std::path::PathBuf;

use brasa_train::{KnownWeights, WeightsRegistry};
use serde_json::json;

use super::{checked, found, places, verified};
use crate::error::{CliError, Result};
use crate::output::Screen;

/// Checks the file of `entry`, which must be in one of the folders.
pub(super) fn one(entry: &KnownWeights, folders: &[PathBuf], screen: Screen) -> Result<()> {
    let Some(path) = found(entry, folders) else {
        let problem = format!("{} is not in {}; {}", entry.file, places(folders), entry.how_to_obtain());
        return Err(CliError::Usage(format!("`{}` is not here: {problem}", entry.name)));
    };
    entry.expected()?.verify(&entry.file, &path)?;
    screen.object(&json!({ "weights": [verified(entry, &path)], "intact": true }))?;
    screen.say(format!("{}: whole and unchanged, by {}", path.display(), checked(entry)));
    Ok(())
}

/// Checks all files of the list that are in one of the folders.
pub(super) fn all(known: &WeightsRegistry, folders: &[PathBuf], screen: Screen) -> Result<()> {
    let (mut whole, mut damaged) = (Vec::new(), Vec::new());
    for entry in known.iter() {
        let Some(path) = found(entry, folders) else { continue };
        match entry.expected()?.verify(&entry.file, &path) {
            Ok(()) => {
                screen.say(format!("{}: whole and unchanged, by {}", path.display(), checked(entry)));
                whole.push(verified(entry, &path));
            }
            Err(error) => damaged.push(error),
        }
    }
    if let [_, _, ..] = damaged.as_slice() {
        let all = damaged.iter().map(ToString::to_string).collect::<Vec<_>>();
        return Err(CliError::Usage(format!(
            "{} files are not what they should be: {}",
            all.len(),
            all.join("; ")
        )));
    }
    if let Some(only) = damaged.pop() {
        return Err(only.into());
    }
    if whole.is_empty() {
        screen.say(format!("no known weights are in {}", places(folders)));
    }
    screen.object(&json!({ "weights": whole, "intact": true }))
}
