//! The sections about what the run was made of: data, leak check, model, recipe, environment.

use super::classes::{counts_table, histogram};
use super::html::{chart_grid, count, escape, facts, folded, section, sentences, size, table};
use super::{Report, ReportError};

pub(super) fn data(report: &Report) -> Result<String, ReportError> {
    let histogram: Vec<_> = histogram(report)?.into_iter().collect();
    let columns = [("file", false), ("size", true), ("SHA-256", false)];
    let rows: Vec<Vec<String>> = report
        .files
        .iter()
        .map(|(name, bytes, sha256)| vec![name.clone(), size(*bytes), sha256.clone()])
        .collect();
    let files = table("Files that were read", &columns, &rows);
    let files = if files.is_empty() { files } else { folded("Files and checksums", &files) };
    let body = facts(&report.data_facts)
        + &leak_check(report)
        + &chart_grid(&histogram)
        + &counts_table(report)
        + &files;
    Ok(section("data", "Data", &body))
}

/// A badge that says in words and colour whether the splits are clean, and why.
fn leak_check(report: &Report) -> String {
    if report.leaks.is_empty() && !report.leaks_clean {
        return "<div class=\"leaks open\"><strong>Leak check: not run</strong></div>\n".to_owned();
    }
    let (class, words) = if report.leaks_clean {
        ("clean", "&#10003; Leak check: nothing found")
    } else {
        ("found", "&#9888; Leak check: rows leak between splits")
    };
    format!("<div class=\"leaks {class}\"><strong>{words}</strong>\n{}</div>\n", sentences(&report.leaks))
}

pub(super) fn model(report: &Report) -> String {
    let with_sizes = report.model.iter().any(|layer| !layer.size.is_empty());
    let mut columns =
        vec![("layer", false), ("output", false), ("parameters", true), ("FLOPs per row", true)];
    if with_sizes {
        columns.push(("size: (W-F+2P)/S+1", false));
    }
    let mut rows: Vec<Vec<String>> = report
        .model
        .iter()
        .map(|layer| {
            vec![
                layer.layer.clone(),
                layer.output_shape.clone(),
                count(layer.parameters),
                layer.flops.map_or("–".to_owned(), count),
                layer.size.clone(),
            ]
        })
        .collect();
    if rows.len() > 1 {
        let parameters = report.model.iter().fold(0_u64, |sum, layer| sum.saturating_add(layer.parameters));
        let flops =
            report.model.iter().filter_map(|layer| layer.flops).fold(0_u64, |sum, f| sum.saturating_add(f));
        let flops = if flops == 0 { "–".to_owned() } else { count(flops) };
        rows.push(vec!["total".to_owned(), String::new(), count(parameters), flops, String::new()]);
    }
    section("model", "Model", &table("Layers of the model", &columns, &rows))
}

pub(super) fn recipe(report: &Report) -> String {
    if report.recipe_toml.trim().is_empty() {
        return String::new();
    }
    let body = format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", escape(report.recipe_toml.trim()));
    section("recipe", "Recipe", &folded("The whole recipe, as it was run", &body))
}

pub(super) fn environment(report: &Report) -> String {
    if report.environment.is_empty() {
        return String::new();
    }
    let body = facts(&report.environment);
    section("environment", "Environment", &folded("Versions, device, commit", &body))
}
