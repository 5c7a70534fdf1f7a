//! The `[model]` table.
//!
//! One more kind is one file with its table and its [`ModelKind`], and one line in the list below.

mod mlp;
mod perceptron;
mod recurrent;
mod sequential;
mod shared;
mod text_cnn;
mod text_mlp;

use brasa_data::Labelled;
use brasa_data::keys::{Entries, Fault, Table};
use brasa_models::NetworkConfig;
use serde::de::Error;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use mlp::Mlp;
pub use perceptron::Perceptron;
pub use recurrent::{Gru, Lstm};
pub use sequential::Sequential;
pub(crate) use shared::Shared;
pub use text_cnn::TextCnn;
pub use text_mlp::TextMlp;

/// What every kind of network can do.
pub trait ModelKind {
    /// The network for data of these sizes, with vectors of `dims` numbers where it reads titles.
    fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig;

    /// Checks what the range of one key does not say.
    ///
    /// # Errors
    /// The first key that does not go with another.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Whether its samples are titles.
    fn reads_titles(&self) -> bool {
        false
    }

    /// Whether it flattens its samples, so that any shape will do to check it with.
    fn takes_any_shape(&self) -> bool {
        false
    }
}

brasa_data::kinds! {
    /// The kinds of network, each with its keys, every one with a value.
    pub enum Architecture: pub ModelKind, default Mlp {
        Mlp(Mlp),
        Sequential(Sequential),
        Lstm(Lstm),
        Gru(Gru),
        TextCnn(TextCnn),
        TextMlp(TextMlp),
        Perceptron(Perceptron),
    }
}

/// The network; its input and output sizes come from the data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelRecipe {
    /// The kind with its keys.
    pub architecture: Architecture,
    /// Shape of one sample; empty where the data tell it.
    pub input: Vec<usize>,
}

impl<T: Into<Architecture>> From<T> for ModelRecipe {
    fn from(architecture: T) -> Self {
        Self { architecture: architecture.into(), input: Vec::new() }
    }
}

impl ModelRecipe {
    /// Reads the table.
    ///
    /// # Errors
    /// A kind or a key that does not exist, or a value of the wrong type.
    pub(crate) fn read(table: toml::Table) -> Result<Self, Fault> {
        let mut entries = Entries::new(table);
        let Shared { input } = Shared::take(&mut entries)?;
        Ok(Self { architecture: Architecture::take(&mut entries, &["input"])?, input })
    }

    /// Checks every value that does not depend on the data.
    ///
    /// # Errors
    /// The first key with a value that cannot be.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.architecture.check_ranges()?;
        self.architecture.kind().check()
    }

    /// The name of its kind, as written in recipes.
    pub fn name(&self) -> &'static str {
        self.architecture.name()
    }

    /// Whether its samples are titles.
    pub fn reads_titles(&self) -> bool {
        self.architecture.kind().reads_titles()
    }

    /// The network for data of these sizes, with vectors of `dims` numbers where it reads titles.
    pub(super) fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig {
        self.architecture.kind().network(sizes, dims)
    }
}

impl Serialize for ModelRecipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.architecture.write(&mut map)?;
        if !self.input.is_empty() {
            map.serialize_entry("input", &self.input)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ModelRecipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(toml::Table::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Refuses several probabilities where a kind has one place for dropout.
fn one_dropout(dropout: &[f64]) -> Result<(), Fault> {
    match dropout.len() {
        0 | 1 => Ok(()),
        several => Err(Fault::value("dropout", "one number", format!("{several} of them"))),
    }
}

/// What the data decide of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSizes {
    /// Shape of one sample.
    pub shape: Vec<usize>,
    /// Classes, or numbers to predict.
    pub outputs: usize,
    /// Words of the vocabulary; 0 where the samples are no titles.
    pub words: usize,
}

impl DataSizes {
    /// The sizes of data that were read.
    pub fn of(data: &Labelled) -> Self {
        Self {
            shape: data.samples.shape().to_vec(),
            outputs: data.output_count(),
            words: data.text.as_ref().map_or(0, |text| text.vocabulary.len()),
        }
    }
}
