//! Which tensor of a file is which parameter of a network.

use std::collections::BTreeMap;

use burn_store::burn_pack::Tensor as StoredTensor;

/// How PyTorch lays out a parameter, compared with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TorchLayout {
    /// Alike.
    #[default]
    Same,
    /// A convolution of one pixel is a linear layer there: `[out, in]` of `[out, in, 1, 1]`.
    Linear,
    /// Numbers of channels have sides of maps there: `[channels, 1, 1]` of `[channels]`.
    Maps,
}

impl TorchLayout {
    /// The shape in PyTorch of a parameter that has `shape` here.
    pub(super) fn shape(self, shape: &[usize]) -> Vec<usize> {
        match (self, shape) {
            (Self::Linear, [outputs, inputs, 1, 1]) => vec![*outputs, *inputs],
            (Self::Maps, [channels]) => vec![*channels, 1, 1],
            (_, shape) => shape.to_vec(),
        }
    }
}

/// What parameters are called in PyTorch: the beginning of their names here and there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TorchName {
    /// Here, up to a dot or the end.
    pub ours: String,
    /// There.
    pub theirs: String,
    /// How they are laid out there.
    pub layout: TorchLayout,
}

impl TorchName {
    /// Of parameters that are laid out alike.
    pub fn new(ours: impl Into<String>, theirs: impl Into<String>) -> Self {
        Self { ours: ours.into(), theirs: theirs.into(), layout: TorchLayout::Same }
    }
}

/// What a parameter may be called, in the order in which names are tried.
pub(super) struct Wanted {
    /// The name in this network's files.
    pub(super) ours: String,
    /// PyTorch's, where the network knows it.
    pub(super) theirs: Option<String>,
    /// As PyTorch lays it out.
    pub(super) shape: Vec<usize>,
}

impl Wanted {
    /// Of a parameter called `ours`.
    pub(super) fn new(ours: String, shape: Vec<usize>, names: &[TorchName]) -> Self {
        Self { theirs: torch_name(&ours, names), ours, shape }
    }

    fn name(&self, dialect: Dialect) -> &str {
        match (dialect, &self.theirs) {
            (Dialect::Theirs, Some(theirs)) => theirs,
            _ => &self.ours,
        }
    }
}

/// The parameter `ours` in PyTorch's words: the longest beginning that `names` know, replaced; `None` where they know none.
///
/// For `names` see [`NetworkConfig::torch_names`](crate::NetworkConfig::torch_names).
pub fn torch_name(ours: &str, names: &[TorchName]) -> Option<String> {
    in_torch(ours, names).map(|(name, _)| name)
}

/// As [`torch_name`], with how PyTorch lays the parameter out.
pub(super) fn in_torch(ours: &str, names: &[TorchName]) -> Option<(String, TorchLayout)> {
    let rest = |begin: &str| match ours.strip_prefix(begin)? {
        "" => Some(""),
        rest => rest.strip_prefix('.'),
    };
    let fits = names.iter().filter_map(|name| Some((name, rest(&name.ours)?)));
    let (TorchName { theirs, layout, .. }, rest) = fits.max_by_key(|(name, _)| name.ours.len())?;
    Some((if rest.is_empty() { theirs.clone() } else { format!("{theirs}.{rest}") }, *layout))
}

#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    Ours,
    Theirs,
}

/// How a file names the parameters: in which words, and what stands before each (`module.`, `state_dict.`).
pub(super) struct Naming {
    dialect: Dialect,
    /// What stands before every name.
    pub(super) prefix: String,
}

/// Parameters whose names are looked for at the end of longer ones, to find what stands before them.
const ASKED: usize = 16;

impl Naming {
    /// The one by which most of `wanted` are in the file.
    pub(super) fn of(wanted: &[Wanted], stored: &BTreeMap<String, StoredTensor>) -> Self {
        // Where nothing is found, PyTorch's words are told.
        let dialect =
            if wanted.iter().any(|wanted| wanted.theirs.is_some()) { Dialect::Theirs } else { Dialect::Ours };
        let mut best = (Self { dialect, prefix: String::new() }, 0);
        for dialect in [Dialect::Ours, Dialect::Theirs] {
            for prefix in prefixes(wanted, stored, dialect) {
                let naming = Self { dialect, prefix };
                let found = wanted.iter().filter(|wanted| stored.contains_key(&naming.name(wanted))).count();
                if found > best.1 {
                    best = (naming, found);
                }
            }
        }
        best.0
    }

    /// The parameter's name in the file.
    pub(super) fn name(&self, wanted: &Wanted) -> String {
        format!("{}{}", self.prefix, wanted.name(self.dialect))
    }
}

/// What may stand before names, the shortest first.
fn prefixes(wanted: &[Wanted], stored: &BTreeMap<String, StoredTensor>, dialect: Dialect) -> Vec<String> {
    let mut found = vec![String::new()];
    for wanted in wanted.iter().take(ASKED) {
        let name = wanted.name(dialect);
        let before = stored.keys().filter_map(|stored| stored.strip_suffix(name));
        found.extend(before.filter(|before| before.ends_with('.')).map(String::from));
    }
    found.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    found.dedup();
    found
}

/// Whether two shapes differ at most in sides of 1: a convolution of one pixel is a linear layer.
pub(super) fn same_numbers(one: &[usize], other: &[usize]) -> bool {
    let wide = |shape: &[usize]| shape.iter().copied().filter(|side| *side != 1).collect::<Vec<_>>();
    wide(one) == wide(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_names_a_parameter() {
        let names = [("a", "x"), ("a.b", "y"), ("c.scale", "z.gamma")];
        let names = names.map(|(ours, theirs)| TorchName::new(ours, theirs));
        let found =
            ["a.b.weight", "a.bias", "c.scale", "ab.bias", "c.shift"].map(|name| torch_name(name, &names));
        let expected = [Some("y.weight"), Some("x.bias"), Some("z.gamma"), None, None];
        assert_eq!(found, expected.map(|name| name.map(String::from)));
    }

    #[test]
    fn shapes_may_differ_in_sides_of_one() {
        assert!(same_numbers(&[8, 4, 1, 1], &[8, 4]) && same_numbers(&[6], &[6, 1, 1]));
        assert!(!same_numbers(&[4, 8], &[8, 4]) && !same_numbers(&[2, 2], &[4]));
    }
}
