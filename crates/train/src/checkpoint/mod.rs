//! What a training is at one of its steps, in a file: enough to go on as if it had never stopped.
//!
//! Draws are functions of the seed, the epoch and the step, and what early stopping and the schedule remember follows from
//! the figures of the epochs, so that weights, the optimizer's state, the history, and what the epoch that is not over has
//! counted are all there is to keep.

mod digest;
mod every;
mod file;
mod position;
mod saver;

use std::io;
use std::path::{Path, PathBuf};

use brasa_models::Model;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};

use crate::callback::{EpochRecord, Resumed, StopReason};
use crate::task::Tallied;
use crate::update::UpdateRule;
use crate::{Result, TrainError};

pub(crate) use digest::digest;
pub use digest::essence;
pub use every::Every;
pub use position::{Position, damaged_checkpoints, latest_checkpoint};
pub(crate) use saver::{Moment, Saver};

/// A part of a training: where it goes on from, where it pauses, and where it leaves what it came to.
///
/// Parts one after another give the bits of the whole on a CPU, whatever the number of loader threads of each.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Leg<'a> {
    /// A folder with [checkpoints](latest_checkpoint) to go on from; without one, or with an empty one, the first epoch comes first.
    pub from: Option<&'a Path>,
    /// The epoch of the checkpoint to go on from, 0 for none. Where it is not said, the newest that is whole.
    pub at: Option<usize>,
    /// The epoch after which it pauses, where it does.
    pub until: Option<usize>,
    /// The folder that gets checkpoints: when it pauses or ends, and as often as [`every`](Self::every) says. The newest one
    /// before is kept, and the one that was asked for by [`at`](Self::at), so that whoever was killed before it heard of the
    /// new one finds the old one.
    pub save: Option<&'a Path>,
    /// How often.
    pub every: Option<Every>,
    /// Whether to go on from the checkpoint of another recipe or of other data, too: what comes of it is neither's.
    pub force: bool,
}

/// Copies the newest checkpoint of `from` that does not stand behind `last` to `into`, where it is then the only one; the place of it.
pub(crate) fn newest_until(from: &Path, last: Position, into: &Path) -> Result<Option<Position>> {
    let newest = position::all(from).into_iter().find(|position| *position <= last);
    std::fs::create_dir_all(into).map_err(|error| failed(into, error))?;
    if from != into {
        for old in position::all(into) {
            std::fs::remove_file(old.file(into)).map_err(|error| failed(into, error))?;
        }
        if let Some(newest) = newest {
            std::fs::copy(newest.file(from), newest.file(into)).map_err(|error| failed(into, error))?;
        }
    }
    Ok(newest)
}

/// A training that goes on.
pub(crate) struct Progress<M> {
    /// Epochs that are behind.
    pub history: Vec<EpochRecord>,
    /// The best weights so far, their epoch and their monitored figure.
    pub best: Option<(usize, f64, M)>,
    /// The average of the weights, where one is kept.
    pub average: Option<M>,
    /// What the epoch after them has behind it.
    pub within: Within,
    /// Why it had ended, where it had.
    pub stop: Option<StopReason>,
    /// Seconds that it has taken.
    pub seconds: f64,
    /// Where it goes on, if it does not begin.
    pub resumed: Option<Resumed>,
}

/// A part of an epoch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Within {
    /// Its steps.
    pub steps: usize,
    /// Seconds that they took.
    pub seconds: f64,
    /// What they have counted.
    #[serde(skip)]
    pub tallied: Option<Tallied>,
}

/// What a checkpoint knows beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    /// What the weights follow from: a digest of the recipe and of the rows.
    of: String,
    best_epoch: Option<usize>,
    history: Vec<EpochRecord>,
    within: Within,
    stop: Option<StopReason>,
    seconds: f64,
}

/// Order of the parts in the file.
const PARTS: usize = 5;

impl<M> Progress<M> {
    /// Nothing done yet.
    fn none() -> Self {
        Self {
            history: Vec::new(),
            best: None,
            average: None,
            within: Within::default(),
            stop: None,
            seconds: 0.0,
            resumed: None,
        }
    }
}

