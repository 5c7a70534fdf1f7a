//! The page around the sections.

use super::html::escape;
use super::{Report, ReportError, calibration, classes, facts, folds, regression, scores, section};

const STYLE: &str = include_str!("style.css");

pub(super) fn render(report: &Report) -> Result<String, ReportError> {
    let title = if report.title.trim().is_empty() { "Training run" } else { &report.title };
    let sections = [
        scores::notes(report),
        scores::training(report)?,
        folds::section_of(report)?,
        section::all(report),
        scores::splits(report),
        regression::sections(report)?,
        classes::confusion(report)?,
        classes::classes(report),
        calibration::of_report(report)?,
        scores::mistakes(report)?,
        facts::data(report)?,
        facts::model(report),
        facts::recipe(report),
        facts::environment(report),
    ]
    .concat();
    let below = subtitle(&[("app", &report.app), ("run", &report.run), ("finished", &report.created)]);
    Ok(document(title, &(below + &scores::headline(report)), &sections))
}

/// A whole page: a heading, what stands right below it, and sections.
pub(crate) fn document(title: &str, below: &str, sections: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"brasa\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n\
         {below}</header>\n<main>\n{sections}</main>\n</body>\n</html>\n",
        title = escape(title),
    )
}

/// Names and values in one line, without those that are empty.
pub(crate) fn subtitle(pairs: &[(&str, &str)]) -> String {
    let parts: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| format!("<span>{name} <b>{}</b></span>", escape(value)))
        .collect();
    if parts.is_empty() { String::new() } else { format!("<p class=\"run\">{}</p>\n", parts.join("\n")) }
}
