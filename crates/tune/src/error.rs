//! What is wrong with a setting.

/// A space, sampler or scheduler that cannot be: the key, and what is wrong with it in one sentence that says what was
/// expected and what came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {problem}")]
pub struct SettingError {
    /// The key: a dimension of the space, such as `optimizer.lr`, or a setting, such as `scheduler.reduction_factor`.
    pub key: String,
    /// What was expected, what came, and what may help.
    pub problem: String,
}

impl SettingError {
    pub(crate) fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

/// Refuses a setting where `holds` is false.
pub(crate) fn require(holds: bool, key: &str, problem: impl FnOnce() -> String) -> Result<(), SettingError> {
    if holds { Ok(()) } else { Err(SettingError::new(key, problem())) }
}
