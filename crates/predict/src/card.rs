//! `model.json`: everything about a saved model but its weights.

use std::collections::HashSet;

use brasa_data::{InputSpec, Scaler};
use brasa_models::NetworkConfig;
use serde::{Deserialize, Serialize};

use crate::{Decision, HeldOut, Prediction, Ranges};

/// Version of `model.json` that this version writes; it reads older ones, too.
const FORMAT: u32 = 3;

/// Numbers of one sample: 8 GB.
const MOST_NUMBERS: usize = 1 << 31;

/// What the outputs of a model mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answers {
    /// Logits of classes.
    Classes {
        /// Class names in the order of the outputs.
        classes: Vec<String>,
    },
    /// Scaled numbers: the answer is `output * std + mean`.
    Numbers {
        /// What each output is called.
        numbers: Vec<String>,
        /// Mean of each target over the training split.
        mean: Vec<f64>,
        /// Deviation of each target over the training split.
        std: Vec<f64>,
    },
}

impl Answers {
    /// The names of the outputs.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Classes { classes } => classes,
            Self::Numbers { numbers, .. } => numbers,
        }
    }
}

/// `model.json`: everything about a saved model but its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Version of this format.
    pub format: u32,
    /// The data set that it was trained on.
    pub data: String,
    /// The network, where it is one of brasa's architectures; a module of one's own is made by one's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkConfig>,
    /// What one raw sample looks like.
    pub input: InputSpec,
    /// How its numbers are scaled.
    pub scaler: Scaler,
    /// What the outputs mean.
    #[serde(flatten)]
    pub answers: Answers,
    /// Whether `embedding.safetensors` beside it has vectors for the parts of words, which give new words theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subwords: bool,
    /// The threshold that one of two classes is answered by; the more probable one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// How far off it was on rows that it was not trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOut>,
    /// What the columns of a table held that it was trained on.
    #[serde(default, skip_serializing_if = "Ranges::is_empty")]
    pub ranges: Ranges,
}

impl ModelCard {
    /// A card of this version for a model of one's own.
    pub fn new(data: impl Into<String>, input: InputSpec, scaler: Scaler, answers: Answers) -> Self {
        Self {
            format: FORMAT,
            data: data.into(),
            network: None,
            input,
            scaler,
            answers,
            subwords: false,
            decision: None,
            held_out: None,
            ranges: Ranges::default(),
        }
    }

    /// What a row of outputs says.
    pub fn read(&self, outputs: &[f32]) -> Prediction {
        Prediction::of_outputs(self, outputs)
    }

    /// Names of the classes, none where numbers are predicted.
    pub fn classes(&self) -> &[String] {
        match &self.answers {
            Answers::Classes { classes } => classes,
            Answers::Numbers { .. } => &[],
        }
    }

    /// Whether the parts fit together; a card that was changed by hand may not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let shape = self.input.shape();
        let outputs = self.answers.names().len();
        if !(1..=FORMAT).contains(&self.format) {
            return Err(format!(
                "has format {}, written by a newer version of brasa; this one reads up to {FORMAT}",
                self.format
            ));
        }
        if let Answers::Numbers { mean, std, .. } = &self.answers {
            if mean.len() != outputs || std.len() != outputs {
                return Err(format!("scales {} and {} of {outputs} numbers", mean.len(), std.len()));
            }
            let is_scale = |(mean, std): (&f64, &f64)| mean.is_finite() && std.is_finite() && *std > 0.0;
            if !mean.iter().zip(std).all(is_scale) {
                return Err("scales a number by what is no finite mean and deviation above 0".into());
            }
        }
        self.decision.iter().try_for_each(|decision| decision.check(&self.answers))?;
        self.held_out.iter().try_for_each(|held_out| held_out.check(&self.answers))?;
        let names = self.answers.names();
        let mut seen = HashSet::new();
        if let Some(name) = names.iter().find(|name| name.trim().is_empty() || !seen.insert(name.as_str())) {
            return Err(format!("names an output `{name}`, which is blank or there twice"));
        }
        let product = shape.iter().try_fold(1_usize, |product, side| product.checked_mul(*side));
        if product.is_none_or(|numbers| numbers > MOST_NUMBERS) {
            return Err(format!("describes samples of the shape {shape:?}, which nobody has memory for"));
        }
        if let Some(network) = &self.network {
            // Checks its sizes, which may be any numbers.
            network.summary().map_err(|error| format!("names a network that cannot be: {error}"))?;
            if outputs != network.outputs() {
                return Err(format!("names {outputs} classes for {} outputs", network.outputs()));
            }
            if product != Some(network.inputs()) {
                return Err(format!("describes samples of shape {shape:?} for {} inputs", network.inputs()));
            }
        }
        if let InputSpec::Text(text) = &self.input {
            let mut seen = HashSet::new();
            if let Some(word) = text.vocabulary.iter().find(|word| !seen.insert(word.as_str())) {
                return Err(format!("has the word `{word}` twice"));
            }
            let words = self.network.as_ref().and_then(NetworkConfig::words);
            if words.is_some_and(|words| words != text.vocabulary.len()) {
                return Err(format!(
                    "has {} words for a network with vectors for {}",
                    text.vocabulary.len(),
                    words.unwrap_or_default()
                ));
            }
        }
        self.scaler.prepare(&shape).map_err(|error| format!("is damaged: {error}"))?;
        // Last: where samples of another shape are described, that is what to say.
        self.ranges.check(&shape)
    }
}
