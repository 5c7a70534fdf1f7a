//! Writes checkpoints while the training goes on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use brasa_models::Model;

use super::{Every, Leg, Position, State, Within, failed, file, position, weights};
use crate::callback::{EpochRecord, StopReason};
use crate::update::UpdateRule;
use crate::weight_average::WeightAverage;
use crate::{Result, TrainError};

/// Writes checkpoints into a folder, each in a thread of its own.
pub(crate) struct Saver {
    folder: PathBuf,
    of: String,
    every: Every,
    /// The checkpoint that this part was told to go on from.
    keeps: Option<Position>,
    last: Instant,
    steps: usize,
    epochs: usize,
    writing: Option<(PathBuf, JoinHandle<io::Result<()>>)>,
}

/// A training between two steps.
pub(crate) struct Moment<'a, M> {
    /// Its weights.
    pub model: &'a M,
    pub rule: &'a dyn UpdateRule<M>,
    pub history: &'a [EpochRecord],
    pub best: Option<&'a (usize, f64, M)>,
    /// The average of its weights, where one is kept.
    pub average: Option<M>,
    /// What the epoch that is not over has behind it.
    pub within: Within,
    pub stop: Option<StopReason>,
    pub seconds: f64,
}

impl<'a, M> Moment<'a, M> {
    /// Between two epochs of a training that goes on.
    pub(crate) fn new(
        model: &'a M,
        rule: &'a dyn UpdateRule<M>,
        history: &'a [EpochRecord],
        best: Option<&'a (usize, f64, M)>,
        seconds: f64,
    ) -> Self {
        Self { model, rule, history, best, average: None, within: Within::default(), stop: None, seconds }
    }

    /// The same with this average of the weights.
    pub(crate) fn averaged(self, average: Option<&WeightAverage<M>>) -> Self
    where
        M: Model,
    {
        Self { average: average.map(WeightAverage::model), ..self }
    }
}

impl Saver {
    /// For a part of a training that leaves checkpoints, from its place `begins` on. Those behind that are damaged, or nobody
    /// heard of them: they will come again.
    pub(crate) fn of(leg: Leg<'_>, digest: &str, begins: Position) -> Result<Option<Self>> {
        let Some(folder) = leg.save else { return Ok(None) };
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        for later in position::all(folder).into_iter().filter(|position| *position > begins) {
            let path = later.file(folder);
            fs::remove_file(&path).map_err(|error| failed(&path, error))?;
        }
        Ok(Some(Self {
            folder: folder.to_owned(),
            of: digest.to_owned(),
            every: leg.every.unwrap_or(Every::Never),
            keeps: leg.at.map(Position::after_epoch),
            last: Instant::now(),
            steps: 0,
            epochs: 0,
            writing: None,
        }))
    }

    /// Told of every step; whether it is time for a checkpoint.
    pub(crate) fn after_step(&mut self) -> bool {
        self.steps += 1;
        match self.every {
            Every::Never | Every::Epochs(_) => false,
            Every::Steps(steps) => self.steps >= steps,
            Every::Time(time) => self.is_time(time),
        }
    }

    /// Told of every epoch; whether it is time for a checkpoint.
    pub(crate) fn after_epoch(&mut self) -> bool {
        self.epochs += 1;
        match self.every {
            Every::Never | Every::Steps(_) => false,
            Every::Epochs(epochs) => self.epochs >= epochs,
            Every::Time(time) => self.is_time(time),
        }
    }

    /// A slow disk is not to hold the training up.
    fn is_time(&self, time: Duration) -> bool {
        self.last.elapsed() >= time && self.writing.as_ref().is_none_or(|(_, thread)| thread.is_finished())
    }

