//! Where in what was given something stands.

use std::fmt;

/// A place in a file that a person wrote, as far as it is known: what an error points at.
///
/// ```
/// use brasa_keys::Location;
///
/// let at = Location { line: Some(12), ..Location::file("recipe.toml") }.with_key("optimizer.lr");
/// assert_eq!(at.to_string(), "recipe.toml, line 12: `optimizer.lr`");
/// assert_eq!(Location::key("optimizer.lr").to_string(), "`optimizer.lr`");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// The file, or what stands for one: an option of the command line.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column, in characters from 1.
    pub column: Option<usize>,
    /// The key with its tables: `optimizer.lr`.
    pub key: Option<String>,
}

impl Location {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..Self::default() }
    }

    /// A key of which no more is known.
    pub fn key(key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::default() }
    }

    /// The byte at `offset` of `content`, the content of `file`.
    pub fn in_text(file: impl Into<String>, content: &str, offset: usize) -> Self {
        let before = content.get(..offset).unwrap_or(content);
        let line = before.rsplit('\n').next().unwrap_or(before);
        Self {
            line: Some(1 + before.matches('\n').count()),
            column: Some(1 + line.chars().count()),
            ..Self::file(file)
        }
    }

    /// The same place, and which key stands there.
    #[must_use]
    pub fn with_key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        if let Some(file) = &self.file {
            formatter.write_str(file)?;
            before = ", ";
        }
        if let Some(line) = self.line {
            write!(formatter, "{before}line {line}")?;
            before = ", ";
        }
        if let Some(key) = &self.key {
            write!(formatter, "{}`{key}`", if before.is_empty() { "" } else { ": " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let place = |offset| {
            let at = Location::in_text("f", "añb\nc = 1\n", offset);
            (at.line, at.column)
        };
        assert_eq!(place(0), (Some(1), Some(1)));
        assert_eq!(place(3), (Some(1), Some(3)));
        assert_eq!(place(5), (Some(2), Some(1)));
        assert_eq!(place(9), (Some(2), Some(5)));
        assert_eq!(place(99), (Some(3), Some(1)));
    }

    #[test]
    fn what_is_unknown_is_left_out() {
        assert_eq!(Location::default().to_string(), "");
        assert_eq!(Location { line: Some(3), ..Location::default() }.to_string(), "line 3");
        assert_eq!(Location::file("a.toml").to_string(), "a.toml");
        assert_eq!(Location::file("a.toml").with_key("x").to_string(), "a.toml: `x`");
    }
}
