//! Where the rows of a file begin, and what separates their cells.

use csv::{ByteRecord, ReaderBuilder};

/// Delimiters that are looked for, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Rows that are looked at.
const ROWS: usize = 20;

/// The delimiter that a recipe or a person names: one ASCII character, or `tab`.
///
/// ```
/// use brasa_data::parse_delimiter;
/// assert_eq!(parse_delimiter(";"), Some(b';'));
/// assert_eq!(parse_delimiter("tab"), Some(b'\t'));
/// assert_eq!(parse_delimiter(r"\t"), Some(b'\t'));
/// assert_eq!(parse_delimiter("ab"), None);
/// ```
#[must_use]
pub fn parse_delimiter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Some(*byte),
        b"tab" | b"\\t" => Some(b'\t'),
        _ => None,
    }
}

/// What is known of a file before it is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected<'a> {
    /// The delimiter that the recipe or the caller names, which settles it.
    pub delimiter: Option<u8>,
    /// The one that files before had.
    pub likely: Option<u8>,
    /// Columns that the header must have; none where there is no header.
    pub columns: Vec<&'a str>,
    /// Cells of a row, where the file may have no header.
    pub cells: Option<usize>,
}

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub delimiter: u8,
    /// Bytes before the first row: comments and a `sep=` line.
    pub start: usize,
}

impl Dialect {
    /// Finds it in the start of a text; `whole` says that this is all of it.
    ///
    /// A line `sep=;`, as spreadsheets write it, names the delimiter. Lines that begin with `#` are passed over up to the
    /// first other line, unless they hold an expected column. Without a named delimiter, that one is taken that gives the
    /// header the expected columns; then the one that gives the first rows the expected number of cells; then the one
    /// that most of the first rows agree about.
    pub fn of(head: &[u8], whole: bool, expected: &Expected<'_>) -> Self {
        let (mut start, mut named) = (0, None);
        while let Some((line, end)) = next_line(head, start) {
            match line {
                [] => {}
                [b'#', ..] if !expected.is_named_in(line) => {}
                _ => match separator(line) {
                    Some(delimiter) if named.is_none() => named = Some(delimiter),
                    _ => break,
                },
            }
            start = end;
        }
        let rows = head.get(start..).unwrap_or_default();
        let settled = expected.delimiter.or(named);
        Self { delimiter: settled.unwrap_or_else(|| sniff(rows, whole, expected)), start }
    }
}

impl Dialect {
    /// The first rows, of the same start of a text.
    pub fn first_rows(self, head: &[u8], whole: bool) -> Sample {
        Sample::of(head.get(self.start..).unwrap_or_default(), whole, self.delimiter)
    }
}

impl Expected<'_> {
    /// Delimiters in the order in which they are tried.
    fn candidates(&self) -> Vec<u8> {
        let likely = self.delimiter.or(self.likely);
        let others = DELIMITERS.into_iter().filter(|&delimiter| Some(delimiter) != likely);
        likely.into_iter().chain(others).collect()
    }

    /// Whether a line has a cell with the name of a column.
    fn is_named_in(&self, line: &[u8]) -> bool {
        let text = String::from_utf8_lossy(line);
        let named = |cell: &str| self.columns.contains(&cell.trim().trim_matches('"').trim());
        self.candidates().into_iter().any(|delimiter| text.split(char::from(delimiter)).any(named))
    }
}

/// The line at `start` without blanks at its end, and where the next one begins; `None` at the end of the text.
fn next_line(text: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    Some((rest.get(..end)?.trim_ascii_end(), (start + end + 1).min(text.len())))
}

/// The delimiter of a `sep=` line.
fn separator(line: &[u8]) -> Option<u8> {
    // Blanks at the end are gone, and so is a tab.
    let quoted = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\""));
    let line = quoted.unwrap_or(line);
    let (key, value) = line.split_at_checked(4)?;
    match value {
        _ if !key.eq_ignore_ascii_case(b"sep=") => None,
        [] => Some(b'\t'),
        value => parse_delimiter(std::str::from_utf8(value).ok()?),
    }
}

/// The first rows under some delimiter.
pub(crate) struct Sample {
    delimiter: u8,
    header: Vec<String>,
    /// Cells of each row, the first one included.
    cells: Vec<usize>,
}

impl Sample {
    fn of(rows: &[u8], whole: bool, delimiter: u8) -> Self {
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(rows);
        let mut sample = Self { delimiter, header: Vec::new(), cells: Vec::new() };
        let mut record = ByteRecord::new();
        while sample.cells.len() < ROWS && matches!(reader.read_byte_record(&mut record), Ok(true)) {
            let cut = !whole && reader.position().byte() as usize >= rows.len();
            if cut && !sample.cells.is_empty() {
                break;
            }
            if sample.cells.is_empty() {
                let name = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
                sample.header = record.iter().map(name).collect();
            }
            sample.cells.push(record.len());
        }
        sample
    }

    /// Whether the first row has these cells.
    pub fn has(&self, columns: &[&str]) -> bool {
        columns.iter().all(|column| self.header.iter().any(|name| name == column))
    }

    /// Whether these are rows of several cells below single words that could be their names.
    pub fn look_like_a_table(&self) -> bool {
        let is_name = |cell: &String| {
            cell.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && cell.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
        };
        let regular = self.cells.len() >= 2 && self.cells.iter().all(|&cells| cells == self.header.len());
        self.header.len() >= 2 && regular && self.header.iter().all(is_name)
    }

    /// Thousandths of the rows that have as many cells as the first one, where these are several.
    fn agreement(&self) -> usize {
        let first = self.header.len();
        let agree = self.cells.iter().filter(|&&cells| cells == first).count();
        if first < 2 { 0 } else { agree * 1_000 / self.cells.len().max(1) }
    }
}

fn sniff(rows: &[u8], whole: bool, expected: &Expected<'_>) -> u8 {
    let candidates = expected.candidates();
    let samples = candidates.iter().map(|&delimiter| Sample::of(rows, whole, delimiter)).collect::<Vec<_>>();
    let named =
        || samples.iter().filter(|sample| !expected.columns.is_empty() && sample.has(&expected.columns));
    let counted =
        |cells: usize| samples.iter().find(|sample| sample.cells.iter().all(|&found| found == cells));
    // Of equals the first: `max_by_key` would give the last.
    let best = |samples: &mut dyn Iterator<Item = &Sample>, key: fn(&Sample) -> usize| {
        samples.fold(None::<(usize, u8)>, |best, sample| {
            let value = key(sample);
            if best.is_none_or(|(most, _)| value > most) { Some((value, sample.delimiter)) } else { best }
        })
    };
    let by_name = best(&mut named(), |sample| sample.header.len()).map(|(_, delimiter)| delimiter);
    let by_cells = || expected.cells.and_then(counted).map(|sample| sample.delimiter);
    let by_agreement = || best(&mut samples.iter(), Sample::agreement).map(|(_, delimiter)| delimiter);
    by_name.or_else(by_cells).or_else(by_agreement).unwrap_or(b',')
}
