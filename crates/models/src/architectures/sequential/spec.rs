//! A layer from and to what a recipe has: a string, or a table of branches.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::layers::{LayerSpec, NAMES};
use super::words::Words;
use crate::TorchName;

impl FromStr for LayerSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        read(&Words::new(text)).map_err(|problem| format!("`{text}`: {problem}"))
    }
}

fn read(words: &Words<'_>) -> Result<LayerSpec, String> {
    if words.name == Some("") {
        return Err("name: expected what the module is called in PyTorch, found nothing".into());
    }
    LayerSpec::of(words).unwrap_or_else(|| Err(format!("unknown layer; expected {}", kinds())))
}

/// All names: `conv, residual, ... or sigmoid`.
fn kinds() -> String {
    let names = NAMES.concat();
    match names.split_last() {
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

impl fmt::Display for LayerSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.described().fmt(f)?;
        match &self.name {
            Some(name) => write!(f, " name={name}"),
            None => Ok(()),
        }
    }
}

impl LayerSpec {
    /// With this name of a module in PyTorch.
    pub fn with_name(self, name: &str) -> Self {
        self.named(Some(name))
    }

    /// With this name, if any.
    pub(super) fn named(self, name: Option<&str>) -> Self {
        Self { name: name.map(String::from), ..self }
    }

    /// How parameters of the layer at `path` are called in PyTorch: pairs of beginnings of their names, ours and PyTorch's.
    pub(super) fn torch_names(&self, path: &str, into: &mut Vec<TorchName>) {
        let layer = self.described();
        if let Some((kind, branches)) = layer.branches() {
            for (branch, layers) in branches.iter().enumerate() {
                for (index, layer) in layers.iter().enumerate() {
                    layer.torch_names(&format!("{path}.{kind}.{branch}.{index}"), into);
                }
            }
        }
        let Some(name) = &self.name else { return };
        let joined = |path: &str, rest: &str| match rest {
            "" => path.to_string(),
            rest => format!("{path}.{rest}"),
        };
        let names = layer.torch_names().iter();
        let layout = layer.torch_layout();
        into.extend(names.map(|(ours, theirs)| TorchName {
            ours: joined(path, ours),
            theirs: joined(name, theirs),
            layout,
        }));
    }
}

impl Serialize for LayerSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.described().branches() {
            Some((name, branches)) => {
                let mut table = serializer.serialize_map(Some(1))?;
                table.serialize_entry(name, branches)?;
                table.end()
            }
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for LayerSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = LayerSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a layer's words, like \"conv 16 3x3\", or a table of branches, like { add = [[\"conv 16 3x3\"], []] }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<LayerSpec, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<LayerSpec, A::Error> {
        let table = BTreeMap::<String, Vec<Vec<LayerSpec>>>::deserialize(MapAccessDeserializer::new(table))?;
        let keys = || match table.is_empty() {
            true => "none".to_string(),
            false => format!("`{}`", table.keys().cloned().collect::<Vec<_>>().join("` and `")),
        };
        let mut entries = table.iter();
        let (Some((kind, branches)), None) = (entries.next(), entries.next()) else {
            let problem = format!("a layer with branches is a table with one key, found {}", keys());
            return Err(A::Error::custom(problem));
        };
        read(&Words::of_table(kind, branches.clone()))
            .map_err(|problem| A::Error::custom(format!("`{kind}`: {problem}")))
    }
}
