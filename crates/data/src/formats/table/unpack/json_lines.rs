//! Lines of JSON as delimited text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::Delimited;
use crate::{DataError, Limit, Result};

/// The fields of a line in their order.
struct Row(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Row, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Row(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// So many cells are never too many.
const FEW_CELLS: u64 = 10_000_000;
const CELLS_OF_A_BYTE: u64 = 16;

/// A row for each line, a column for each key in the order that they are met with; what a line lacks is blank, what has
/// parts of its own stays JSON. Of a key that comes twice in a line, the last counts.
pub(super) fn text(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<(usize, Value)>> = Vec::new();
    for (line, text) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let wrong = |problem: String| DataError::in_line(label, line as u64 + 1, problem);
        let Row(fields) = serde_json::from_slice(text)
            .map_err(|error| wrong(format!("expected a JSON object in each line: {error}")))?;
        let mut row = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let place = *places.entry(name).or_insert_with_key(|name| {
                names.push(name.clone());
                names.len() - 1
            });
            row.push((place, value));
        }
        rows.push(row);
        // Most of the cells of few bytes are blank.
        let most = Limit::Cells.most().min(FEW_CELLS.max(CELLS_OF_A_BYTE * bytes.len() as u64));
        if rows.len() as u64 * names.len() as u64 > most {
            let (rows, fields) = (rows.len(), names.len());
            return Err(wrong(format!("{rows} lines of {fields} different fields are too many cells")));
        }
    }
    if names.is_empty() {
        return Err(DataError::in_file(label, "holds no field"));
    }
    let mut written = Delimited::new();
    written.row(names.iter().map(|name| Cow::Borrowed(name.as_str())));
    for row in rows {
        let mut cells = vec![Cow::Borrowed(""); names.len()];
        for (place, value) in &row {
            cells.get_mut(*place).into_iter().for_each(|own| *own = cell(value));
        }
        written.row(cells.into_iter());
    }
    Ok(written.finish())
}

fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
