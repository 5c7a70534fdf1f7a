//! What a table that nobody has described holds, column by column, and why that is thought.

mod census;
mod column;
mod large;
mod numbers;
mod sample;
mod scale;
mod span;
mod tally;
mod target;
#[cfg(test)]
mod traps;
mod words;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use census::Census;
use serde::Serialize;

use super::columns::{ColumnKind, Notation};
use super::unpack::Charset;
use super::{Table, unpack};
use crate::formats::delimited::{BadRows, Expected, is_missing, looks_numeric};
use crate::limits::check_memory;
use crate::{DataError, Files, Result, TaskKind};

/// Memory that a cell takes while a table is looked at, beside the cell itself: measured over tables of 25 to 200 million cells.
const BYTES_OF_A_CELL: u64 = 24;

/// What a person says of a table before it is looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableWishes {
    /// The column to predict.
    pub target: Option<String>,
    /// What is predicted, where that is not to be found out.
    pub task: Option<TaskKind>,
    /// The column with the groups.
    pub group: Option<String>,
    /// Columns that are no features.
    pub drop: Vec<String>,
    /// Cells that say that a value is missing.
    pub missing: Vec<String>,
    /// Whether there need be no column to learn from: the table says what is to be predicted of other data.
    pub labels: bool,
}

/// The columns of a table, each put together when it is asked for: all at once would take eight times the bytes of a file of digits.
struct Columns<'t>(&'t Table<'t>);

impl<'t> Columns<'t> {
    /// Of a table whose cells are all text.
    fn of(table: &'t Table<'t>) -> Result<Self> {
        for record in table.rows.iter() {
            (0..table.columns.len()).try_for_each(|column| table.text(record, column).map(drop))?;
        }
        Ok(Self(table))
    }

    fn get(&self, column: usize) -> Vec<&'t str> {
        self.0.rows.iter().map(|record| self.0.text(record, column).unwrap_or_default()).collect()
    }

    fn iter(&self) -> impl Iterator<Item = Vec<&'t str>> {
        (0..self.0.columns.len()).map(|column| self.get(column))
    }
}

/// How the text of a table is written.
#[derive(Clone, Copy)]
struct Form {
    delimiter: u8,
    charset: Option<Charset>,
    header: bool,
}

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableFacts {
    /// Rows below the header.
    pub rows: usize,
    /// Of how many of them columns were judged by their cells, where it is not all; what was thought then holds for the cells of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled: Option<usize>,
    /// What separates the cells.
    pub delimiter: char,
    /// How it is written where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<Charset>,
    /// Whether the first row names the columns.
    pub header: bool,
    /// How numbers are written.
    pub notation: Notation,
    /// The columns in their order.
    pub columns: Vec<ColumnFacts>,
    /// What is predicted; none without a target.
    pub task: Option<TaskKind>,
    /// Rows of the smallest class; none where numbers are predicted.
    pub smallest_class: Option<usize>,
    /// What a person should answer, a sentence each.
    pub questions: Vec<String>,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnUse {
    /// It is predicted.
    Target,
    /// Its rows belong together.
    Group,
    /// It is a feature.
    Feature,
    /// It is left out.
    LeftOut,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(rename = "use")]
    pub used: ColumnUse,
    /// What it holds; none where it is left out.
    pub kind: Option<ColumnKind>,
    /// Why that is thought.
    pub reason: String,
    /// Cells that are missing.
    pub missing: usize,
    /// Different cells, those that are missing left out.
    pub distinct: usize,
    /// Some of them.
    pub examples: Vec<String>,
    /// All of them in their order, where they have one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
}

impl TableFacts {
    /// Looks at a table of text; `label` names it in messages.
    ///
    /// ```
    /// use brasa_data::{ColumnUse, TableFacts, TableWishes};
    ///
    /// let text = b"country,size,town,price\nx,40,Rome,100.5\nx,55,Oslo,130\nx,,Rome,90\n";
    /// let wishes = TableWishes { target: Some("price".into()), ..TableWishes::default() };
    /// let facts = TableFacts::of("flats.csv", text, &wishes)?;
    /// let kinds = facts.columns.iter().map(|column| column.kind.as_ref().map(ToString::to_string));
    /// assert_eq!(kinds.collect::<Vec<_>>(), [None, Some("number?".into()), Some("category".into()), Some("number".into())]);
    /// assert_eq!(facts.columns[0].used, ColumnUse::LeftOut);
    /// # Ok::<(), brasa_data::DataError>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong with the table's form, a target, group or dropped column that is not there, and a table with nothing to
    /// learn from.
    pub fn of(label: &str, bytes: &[u8], wishes: &TableWishes) -> Result<Self> {
        let (unpacked, charset) = unpack::text_and_charset(label, bytes)?;
        let text = &unpacked.text;
        if text.iter().take(1 << 12).any(|&byte| byte == 0) {
            return Err(DataError::in_file(label, "is no text: it has bytes of 0"));
        }
        if text.trim_ascii().is_empty() {
            return Err(DataError::in_file(label, "is empty"));
        }
        let named = wishes.target.iter().chain(&wishes.group).chain(&wishes.drop);
        let expected = Expected { columns: named.map(String::as_str).collect(), ..Expected::default() };
        let dialect = unpacked.dialect(&expected);
        let has_header = |cells: &[&str]| unpacked.named || is_header(cells);
        let table = Table::read(label, text, dialect, &has_header, &mut BadRows::default())?;
        let form = Form { delimiter: dialect.delimiter, charset, header: table.named };
        Self::of_table(&table, form, wishes, None)
    }

