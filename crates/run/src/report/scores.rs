//! The sections about how well the model does: headline, notes, curves, splits, classes, mistakes.

use super::charts::{curves, drawn, picture};
use super::html::{chart_grid, count, escape, score, section, sentences, table};
use super::{Report, ReportError, SplitScores};

/// The large figures at the top.
pub(super) fn headline(report: &Report) -> String {
    if report.headline.is_empty() {
        return String::new();
    }
    let cards: String = report
        .headline
        .iter()
        .map(|(name, value)| {
            let (figure, remark) = split_remark(value);
            let remark = remark.map_or(String::new(), |r| format!("<span>{}</span>", escape(r)));
            format!("<div><dt>{}</dt><dd>{}{remark}</dd></div>\n", escape(name), escape(figure))
        })
        .collect();
    format!("<dl class=\"headline\">\n{cards}</dl>\n")
}

/// `0.97 (95 % CI ...)` as the figure and what its parentheses hold.
fn split_remark(value: &str) -> (&str, Option<&str>) {
    let parts = value.strip_suffix(')').and_then(|value| value.split_once(" ("));
    parts.map_or((value, None), |(figure, remark)| (figure, Some(remark)))
}

pub(super) fn notes(report: &Report) -> String {
    section("notes", "What happened", &sentences(&report.notes))
}

pub(super) fn training(report: &Report) -> Result<String, ReportError> {
    Ok(section("training", "Training", &chart_grid(&curves(&report.curves)?)))
}

pub(super) fn splits(report: &Report) -> String {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in report.splits.iter().flat_map(|split| split.figures.iter()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // A column without a value on any split says nothing.
    let told =
        |name: &&str| report.splits.iter().any(|split| split.figures.get(name).is_some_and(f64::is_finite));
    names.retain(told);
    let mut columns = vec![("split", false), ("rows", true)];
    columns.extend(names.iter().map(|name| (*name, true)));
    let row = |split: &SplitScores| {
        let figures = names.iter().map(|name| score(split.figures.value(name)));
        [split.name.clone(), count(split.rows as u64)].into_iter().chain(figures).collect()
    };
    let rows: Vec<Vec<String>> = report.splits.iter().map(row).collect();
    section("scores", "Scores", &table("Scores of each split", &columns, &rows))
}

pub(super) fn mistakes(report: &Report) -> Result<String, ReportError> {
    let mut figures = String::new();
    for mistake in &report.mistakes {
        let uri = drawn("mistakes", picture(mistake).to_data_uri())?;
        let (truth, said) = (escape(&mistake.true_class), escape(&mistake.predicted));
        let name = match mistake.name.as_str() {
            "" => String::new(),
            name => format!("<br><code>{}</code>", escape(name)),
        };
        let sure = if mistake.probability.is_finite() {
            format!(" ({:.0}&nbsp;%)", mistake.probability * 100.0)
        } else {
            String::new()
        };
        figures.push_str(&format!(
            "<figure><img src=\"{uri}\" alt=\"A picture of class {truth}, predicted as {said}\">\
             <figcaption><b>{truth}</b><br>taken for {said}{sure}{name}</figcaption></figure>\n"
        ));
    }
    if figures.is_empty() {
        return Ok(String::new());
    }
    let body = format!("<div class=\"mistakes\">\n{figures}</div>\n");
    Ok(section("mistakes", "Mistakes", &body))
}

#[cfg(test)]
mod tests {
    use super::split_remark;

    #[test]
    fn only_a_remark_at_the_end_is_taken_off_the_figure() {
        assert_eq!(split_remark("0.97 (95 % CI 0.8 to 1)"), ("0.97", Some("95 % CI 0.8 to 1")));
        assert_eq!(split_remark("0.97"), ("0.97", None));
        assert_eq!(split_remark("f(x) of 3"), ("f(x) of 3", None));
    }
}
