//! Which parameters learn.

use std::collections::BTreeSet;

use brasa_models::{Model, NetworkConfig, ParameterPath, TorchName, fixed_parameters, is_within, torch_name};
use burn::module::{Flag, ModuleMapper, Param};
use burn::tensor::Tensor;

use crate::recipe::{FrozenNorm, TransferRecipe};

/// Which parameters of a network learn, epoch by epoch, and how fast.
#[derive(Debug, Clone)]
pub(crate) struct Frozen {
    transfer: TransferRecipe,
    /// What parameters are called in PyTorch.
    names: Vec<TorchName>,
    head: Vec<String>,
    /// Parameters that do not learn whatever the recipe's table says, such as vectors that are given.
    fixed: BTreeSet<String>,
}

impl Frozen {
    /// For the network of `config`.
    pub(crate) fn new(transfer: &TransferRecipe, config: &NetworkConfig) -> Self {
        Self {
            transfer: transfer.clone(),
            names: config.torch_names(),
            head: config.head(),
            fixed: BTreeSet::new(),
        }
    }

    /// For a model of one's own, whose outputs are made by its `output`.
    pub(crate) fn by_own_names(transfer: &TransferRecipe) -> Self {
        Self {
            transfer: transfer.clone(),
            names: Vec::new(),
            head: vec!["output".into()],
            fixed: BTreeSet::new(),
        }
    }

    /// Whether what the first layers make is computed once.
    pub(crate) fn keeps_features(&self) -> bool {
        self.transfer.cache
    }

    /// Knows which parameters of `model`, as it begins, do not learn.
    pub(crate) fn of_model<M: Model>(mut self, model: &M) -> Self {
        self.fixed = fixed_parameters(model).into_iter().collect();
        self
    }

    /// Whether the parameter called so learns in `epoch`.
    pub(crate) fn learns(&self, name: &str, epoch: usize) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| self.named(name, pattern));
        let unfrozen = self.transfer.unfreeze.iter().filter(|unfreeze| epoch >= unfreeze.epoch);
        let mut unfrozen = unfrozen.map(|unfreeze| unfreeze.names.as_slice());
        let in_head = self.head.iter().any(|head| is_within(name, head));
        !self.fixed.contains(name) && (in_head || !any(&self.transfer.freeze) || unfrozen.any(any))
    }

    /// How many times as fast as the others.
    pub(crate) fn rate(&self, name: &str) -> f64 {
        let named = self.transfer.rates.iter().filter(|(pattern, _)| self.named(name, pattern));
        // Of several, the longest says the most.
        named.max_by_key(|(pattern, _)| pattern.len()).map_or(1.0, |(_, rate)| *rate)
    }

    /// Patterns that no parameter of `names` is called by, or that unfreeze none that is frozen.
    pub(crate) fn without_effect<'a>(&'a self, names: &[String]) -> Vec<&'a str> {
        let means_none = |pattern: &&String| !names.iter().any(|name| self.named(name, pattern));
        let patterns = self.transfer.freeze.iter().chain(self.transfer.rates.keys()).filter(means_none);
        // What was not frozen cannot be unfrozen.
        let frozen = |name: &&String| self.transfer.freeze.iter().any(|pattern| self.named(name, pattern));
        let frozen: Vec<_> = names.iter().filter(frozen).collect();
        let unfrozen = self.transfer.unfreeze.iter().flat_map(|unfreeze| &unfreeze.names);
        let learns_anyway = |pattern: &&String| !frozen.iter().any(|name| self.named(name, pattern));
        patterns.chain(unfrozen.filter(learns_anyway)).map(String::as_str).collect()
    }

    /// What of `names` a pattern may be, without the parameter's own: PyTorch's words where there are some.
    pub(crate) fn modules(&self, names: &[String]) -> Vec<String> {
        let module = |name: &String| {
            let name = torch_name(name, &self.names).unwrap_or_else(|| name.clone());
            name.rsplit_once('.').map_or(name.clone(), |(module, _)| module.to_string())
        };
        let mut modules: Vec<String> = names.iter().map(module).collect();
        modules.dedup();
        modules
    }

    /// Whether another set of parameters learns in `epoch` than in the one before it.
    pub(crate) fn changes_in(&self, epoch: usize) -> bool {
        self.transfer.unfreeze.iter().any(|unfreeze| unfreeze.epoch == epoch)
    }

    /// `model` as it learns in `epoch`: gradients of no other parameters are computed.
    pub(crate) fn apply<M: Model>(&self, model: M, epoch: usize) -> M {
        let mut model = model.map(&mut Marks { frozen: self, epoch, path: ParameterPath::default() });
        if self.transfer.frozen_norm == FrozenNorm::Running {
            model.set_learning(&|name| self.learns(name, epoch));
        }
        model
    }

    /// Whether the pattern means the parameter, by its name here or in PyTorch.
    fn named(&self, name: &str, pattern: &str) -> bool {
        let theirs = torch_name(name, &self.names);
        [Some(name), theirs.as_deref()].into_iter().flatten().any(|name| means(pattern, name))
    }
}

/// Whether `pattern`, in which `*` is anything, is the name or its beginning up to a dot.
pub(super) fn means(pattern: &str, name: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return is_within(name, pattern) };
    let Some(after) = name.strip_prefix(begin) else { return false };
    rest.is_empty()
        || after
            .char_indices()
            .map(|(at, _)| at)
            .chain([after.len()])
            .any(|at| after.get(at..).is_some_and(|after| means(rest, after)))
}

struct Marks<'a> {
    frozen: &'a Frozen,
    epoch: usize,
    path: ParameterPath,
}

impl ModuleMapper for Marks<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let learns = self.frozen.learns(&self.path.name(), self.epoch);
        param.set_require_grad(learns)
    }

    fn map_flag(&mut self, flag: Param<Flag>) -> Param<Flag> {
        let name = self.path.name();
        let beside = name.rsplit_once('.').map_or("", |(module, _)| module);
        let learns = self.frozen.learns(beside, self.epoch);
        flag.with_value(learns || self.frozen.transfer.frozen_norm == FrozenNorm::Batch)
    }
}

#[cfg(test)]
mod tests {
    use super::means;

    #[test]
    fn a_pattern_is_a_name_or_its_beginning() {
        for (pattern, name) in [
            ("*", "a.b"),
            ("a", "a.b.c"),
            ("a.b", "a.b"),
            ("*.bn1", "x.y.bn1.weight"),
            ("layer*.0", "layer2.0.conv"),
        ] {
            assert!(means(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("a", "ab.c"), ("a.b.c", "a.b"), ("*.bn1", "bn1x.w"), ("layer*.0", "layer2.10")]
        {
            assert!(!means(pattern, name), "{pattern} {name}");
        }
    }
}
