//! What is taken out of one line, whatever its format.

use std::borrow::Cow;
use std::fmt;

use crate::formats::delimited::text_of;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The names that are looked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Fields {
    /// The title or its tokens.
    pub words: String,
    /// The category; none when predicting.
    pub target: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// The split.
    pub split: Option<String>,
}

impl Fields {
    /// All names.
    pub fn names(&self) -> Vec<&str> {
        let all = [Some(&self.words), self.target.as_ref(), self.language.as_ref(), self.split.as_ref()];
        all.into_iter().flatten().map(String::as_str).collect()
    }
}

/// One value of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Text(Cow<'a, str>),
    List(Vec<Cow<'a, str>>),
    /// Of a kind that is never looked for.
    Other(&'static str),
}

impl Cell<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Other(kind) => kind,
        }
    }
}

/// The values of [`Fields`] in one line.
#[derive(Debug, Default)]
pub(super) struct Cells<'a> {
    pub words: Option<Cell<'a>>,
    pub target: Option<Cell<'a>>,
    pub language: Option<Cell<'a>>,
    pub split: Option<Cell<'a>>,
}

impl<'a> Cells<'a> {
    /// The fields of a JSON object. Other fields are not looked at.
    pub fn of_json(line: &'a [u8], fields: &Fields) -> Result<Self, String> {
        let text = utf8(line)?;
        // Files that were joined have a mark where each begins.
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with('[') {
            return Err(LIST.to_owned());
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let cells = reader.deserialize_map(Object(fields)).and_then(|cells| reader.end().map(|()| cells));
        cells.map_err(|error| not_json(text, &error))
    }

    /// The given value as text that is not blank.
    pub fn text<'c>(cell: &'c Option<Cell<'a>>, name: &str) -> Result<&'c str, String> {
        match cell {
            Some(Cell::Text(text)) => match text.trim() {
                "" => Err(format!("`{name}` is empty")),
                text => Ok(text),
            },
            Some(other) => Err(format!("`{name}`: expected text, found {}", other.kind())),
            None => Err(format!("there is no `{name}`")),
        }
    }
}

/// A line or cell as text.
pub(super) fn utf8(line: &[u8]) -> Result<&str, String> {
    text_of(line).map_err(|(expected, found)| format!("expected {expected}, found {found}"))
}

const LIST: &str = "expected a JSON object, found a list; each line must hold one object, without brackets around all of \
    them (jq -c '.[]' writes a list so)";

/// What is wrong with a line that is no JSON object.
fn not_json(text: &str, error: &serde_json::Error) -> String {
    let column = error.column();
    let problem = error.to_string();
    let problem = problem.split(" at line ").next().unwrap_or_default();
    // The column may be that of the sign or of what follows it.
    let starts = |back: usize, word: &str| {
        column
            .checked_sub(back)
            .and_then(|place| text.get(place..))
            .is_some_and(|rest| rest.starts_with(word))
    };
    let words = ["-Infinity", "-inf", "-NaN", "NaN", "Infinity", "nan", "inf"];
    if let Some(word) = words.into_iter().find(|word| (1..=2).any(|back| starts(back, word))) {
        return format!("not a JSON object: JSON has no `{word}`, found at column {column}; write null");
    }
    match problem {
        _ if error.is_eof() => {
            format!(
                "not a JSON object: {problem} at column {column}; each object must end on the line it begins on"
            )
        }
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            format!(
                "not a JSON object: {problem} at column {column}: half a character, such as \\ud83d alone"
            )
        }
        _ => format!("not a JSON object: {problem} at column {column}"),
    }
}

struct Object<'f>(&'f Fields);

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Cells<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut cells = Cells::default();
        while let Some(Name(name)) = map.next_key()? {
            let cell = if name == self.0.words {
                &mut cells.words
            } else if self.0.target.as_deref() == Some(&*name) {
                &mut cells.target
            } else if self.0.language.as_deref() == Some(&*name) {
                &mut cells.language
            } else if self.0.split.as_deref() == Some(&*name) {
                &mut cells.split
            } else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if cell.replace(map.next_value()?).is_some() {
                return Err(A::Error::custom(format!("`{name}` is there twice")));
            }
        }
        Ok(cells)
    }
}

/// A text that is borrowed where JSON needs no unescaping.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Cell::deserialize(deserializer)? {
            Cell::Text(text) => Ok(Self(text)),
            other => Err(D::Error::custom(format!("expected text, found {}", other.kind()))),
        }
    }
}

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyCell)
    }
}

struct AnyCell;

impl<'de> Visitor<'de> for AnyCell {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    // Categories are numbers in some files.
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Cell::Other("a fraction"))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Cell::Other("true or false"))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Cell::Other("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(Name(text)) = list.next_element()? {
            texts.push(text);
        }
        Ok(Cell::List(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Other("an object"))
    }
}
