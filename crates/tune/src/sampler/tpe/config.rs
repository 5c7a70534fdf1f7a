use serde::{Deserialize, Serialize};

/// Settings of the tree-structured Parzen estimator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TpeConfig {
    /// So many trials are drawn by chance before the estimator decides.
    pub startup: usize,
    /// Candidates that are drawn and compared for each trial.
    pub candidates: usize,
    /// How many trials may run at once without any value depending on which of them ends first: trial `n` looks at the
    /// results of the trials up to `n - parallel` alone, waits for them, and treats those between as running. 1 learns
    /// most from each trial, and runs one at a time.
    pub parallel: usize,
    /// Look at every result that is there, wait for none: values then depend on timing.
    pub asynchronous: bool,
}

impl Default for TpeConfig {
    fn default() -> Self {
        Self { startup: 10, candidates: 24, parallel: 4, asynchronous: false }
    }
}
