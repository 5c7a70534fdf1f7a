//! What a training is after an epoch, in files: enough to go on as if it had never stopped.
//!
//! Draws are functions of the seed, the epoch and the step, and what early stopping and the schedule remember follows from
//! the figures of the epochs, so that weights, the optimizer's state and the history are all there is to keep.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use brasa_models::Model;
use serde::{Deserialize, Serialize};

use crate::callback::{EpochRecord, StopReason};
use crate::prepared::Prepared;
use crate::recipe::CheckedRecipe;
use crate::update::UpdateRule;
use crate::{Result, TrainError};

/// The form of the files.
const VERSION: u32 = 1;

const MODEL: &str = "model.bpk";
const BEST: &str = "best.bpk";
const OPTIMIZER: &str = "optimizer.bpk";
const STATE: &str = "state.json";

/// A part of a training: where it goes on from, where it pauses, and where it leaves what it came to.
///
/// Parts one after another give the bits of the whole on a CPU, whatever the number of loader threads of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leg<'a> {
    /// A folder with [checkpoints](latest_epoch) to go on from; without one, or with an empty one, the first epoch comes first.
    pub from: Option<&'a Path>,
    /// The epoch of the checkpoint to go on from, 0 for none; the newest where it is not said.
    pub at: Option<usize>,
    /// The epoch after which it pauses, where it does.
    pub until: Option<usize>,
    /// The folder that gets a checkpoint when it pauses or ends. The one that this part went on from is kept until the next part,
    /// so that whoever was killed before it heard of the new one finds the old one.
    pub save: Option<&'a Path>,
}

/// The epoch of the newest checkpoint in a folder.
///
/// ```
/// assert_eq!(brasa_train::latest_epoch(std::path::Path::new("no/such/folder")), None);
/// ```
pub fn latest_epoch(folder: &Path) -> Option<usize> {
    epochs(folder).into_iter().max()
}

fn epochs(folder: &Path) -> Vec<usize> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().ok();
    let epoch = |name: String| {
        let epoch: usize = name.strip_prefix("epoch-")?.parse().ok()?;
        (name == format!("epoch-{epoch}")).then_some(epoch)
    };
    entries.filter_map(name).filter_map(epoch).collect()
}

fn folder_of(folder: &Path, epoch: usize) -> PathBuf {
    folder.join(format!("epoch-{epoch}"))
}

/// What a checkpoint knows beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    version: u32,
    /// What the weights follow from: a digest of the recipe and of the rows.
    of: String,
    epoch: usize,
    best_epoch: Option<usize>,
    history: Vec<EpochRecord>,
    stop: Option<StopReason>,
}

/// A training that goes on.
pub(crate) struct Progress<M> {
    /// Epochs that are behind.
    pub history: Vec<EpochRecord>,
    /// The best weights so far, their epoch and their monitored figure.
    pub best: Option<(usize, f64, M)>,
    /// Why it had ended, where it had.
    pub stop: Option<StopReason>,
}

impl<M> Progress<M> {
    /// Nothing done yet.
    pub(crate) fn none() -> Self {
        Self { history: Vec::new(), best: None, stop: None }
    }
}

pub(crate) fn failed(path: &Path, problem: impl ToString) -> TrainError {
    TrainError::Checkpoint { path: path.to_owned(), problem: problem.to_string() }
}

