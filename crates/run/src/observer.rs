//! What may watch a run: its training, its folder, its report.

use brasa_train::Callback;

use crate::report::Report;
use crate::{FinishedRun, Result, RunFolder, RunRecord};

/// A [`Callback`] that also sees what an [`Experiment`](crate::Experiment) makes of the training.
pub trait RunObserver: Callback {
    /// When an [`Experiment`](crate::Experiment) has made the run's folder and written down what it is going to do: the
    /// resolved recipe, the environment, the facts of the data.
    ///
    /// # Errors
    /// An error fails the run.
    fn on_folder(&mut self, folder: &RunFolder, record: &RunRecord) -> Result<()> {
        let _ = (folder, record);
        Ok(())
    }

    /// When the loss of a step was not finite, before the steps since the last checkpoint are done once more to see why.
    fn on_divergence(&mut self, epoch: usize, step: usize) {
        let _ = (epoch, step);
    }

    /// When an [`Experiment`](crate::Experiment) has scored the kept weights and before it writes the report, to
    /// which a callback may add sections of its own.
    ///
    /// # Errors
    /// An error fails the run; the weights are kept.
    fn on_report(&mut self, run: &FinishedRun, report: &mut Report) -> Result<()> {
        let _ = (run, report);
        Ok(())
    }
}
