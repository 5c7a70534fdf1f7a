//! What follows the layers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::words::Words;

/// What makes the outputs of what the layers leave; written as `linear`, with a name as that of a
/// [`LayerSpec`](crate::LayerSpec) where it has one, or `none`.
///
/// ```
/// use brasa_models::Head;
///
/// assert_eq!("linear name=fc".parse(), Ok(Head::Linear { name: Some("fc".into()) }));
/// assert_eq!("none".parse(), Ok(Head::None));
/// assert!("softmax".parse::<Head>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A linear layer.
    Linear {
        /// What it is called in PyTorch.
        name: Option<String>,
    },
    /// Nothing: the layers end in as many features as there are outputs.
    None,
}

impl Default for Head {
    fn default() -> Self {
        Self::Linear { name: None }
    }
}

impl Head {
    /// A linear layer that is called so in PyTorch.
    pub fn linear(name: &str) -> Self {
        Self::Linear { name: Some(name.into()) }
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = Words::new(text);
        words.takes(0, &[])?;
        if words.name.is_some_and(|name| name.is_empty() || words.kind != "linear") {
            return Err("expected a name behind `name=`, and of a linear head alone".into());
        }
        match words.kind {
            "linear" => Ok(Self::Linear { name: words.name.map(String::from) }),
            "none" => Ok(Self::None),
            other => Err(format!("expected linear or none, found `{other}`")),
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linear { name: None } => f.write_str("linear"),
            Self::Linear { name: Some(name) } => write!(f, "linear name={name}"),
            Self::None => f.write_str("none"),
        }
    }
}

impl Serialize for Head {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
