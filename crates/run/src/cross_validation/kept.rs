//! The folds of a cross-validation that are done, in its folder: after an end, the others are all that is left to do.

use std::fs;
use std::path::Path;

use brasa_data::sha256_hex;
use serde::{Deserialize, Serialize};

use super::{CrossValidation, CrossValidationFolder, FoldResult};
use crate::files::{append_line, read_text};
use crate::{Environment, Result, RunFolder, RunLock};

/// A line with what is cross-validated, then one for each fold that is done.
const FOLDS: &str = "folds.jsonl";

/// What the folds follow from, and when the first began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    of: String,
    started: String,
}

/// A digest of what decides the result of every fold: the recipe, the files, the folds, the version and the device.
fn digest(plan: &CrossValidation, device_name: &str) -> Result<String> {
    let files: Vec<&str> = plan.data().files.iter().map(|file| file.sha256.as_str()).collect();
    let folds: Vec<(usize, usize)> = plan.folds().iter().map(|id| (id.repeat, id.fold)).collect();
    let Environment { brasa, burn, .. } = Environment::capture(device_name);
    let parts = (plan.recipe().recipe().to_toml()?, files, folds, brasa, burn, device_name);
    let text = serde_json::to_string(&parts).unwrap_or_default();
    Ok(sha256_hex(text.as_bytes()))
}

/// Begins the file of folds.
pub(super) fn begin(
    folder: &RunFolder,
    plan: &CrossValidation,
    device_name: &str,
    started: &str,
) -> Result<()> {
    let head = Head { of: digest(plan, device_name)?, started: started.to_owned() };
    let line = serde_json::to_string(&head).unwrap_or_default() + "\n";
    folder.write(FOLDS, line.as_bytes())
}

/// Adds a fold.
pub(super) fn keep(folder: &RunFolder, result: &FoldResult) -> Result<()> {
    append_line(&folder.path().join(FOLDS), &serde_json::to_string(result).unwrap_or_default())
}

/// A cross-validation that was ended before its time.
pub(super) struct Unfinished {
    pub(super) folder: RunFolder,
    pub(super) started: String,
    /// The folds that it has.
    pub(super) done: Vec<FoldResult>,
    pub(super) lock: RunLock,
}

/// The newest cross-validation of the same below `root` that was ended before its time.
pub(super) fn unfinished(
    root: &Path,
    app: &str,
    plan: &CrossValidation,
    device_name: &str,
) -> Result<Option<Unfinished>> {
    let of = digest(plan, device_name)?;
    let entries = fs::read_dir(root.join(app)).into_iter().flatten().flatten();
    let mut folders: Vec<RunFolder> = entries.map(|entry| RunFolder::at(entry.path())).collect();
    folders.sort_by(|a, b| b.path().cmp(a.path()));
    for folder in folders {
        let Ok(text) = read_text(&folder.path().join(FOLDS)) else { continue };
        let mut lines = text.lines();
        let head = lines.next().and_then(|line| serde_json::from_str::<Head>(line).ok());
        let Some(head) = head.filter(|head| head.of == of && !CrossValidationFolder::is_finished(&folder))
        else {
            continue;
        };
        // Another process may be at it.
        let Ok(lock) = folder.lock() else { continue };
        let mut done: Vec<FoldResult> = Vec::new();
        // A line that was cut off by a kill is a fold that is not done.
        for result in lines.map_while(|line| serde_json::from_str::<FoldResult>(line).ok()) {
            if plan.folds().contains(&result.summary.id)
                && !done.iter().any(|own| own.summary.id == result.summary.id)
            {
                done.push(result);
            }
        }
        // What is appended is not to follow half a line.
        begin(&folder, plan, device_name, &head.started)?;
        done.iter().try_for_each(|result| keep(&folder, result))?;
        return Ok(Some(Unfinished { folder, started: head.started, done, lock }));
    }
    Ok(None)
}
