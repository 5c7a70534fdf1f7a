//! `run.json` and `data.json`.

use std::collections::BTreeMap;

use brasa_data::{LeakReport, Role, SourceFile, Split, TextFacts, TextStats, sha256_hex};
use serde::{Deserialize, Serialize};

use brasa_train::Prepared;
use brasa_train::StopReason;
use brasa_train::metrics::Scores;

use crate::{Covered, Decided};

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Started; a process trains it.
    Running,
    /// Started, and its process is gone without a word. No file says so: it is what `running` means where nobody holds the
    /// run's lock.
    Killed,
    /// Ended by itself, early stopping included.
    Finished,
    /// Ended by the user or the system, in the middle of an epoch or after one; it has a model where an epoch was over.
    Interrupted,
    /// Ended by an error.
    Failed,
}

impl RunStatus {
    /// The word in `run.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Killed => "killed",
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// Scores of the best weights on the three splits, dropout off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunScores {
    /// The training split.
    pub train: Scores,
    /// The validation split, which chose the weights.
    pub valid: Scores,
    /// The test split, looked at once.
    pub test: Option<Scores>,
    /// The test split without rows that also occur in training or validation, where there are such.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub test_without_duplicates: Option<Scores>,
}

impl RunScores {
    /// The splits by name, in their order.
    pub fn splits(&self) -> Vec<(&'static str, &Scores)> {
        let mut splits = vec![("train", &self.train), ("valid", &self.valid)];
        splits.extend(self.test.as_ref().map(|test| ("test", test)));
        splits.extend(self.test_without_duplicates.as_ref().map(|test| ("test without duplicates", test)));
        splits
    }
}

/// `run.json`: what the run was and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run's name within its app.
    pub id: String,
    /// The app that made it.
    pub app: String,
    /// The recipe's name.
    pub recipe: String,
    /// How far it came.
    pub status: RunStatus,
    /// Start in UTC, RFC 3339.
    pub started: String,
    /// Process that began it.
    pub process: u32,
    /// Wall-clock seconds from the start until the scores were known, reading data included; in a run that failed, until
    /// it did.
    pub seconds: Option<f64>,
    /// Epochs run.
    pub epochs: Option<usize>,
    /// The epoch whose weights were kept, from 1.
    pub best_epoch: Option<usize>,
    /// Why it ended.
    pub stop: Option<StopReason>,
    /// The error that ended it.
    pub error: Option<String>,
    /// Scores of the kept weights.
    pub scores: Option<RunScores>,
    /// Two classes: by which threshold they are told apart, and what comes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// How often intervals, or sets of classes, hold the truth of the test rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covered: Vec<Covered>,
    /// Scores of a linear model on the split that judges, where the recipe asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linear: Option<Scores>,
    /// The times that it went on after an end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<Resumption>,
}

/// A time that a run went on after an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// When, in UTC, RFC 3339.
    pub at: String,
    /// The process that went on with it.
    pub process: u32,
    /// The checkpoint, in words: `epoch 3, step 20`; `None` where there was none, and it began again.
    pub from: Option<String>,
    /// What had changed and was forced: the run is then not that of one recipe, one version, and one set of data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<String>,
}

/// `data.json`: what was read and how it was split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataFacts {
    /// The data set's name.
    pub name: String,
    /// Files with checksums.
    pub files: Vec<SourceFile>,
    /// Shape of one sample.
    pub sample_shape: Vec<usize>,
    /// Class names in the order of their numbers.
    pub classes: Vec<String>,
    /// Names of the numbers to predict; none where classes are predicted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// Rows of each class in each split.
    pub class_counts: BTreeMap<String, Vec<usize>>,
    /// A digest of the rows of each split, by which it is known again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, String>,
    /// What occurs in more than one split.
    pub leaks: LeakReport,
    /// What looks like an oversight in the data.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// What the titles hold, bad lines that were passed over among it, where the samples are titles.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<TextStats>,
}

impl DataFacts {
    /// A digest of the rows of each split.
    pub fn rows_of(split: &Split) -> BTreeMap<String, String> {
        let digest = |role: Role| {
            let rows =
                split.rows(role).iter().flat_map(|row| (*row as u64).to_le_bytes()).collect::<Vec<u8>>();
            (role.to_string(), sha256_hex(&rows))
        };
        Role::ALL.into_iter().map(digest).collect()
    }

    /// The facts of `prepared` data.
    pub fn new(prepared: &Prepared) -> Self {
        let count = |role: Role| (role.to_string(), prepared.data.class_counts(prepared.split.rows(role)));
        Self {
            name: prepared.data.name.clone(),
            files: prepared.data.files.clone(),
            sample_shape: prepared.data.samples.shape().to_vec(),
            classes: prepared.data.class_names().to_vec(),
            targets: prepared.data.numbers().map(|numbers| numbers.names.clone()).unwrap_or_default(),
            class_counts: Role::ALL.into_iter().map(count).collect(),
            rows: Self::rows_of(&prepared.split),
            leaks: prepared.leaks.clone(),
            warnings: prepared.data.warnings.clone(),
            text: prepared.data.text.as_ref().map(TextFacts::stats),
        }
    }
}
