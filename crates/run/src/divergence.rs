//! A training whose loss is not finite: where that comes from.

use brasa_train::{Diagnosis, Prepared, TrainError, diagnose};

use crate::files::read_json;
use crate::{Experiment, Result, RunError, RunFolder, RunObserver};

/// What was found of the step.
const FOUND: &str = "not-finite.json";

impl RunFolder {
    /// What was found of the step whose loss is not finite.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`] where the training did not end by that.
    pub fn divergence(&self) -> Result<Diagnosis> {
        read_json(&self.path().join(FOUND))
    }
}

impl Experiment<'_> {
    /// The error with what was found of its step, where it is a loss that is not finite.
    pub(crate) fn explained(
        &self,
        error: RunError,
        folder: &RunFolder,
        prepared: &Prepared,
        observers: &mut [&mut dyn RunObserver],
    ) -> RunError {
        let RunError::Train(TrainError::NotFinite { epoch, step, lr, found: None }) = error else {
            return error;
        };
        observers.iter_mut().for_each(|observer| observer.on_divergence(epoch, step));
        let mut asked = || observers.iter_mut().any(|observer| observer.stop_now().is_some());
        let found = self.examine(folder, prepared, (epoch, step), &mut asked);
        // What cannot be found out is no reason to say something else.
        let found = found.ok().map(|found| {
            let _ = folder.write_json(FOUND, &found);
            found.to_string()
        });
        TrainError::NotFinite { epoch, step, lr, found }.into()
    }

    /// Repeats the step of a run whose loss is not finite, from the checkpoint that was kept before it.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`] where the training did not end by that, and as [`run`](Self::run).
    pub fn replay(&self, folder: &RunFolder) -> Result<Diagnosis> {
        let Diagnosis { epoch, step, .. } = folder.divergence()?;
        self.examine(folder, &Prepared::new(self.recipe, self.files)?, (epoch, step), &mut || false)
    }

    fn examine(
        &self,
        folder: &RunFolder,
        prepared: &Prepared,
        at: (usize, usize),
        asked: &mut dyn FnMut() -> bool,
    ) -> Result<Diagnosis> {
        let recipe = self.recipe.recipe();
        let in_steps = recipe.model.architecture.kind().learns_in_steps();
        if recipe.training.bag > 1 || self.rule.is_some() || !in_steps {
            return Err(RunError::BrokenRun {
                path: folder.path().to_owned(),
                problem: "is no training of one network by gradient descent, whose steps can be looked at"
                    .into(),
            });
        }
        let keep = folder.path().join("not-finite");
        let from = if keep.is_dir() { keep.clone() } else { folder.checkpoints() };
        Ok(diagnose(self.recipe, prepared, self.device, &from, at, &keep, asked)?)
    }
}
