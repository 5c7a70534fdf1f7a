//! A table of a person's own.

mod recipe;
mod show;
#[cfg(test)]
mod tests;

use std::path::Path;

use brasa_data::{ColumnFacts, ColumnKind, ColumnUse, TableFacts, TableWishes};
use serde_json::{Value, json};

use super::Own;
use super::args::{place, quoted, table_facts};
use crate::args::OwnArgs;
use crate::error::{CliError, Result};
use crate::output::Screen;

/// A table of a person's own, looked at.
pub(super) struct OwnTable {
    /// Its name in its folder.
    file: String,
    /// The table that is to judge, in the same folder.
    test: Option<String>,
    /// The column by which rows are split.
    order: Option<String>,
    facts: TableFacts,
    wishes: TableWishes,
}

impl OwnTable {
    pub(super) fn look(args: &OwnArgs, path: &Path) -> Result<Self> {
        let (file, _) = place(path);
        let wishes = TableWishes {
            target: args.target.clone(),
            task: args.wished_task(),
            group: args.group.clone(),
            drop: args.drop.clone(),
            missing: args.missing.clone(),
            labels: false,
        };
        let mut facts = table_facts(path, &wishes)?;
        let test = args.test_file(path)?;
        match &args.order {
            Some(order) => check_order(path, order, &facts, test.is_some())?,
            None if test.is_none() && wishes.group.is_none() => facts.questions.extend(time_question(&facts)),
            None => {}
        }
        Ok(Self { file, test, order: args.order.clone(), facts, wishes })
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

/// Whether a column can say which rows are earlier.
fn check_order(path: &Path, order: &str, facts: &TableFacts, has_test: bool) -> Result<()> {
    if has_test {
        let words =
            "--order splits the rows by time, and --test gives the rows that judge: leave one of them out";
        return Err(CliError::Usage(words.into()));
    }
    let orders = |column: &&ColumnFacts| {
        let kind = column.kind.as_ref();
        column.used == ColumnUse::Feature
            && kind.is_some_and(|kind| matches!(kind, ColumnKind::Number { .. } | ColumnKind::Date { .. }))
    };
    if facts.columns.iter().filter(orders).any(|column| column.name == order) {
        return Ok(());
    }
    let names: Vec<&str> = facts.columns.iter().filter(orders).map(|column| column.name.as_str()).collect();
    let problem = format!(
        "--order {order}: no feature of numbers or dates is called so; there are {}",
        names.join(", ")
    );
    Err(CliError::Input { path: path.into(), problem })
}

/// What to ask where rows have a date.
fn time_question(facts: &TableFacts) -> Option<String> {
    let is_date = |column: &&ColumnFacts| {
        column.used == ColumnUse::Feature && matches!(column.kind, Some(ColumnKind::Date { .. }))
    };
    let name = &facts.columns.iter().find(is_date)?.name;
    Some(format!(
        "`{name}` holds dates: will later rows be predicted from earlier ones? Then --order {} splits by time; rows dealt at random flatter such a model",
        quoted(name)
    ))
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
