//! Weights in and out: safetensors files with PyTorch's names and layout, and PyTorch's own files.

mod load;
mod matching;
mod stored;
mod torch_file;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use burn::tensor::Bytes;
use burn_store::burn_pack::Tensor as StoredTensor;
use burn_store::{BurnToPyTorchAdapter, ModuleSnapshot, SafetensorsStore};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

use crate::{Model, ModelError, Result};

pub use load::{LoadOptions, LoadedWeights, load_stored_weights};
use matching::in_torch;
pub use matching::{TorchLayout, TorchName, torch_name};
pub use stored::StoredWeights;
pub use torch_file::{save_torch, torch_bytes};

/// A rule that renames tensors of a foreign file before they are looked up: a regular expression and its
/// replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRename {
    /// Regular expression over the file's names.
    pub pattern: String,
    /// What the match becomes; `$1` is its first group.
    pub replacement: String,
}

impl KeyRename {
    /// Renames what `pattern` matches into `replacement`.
    pub fn new(pattern: impl Into<String>, replacement: impl Into<String>) -> Self {
        Self { pattern: pattern.into(), replacement: replacement.into() }
    }
}

/// Writes the weights as a safetensors file that `safetensors.torch.load_file` reads into a `state_dict`. Equal weights are
/// equal bytes.
///
/// # Errors
/// [`ModelError::WriteWeights`].
pub fn save_weights<M: Model>(network: &M, path: &Path) -> Result<()> {
    let mut store = SafetensorsStore::from_file(path)
        .with_to_adapter(BurnToPyTorchAdapter)
        .skip_enum_variants(true)
        // One entry alone: several would be written in the order of a hash map, and equal weights in different bytes.
        .clear_metadata()
        .metadata("format", "pt")
        .overwrite(true);
    network
        .save_into(&mut store)
        .map_err(|error| ModelError::WriteWeights { path: path.into(), reason: error.to_string() })
}

/// As [`save_weights`], under the names and in the shapes that PyTorch has for the parameters, see
/// [`NetworkConfig::torch_names`](crate::NetworkConfig::torch_names). What is in none of `names` keeps its own.
///
/// # Errors
/// [`ModelError::WriteWeights`].
pub fn save_weights_as<M: Model>(network: &M, path: &Path, names: &[TorchName]) -> Result<()> {
    // By the library's own way into a file, nobody else may read it.
    std::fs::write(path, weights_bytes(network, names)?)
        .map_err(|error| ModelError::WriteWeights { path: path.into(), reason: error.to_string() })
}

/// The bytes of the file that [`save_weights_as`] writes.
///
/// # Errors
/// [`ModelError::ReadBack`] where the device fails.
pub fn weights_bytes<M: Model>(network: &M, names: &[TorchName]) -> Result<Vec<u8>> {
    let failed = |reason: String| ModelError::ReadBack { what: "the weights", reason };
    let named: BTreeMap<_, _> = torch_tensors(network, names)?.into_iter().collect();
    let mut views = Vec::with_capacity(named.len());
    for (name, (shape, bytes)) in &named {
        let view =
            TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(|error| failed(error.to_string()))?;
        views.push((name.as_str(), view));
    }
    let format = HashMap::from([("format".to_string(), "pt".to_string())]);
    safetensors::serialize(views, Some(format)).map_err(|error| failed(error.to_string()))
}

/// Name, shape and numbers of each parameter, as PyTorch has them.
type TorchTensor = (String, (Vec<usize>, Bytes));

fn torch_tensors<M: Model>(network: &M, names: &[TorchName]) -> Result<Vec<TorchTensor>> {
    let own = network.collect(None, Some(Box::new(BurnToPyTorchAdapter)), true);
    let tensor = |own: StoredTensor| {
        let unnamed = || (own.name.clone(), TorchLayout::Same);
        let (name, layout) = in_torch(&own.name, names).unwrap_or_else(unnamed);
        let shape = layout.shape(&own.shape);
        let bytes = own
            .into_bytes()
            .map_err(|error| ModelError::ReadBack { what: "the weights", reason: error.to_string() })?;
        Ok((name, (shape, bytes)))
    };
    own.into_iter().map(tensor).collect()
}

/// Loads weights into `network` from a file of any kind that [`StoredWeights`] reads, by its ending. Every tensor of the network must be there, with its shape; tensors that the network does not have are left
/// aside.
///
/// # Errors
/// [`ModelError::ReadWeights`] naming the tensors.
pub fn load_weights<M: Model>(network: M, path: &Path, renames: &[KeyRename]) -> Result<M> {
    let options = LoadOptions { renames, ..LoadOptions::default() };
    Ok(load_stored_weights(network, &StoredWeights::open(path)?, options)?.network)
}

/// Numbers that a safetensors file holds, by its header: what a network of more weights can be refused by, before it is made.
///
/// # Errors
/// [`ModelError::ReadWeights`] for a file without a header of at most 16 MB.
pub fn stored_numbers(path: &Path) -> Result<usize> {
    let failed = |reason: &str| ModelError::ReadWeights { path: path.into(), reason: reason.into() };
    let read = |error: std::io::Error| failed(&error.to_string());
    if !path.metadata().map_err(read)?.is_file() {
        return Err(failed("it is no regular file"));
    }
    let mut file = File::open(path).map_err(read)?;
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(|_| failed("it is cut off"))?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER {
        return Err(failed("its header is too long"));
    }
    let mut header = vec![0; length as usize];
    file.read_exact(&mut header).map_err(|_| failed("it is cut off"))?;
    let header: BTreeMap<String, Value> =
        serde_json::from_slice(&header).map_err(|_| failed("its header is damaged"))?;
    let shapes = header.values().filter_map(|tensor| tensor.get("shape")?.as_array());
    let numbers = shapes.map(|shape| {
        let mut sides = shape.iter().map(|side| side.as_u64().and_then(|side| usize::try_from(side).ok()));
        sides.try_fold(1_usize, |product, side| product.checked_mul(side?))
    });
    let mut numbers = numbers;
    let sum = numbers.try_fold(0_usize, |sum, numbers| sum.checked_add(numbers?));
    sum.ok_or_else(|| failed("its header names sizes that no file has"))
}

/// Headers of a thousand tensors are some hundred kilobytes.
const LONGEST_HEADER: u64 = 16 << 20;
