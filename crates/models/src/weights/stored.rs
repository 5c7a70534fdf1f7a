//! A file of weights, opened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use brasa_onnx::{Initializer, read_initializers};
use burn::tensor::TensorData;
use burn_store::burn_pack::Tensor as StoredTensor;
use burn_store::{KeyRemapper, ModuleStore, PytorchStore, SafetensorsStore, bridge};

use super::KeyRename;
use crate::{ModelError, Result};

/// A file of weights whose names and shapes are known; its numbers are read when they are asked for.
///
/// Read are PyTorch's files (`.pt`, `.pth`, `.th`, `.bin`, `.ckpt`) as data, without running what a pickle says, the initialisers of
/// ONNX files, and safetensors. Names of tensors within dictionaries are joined by dots: `state_dict.conv1.weight`.
pub struct StoredWeights {
    path: PathBuf,
    tensors: BTreeMap<String, StoredTensor>,
}

/// Endings of PyTorch's files.
const TORCH: [&str; 5] = ["pt", "pth", "th", "bin", "ckpt"];

impl StoredWeights {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`ModelError::ReadWeights`] for a file that is none, is damaged, or holds Python objects where tensors are read.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |reason: String| ModelError::ReadWeights { path: path.into(), reason };
        if !path.is_file() {
            return Err(failed("no such file".into()));
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let tensors = if TORCH.contains(&extension) {
            let mut store = PytorchStore::from_file(path);
            let tensors = store.get_all_tensors().map_err(|error| failed(of_torch(&error.to_string())))?;
            tensors.values().cloned().collect::<Vec<_>>()
        } else if extension == "onnx" {
            let initializers = read_initializers(path).map_err(|error| failed(error.to_string()))?;
            initializers.into_iter().filter_map(of_onnx).collect()
        } else {
            let mut store = SafetensorsStore::from_file(path);
            let tensors = store.get_all_tensors().map_err(|error| failed(error.to_string()))?;
            tensors.values().cloned().collect()
        };
        let tensors = tensors.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        Ok(Self { path: path.into(), tensors })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Name and shape of each tensor, in the order of names.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, Vec<usize>)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor.shape.to_vec()))
    }

    /// The tensors by the names that `renames` give them.
    pub(super) fn renamed(&self, renames: &[KeyRename]) -> Result<BTreeMap<String, StoredTensor>> {
        if renames.is_empty() {
            return Ok(self.tensors.clone());
        }
        let mut mapper = KeyRemapper::new();
        for KeyRename { pattern, replacement } in renames {
            mapper =
                mapper.add_pattern(pattern, replacement).map_err(|error| self.failed(error.to_string()))?;
        }
        let (tensors, _) = mapper.remap(self.tensors.values().cloned().collect());
        Ok(tensors.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect())
    }

    pub(super) fn failed(&self, reason: String) -> ModelError {
        ModelError::ReadWeights { path: self.path.clone(), reason }
    }
}

impl std::fmt::Debug for StoredWeights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredWeights")
            .field("path", &self.path)
            .field("tensors", &self.tensors.len())
            .finish()
    }
}

/// The floating-point numbers of an initialiser; others are no weights.
fn of_onnx(initializer: Initializer) -> Option<StoredTensor> {
    let numbers = initializer.data.to_f32()?;
    let data = TensorData::new(numbers, initializer.shape);
    Some(bridge::from_data(data, initializer.name, None))
}

/// What to do about a file that holds more than tensors.
fn of_torch(problem: &str) -> String {
    match problem.contains("unsupported Python type") {
        true => format!(
            "{problem} It may be a whole model: in Python, save its `state_dict()` instead, with torch.save or safetensors"
        ),
        false => problem.into(),
    }
}
