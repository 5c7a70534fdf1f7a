use std::fmt;

use serde::{Deserialize, Serialize};

use super::date::ISO;

/// What a column of a table holds, as a recipe says it: `"number"`, `"number?"`, `"yes/no"`, `"category"`, `"ordered"`, `"date"`,
/// `"date %d/%m/%Y"`, `"time"`, `"text"`. A question mark says that cells may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ColumnKind {
    /// Numbers.
    Number {
        /// Whether some may be missing.
        optional: bool,
    },
    /// Yes or no, in one of several languages, in any case.
    YesNo {
        /// Whether some may be missing.
        optional: bool,
    },
    /// Names, of which each is a level; a missing cell is one, too.
    Category,
    /// Names that are levels in an order, which the recipe gives in `levels`.
    Ordered {
        /// Whether some may be missing.
        optional: bool,
    },
    /// Dates, with or without a time of day.
    Date {
        /// Whether some may be missing.
        optional: bool,
        /// How they are written, in the words of `strftime`.
        form: String,
    },
    /// Times of day.
    Time {
        /// Whether some may be missing.
        optional: bool,
    },
    /// Sentences.
    Text,
}

impl ColumnKind {
    /// The names of the kinds.
    pub const NAMES: &'static str = "number, yes/no, ordered, date (with a form such as %d/%m/%Y behind it), time, with a `?` at each where some are missing; \
         category or text";
}

impl TryFrom<String> for ColumnKind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, form) = match text.split_once(' ') {
            Some((name, form)) => (name, Some(form.trim())),
            None => (text.as_str(), None),
        };
        let (plain, optional) = match name.strip_suffix('?') {
            Some(plain) => (plain, true),
            None => (name, false),
        };
        match (plain, optional, form) {
            ("number", optional, None) => Ok(Self::Number { optional }),
            ("yes/no", optional, None) => Ok(Self::YesNo { optional }),
            ("ordered", optional, None) => Ok(Self::Ordered { optional }),
            ("time", optional, None) => Ok(Self::Time { optional }),
            ("category", false, None) => Ok(Self::Category),
            ("date", optional, form) => Ok(Self::Date { optional, form: form.unwrap_or(ISO).into() }),
            ("text", false, None) => Ok(Self::Text),
            _ => Err(format!("expected {}, found `{text}`", Self::NAMES)),
        }
    }
}

impl From<ColumnKind> for String {
    fn from(kind: ColumnKind) -> Self {
        kind.to_string()
    }
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |optional: &bool| if *optional { "?" } else { "" };
        match self {
            Self::Number { optional } => write!(f, "number{}", mark(optional)),
            Self::YesNo { optional } => write!(f, "yes/no{}", mark(optional)),
            Self::Ordered { optional } => write!(f, "ordered{}", mark(optional)),
            Self::Time { optional } => write!(f, "time{}", mark(optional)),
            Self::Category => f.write_str("category"),
            Self::Date { optional, form } if form == ISO => write!(f, "date{}", mark(optional)),
            Self::Date { optional, form } => write!(f, "date{} {form}", mark(optional)),
            Self::Text => f.write_str("text"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_as_they_are_written() {
        for text in [
            "number",
            "number?",
            "yes/no",
            "yes/no?",
            "category",
            "ordered",
            "ordered?",
            "date",
            "date?",
            "date %d/%m/%Y",
            "date? %Y%m%d",
            "time",
            "time?",
            "text",
        ] {
            assert_eq!(ColumnKind::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        for text in ["", "numbers", "category?", "text?", "number %d", "category a", "time %H"] {
            let message = ColumnKind::try_from(text.to_owned()).unwrap_err();
            assert!(message.starts_with("expected number, yes/no, ordered"), "{message}");
        }
    }
}
