//! The `[transfer]` table: weights that others trained, and what of the network learns.

use std::collections::BTreeMap;

use brasa_data::keys::{Bounds, Fault, Table};
use brasa_models::{ArchitectureRecipe, KeyRename};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::Recipe;

/// What batch norm normalises by in training, within layers that do not learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrozenNorm {
    /// The running statistics, as in evaluation; they stay as they are.
    #[default]
    Running,
    /// The batch, whose statistics go into the running ones, as in PyTorch where only `requires_grad` is turned off.
    Batch,
}

/// Layers that learn from an epoch on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unfreeze {
    /// The first epoch in which they learn, from 1.
    pub epoch: usize,
    /// Their names, as in `freeze`.
    pub names: Vec<String>,
}

brasa_data::table! {
    /// Weights that others trained, and what of the network learns. Layers are named as the weights' file or a run's weights name
    /// their parameters, by the whole name or its beginning up to a dot; `*` stands for anything. The layer that makes the outputs
    /// always learns.
    pub struct TransferRecipe = "transfer" {
        /// A file of weights beside the data, a path, or a name that `weights list` shows: PyTorch's (`.pt`, `.pth`, `.th`, `.bin`, `.ckpt`), ONNX or
        /// safetensors. The layer that makes the outputs stays as it was drawn where it does not fit. Left out, the network begins as it was drawn.
        pretrained: String = String::new();
        /// Whether that layer begins anew even where the file's would fit: for other classes, of which there are as many.
        new_head: bool = false;
        /// Tensors of the file that the network has no place for and that are passed over, named as in `freeze`; others are refused.
        ignore: Vec<String> = vec![];
        /// Pairs of a regular expression over the file's names and what its match becomes, before they are looked up.
        rename: Vec<[String; 2]> = vec![];
        /// Layers that do not learn.
        freeze: Vec<String> = vec![];
        /// Those of them that learn from an epoch on: [{ epoch = 3, names = ["layer4"] }].
        unfreeze: Vec<Unfreeze> = vec![];
        /// What batch norm within layers that do not learn normalises by: "running" statistics, or the "batch".
        frozen_norm: FrozenNorm = FrozenNorm::default();
        /// Learning rates of layers, as multiples of the optimizer's: { layer4 = 0.1 }.
        rates: BTreeMap<String, f64> = BTreeMap::new();
        /// Whether what the first layers make is computed once for all epochs, as long as they do not learn: for images that are
        /// not augmented. They then run as in evaluation.
        cache: bool = false;
    }
}

impl Serialize for TransferRecipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

impl TransferRecipe {
    /// The rules of `rename`.
    pub fn renames(&self) -> Vec<KeyRename> {
        self.rename.iter().map(|[pattern, replacement]| KeyRename::new(pattern, replacement)).collect()
    }

    /// The file of weights, if there is one.
    pub fn file(&self) -> Option<&str> {
        Some(self.pretrained.as_str()).filter(|file| !file.is_empty())
    }
}

/// What a multiple of the learning rate may be.
const RATES: Bounds = Bounds::within(0.0, 1e6);

/// Refuses what would be without effect.
pub(super) fn check(recipe: &Recipe) -> Result<(), Fault> {
    let Some(transfer) = &recipe.transfer else { return Ok(()) };
    transfer.check_ranges().map_err(|fault| fault.within("transfer"))?;
    let in_steps = recipe.models().all(|model| model.architecture.kind().learns_in_steps());
    if !in_steps || matches!(recipe.model.architecture, ArchitectureRecipe::Perceptron(_)) {
        let words = "is for networks that learn by gradients in all their layers";
        return Err(Fault::refused("transfer", words));
    }
    for (at, unfreeze) in transfer.unfreeze.iter().enumerate() {
        if !(1..=recipe.training.epochs).contains(&unfreeze.epoch) {
            let expected = format!("an epoch from 1 to {}", recipe.training.epochs);
            return Err(Fault::value(&format!("transfer.unfreeze[{at}].epoch"), expected, unfreeze.epoch));
        }
    }
    for (name, rate) in &transfer.rates {
        if !RATES.hold(*rate) {
            return Err(Fault::value(&format!("transfer.rates.{name}"), RATES.to_string(), rate));
        }
    }
    if !transfer.cache {
        return Ok(());
    }
    let problem = match () {
        () if recipe.augment.test_flip => "needs features of each image alone: leave augment.test_flip out",
        () if !recipe.augment.steps.is_empty() => {
            "needs images that are not augmented: what is computed once is the same in every epoch"
        }
        () if transfer.freeze.is_empty() => "needs layers that do not learn: name them in transfer.freeze",
        () if !transfer.unfreeze.is_empty() => "needs layers that never learn: leave transfer.unfreeze out",
        () if transfer.frozen_norm == FrozenNorm::Batch => {
            "needs transfer.frozen_norm = \"running\": by the batch, no two epochs are the same"
        }
        () if recipe.training.bag > 1 => "is for a single network: set training.bag = 1",
        () => return Ok(()),
    };
    Err(Fault::refused("transfer.cache", problem))
}