pub(crate) fn failed(path: &Path, problem: impl ToString) -> TrainError {
    TrainError::Checkpoint { path: path.to_owned(), problem: problem.to_string() }
}

/// Reads a checkpoint into a model as it was drawn, and into its rule. `monitor` finds the monitored figure in an epoch's
/// record.
pub(crate) fn load<M: Model>(
    leg: Leg<'_>,
    model: M,
    rule: &mut dyn UpdateRule<M>,
    of: &str,
    monitor: impl Fn(&EpochRecord) -> Option<f64>,
) -> Result<(M, Progress<M>)> {
    let Some(folder) = leg.from else { return Ok((model, Progress::none())) };
    let candidates = match leg.at {
        Some(0) => Vec::new(),
        Some(epoch) => vec![Position::after_epoch(epoch)],
        None => position::all(folder),
    };
    let mut passed_over: Vec<(PathBuf, String)> = Vec::new();
    for position in candidates {
        let path = position.file(folder);
        let problem = match file::read::<State>(&path) {
            Ok((state, _)) if !leg.force && state.of != of => {
                return Err(failed(
                    &path,
                    "it is of another recipe, of other data or of other pretrained weights",
                ));
            }
            Ok((state, parts)) => match restored(state, parts, position, &model, rule, &monitor) {
                Ok((model, mut progress)) => {
                    let words = |(path, problem): &(PathBuf, String)| format!("{} {problem}", path.display());
                    progress.resumed = Some(Resumed {
                        history: progress.history.clone(),
                        steps: position.steps,
                        passed_over: passed_over.iter().map(words).collect(),
                    });
                    return Ok((model, progress));
                }
                Err(problem) => problem,
            },
            Err(problem) => problem,
        };
        passed_over.push((path, problem));
    }
    match passed_over.into_iter().next() {
        None => Ok((model, Progress::none())),
        Some((path, problem)) => Err(failed(&path, problem)),
    }
}

/// What a file says, where its parts go together.
fn restored<M: Model>(
    state: State,
    mut parts: Vec<Vec<u8>>,
    position: Position,
    model: &M,
    rule: &mut dyn UpdateRule<M>,
    monitor: impl Fn(&EpochRecord) -> Option<f64>,
) -> Result<(M, Progress<M>), String> {
    let State { best_epoch, history, mut within, stop, seconds, .. } = state;
    let damaged = |what: &str| format!("is damaged: {what}");
    if (history.len(), within.steps) != (position.epochs, position.steps) {
        return Err(damaged("it is of another step than its name says"));
    }
    if parts.len() + 1 == PARTS {
        // Before there were averages.
        parts.insert(2, Vec::new());
    }
    let [weights, best, average, optimizer, tallied]: [Vec<u8>; PARTS] =
        parts.try_into().map_err(|_| damaged("it has parts too few or too many"))?;
    let read = |bytes: Vec<u8>| {
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes));
        let filled = record.and_then(|record| model.clone().try_load_record(record));
        filled.map_err(|error| damaged(&error.to_string()))
    };
    let best = match best_epoch {
        None => None,
        Some(epoch) => {
            let figure = epoch.checked_sub(1).and_then(|index| history.get(index)).and_then(monitor);
            let figure = figure.ok_or_else(|| damaged("its best epoch has no figure"))?;
            Some((epoch, figure, read(best)?.valid()))
        }
    };
    let average = match average.is_empty() {
        true => None,
        false => Some(read(average)?.valid()),
    };
    let current = read(weights)?;
    if within.steps > 0 {
        let tallied =
            ciborium::from_reader(tallied.as_slice()).map_err(|error| damaged(&error.to_string()))?;
        within.tallied = Some(tallied);
    }
    rule.restore(&optimizer).map_err(|error| damaged(&error.to_string()))?;
    Ok((current, Progress { history, best, average, within, stop, seconds, resumed: None }))
}

/// The weights of a module, as bytes.
fn weights<M: Model>(model: M) -> io::Result<Vec<u8>> {
    model.into_record().into_bytes().map(|bytes| bytes.to_vec()).map_err(io::Error::other)
}
