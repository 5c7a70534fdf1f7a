//! How a layer is written: a few words, or a table of branches.

use super::layers::LayerSpec;

/// A layer's words: its kind, what follows, and `key=value` options. A layer with branches has its branches instead.
pub(crate) struct Words<'a> {
    pub(super) kind: &'a str,
    values: Vec<&'a str>,
    options: Vec<(&'a str, &'a str)>,
    /// The option `name`, which any layer may have.
    pub(super) name: Option<&'a str>,
    branches: Option<Vec<Vec<LayerSpec>>>,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut words = text.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let (options, values): (Vec<_>, Vec<_>) = words.partition(|word| word.contains('='));
        let options = options.into_iter().filter_map(|word| word.split_once('='));
        let (names, options): (Vec<_>, Vec<_>) = options.partition(|(key, _)| *key == "name");
        // Of several, none is taken, so that they are told.
        let name = if let [(_, name)] = names.as_slice() { Some(*name) } else { None };
        let options = if names.len() > 1 { [names, options].concat() } else { options };
        Self { kind, values, options, name, branches: None }
    }

    /// Of the table `{ kind = branches }`.
    pub(super) fn of_table(kind: &'a str, branches: Vec<Vec<LayerSpec>>) -> Self {
        Self { kind, values: Vec::new(), options: Vec::new(), name: None, branches: Some(branches) }
    }

    /// Refuses words that the kind has no use for.
    pub(super) fn takes(&self, values: usize, options: &[&str]) -> Result<(), String> {
        if self.branches.is_some() {
            return Err(format!("{} is written as words, not as a table", self.kind));
        }
        if let Some(extra) = self.values.get(values) {
            return Err(format!("`{extra}` is one word too many"));
        }
        match self.options.iter().find(|(key, _)| !options.contains(key)) {
            Some((key, _)) if options.is_empty() => {
                Err(format!("unknown option `{key}`; {} takes none", self.kind))
            }
            Some((key, _)) => {
                Err(format!("unknown option `{key}`; {} takes {}", self.kind, options.join(", ")))
            }
            None => Ok(()),
        }
    }

    /// The branches of a kind that has nothing else.
    pub(super) fn branches(&self) -> Result<Vec<Vec<LayerSpec>>, String> {
        let kind = self.kind;
        let example =
            || format!("{{ {kind} = [[\"conv 16 3x3\"], []] }}, a list of branches that are lists of layers");
        match &self.branches {
            Some(branches) if branches.len() > 1 => Ok(branches.clone()),
            Some(branches) => {
                Err(format!("expected at least two branches, found {}, like {}", branches.len(), example()))
            }
            None => Err(format!("expected a table like {}", example())),
        }
    }

    /// The word at a place, as `what`.
    pub(super) fn value<T>(
        &self,
        at: usize,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        let word = self.values.get(at).ok_or_else(|| format!("expected {what}"))?;
        read(word).ok_or_else(|| format!("expected {what}, found `{word}`"))
    }

    /// The option `key`, as `what`.
    pub(super) fn option<T>(
        &self,
        key: &str,
        default: T,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        match self.options.iter().find(|(name, _)| *name == key) {
            Some((_, word)) => read(word).ok_or_else(|| format!("{key}: expected {what}, found `{word}`")),
            None => Ok(default),
        }
    }

    /// The option `key`, a number above 0; 1 where it is left out.
    pub(super) fn count(&self, key: &str) -> Result<usize, String> {
        self.option(key, 1, "a number from 1 to a million", count)
    }

    /// The option `padding`.
    pub(super) fn padding(&self, default: [usize; 2]) -> Result<[usize; 2], String> {
        self.option("padding", default, "HxW or one number, none above a million", pair)
    }
}

/// More than any layer has of anything; products of three such numbers are still numbers.
const MOST: usize = 1 << 20;

/// A number that a layer can have of something.
fn number(word: &str) -> Option<usize> {
    word.parse().ok().filter(|&number| number <= MOST)
}

/// A number above 0.
pub(super) fn count(word: &str) -> Option<usize> {
    number(word).filter(|&number| number > 0)
}

/// A finite number above 0.
pub(super) fn positive(word: &str) -> Option<f64> {
    word.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite())
}

/// A number from 0 to 1.
pub(super) fn share(word: &str) -> Option<f64> {
    word.parse().ok().filter(|number| (0.0..=1.0).contains(number))
}

/// A probability that something is left out: from 0 to below 1.
pub(super) fn chance(word: &str) -> Option<f64> {
    word.parse().ok().filter(|number| (0.0..1.0).contains(number))
}

pub(super) fn yes_or_no(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// `HxW`, or one number for both.
pub(super) fn pair(word: &str) -> Option<[usize; 2]> {
    match word.split_once('x') {
        Some((height, width)) => Some([number(height)?, number(width)?]),
        None => number(word).map(|side| [side, side]),
    }
}

/// `HxW`, or one number for both; none of them 0.
pub(super) fn size(word: &str) -> Option<[usize; 2]> {
    pair(word).filter(|sides| !sides.contains(&0))
}

/// `HxW`, or one number where one number means a length over time.
pub(super) fn kernel(word: &str) -> Option<[usize; 2]> {
    match count(word) {
        Some(steps) => Some([1, steps]),
        None => size(word),
    }
}

/// What [`pair`] reads.
pub(super) fn sides([height, width]: [usize; 2]) -> String {
    if height == width { height.to_string() } else { format!("{height}x{width}") }
}
