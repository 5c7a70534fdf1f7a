//! Every kind that a recipe can choose, with its keys, as a page of the guide.

use std::fmt::Write;

use brasa_data::augment::AugmentStep;
use brasa_data::keys::{Key, KindFacts, Table};

use brasa_models::ArchitectureRecipe;

use super::model;
use super::{DecisionRecipe, EmbeddingRecipe, LossRecipe, OptimizerRecipe, TransferRecipe};
use crate::schedule;

/// A table whose keys depend on its `kind`.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The table, as a recipe has it: `[optimizer]`.
    pub table: &'static str,
    /// Keys of every kind, beside `kind`.
    pub shared: Vec<Key>,
    /// The kinds.
    pub kinds: Vec<KindFacts>,
}

impl Section {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let section = |table, shared, kinds| Self { table, shared, kinds };
        vec![
            section("[model]", model::Shared::keys(), ArchitectureRecipe::facts()),
            section("[transfer]", Vec::new(), vec![KindFacts::of::<TransferRecipe>()]),
            section("[loss]", Vec::new(), LossRecipe::facts()),
            section("[decision]", Vec::new(), vec![KindFacts::of::<DecisionRecipe>()]),
            section("[optimizer]", Vec::new(), OptimizerRecipe::facts()),
            section("[schedule]", schedule::Shared::keys(), schedule::Shape::facts()),
            section("[embedding]", Vec::new(), EmbeddingRecipe::facts()),
            section("[augment] steps", Vec::new(), AugmentStep::facts()),
        ]
    }
}

/// Every kind of every table, with its keys, their defaults and ranges, in Markdown.
pub fn reference() -> String {
    let mut page = String::from(
        "# Keys of every kind\n\nA table with a `kind` has the keys of that kind, and no others. This page is made from the \
         declarations that recipes are read by.\n",
    );
    for Section { table, shared, kinds } in Section::all() {
        let _ = write!(page, "\n## `{table}`\n");
        if !shared.is_empty() {
            let _ = write!(page, "\nKeys of every kind:\n\n{}", table_of(&shared));
        }
        for kind in kinds {
            let _ = write!(page, "\n### `{}`\n\n{}\n", kind.name, kind.about);
            if !kind.keys.is_empty() {
                let _ = write!(page, "\n{}", table_of(&kind.keys));
            }
        }
    }
    page
}

fn table_of(keys: &[Key]) -> String {
    let mut table = String::from("| key | default | |\n|---|---|---|\n");
    for Key { name, about, default, needed, bounds } in keys {
        let default = match (default, needed) {
            (Some(value), _) => format!("`{value}`"),
            (None, true) => "needed".into(),
            (None, false) => "none".into(),
        };
        let range = bounds.map(|bounds| format!(" Takes {bounds}.")).unwrap_or_default();
        let _ = writeln!(table, "| `{name}` | {default} | {about}{range} |");
    }
    table
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_guide_has_every_key_as_it_is_declared() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/src/keys.md");
        if std::env::var_os("BRASA_WRITE_GUIDE").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let guide = std::fs::read_to_string(path).unwrap();
        assert!(
            guide == reference(),
            "docs/guide/src/keys.md is not what the declarations say: run this test with BRASA_WRITE_GUIDE=1"
        );
    }

    #[test]
    fn every_key_has_a_meaning_and_every_kind_a_name_of_its_own() {
        for Section { table, shared, kinds } in Section::all() {
            for (place, kind) in kinds.iter().enumerate() {
                assert!(!kind.about.is_empty(), "{table} {}", kind.name);
                assert!(
                    kinds[..place].iter().all(|before| before.name != kind.name),
                    "{table} {}",
                    kind.name
                );
                let mut names: Vec<&str> = shared.iter().chain(&kind.keys).map(|key| key.name).collect();
                assert!(
                    shared.iter().chain(&kind.keys).all(|key| !key.about.is_empty()),
                    "{table} {}",
                    kind.name
                );
                names.sort_unstable();
                let count = names.len();
                names.dedup();
                assert_eq!(names.len(), count, "{table} {}", kind.name);
            }
        }
    }
}
