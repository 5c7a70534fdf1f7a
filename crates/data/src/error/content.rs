//! The sentences about what is wrong with the content of a file, each in one place.

use std::path::Path;

use super::DataError;
use crate::Location;

/// What stands before the problem: a file's name, its line, the column of a table.
pub(super) fn place(at: &Location) -> String {
    let mut text = at.file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
    match (at.line, &at.key) {
        (Some(line), Some(column)) => text.push_str(&format!("line {line}, column `{column}`: ")),
        (Some(line), None) => text.push_str(&format!("line {line}: ")),
        (None, Some(column)) => text.push_str(&format!("column `{column}`: ")),
        (None, None) => {}
    }
    text
}

impl DataError {
    pub(crate) fn content(at: Location, problem: impl Into<String>) -> Self {
        Self::Content { at: at.into(), problem: problem.into() }
    }

    /// Of a whole file, folder or archive.
    pub(crate) fn in_file(file: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::content(Location::file(file), problem)
    }

    pub(crate) fn in_path(path: &Path, problem: impl Into<String>) -> Self {
        Self::in_file(path.display().to_string(), problem)
    }

    /// With more words behind the problem.
    pub(crate) fn and(mut self, more: &str) -> Self {
        if let Self::Content { problem, .. } = &mut self {
            problem.push_str(more);
        }
        self
    }

    pub(crate) fn is_folder(path: &Path) -> Self {
        Self::in_path(path, "expected a file, found a folder")
    }

    /// Of a line, from 1.
    pub(crate) fn in_line(file: impl Into<String>, line: u64, problem: impl Into<String>) -> Self {
        let line = usize::try_from(line).ok();
        Self::content(Location { line, ..Location::file(file) }, problem)
    }

    /// A cell that does not hold what its column needs.
    pub(crate) fn cell(
        file: impl Into<String>,
        line: u64,
        column: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let at = Location { line: usize::try_from(line).ok(), ..Location::file(file) }.with_key(column);
        Self::content(at, format!("expected {}, found {}", expected.into(), found.into()))
    }

    /// A row of another number of cells than the header or the first row.
    pub(crate) fn ragged_row(file: impl Into<String>, line: u64, expected: usize, found: usize) -> Self {
        Self::in_line(file, line, format!("expected {expected} cells, found {found}"))
    }

    pub(crate) fn no_rows(file: impl Into<String>) -> Self {
        Self::in_file(file, "there are no rows")
    }

    /// All samples are of one class, so there is nothing to learn.
    pub(crate) fn one_class(file: impl Into<String>, class: impl std::fmt::Display) -> Self {
        Self::in_file(file, format!("all rows are of the class `{class}`; at least two classes are needed"))
    }

    /// A label number, of a row from 0, that no class has.
    pub(crate) fn label_range(file: impl Into<String>, row: usize, label: u32, classes: usize) -> Self {
        Self::in_file(file, below(row, label, classes))
    }

    /// A file of labels, or of votes, that is not of the length of its images.
    pub(crate) fn count_mismatch(images: &str, image_count: usize, labels: &str, label_count: usize) -> Self {
        let problem =
            format!("expected {image_count} labels, one for each image of {images}, found {label_count}");
        Self::in_file(labels, problem)
    }

    /// A gzip stream that breaks after so many decoded bytes.
    pub(crate) fn gzip(file: impl Into<String>, decoded: u64, problem: impl std::fmt::Display) -> Self {
        Self::in_file(file, format!("the gzip stream breaks after {decoded} decoded bytes: {problem}"))
    }

    /// A series, by its id, whose steps or labels are not right.
    pub(crate) fn series(
        file: impl Into<String>,
        line: u64,
        series: impl std::fmt::Display,
        problem: impl std::fmt::Display,
    ) -> Self {
        Self::in_line(file, line, format!("series `{series}`: {problem}"))
    }

    pub(crate) fn missing_column(file: impl Into<String>, column: &str, available: &[String]) -> Self {
        let problem = format!("there is no column `{column}`; the columns are {}", quoted(available));
        Self::in_file(file, problem)
    }

    /// A label that is not one of the known classes.
    pub(crate) fn unknown_class(found: &str, known: &[String]) -> Self {
        let problem = format!("the label `{found}` is not one of the classes {}", quoted(known));
        Self::content(Location::default(), problem)
    }
}

/// What is wrong with the label of a row from 0.
pub(crate) fn below(row: usize, label: u32, classes: usize) -> String {
    format!("row {row}: expected a label below {classes}, found {label}")
}

/// `a`, `b`, ... and how many more, so that a wide table does not flood the terminal.
fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 24;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    if names.len() > SHOWN {
        text.push(format!("and {} more", names.len() - SHOWN));
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_place_and_what_was_expected() {
        let error = DataError::cell("datasets/x.csv", 12, "petal_width", "a number", "`abc`");
        assert_eq!(
            error.to_string(),
            "datasets/x.csv: line 12, column `petal_width`: expected a number, found `abc`"
        );
        let at = error.location();
        assert_eq!(at.map(|at| (at.line, at.key.as_deref())), Some((Some(12), Some("petal_width"))));
        assert_eq!(DataError::no_rows("x.csv").to_string(), "x.csv: there are no rows");
        let unknown = DataError::unknown_class("owl", &["cat".into(), "dog".into()]);
        assert_eq!(unknown.to_string(), "the label `owl` is not one of the classes `cat`, `dog`");
    }

    #[test]
    fn long_lists_of_columns_are_cut() {
        let names = (0..30).map(|i| format!("c{i}")).collect::<Vec<_>>();
        assert!(quoted(&names).ends_with("`c23`, and 6 more"));
    }
}
