use thiserror::Error;

use super::{Per, ScheduleKind};

/// What can be wrong with a schedule or with the state that is restored into one.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ScheduleError {
    /// A key that the kind ignores, which is a mistake more often than not.
    #[error("schedule: key `{key}` does not apply to kind \"{kind}\", which takes {allowed}")]
    KeyDoesNotApply {
        /// The key.
        key: &'static str,
        /// The kind of the schedule.
        kind: ScheduleKind,
        /// The keys that apply.
        allowed: String,
    },
    /// A key that only means something together with another one.
    #[error("schedule: key `{key}` of kind \"{kind}\" describes the warm-up, so it needs `warmup` as well")]
    NeedsWarmup {
        /// The key.
        key: &'static str,
        /// The kind of the schedule.
        kind: ScheduleKind,
    },
    /// A key without which the kind means nothing.
    #[error("schedule: kind \"{kind}\" needs the key `{key}`: {meaning}")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// The kind of the schedule.
        kind: ScheduleKind,
        /// What the key says.
        meaning: &'static str,
    },
    /// A value outside its range.
    #[error("schedule: `{key}` must be {expected}, but it is {found}")]
    OutOfRange {
        /// The key, or the name of the learning rate or state value.
        key: &'static str,
        /// The range.
        expected: String,
        /// The value found.
        found: f64,
    },
    /// The warm-up leaves nothing of the run.
    #[error(
        "schedule: a warm-up of {warmup} {per}s does not fit into a run of {total} {per}s; shorten `warmup`"
    )]
    WarmupTooLong {
        /// Length of the warm-up.
        warmup: usize,
        /// Length of the run.
        total: usize,
        /// Unit of both.
        per: Per,
    },
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
        kind: ScheduleKind,
        /// "with" or "without".
        expected: &'static str,
        /// "with" or "without".
        found: &'static str,
    },
}
