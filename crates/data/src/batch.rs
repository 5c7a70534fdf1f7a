//! What a loader yields.

/// Some samples, scaled and ready for a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// What the model sees.
    pub inputs: BatchInputs,
    /// What it is to predict.
    pub targets: BatchTargets,
    /// The rows of the data set that the samples are.
    pub indices: Vec<usize>,
}

impl Batch {
    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Every sample so many times, one after another.
    #[must_use]
    pub fn repeated(&self, times: usize) -> Self {
        let inputs = match &self.inputs {
            BatchInputs::Numbers(values) => BatchInputs::Numbers(repeated(values, self.len(), times)),
            BatchInputs::Ids(ids) => BatchInputs::Ids(repeated(ids, self.len(), times)),
        };
        let targets = match &self.targets {
            BatchTargets::Classes { labels, soft } => BatchTargets::Classes {
                labels: repeated(labels, self.len(), times),
                soft: soft.as_ref().map(|soft| repeated(soft, self.len(), times)),
            },
            BatchTargets::Numbers(values) => BatchTargets::Numbers(repeated(values, self.len(), times)),
        };
        Self { inputs, targets, indices: repeated(&self.indices, self.len(), times) }
    }

    /// Whether there are none; no loader yields such a batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }
}

/// Each of `rows` rows so many times, one after another.
fn repeated<T: Copy>(values: &[T], rows: usize, times: usize) -> Vec<T> {
    let width = (values.len() / rows.max(1)).max(1);
    values.chunks(width).flat_map(|row| std::iter::repeat_n(row, times)).flatten().copied().collect()
}

/// The inputs of a batch, row-major.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchInputs {
    /// Scaled numbers of the shape `[len, sample_len]`.
    Numbers(Vec<f32>),
    /// Numbers of words, `[len, sample_len]`; 0 is padding.
    Ids(Vec<u32>),
}

impl BatchInputs {
    /// The numbers; none where the inputs are words.
    #[must_use]
    pub fn numbers(&self) -> &[f32] {
        match self {
            Self::Numbers(values) => values,
            Self::Ids(_) => &[],
        }
    }
}

/// The targets of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchTargets {
    /// Classes.
    Classes {
        /// A class number per sample; what counts where samples were mixed is `soft`.
        labels: Vec<u32>,
        /// Probabilities of the classes per sample, `[len, classes]`, row-major: where the data have soft labels or the
        /// augmentation mixes samples.
        soft: Option<Vec<f32>>,
    },
    /// Numbers as they are written, `[len, targets]`, row-major.
    Numbers(Vec<f64>),
}

impl BatchTargets {
    /// The class number of each sample; none where numbers are predicted.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        match self {
            Self::Classes { labels, .. } => labels,
            Self::Numbers(_) => &[],
        }
    }

    /// Probabilities of the classes per sample, where they count.
    #[must_use]
    pub fn soft(&self) -> Option<&[f32]> {
        match self {
            Self::Classes { soft, .. } => soft.as_deref(),
            Self::Numbers(_) => None,
        }
    }

    pub(crate) fn soft_mut(&mut self) -> Option<&mut [f32]> {
        match self {
            Self::Classes { soft, .. } => soft.as_deref_mut(),
            Self::Numbers(_) => None,
        }
    }
}
