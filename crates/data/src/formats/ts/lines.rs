//! The lines of a file that say something.

use std::borrow::Cow;

use crate::formats::delimited::not_utf8;
use crate::stream::Stream;
use crate::{DataError, Limit, Result};

/// Reads line by line, and counts.
pub(super) struct Lines<'a> {
    stream: Stream<'a>,
    line: Vec<u8>,
    number: u64,
}

/// A line without the blanks around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'l> {
    label: &'l str,
    /// From 1.
    pub number: u64,
    pub text: &'l str,
}

impl<'a> Lines<'a> {
    pub fn of(label: &str, bytes: &'a [u8]) -> Result<Self> {
        Ok(Self { stream: Stream::of_bytes(label, bytes)?, line: Vec::new(), number: 0 })
    }

    /// The name of the file for messages.
    pub fn label(&self) -> &str {
        self.stream.label()
    }

    /// The next line that is neither blank nor a comment.
    pub fn next(&mut self) -> Result<Option<Line<'_>>> {
        let most = Limit::Row.most_len();
        loop {
            if !self.stream.line(&mut self.line, most)? {
                return Ok(None);
            }
            self.number += 1;
            if !matches!(self.line.trim_ascii_start(), [] | [b'#' | b'%', ..]) {
                break;
            }
        }
        let (label, number) = (self.stream.label(), self.number);
        if self.line.len() > most {
            let problem = format!("the line is longer than {most} bytes; {}", Limit::Row.hint());
            return Err(DataError::in_line(label, number, problem));
        }
        match std::str::from_utf8(&self.line) {
            Ok(text) => Ok(Some(Line { label, number, text: text.trim() })),
            Err(error) => {
                let problem = format!("expected text, found {}", not_utf8(&self.line, &error));
                Err(DataError::in_line(label, number, problem))
            }
        }
    }
}

impl Line<'_> {
    pub fn fault(&self, problem: impl Into<String>) -> DataError {
        DataError::in_line(self.label, self.number, problem)
    }
}

/// A text as a message shows it: its start, where it is long.
pub(super) fn shown(text: &str) -> Cow<'static, str> {
    match text {
        "" => "nothing".into(),
        text => format!("`{}`", text.chars().take(40).collect::<String>()).into(),
    }
}
