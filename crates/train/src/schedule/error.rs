use brasa_data::keys::Fault;
use thiserror::Error;

/// What can be wrong with a schedule or with the state that is restored into one.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ScheduleError {
    /// A key with a value that cannot be, alone or on this run.
    #[error("schedule: {0}")]
    Key(#[from] Fault),
    /// A run without steps has no learning rate.
    #[error(
        "schedule: a run needs at least one epoch of one step, but it has {epochs} epochs of {steps_per_epoch} steps"
    )]
    EmptyRun {
        /// Epochs of the run.
        epochs: usize,
        /// Steps of an epoch.
        steps_per_epoch: usize,
    },
    /// The saved state belongs to another kind of schedule.
    #[error(
        "schedule: the saved state came {found} the memory of a plateau, but kind \"{kind}\" needs a state {expected} one; resume with the schedule of the saved run"
    )]
    StateOfAnotherKind {
        /// The kind of the schedule.
        kind: &'static str,
        /// "with" or "without".
        expected: &'static str,
        /// "with" or "without".
        found: &'static str,
    },
}