/// Writes a checkpoint beside its final name, renames it, and removes older ones.
pub(crate) fn save<M: Model>(
    folder: &Path,
    model: M,
    rule: &dyn UpdateRule<M>,
    progress: &Progress<M>,
    began_at: usize,
    of: &str,
) -> Result<()> {
    let epoch = progress.history.len();
    let part = folder.join(format!(".part-{epoch}"));
    let io = |error: std::io::Error| failed(&part, error);
    if part.exists() {
        fs::remove_dir_all(&part).map_err(io)?;
    }
    fs::create_dir_all(&part).map_err(io)?;
    model.save_file(part.join(MODEL)).map_err(|error| failed(&part, error))?;
    if let Some((_, _, best)) = &progress.best {
        best.clone().save_file(part.join(BEST)).map_err(|error| failed(&part, error))?;
    }
    rule.save(&part.join(OPTIMIZER))?;
    let state = State {
        version: VERSION,
        of: of.to_owned(),
        epoch,
        best_epoch: progress.best.as_ref().map(|(epoch, ..)| *epoch),
        history: progress.history.clone(),
        stop: progress.stop.clone(),
    };
    let text = serde_json::to_vec(&state).map_err(|error| failed(&part, error))?;
    fs::write(part.join(STATE), text).map_err(io)?;
    for file in fs::read_dir(&part).map_err(io)? {
        File::open(file.map_err(io)?.path()).and_then(|file| file.sync_all()).map_err(io)?;
    }
    let whole = folder_of(folder, epoch);
    let replaced = folder.join(".replaced");
    if whole.exists() {
        // Set aside rather than removed, so that there is a whole one at every moment but this.
        let _ = fs::remove_dir_all(&replaced);
        fs::rename(&whole, &replaced).map_err(io)?;
    }
    fs::rename(&part, &whole).map_err(io)?;
    // The names are on the disk, too, before anybody counts on them; not every system has folders that can be opened.
    for named in [whole.as_path(), folder] {
        let _ = File::open(named).and_then(|folder| folder.sync_all());
    }
    let _ = fs::remove_dir_all(&replaced);
    for older in epochs(folder).into_iter().filter(|older| *older != epoch && *older != began_at) {
        // What cannot be removed is in nobody's way: the newest counts.
        let _ = fs::remove_dir_all(folder_of(folder, older));
    }
    Ok(())
}

/// What the weights of a training follow from: the recipe without what only says when it ends, how it is loaded, or what it is
/// called, and the rows of each split.
pub(crate) fn digest(recipe: &CheckedRecipe, prepared: &Prepared) -> String {
    // With the schedule's lengths, which may follow from the number of epochs.
    let resolved = recipe.resolved(prepared.split.train.len());
    let mut own = resolved.unwrap_or_else(|_| recipe.recipe().clone());
    (own.search, own.description) = (None, String::new());
    let training = &mut own.training;
    (training.epochs, training.patience, training.workers) = (1, None, 0);
    training.metrics.clear();
    let files = prepared.data.files.iter().map(|file| file.sha256.as_str()).collect::<Vec<_>>();
    let rows = (prepared.data.len(), &prepared.split.train, &prepared.split.valid);
    let text = serde_json::to_string(&(&own, files, rows)).unwrap_or_default();
    brasa_data::SourceFile::of("", text.as_bytes()).sha256
}

/// Reads the newest checkpoint into a model as it was drawn, and into its rule. `monitor` finds the monitored figure in an
/// epoch's record.
pub(crate) fn load<M: Model>(
    leg: Leg<'_>,
    model: M,
    rule: &mut dyn UpdateRule<M>,
    of: &str,
    monitor: impl Fn(&EpochRecord) -> Option<f64>,
) -> Result<(M, Progress<M>)> {
    let asked = leg.from.and_then(|folder| Some((leg.at.or_else(|| latest_epoch(folder))?, folder)));
    let Some((epoch, folder)) = asked.filter(|(epoch, _)| *epoch > 0) else {
        return Ok((model, Progress::none()));
    };
    let folder = folder_of(folder, epoch);
    let text = fs::read(folder.join(STATE)).map_err(|error| failed(&folder, error))?;
    let state: State = serde_json::from_slice(&text).map_err(|error| failed(&folder, error))?;
    if state.version != VERSION || state.epoch != epoch || state.history.len() != epoch {
        return Err(failed(&folder, "it is of another version, or damaged"));
    }
    if state.of != of {
        return Err(failed(&folder, "it is of another recipe, or of other data"));
    }
    let read = |name: &str| {
        model.clone().try_load_file(folder.join(name)).map_err(|error| failed(&folder.join(name), error))
    };
    let best = match state.best_epoch {
        None => None,
        Some(best) => {
            let record = best.checked_sub(1).and_then(|index| state.history.get(index));
            let figure = record.and_then(monitor);
            Some((
                best,
                figure.ok_or_else(|| failed(&folder, "its best epoch has no figure"))?,
                read(BEST)?.valid(),
            ))
        }
    };
    let current = read(MODEL)?;
    rule.load(&folder.join(OPTIMIZER))?;
    Ok((current, Progress { history: state.history, best, stop: state.stop }))
}
