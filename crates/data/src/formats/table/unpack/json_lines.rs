//! Lines of JSON as delimited text.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Delimited;
use crate::{DataError, Result};

/// More fields than this are not those of a table.
const MOST_FIELDS: usize = 100_000;

/// A row for each line, a column for each key in the order that they are met with; what a line lacks is blank, what has parts of
/// its own stays JSON.
pub(super) fn text(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    let mut rows: Vec<Map<String, Value>> = Vec::new();
    for (line, text) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let wrong = |problem: String| DataError::in_line(label, line as u64 + 1, problem);
        let row: Map<String, Value> = serde_json::from_slice(text)
            .map_err(|error| wrong(format!("expected a JSON object in each line: {error}")))?;
        for name in row.keys() {
            if !places.contains_key(name) {
                places.insert(name.clone(), names.len());
                names.push(name.clone());
            }
        }
        if names.len() > MOST_FIELDS {
            return Err(wrong(format!("the lines have more than {MOST_FIELDS} different fields")));
        }
        rows.push(row);
    }
    if names.is_empty() {
        return Err(DataError::in_file(label, "holds no field"));
    }
    let mut written = Delimited::new();
    written.row(names.iter().map(|name| Cow::Borrowed(name.as_str())));
    for row in &rows {
        written.row(names.iter().map(|name| match row.get(name) {
            None | Some(Value::Null) => Cow::Borrowed(""),
            Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
            Some(other) => Cow::Owned(other.to_string()),
        }));
    }
    Ok(written.finish())
}