    /// Begins to write a checkpoint, when the one before is written.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] where that one could not be written.
    pub(crate) fn begin<M: Model>(&mut self, moment: Moment<'_, M>) -> Result<()> {
        self.settle()?;
        (self.last, self.steps, self.epochs) = (Instant::now(), 0, 0);
        let Moment { model, rule, history, best, average, within, stop, seconds } = moment;
        let position = Position { epochs: history.len(), steps: within.steps };
        let tallied = within.tallied.clone();
        let state = State {
            of: self.of.clone(),
            best_epoch: best.map(|(epoch, ..)| *epoch),
            history: history.to_vec(),
            within,
            stop,
            seconds,
        };
        let model = snapshot(model);
        let best = best.map(|(_, _, best)| best.clone());
        let parts: Vec<file::Part> = vec![
            Box::new(move || weights(model)),
            Box::new(move || best.map_or(Ok(Vec::new()), weights)),
            Box::new(move || average.map_or(Ok(Vec::new()), weights)),
            rule.state(),
            Box::new(move || {
                let mut bytes = Vec::new();
                if let Some(tallied) = &tallied {
                    ciborium::into_writer(tallied, &mut bytes).map_err(io::Error::other)?;
                }
                Ok(bytes)
            }),
        ];
        let (folder, keeps) = (self.folder.clone(), self.keeps);
        let path = position.file(&folder);
        let own_path = path.clone();
        let write = move || {
            file::write(&own_path, &state, parts)?;
            prune(&folder, position, keeps);
            Ok(())
        };
        let thread = std::thread::Builder::new().name("checkpoint".into()).spawn(write);
        self.writing = Some((path.clone(), thread.map_err(|error| failed(&path, error))?));
        Ok(())
    }

    /// Waits until what was begun is written.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] where it could not be; what was there before is there.
    pub(crate) fn settle(&mut self) -> Result<()> {
        let Some((path, thread)) = self.writing.take() else { return Ok(()) };
        match thread.join() {
            Ok(written) => written.map_err(|error| unwritten(&path, &error)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        // Where the training failed, that is what is told.
        if let Some((_, thread)) = self.writing.take() {
            let _ = thread.join();
        }
    }
}

/// The model as it is now, whatever steps follow. Its tensors are shared, since a step replaces them; the running statistics of a
/// batch norm are not: copies of a module in training share those, and the next step is seen by all of them.
fn snapshot<M: Model>(model: &M) -> M {
    model.valid()
}

/// Why a checkpoint could not be written, and what to do.
fn unwritten(path: &Path, error: &io::Error) -> TrainError {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some room on this disk",
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => "; make the folder writable",
        _ => "",
    };
    let folder = path.parent().unwrap_or(path);
    let left = match position::all(folder).first() {
        Some(position) => format!("; the one of {position} is whole"),
        None => String::new(),
    };
    failed(path, format!("cannot be written ({error}){left}{advice}"))
}

/// Removes the checkpoints that nobody needs when `newest` is safe: all but the one before it, and the one that is kept.
fn prune(folder: &Path, newest: Position, keeps: Option<Position>) {
    let older = position::all(folder).into_iter().filter(|position| *position < newest);
    for position in older.skip(1).filter(|position| Some(*position) != keeps) {
        // What cannot be removed is in nobody's way: the newest counts.
        let _ = fs::remove_file(position.file(folder));
    }
    // What a killed writer left; nobody else writes here.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(brasa_data::TEMPORARY) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_models::{Architecture, MlpConfig};
    use burn::module::Module;
    use burn::tensor::{Device, Tensor};

    use super::*;

    #[test]
    fn a_snapshot_does_not_see_the_next_step() {
        let device = Device::default().autodiff();
        let config = MlpConfig { hidden: vec![3], batch_norm: true, ..MlpConfig::new(2, 2) };
        let network = config.build(1, &device).unwrap().train();
        let before = weights(network.valid()).unwrap();
        let kept = snapshot(&network);
        Model::forward_train(&network, &Tensor::<2>::ones([4, 2], &device).into(), 1);
        assert!(weights(kept).unwrap() == before);
        assert!(weights(network.valid()).unwrap() != before, "the running statistics have moved");
    }
}
