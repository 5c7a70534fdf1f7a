//! One entry of the list.

use std::ops::RangeInclusive;

use brasa_data::{Expected, is_plain_name};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::recipe::ModelRecipe;

/// Weights that are known by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownWeights {
    /// What recipes call them.
    pub name: String,
    /// The name of their file.
    pub file: String,
    /// Where it can be downloaded, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How to come by it where there is no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obtain: Option<String>,
    /// The file's checksum, in lower-case hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How the checksum begins, where no more of it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256_prefix: Option<String>,
    /// The file's size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The file's size, rounded to three decimals, where no more is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mebibytes: Option<f64>,
    /// Who published them.
    pub source: String,
    /// What one may do with them.
    pub licence: String,
    /// The keys of a recipe's `[model]`.
    pub model: toml::Table,
    /// The shape of a sample in their training.
    pub input: Vec<usize>,
    /// The mean of each channel, of values from 0 to 1: `data.mean` with `scaling = "pixels"`.
    pub mean: Vec<f64>,
    /// The deviation of each channel: `data.std`.
    pub std: Vec<f64>,
    /// The order of the channels.
    #[serde(default)]
    pub order: ChannelOrder,
    /// The classes of the outputs; none for layers without a classifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<WeightClasses>,
    /// How good they are, where someone says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<StatedAccuracy>,
    /// What else one should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The order of an image's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelOrder {
    /// Red, green, blue: as images are read.
    #[default]
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// The classes of a network's outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightClasses {
    /// How many.
    pub number: usize,
    /// Of which data set, in its order.
    pub set: String,
}

/// An accuracy and who states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedAccuracy {
    /// Answers whose first class is right, percent.
    pub top1: f64,
    /// On which samples.
    pub on: String,
    /// By whom.
    pub by: String,
}

/// Half of the last decimal of [`KnownWeights::mebibytes`].
const ROUNDED_BY: f64 = 0.0005;

impl KnownWeights {
    /// What is wrong with it, if anything is.
    pub(super) fn check(&self) -> Result<(), String> {
        for name in [&self.name, &self.file] {
            if !is_plain_name(name) {
                return Err(format!("`{name}` is not a plain name of letters, digits, `.`, `-` and `_`"));
            }
        }
        match (&self.address, &self.obtain) {
            (Some(address), None) if address.starts_with("https://") => {}
            (None, Some(_)) => {}
            (Some(address), None) => return Err(format!("`{address}` is not an https address")),
            _ => return Err("expected either an address or, without one, obtain".into()),
        }
        let length = self.sha256.as_ref().map(String::len);
        if length.is_some_and(|length| length != 64) || self.sha256.is_some() == self.sha256_prefix.is_some()
        {
            return Err("expected either sha256 with 64 digits or sha256_prefix".into());
        }
        if self.bytes.is_some() == self.mebibytes.is_some() {
            return Err("expected either bytes or mebibytes".into());
        }
        self.expected().map_err(|error| error.to_string())?;
        let channels = self.input.first().copied().unwrap_or_default();
        if self.mean.len() != channels || self.std.len() != channels || !self.std.iter().all(|std| *std > 0.0)
        {
            return Err(format!("expected mean and std above 0 of {channels} channels each, as in input"));
        }
        let model = ModelRecipe::read(self.model.clone()).and_then(|model| model.check());
        model.map_err(|fault| fault.within("model").to_string())
    }

    /// What the file must be.
    ///
    /// # Errors
    /// [`TrainError::Data`](crate::TrainError::Data) for what can be no checksum or no size.
    pub fn expected(&self) -> Result<Expected> {
        let sum = self.sha256.as_ref().or(self.sha256_prefix.as_ref()).cloned().unwrap_or_default();
        Ok(Expected::new(self.sizes(), sum)?)
    }

    /// The sizes that the file may have.
    fn sizes(&self) -> RangeInclusive<u64> {
        let bytes = |mebibytes: f64| mebibytes * 1_048_576.0;
        match (self.bytes, self.mebibytes) {
            (Some(bytes), _) => bytes..=bytes,
            // Above the largest whole number a float saturates, and no file is as large.
            (None, Some(about)) => {
                bytes(about - ROUNDED_BY).floor() as u64..=bytes(about + ROUNDED_BY).ceil() as u64
            }
            (None, None) => 0..=0,
        }
    }

    /// How to come by the file, for a message.
    #[must_use]
    pub fn how_to_obtain(&self) -> String {
        match &self.obtain {
            Some(obtain) => obtain.clone(),
            None => format!("the verb `weights fetch {}` downloads it", self.name),
        }
    }

    /// What a recipe says that begins with them, as TOML: how images are scaled, the network, and the weights' name.
    ///
    /// # Errors
    /// [`TrainError::Data`](crate::TrainError::Data) where its keys cannot be written as TOML.
    pub fn recipe(&self) -> Result<String> {
        let model = toml::to_string(&self.model).map_err(|error| super::wrong(error.to_string()))?;
        Ok(format!(
            "[data]\nscaling = \"pixels\"\nmean = {:?}\nstd = {:?}\n\n[model]\n{model}input = {:?}\n\n[transfer]\n\
             pretrained = \"{}\"\n",
            self.mean, self.std, self.input, self.name
        ))
    }
}
