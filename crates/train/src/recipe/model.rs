//! The `[model]` table: an architecture with its keys, and the shape of a sample where the data do not tell it.

use brasa_data::Labelled;
use brasa_data::keys::{Bounds, Entries, Fault, Table};
use brasa_models::{ArchitectureRecipe, DataSizes, NetworkConfig};
use serde::de::Error;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

brasa_data::table! {
    /// Keys that every kind of network has.
    pub struct Shared = "model" {
        /// Shape of one sample, such as [1, 28, 28], needed only where the table of the data does not tell it, as for image
        /// files; checked against the data.
        input: Vec<usize> = vec![];
        /// For a model of `[[blend]]`: its learning rate as a multiple of the optimizer's.
        rate: f64 = 1.0, Bounds::above(0.0);
    }
}

/// The network; its input and output sizes come from the data.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRecipe {
    /// The kind with its keys.
    pub architecture: ArchitectureRecipe,
    /// Shape of one sample; empty where the data tell it.
    pub input: Vec<usize>,
    /// Of a model beside the network: its learning rate as a multiple of the optimizer's.
    pub rate: f64,
}

impl Default for ModelRecipe {
    fn default() -> Self {
        ArchitectureRecipe::default().into()
    }
}

impl<T: Into<ArchitectureRecipe>> From<T> for ModelRecipe {
    fn from(architecture: T) -> Self {
        Self { architecture: architecture.into(), input: Vec::new(), rate: 1.0 }
    }
}

impl ModelRecipe {
    /// Reads the table.
    ///
    /// # Errors
    /// A kind or a key that does not exist, or a value of the wrong type.
    pub(crate) fn read(table: toml::Table) -> Result<Self, Fault> {
        let mut entries = Entries::new(table);
        let Shared { input, rate } = Shared::take(&mut entries)?;
        Ok(Self { architecture: ArchitectureRecipe::take(&mut entries, &["input", "rate"])?, input, rate })
    }

    /// Checks every value that does not depend on the data.
    ///
    /// # Errors
    /// The first key with a value that cannot be.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        Shared { input: Vec::new(), rate: self.rate }.check_ranges()?;
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
    pub(crate) fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig {
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
        if self.rate != 1.0 {
            map.serialize_entry("rate", &self.rate)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ModelRecipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(toml::Table::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The sizes of data that were read.
pub(crate) fn sizes_of(data: &Labelled) -> DataSizes {
    DataSizes {
        shape: data.samples.shape().to_vec(),
        outputs: data.output_count(),
        words: data.text.as_ref().map_or(0, |text| text.vocabulary.len()),
        plain: data.text.as_ref().and_then(|text| text.plain).map(|plain| [plain.words, plain.length]),
        levels: data.levels.iter().map(Vec::len).collect(),
        masked: data.lengths.is_some(),
    }
}
