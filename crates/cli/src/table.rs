//! Plain text tables.

use crate::printable::printable_name;

/// Rows of cells in aligned columns; the first column to the left, the others to the right.
///
/// ```
/// let rows = [["1".to_string(), "-0.5".into()], ["10".into(), "1.25".into()]].map(Vec::from);
/// assert_eq!(brasa_cli::table(&["epoch", "bias"], &rows), "epoch  bias\n1      -0.5\n10     1.25");
/// ```
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).chain([header.len()]).max().unwrap_or(0);
    let cell = |row: &[String], column: usize| {
        row.get(column).map(|cell| printable_name(cell).into_owned()).unwrap_or_default()
    };
    let header: Vec<String> = header.iter().map(ToString::to_string).collect();
    let all: Vec<&[String]> = std::iter::once(&header[..]).chain(rows.iter().map(Vec::as_slice)).collect();
    let widths: Vec<usize> = (0..columns)
        .map(|column| all.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or(0))
        .collect();
    let lines = all.iter().map(|row| {
        let cells = widths.iter().enumerate().map(|(column, &width)| match column {
            0 => format!("{:<width$}", cell(row, column)),
            _ => format!("{:>width$}", cell(row, column)),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A number with four decimals, or a dash.
pub(crate) fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.4}"))
}

/// Bytes for a person.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{:.1} KiB", count as f64 / 1024.0),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}