    /// Of a table at hand, or of some rows of one of which the census is that of all.
    fn of_table(
        table: &Table<'_>,
        form: Form,
        wishes: &TableWishes,
        census: Option<&[Census]>,
    ) -> Result<Self> {
        let Form { delimiter, charset, header } = form;
        let label = table.file;
        let census = |column: usize| census.and_then(|census| census.get(column));
        for name in wishes.target.iter().chain(&wishes.group).chain(&wishes.drop) {
            table.column(name).map_err(|error| nearest(error, name, &table.columns))?;
        }
        // Which texts a column holds, how often, and what they are as numbers.
        let cells = (table.rows.len() as u64).saturating_mul(table.columns.len() as u64);
        check_memory(cells.saturating_mul(BYTES_OF_A_CELL))
            .map_err(|problem| DataError::in_file(label, problem))?;
        let cells = Columns::of(table)?;
        let (notation, doubt) = numbers::notation(&cells, delimiter, &wishes.missing);
        let mut facts = Self {
            rows: census(0).map_or(table.rows.len(), |census| census.rows),
            sampled: census(0).map(|_| table.rows.len()),
            delimiter: char::from(delimiter),
            charset,
            header,
            notation,
            columns: Vec::new(),
            task: None,
            smallest_class: None,
            questions: Vec::from_iter(doubt),
        };
        if let Some(charset) = facts.charset {
            let foreign = cells.iter().flatten().find(|cell| !cell.is_ascii()).unwrap_or_default();
            facts.questions.push(format!(
                "The file is not UTF-8; it was read as {charset}: is `{foreign}` right? Else save it as UTF-8"
            ));
        }
        // Columns that say the same, by what they say: equal digests are looked at once more.
        let mut known: HashMap<u64, usize> = HashMap::new();
        let hasher = RandomState::new();
        for (place, (name, of_column)) in table.columns.iter().zip(cells.iter()).enumerate() {
            let digest = census(place).map_or_else(|| hasher.hash_one(&of_column), |census| census.digest);
            let first = *known.entry(digest).or_insert(place);
            let twin = table.columns.get(first).filter(|_| first != place && cells.get(first) == of_column);
            let found = column::facts(name, &of_column, census(place), twin, wishes, &mut facts);
            facts.columns.push(found);
        }
        if let Some(target) =
            wishes.target.as_ref().and_then(|name| table.columns.iter().position(|column| column == name))
        {
            let cells = cells.get(target);
            facts.task = Some(target::task(label, &cells, census(target), wishes.task, target, &mut facts)?);
            // A recipe names columns: those that are used must have names of their own.
            for column in facts.columns.iter().filter(|column| column.used != ColumnUse::LeftOut) {
                table.column(&column.name)?;
            }
            if !wishes.labels && !facts.columns.iter().any(|column| column.used == ColumnUse::Feature) {
                return Err(DataError::in_file(
                    label,
                    "has no column to learn from beside the target; see `inspect`",
                ));
            }
        }
        Ok(facts)
    }

    /// Looks at a table in a file; `label` names it in messages. Of a large one, as many rows are kept as are needed to judge by, and
    /// the others are counted and checked as they go by: memory does not grow with the file.
    ///
    /// # Errors
    /// As for [`of`](Self::of), and a file that cannot be read.
    pub fn of_file(label: &str, files: &Files, name: &str, wishes: &TableWishes) -> Result<Self> {
        match large::facts(label, files, name, wishes)? {
            Some(facts) => Ok(facts),
            None => Self::of(label, &files.read(name)?.bytes, wishes),
        }
    }

    /// The columns that may be the target, the likeliest first, each with what speaks for it.
    #[must_use]
    pub fn targets(&self) -> Vec<(&str, String)> {
        target::choices(self)
    }
}

/// Whether a first row names columns: names differ, and most are no values.
fn is_header(cells: &[&str]) -> bool {
    let value = |cell: &&&str| looks_numeric(cell) || !cell.is_empty() && is_missing(cell);
    let distinct = cells.iter().collect::<std::collections::BTreeSet<_>>().len() == cells.len();
    let values = cells.iter().filter(value).count();
    values == 0 || distinct && 2 * values < cells.len()
}

/// The error with the name that was likely meant.
fn nearest(error: DataError, name: &str, columns: &[String]) -> DataError {
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    match crate::keys::nearest(name, &names) {
        Some(nearest) => error.and(&format!("; did you mean `{nearest}`?")),
        None => error,
    }
}

#[cfg(test)]
mod tests;
