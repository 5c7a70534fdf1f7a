//! A table of a person's own.

mod recipe;
mod show;
#[cfg(test)]
mod tests;

use std::path::Path;

use brasa_data::{TableFacts, TableWishes, TaskKind};
use serde_json::{Value, json};

use super::Own;
use super::args::{place, quoted, reading};
use crate::args::{OwnArgs, OwnTask};
use crate::error::{CliError, Result};
use crate::output::Screen;

/// A table of a person's own, looked at.
pub(super) struct OwnTable {
    /// Its name in its folder.
    file: String,
    /// The table that is to judge, in the same folder.
    test: Option<String>,
    facts: TableFacts,
    wishes: TableWishes,
}

impl OwnTable {
    pub(super) fn look(args: &OwnArgs, path: &Path) -> Result<Self> {
        let (file, files) = place(path);
        let wishes = TableWishes {
            target: args.target.clone(),
            task: args.task.map(|task| match task {
                OwnTask::Classes => TaskKind::Classification,
                OwnTask::Numbers => TaskKind::Regression,
            }),
            group: args.group.clone(),
            drop: args.drop.clone(),
            missing: args.missing.clone(),
        };
        let content = files.read(&file).map_err(reading(path))?;
        let facts = TableFacts::of(&path.display().to_string(), &content.bytes, &wishes)?;
        Ok(Self { file, test: args.test_file(path)?, facts, wishes })
    }

    /// The target, or what to say where none was named.
    fn target(&self) -> Result<&str> {
        self.wishes.target.as_deref().ok_or_else(|| {
            let choices = self.facts.targets();
            let choices =
                choices.iter().take(8).map(|(name, why)| format!("\n  --target {}  {why}", quoted(name)));
            CliError::Usage(format!(
                "--target is missing: which column of {} is to be predicted?{}",
                self.file,
                choices.collect::<String>()
            ))
        })
    }
}

impl Own for OwnTable {
    fn recipe(&self, args: &OwnArgs) -> Result<String> {
        recipe::recipe(self, args)
    }

    fn show(&self, screen: Screen) {
        show::show(self, screen);
    }

    fn facts(&self) -> Value {
        json!(self.facts)
    }

    fn columns(&self) -> Value {
        show::columns(self)
    }

    fn choices(&self) -> Option<Value> {
        self.wishes.target.is_none().then(|| json!(self.facts.targets()))
    }

    fn questions(&self) -> &[String] {
        &self.facts.questions
    }
}
