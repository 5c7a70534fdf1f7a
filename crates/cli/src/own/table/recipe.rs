//! The recipe for a table of a person's own.

use brasa_data::{ColumnUse, TaskKind};

use super::OwnTable;
use crate::args::{Effort, OwnArgs};
use crate::error::Result;
use crate::own::toml_text::{Toml, entry, one_line};
use crate::own::{TEST, VALID, epochs, kind_of_split};

/// The recipe, TOML with a comment for each decision.
///
/// # Errors
/// Where no target was named.
pub(crate) fn recipe(table: &OwnTable, args: &OwnArgs) -> Result<String> {
    let target = table.target()?;
    let facts = &table.facts;
    let task = facts.task.unwrap_or_default();
    let mut text = Toml::default();
    let mut line = |words: std::fmt::Arguments<'_>| text.line(words);

    line(format_args!(
        "# {}: {} rows, {} columns. Edit what is wrong here; every key is in the guide.",
        one_line(&table.file),
        facts.rows,
        facts.columns.len()
    ));
    facts.questions.iter().for_each(|question| line(format_args!("# ? {}", one_line(question))));
    line(format_args!("{}", entry("description", format!("{target} from {}", table.file))));
    line(format_args!("\n[data]"));
    if task == TaskKind::Regression {
        line(format_args!("task = \"regression\""));
    }
    line(format_args!("scaling = \"robust\"  # by medians and quartiles; missing numbers are the median"));
    line(format_args!("\n[data.csv]"));
    match &table.test {
        None => line(format_args!("{}", entry("file", table.file.as_str()))),
        Some(test) => {
            let files = [("train", table.file.as_str()), ("test", test)];
            let files = toml::Table::from_iter(files.map(|(split, file)| (split.to_owned(), file.into())));
            line(format_args!("files = {}", toml::Value::Table(files)));
        }
    }
    line(format_args!("{}  # {}", entry("target", target), reason(table, target)));
    let delimiter = if facts.delimiter == '\t' { "tab".to_owned() } else { facts.delimiter.to_string() };
    line(format_args!("{}", entry("delimiter", delimiter)));
    if let Some(charset) = facts.charset {
        line(format_args!("{}  # the file is not UTF-8", entry("charset", charset.to_string())));
    }
    if !facts.header {
        line(format_args!("header = false"));
    }
    if let Some(group) = &table.wishes.group {
        line(format_args!("{}", entry("group", group.as_str())));
    }
    let notation = &facts.notation;
    if !notation.missing.is_empty() {
        line(format_args!("{}  # beside blank cells", entry("missing", notation.missing.clone())));
    }
    for (key, mark) in [("decimal", notation.decimal), ("thousands", notation.thousands)] {
        if let Some(mark) = mark {
            line(format_args!("{}", entry(key, mark.to_string())));
        }
    }
    if !notation.units.is_empty() {
        line(format_args!("{}", entry("units", notation.units.clone())));
    }
    if notation.parentheses {
        line(format_args!("parentheses = true  # (12.50) is -12.5"));
    }
    let unlabelled =
        facts.columns.iter().any(|column| column.used == ColumnUse::Target && column.missing > 0);
    if unlabelled {
        line(format_args!("skip_unlabelled = true  # rows without a target"));
    }
    line(format_args!("\n[data.csv.columns]"));
    for column in &facts.columns {
        let why = one_line(&column.reason);
        match (column.used, &column.kind) {
            (ColumnUse::Feature, Some(kind)) => {
                line(format_args!("{}  # {why}", entry(&column.name, kind.to_string())))
            }
            (ColumnUse::LeftOut, _) => line(format_args!("# {}: left out, {why}", one_line(&column.name))),
            _ => {}
        }
    }
    let ordered: Vec<_> = facts.columns.iter().filter(|column| !column.levels.is_empty()).collect();
    if !ordered.is_empty() {
        line(format_args!("\n[data.csv.levels]  # in their order"));
    }
    for column in ordered {
        line(format_args!("{}", entry(&column.name, column.levels.clone())));
    }
    match &table.test {
        Some(_) => text.given_split("rows"),
        None => {
            let smallest = facts.smallest_class.unwrap_or(usize::MAX);
            match &table.order {
                Some(order) => {
                    text.dealt_split("ordered");
                    text.entry("order", order.as_str());
                }
                None => text.dealt_split(kind_of_split(table.wishes.group.is_some(), smallest)),
            }
        }
    }
    let mut line = |words: std::fmt::Arguments<'_>| text.line(words);

    let training_rows = (facts.rows as f64 * (1.0 - VALID - TEST)) as usize;
    let numbers = task == TaskKind::Regression;
    line(format_args!("\n[model]\nkind = \"real-mlp\""));
    if numbers {
        line(format_args!("activation = \"mish\"\nbounded = true"));
    }
    let effort = args.effort.unwrap_or_default();
    let lr = if numbers { 0.2 } else { 0.04 };
    line(format_args!(
        "\n[optimizer]\nkind = \"adamw\"\nlr = {lr}\nbetas = [0.9, 0.95]\nweight_decay = 0.02\nanneal_decay = true"
    ));
    line(format_args!("\n[schedule]\nkind = \"coslog\"\nstop_early = true"));
    let (samples, most) = match effort {
        Effort::Quick => (1_000_000, 64),
        // As RealMLP's authors have it, and fewer where there are so many rows that each is not needed so often.
        Effort::Normal | Effort::Best => (3_000_000, 256),
    };
    let epochs = epochs(samples, training_rows, [8, most]);
    let monitor = if numbers { "rmse" } else { "loss" };
    line(format_args!(
        "\n[training]\nepochs = {epochs}\nbatch_size = {}\nmonitor = \"{monitor}\"",
        batch_size(training_rows)
    ));
    text.line(format_args!("linear = true  # a linear model beside, to compare with"));
    text.time_limit(args.time);
    let bag = match effort {
        Effort::Quick => 1,
        Effort::Normal => members(table, 5),
        Effort::Best => members(table, 8),
    };
    if bag > 1 {
        text.bag(bag, "rows");
        text.blend("boosted-trees");
        if effort == Effort::Best {
            text.blend("tabm");
            // Its authors' learning rate is 2e-3.
            text.line(format_args!("rate = {}  # of that of [optimizer]", 2e-3 / lr));
        }
    }
    Ok(text.finish())
}

/// So many networks, or as many as there are groups or tens of rows to part for them.
fn members(table: &OwnTable, most: usize) -> usize {
    let groups = table.wishes.group.as_ref().and_then(|name| {
        table.facts.columns.iter().find(|column| column.name == *name).map(|column| column.distinct)
    });
    let parts = groups.unwrap_or(table.facts.rows / 10);
    most.min((parts as f64 * (1.0 - TEST)) as usize).max(1)
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
