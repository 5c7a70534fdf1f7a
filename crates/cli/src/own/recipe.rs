//! The recipe for a table of a person's own.

use std::fmt::Write;

use brasa_data::{ColumnUse, TaskKind};

use super::OwnTable;
use crate::args::{Effort, OwnArgs};
use crate::error::Result;

/// Shares of the rows that choose the weights and that judge them.
const VALID: f64 = 0.16;
const TEST: f64 = 0.2;

/// Rows of the smallest class below which classes are not dealt evenly to three splits.
const FEWEST_TO_STRATIFY: usize = 8;

/// The recipe, TOML with a comment for each decision.
///
/// # Errors
/// Where no target was named.
pub(crate) fn recipe(table: &OwnTable, args: &OwnArgs) -> Result<String> {
    let target = table.target()?;
    let facts = &table.facts;
    let task = facts.task.unwrap_or_default();
    let mut text = String::new();
    let mut line = |words: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{words}");
    };

    line(format_args!(
        "# {}: {} rows, {} columns. Edit what is wrong here; every key is in the guide.",
        one_line(&table.file),
        facts.rows,
        facts.columns.len()
    ));
    facts.questions.iter().for_each(|question| line(format_args!("# ? {}", one_line(question))));
    line(format_args!("description = {}", string(&format!("{target} from {}", table.file))));
    line(format_args!("\n[data]"));
    if task == TaskKind::Regression {
        line(format_args!("task = \"regression\""));
    }
    line(format_args!("scaling = \"robust\"  # by medians and quartiles; missing numbers are the median"));
    line(format_args!("\n[data.csv]\nfile = {}", string(&table.file)));
    line(format_args!("target = {}  # {}", string(target), reason(table, target)));
    line(format_args!(
        "delimiter = {}",
        string(if facts.delimiter == '\t' { "tab".into() } else { facts.delimiter.to_string() }.as_str())
    ));
    if !facts.header {
        line(format_args!("header = false"));
    }
    if let Some(group) = &table.wishes.group {
        line(format_args!("group = {}", string(group)));
    }
    let notation = &facts.notation;
    if !notation.missing.is_empty() {
        line(format_args!("missing = {}  # beside blank cells", list(&notation.missing)));
    }
    for (key, mark) in [("decimal", notation.decimal), ("thousands", notation.thousands)] {
        if let Some(mark) = mark {
            line(format_args!("{key} = {}", string(&mark.to_string())));
        }
    }
    if !notation.units.is_empty() {
        line(format_args!("units = {}", list(&notation.units)));
    }
    let unlabelled =
        facts.columns.iter().any(|column| column.used == ColumnUse::Target && column.missing > 0);
    if unlabelled {
        line(format_args!("skip_unlabelled = true  # rows without a target"));
    }
    line(format_args!("\n[data.csv.columns]"));
    for column in &facts.columns {
        let (name, why) = (key(&column.name), one_line(&column.reason));
        match (column.used, &column.kind) {
            (ColumnUse::Feature, Some(kind)) => {
                line(format_args!("{name} = {}  # {why}", string(&kind.to_string())))
            }
            (ColumnUse::LeftOut, _) => line(format_args!("# {name}: left out, {why}")),
            _ => {}
        }
    }
    let split = match (&table.wishes.group, facts.smallest_class) {
        (Some(_), _) => "grouped",
        (None, Some(rows)) if rows < FEWEST_TO_STRATIFY => "random",
        _ => "stratified",
    };
    line(format_args!(
        "\n[data.split]\nkind = \"{split}\"\nvalid = {VALID}  # chooses the weights\ntest = {TEST}  # looked at once"
    ));

    let training_rows = (facts.rows as f64 * (1.0 - VALID - TEST)) as usize;
    let numbers = task == TaskKind::Regression;
    line(format_args!("\n[model]\nkind = \"real-mlp\""));
    if numbers {
        line(format_args!("activation = \"mish\"\nbounded = true"));
    }
    let lr = if numbers { 0.2 } else { 0.04 };
    line(format_args!(
        "\n[optimizer]\nkind = \"adamw\"\nlr = {lr}\nbetas = [0.9, 0.95]\nweight_decay = 0.02\nanneal_decay = true"
    ));
    line(format_args!("\n[schedule]\nkind = \"coslog\"\nstop_early = true"));
    let epochs = match args.effort.unwrap_or_default() {
        Effort::Quick => 64,
        Effort::Normal => 256,
    };
    let monitor = if numbers { "rmse" } else { "loss" };
    line(format_args!(
        "\n[training]\nepochs = {epochs}\nbatch_size = {}\nmonitor = \"{monitor}\"",
        batch_size(training_rows)
    ));
    let bag = match args.effort.unwrap_or_default() {
        Effort::Quick => 1,
        Effort::Normal => members(table),
    };
    if bag > 1 {
        line(format_args!("bag = {bag}  # networks, each trained without one of as many parts of the rows"));
    }
    Ok(text)
}

/// Five networks, or as many as there are groups or tens of rows to part for them.
fn members(table: &OwnTable) -> usize {
    const MOST: usize = 5;
    let groups = table.wishes.group.as_ref().and_then(|name| {
        table.facts.columns.iter().find(|column| column.name == *name).map(|column| column.distinct)
    });
    let parts = groups.unwrap_or(table.facts.rows / 10);
    MOST.min((parts as f64 * (1.0 - TEST)) as usize).max(1)
}

/// As RealMLP's authors choose it by the training rows.
fn batch_size(rows: usize) -> usize {
    match rows {
        0..=1_024 => 64,
        1_025..=8_192 => 128,
        8_193..=30_000 => 256,
        30_001..=100_000 => 512,
        _ => 1_024,
    }
}

fn reason(table: &OwnTable, name: &str) -> String {
    let column = table.facts.columns.iter().find(|column| column.name == name);
    column.map(|column| one_line(&column.reason)).unwrap_or_default()
}

/// What a comment can hold.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A string of TOML.
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// A list of strings.
fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| string(text)).collect::<Vec<_>>().join(", "))
}

/// A key of TOML.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if !name.is_empty() && name.chars().all(bare) { name.into() } else { string(name) }
}
