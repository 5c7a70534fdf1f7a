//! Weights into a network.

use std::collections::BTreeMap;

use burn::module::{ModuleMapper, Param};
use burn::tensor::{DType, Tensor};
use burn_store::burn_pack::Tensor as StoredTensor;
use burn_store::{BurnToPyTorchAdapter, ModuleSnapshot, PyTorchToBurnAdapter};

use super::matching::{Naming, Wanted, same_numbers};
use super::{KeyRename, StoredWeights, TorchName};
use crate::{Model, Result, is_within};

/// How weights are looked up.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoadOptions<'a> {
    /// Applied to the file's names first.
    pub renames: &'a [KeyRename],
    /// How parameters are called in PyTorch, see [`NetworkConfig::torch_names`](crate::NetworkConfig::torch_names); a file may have
    /// either names, and the same beginning (`module.`) before all.
    pub torch_names: &'a [TorchName],
    /// Where parameters begin that stay as they were drawn if they do not fit, see
    /// [`NetworkConfig::head`](crate::NetworkConfig::head): for a network over other classes.
    pub new_head: &'a [String],
    /// Whether they stay so even where they fit.
    pub drop_head: bool,
}

/// A network with weights that were stored.
#[derive(Debug)]
pub struct LoadedWeights<M> {
    /// The network.
    pub network: M,
    /// Parameters of the head that stayed as they were drawn.
    pub new_head: Vec<String>,
    /// Tensors of the file, beside the others, that the network has no place for.
    pub unexpected: Vec<String>,
}

/// Loads weights into `network`: every parameter from the tensor of its name, whose shape may differ in sides of 1.
///
/// # Errors
/// [`ModelError::ReadWeights`](crate::ModelError::ReadWeights) with all tensors that are missing or have other shapes.
pub fn load_stored_weights<M: Model>(
    mut network: M,
    stored: &StoredWeights,
    options: LoadOptions<'_>,
) -> Result<LoadedWeights<M>> {
    let mut tensors = stored.renamed(options.renames)?;
    let own = network.collect(None, Some(Box::new(BurnToPyTorchAdapter)), true);
    let wanted = own.into_iter().map(|own| Wanted::new(own.name, own.shape.to_vec(), options.torch_names));
    let wanted: Vec<_> = wanted.collect();
    let naming = Naming::of(&wanted, &tensors);
    let mut found = Vec::with_capacity(wanted.len());
    let (mut missing, mut misshaped, mut new_head) = (Vec::new(), Vec::new(), Vec::new());
    for wanted in wanted {
        let name = naming.name(&wanted);
        let in_head = within_any(&wanted.ours, options.new_head);
        match tensors.remove(&name) {
            _ if in_head && options.drop_head => new_head.push(wanted.ours),
            Some(tensor) if same_numbers(&tensor.shape, &wanted.shape) => found.push(placed(tensor, wanted)),
            _ if in_head => new_head.push(wanted.ours),
            Some(tensor) => misshaped.push(format!(
                "`{name}` {:?} where the network has {:?}",
                tensor.shape.to_vec(),
                wanted.shape
            )),
            None => missing.push(format!("`{name}`")),
        }
    }
    if let Some(problem) = told(&missing, &misshaped, &tensors) {
        return Err(stored.failed(problem));
    }
    let beside = |name: String| name.strip_prefix(&naming.prefix).map(String::from);
    let unexpected = tensors.into_keys().filter(|name| !is_counter(name)).filter_map(beside);
    let outcome = network.apply(found, None, Some(Box::new(PyTorchToBurnAdapter)), true);
    if let Some(error) = outcome.errors.first() {
        return Err(stored.failed(error.to_string()));
    }
    let kept_all = outcome.missing.iter().all(|(name, _)| within_any(name, options.new_head));
    if let (false, Some((name, _))) = (kept_all, outcome.missing.first()) {
        return Err(stored.failed(format!("tensor `{name}` is missing")));
    }
    Ok(LoadedWeights { network: network.map(&mut ToF32), new_head, unexpected: unexpected.collect() })
}

fn within_any(name: &str, begins: &[String]) -> bool {
    begins.iter().any(|begin| is_within(name, begin))
}

/// The tensor under the parameter's name, in its shape.
fn placed(mut tensor: StoredTensor, wanted: Wanted) -> StoredTensor {
    tensor.name = wanted.ours;
    tensor.shape = wanted.shape.into();
    tensor
}

/// How many batches PyTorch's batch norm has seen, which decides nothing here.
fn is_counter(name: &str) -> bool {
    name.ends_with("num_batches_tracked")
}

/// Names in one message, at most.
const NAMED: usize = 8;

/// What does not fit, all at once.
fn told(missing: &[String], misshaped: &[String], rest: &BTreeMap<String, StoredTensor>) -> Option<String> {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        let [are, s] = if missing.len() == 1 { ["is", ""] } else { ["are", "s"] };
        parts.push(format!("{} tensor{s} {are} missing: {}", missing.len(), some(missing)));
    }
    if !misshaped.is_empty() {
        parts.push(format!("{} of other shapes: {}", misshaped.len(), some(misshaped)));
    }
    let rest: Vec<_> = rest.keys().filter(|name| !is_counter(name)).map(|name| format!("`{name}`")).collect();
    match (parts.is_empty(), rest.is_empty()) {
        (true, _) => return None,
        (false, true) => {}
        (false, false) => {
            parts.push(format!("{} that the network has no place for: {}", rest.len(), some(&rest)))
        }
    }
    Some(parts.join("; "))
}

fn some(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Casts the numbers of parameters to those that networks compute in: files may hold wider or narrower ones.
struct ToF32;

impl ModuleMapper for ToF32 {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match param.val().dtype() {
            DType::F32 => param,
            _ => param.map(|values| values.cast(DType::F32)),
        }
    }
}
