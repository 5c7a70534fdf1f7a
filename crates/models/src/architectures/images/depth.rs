//! A number of layers, of which an architecture has few.

use serde::Deserialize;

/// As a recipe has it: a number, or one in quotes.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Written {
    Number(u64),
    Text(String),
}

impl Written {
    /// Which of `kinds` is meant, each with its name.
    pub(super) fn among<T: Copy>(self, kinds: &[(&str, T)]) -> Result<T, String> {
        let text = match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        };
        let found = kinds.iter().find(|(name, _)| *name == text);
        found.map(|(_, kind)| *kind).ok_or_else(|| {
            let names: Vec<_> = kinds.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            format!("expected one of {}, found \"{text}\"", names.join(", "))
        })
    }
}
