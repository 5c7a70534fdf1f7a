//! Weights that others have published, by name: what they are, and how to know that a file holds them.
//!
//! The list is here because an entry is written in a recipe's own keys (`[model]`, `[data]`), which this crate reads. Nothing here
//! knows a network: the command line downloads.

mod entry;

use std::path::PathBuf;

use brasa_data::keys::nearest;
use brasa_data::{DataError, Files, Location};
use serde::Deserialize;

use crate::{Result, TrainError};

pub use entry::{ChannelOrder, KnownWeights, StatedAccuracy, WeightClasses};

const KNOWN: &str = include_str!("weights.toml");

/// What the messages call the list.
const LIST: &str = "the list of known weights";

/// The weights that are known by name.
///
/// ```
/// use brasa_train::WeightsRegistry;
///
/// let known = WeightsRegistry::known()?;
/// let resnet = known.find("resnet18")?;
/// assert_eq!(resnet.file, "resnet18-f37072fd.pth");
/// assert!(resnet.recipe()?.contains("depth = \"18\""));
/// assert!(known.find("resnet81").unwrap_err().to_string().contains("did you mean `resnet18`?"));
/// # Ok::<(), brasa_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsRegistry {
    weights: Vec<KnownWeights>,
}

impl WeightsRegistry {
    /// Those that brasa knows.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn known() -> Result<Self> {
        Self::parse(KNOWN)
    }

    /// Reads a list: TOML with a table `[[weights]]` for each entry.
    ///
    /// # Errors
    /// [`TrainError::Data`] where it is no TOML, a key is missing, unknown or of a value that cannot be, or a name is there twice.
    pub fn parse(text: &str) -> Result<Self> {
        let registry: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for (place, entry) in registry.weights.iter().enumerate() {
            entry.check().map_err(|problem| wrong(format!("`{}`: {problem}", entry.name)))?;
            let earlier = registry.weights.iter().take(place);
            if earlier.into_iter().any(|other| other.name == entry.name || other.file == entry.file) {
                return Err(wrong(format!("`{}` or its file is there twice", entry.name)));
            }
        }
        Ok(registry)
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl Iterator<Item = &KnownWeights> {
        self.weights.iter()
    }

    /// The entry of this name, or whose file has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&KnownWeights> {
        let named = self.iter().find(|entry| entry.name == name);
        named.or_else(|| self.iter().find(|entry| entry.file == name))
    }

    /// As [`get`](Self::get), for a name that someone has typed.
    ///
    /// # Errors
    /// [`TrainError::NoSuchWeights`] with the nearest name and all names.
    pub fn find(&self, name: &str) -> Result<&KnownWeights> {
        self.get(name).ok_or_else(|| TrainError::NoSuchWeights {
            name: name.into(),
            nearest: self.nearest(name),
            names: self.iter().map(|entry| entry.name.clone()).collect(),
        })
    }

    /// The name that looks most like this one, if any does.
    fn nearest(&self, name: &str) -> Option<String> {
        let names: Vec<&str> = self.iter().map(|entry| entry.name.as_str()).collect();
        nearest(name, &names)
    }
}

fn wrong(problem: String) -> TrainError {
    DataError::Content { at: Location::file(LIST).into(), problem }.into()
}

/// The file that `transfer.pretrained` means: the one of this very name, else that of the weights that are known by it.
///
/// # Errors
/// [`TrainError::WeightsNotThere`] with the places that were looked in, and how to come by the file.
pub(crate) fn weights_file(wanted: &str, files: &Files) -> Result<PathBuf> {
    let absent = match files.weights(wanted) {
        Ok(path) => return Ok(path),
        Err(absent) => absent,
    };
    let known = WeightsRegistry::known()?;
    let Some(entry) = known.get(wanted) else {
        let nearest = known.nearest(wanted).filter(|_| !wanted.contains(['/', '\\', '.']));
        let hint = nearest.map(|near| format!("did you mean the weights `{near}`? "));
        let hint =
            format!("{}The verb `weights list` shows those that are known by name", hint.unwrap_or_default());
        return Err(TrainError::WeightsNotThere { absent, hint });
    };
    files
        .weights(&entry.file)
        .map_err(|absent| TrainError::WeightsNotThere { absent, hint: entry.how_to_obtain() })
}

#[cfg(test)]
mod tests;
