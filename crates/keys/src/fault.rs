//! What is wrong with a table, and at which key.

use std::fmt;

/// What is wrong at one key of a table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}{problem}", place(.key, .problem))]
pub struct Fault {
    /// The key, with the tables around it that are known: `steps[1].degrees`. Empty for the table itself.
    pub key: String,
    /// What is wrong.
    pub problem: Box<Problem>,
}

/// What is wrong with a key or its value.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// A key that its table does not have.
    Unknown {
        /// The table, as in a sentence: "`adam`" or "`[training]`".
        table: String,
        /// The keys that it has.
        has: Vec<String>,
        /// The one of them that looks most like it.
        nearest: Option<String>,
        /// The other kinds that have this very key.
        elsewhere: Vec<&'static str>,
    },
    /// A key or a table that must be there.
    Missing {
        /// What is missing and what it would say, as in a sentence.
        what: String,
    },
    /// A value of the wrong type or out of its range.
    Value {
        /// What the key takes.
        expected: String,
        /// What it was given.
        found: String,
    },
    /// What does not go together, in its own words.
    Refused(String),
}

fn place(key: &str, problem: &Problem) -> String {
    match (key, problem) {
        ("", _) => String::new(),
        (key, Problem::Unknown { .. }) => format!("`{key}` "),
        (key, _) => format!("`{key}`: "),
    }
}

impl Fault {
    /// What is wrong at `key`, or, where that is empty, with the table itself.
    pub fn new(key: impl Into<String>, problem: Problem) -> Self {
        Self { key: key.into(), problem: Box::new(problem) }
    }

    /// A value of the wrong type or out of its range.
    pub fn value(key: &str, expected: impl Into<String>, found: impl ToString) -> Self {
        Self::new(key, Problem::Value { expected: expected.into(), found: found.to_string() })
    }

    /// What does not go together, in words.
    pub fn refused(key: &str, words: impl Into<String>) -> Self {
        Self::new(key, Problem::Refused(words.into()))
    }

    /// The `key` that `table`, as in a sentence, does not have; it has others.
    pub fn unknown<S: AsRef<str>>(key: &str, table: impl Into<String>, has: &[S]) -> Self {
        let problem = Problem::Unknown {
            table: table.into(),
            has: has.iter().map(|key| key.as_ref().to_owned()).collect(),
            nearest: nearest(key, has),
            elsewhere: Vec::new(),
        };
        Self::new(key, problem)
    }

    /// The same fault in a table that is itself the value of `table`, or element of a list: `steps[1]`.
    #[must_use]
    pub fn within(mut self, table: &str) -> Self {
        self.key = match self.key.as_str() {
            "" => table.to_owned(),
            key if key.starts_with('[') => format!("{table}{key}"),
            key => format!("{table}.{key}"),
        };
        self
    }
}

/// The one of `names` that looks most like `name`, if any does.
pub fn nearest<S: AsRef<str>>(name: &str, names: &[S]) -> Option<String> {
    names
        .iter()
        .map(|valid| (strsim::jaro_winkler(name, valid.as_ref()), valid))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, valid)| valid.as_ref().to_owned())
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { table, has, nearest, elsewhere } => {
                write!(formatter, "is not a key of {table}; ")?;
                if let Some(nearest) = nearest {
                    write!(formatter, "did you mean `{nearest}`? It has ")?;
                } else {
                    formatter.write_str("it has ")?;
                }
                match has.is_empty() {
                    true => formatter.write_str("none")?,
                    false => formatter.write_str(&has.join(", "))?,
                }
                match elsewhere.is_empty() {
                    true => Ok(()),
                    false => write!(formatter, " (it is a key of {})", elsewhere.join(", ")),
                }
            }
            Self::Missing { what } => write!(formatter, "{what}"),
            Self::Value { expected, found } => write!(formatter, "expected {expected}, found {found}"),
            Self::Refused(words) => formatter.write_str(words),
        }
    }
}
