//! What was found out about a table, for a person and for a program.

use brasa_data::{ColumnFacts, ColumnUse};
use serde_json::{Value, json};

use super::OwnTable;
use crate::names::short_names;
use crate::output::Screen;
use crate::own::show_questions;
use crate::table::table;

/// Widest name and example.
const WIDTH: usize = 28;

/// What each column holds, by its name.
pub(super) fn columns(of: &OwnTable) -> Value {
    let columns = of.facts.columns.iter();
    columns.map(|column| (column.name.clone(), json!(column))).collect::<serde_json::Map<_, _>>().into()
}

/// The columns with what was decided, and why; then what a person should answer.
pub(super) fn show(of: &OwnTable, screen: Screen) {
    let facts = &of.facts;
    let delimiter =
        if facts.delimiter == '\t' { "tabs".to_owned() } else { format!("`{}`", facts.delimiter) };
    let header = if facts.header { "" } else { "; no header, so columns are called c0, c1, ..." };
    let judged =
        facts.sampled.map(|rows| format!("; columns are judged by {rows} of them and checked in all"));
    let judged = judged.unwrap_or_default();
    screen.say(format!("{}: {} rows, cells between {delimiter}{header}{judged}\n", of.file, facts.rows));
    let names: Vec<&str> = facts.columns.iter().map(|column| column.name.as_str()).collect();
    let rows: Vec<Vec<String>> = facts
        .columns
        .iter()
        .zip(short_names(&names, WIDTH))
        .map(|(column, name)| row(column, name))
        .collect();
    screen.say(table(&["column", "is", "missing", "different", "such as", "because"], &rows));
    show_questions(&facts.questions, screen);
    if of.wishes.target.is_none() {
        screen.say("\ncolumns that may be the target (--target), the likeliest first:");
        for (name, why) in facts.targets().iter().take(8) {
            screen.say(format!("  {name}: {why}"));
        }
        return;
    }
    screen.say("");
}

fn row(column: &ColumnFacts, name: String) -> Vec<String> {
    let is = match (column.used, &column.kind) {
        (ColumnUse::Target, _) => "target".to_owned(),
        (ColumnUse::Group, _) => "group".to_owned(),
        (ColumnUse::Feature, Some(kind)) => kind.to_string(),
        _ => "left out".to_owned(),
    };
    let example = column.examples.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let missing = if column.missing > 0 { column.missing.to_string() } else { String::new() };
    let mut example = short_names(&[example.as_str()], WIDTH);
    vec![
        name,
        is,
        missing,
        column.distinct.to_string(),
        example.pop().unwrap_or_default(),
        column.reason.clone(),
    ]
}
