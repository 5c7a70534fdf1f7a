//! A run that goes on, and whether it may.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use brasa_train::{EpochRecord, Position, Prepared, Recipe, StopReason, essence, latest_checkpoint};

use crate::{
    DataFacts, Environment, Experiment, Result, RunError, RunFolder, RunLock, RunRecord, RunScores, RunStatus,
};

/// A run that is to go on, its folder taken for this process.
#[derive(Debug)]
pub struct GoingOn {
    pub(crate) folder: RunFolder,
    pub(crate) record: RunRecord,
    /// Held until the run ends.
    pub(crate) _lock: RunLock,
    force: bool,
}

/// What a run that is finished came to.
#[derive(Debug)]
pub struct KeptRun {
    /// The scores of the kept weights.
    pub scores: RunScores,
    /// Its epochs.
    pub history: Vec<EpochRecord>,
    /// Its data, read again.
    pub prepared: Prepared,
}

impl RunFolder {
    /// Takes the run to go on with it; what has changed since is refused where it breaks the promise that nobody can tell, unless
    /// `force` says to go on all the same.
    ///
    /// # Errors
    /// [`RunError::Locked`] where another process trains it, [`RunError::BrokenRun`].
    pub fn take(&self, force: bool) -> Result<GoingOn> {
        let _lock = self.lock()?;
        self.clear_leftovers();
        Ok(GoingOn { folder: self.clone(), record: self.record()?, _lock, force })
    }

    /// Removes what a writer left that was killed; nobody may be writing.
    pub(crate) fn clear_leftovers(&self) {
        for path in leftovers(self.path()) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Where the checkpoints of the run are.
    pub fn checkpoints(&self) -> PathBuf {
        self.path().join("checkpoints")
    }

    /// The newest checkpoint of the run; of a bag, that of the member that has come the least far.
    pub fn newest_checkpoint(&self) -> Option<Position> {
        let folder = self.checkpoints();
        latest_checkpoint(&folder).or_else(|| {
            let members = std::fs::read_dir(&folder).ok()?.flatten();
            members.filter_map(|member| latest_checkpoint(&member.path())).min()
        })
    }
}

impl GoingOn {
    /// Its folder.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Whether checkpoints of another recipe or of other data are gone on from.
    pub(crate) fn force(&self) -> bool {
        self.force
    }

    /// What the run came to, where it is finished; whether it is or not, it is to be one of `experiment`.
    ///
    /// # Errors
    /// [`RunError::Changed`] where the recipe, the data, the version or the device is another and that is not forced;
    /// [`RunError::BrokenRun`], and whatever reading the data answers.
    pub fn finished(&self, experiment: &Experiment<'_>) -> Result<Option<KeptRun>> {
        let prepared = Prepared::new(experiment.recipe, experiment.files)?;
        self.changes(experiment, &prepared)?;
        let RunRecord { status: RunStatus::Finished, scores: Some(scores), .. } = &self.record else {
            return Ok(None);
        };
        Ok(Some(KeptRun { scores: scores.clone(), history: self.folder.epochs()?, prepared }))
    }

    /// What differs from when it was begun, and makes of it another training.
    ///
    /// # Errors
    /// [`RunError::Changed`] where that is anything, unless it is forced; [`RunError::BrokenRun`].
    pub(crate) fn changes(&self, experiment: &Experiment<'_>, prepared: &Prepared) -> Result<Vec<String>> {
        let resolved = experiment.recipe.resolved(prepared.split.train.len())?;
        let mut changes = recipe_changes(&self.folder.recipe()?, &resolved)?;
        if let Ok(facts) = self.folder.data_facts() {
            changes.extend(data_changes(&facts, prepared));
        }
        if let Ok(before) = self.folder.environment() {
            let now = Environment::capture(experiment.device_name);
            changes.extend(environment_changes(&before, &now));
        }
        match changes.is_empty() || self.force {
            true => Ok(changes),
            false => Err(RunError::Changed { path: self.folder.path().to_owned(), changes }),
        }
    }

    /// What a run that is over needs to have something to do again.
    ///
    /// # Errors
    /// [`RunError::NothingLeft`] where it has all its epochs behind it.
    pub(crate) fn check_unfinished(&self, recipe: &Recipe) -> Result<()> {
        let RunRecord { status, epochs, stop, .. } = &self.record;
        if *status != RunStatus::Finished {
            return Ok(());
        }
        let before = self.folder.recipe()?.training;
        let (now, epochs) = (&recipe.training, epochs.unwrap_or(0));
        let (key, goes_on) = match stop {
            Some(StopReason::Patience) => ("training.patience", now.patience != before.patience),
            Some(StopReason::TimeLimit) => ("training.time_limit", now.time_limit != before.time_limit),
            _ => ("training.epochs", now.epochs > epochs),
        };
        match goes_on {
            true => Ok(()),
            false => Err(RunError::NothingLeft {
                path: self.folder.path().to_owned(),
                epochs,
                reason: stop.as_ref().map(ToString::to_string).unwrap_or_default(),
                key,
            }),
        }
    }
}

/// Files below a run's folder that are not whole. Links are not followed.
pub(crate) fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(leftovers(&entry.path())),
            Ok(kind) if kind.is_file() && is_leftover(&name) => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

fn is_leftover(name: &str) -> bool {
    let temporary = name.ends_with(".part") || name.ends_with(".tmp");
    name.starts_with(brasa_data::TEMPORARY) || (name.starts_with('.') && temporary)
}

/// The keys that a training follows from and that differ.
fn recipe_changes(before: &Recipe, now: &Recipe) -> Result<Vec<String>> {
    let flat = |recipe: &Recipe| -> Result<BTreeMap<String, String>> {
        let flat = essence(recipe).flat()?;
        Ok(flat.into_iter().map(|(key, value)| (key, value.to_string())).collect())
    };
    let (before, now) = (flat(before)?, flat(now)?);
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let value =
        |of: &BTreeMap<String, String>, key: &str| of.get(key).cloned().unwrap_or_else(|| "not set".into());
    let changed = keys.into_iter().filter(|key| before.get(*key) != now.get(*key));
    Ok(changed.map(|key| format!("{key} was {} and is {}", value(&before, key), value(&now, key))).collect())
}

/// The files whose contents differ.
fn data_changes(before: &DataFacts, prepared: &Prepared) -> Vec<String> {
    let known: BTreeMap<&str, &str> =
        before.files.iter().map(|file| (file.name.as_str(), file.sha256.as_str())).collect();
    let now = &prepared.data.files;
    let changed = now.iter().filter(|file| known.get(file.name.as_str()) != Some(&file.sha256.as_str()));
    let mut changes: Vec<String> =
        changed.map(|file| format!("the data file {} is another", file.name)).collect();
    let gone = known.keys().filter(|name| !now.iter().any(|file| file.name == **name));
    changes.extend(gone.map(|name| format!("the data file {name} is gone")));
    changes
}

fn environment_changes(before: &Environment, now: &Environment) -> Vec<String> {
    let pairs = [
        ("the version of brasa", &before.brasa, &now.brasa),
        ("the version of Burn", &before.burn, &now.burn),
        ("the device", &before.device, &now.device),
    ];
    let differ = pairs.into_iter().filter(|(_, before, now)| before != now);
    differ.map(|(what, before, now)| format!("{what} was {before} and is {now}")).collect()
}
