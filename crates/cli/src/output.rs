//! What goes to stdout and what to stderr.

use std::io::{ErrorKind, Write};

use serde::Serialize;

use crate::error::{CliError, Result};
use crate::printable::{is_hidden, printable};

/// The two streams. With `--json`, stdout carries one object and stderr only what is worth a note.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    json: bool,
}

impl Screen {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// A part of the verb's answer for a person; nothing with `--json`, whose object has it.
    pub(crate) fn say(self, text: impl AsRef<str>) {
        if !self.json {
            answer(&printable(text.as_ref()));
        }
    }

    /// The verb's answer for a program; nothing without `--json`.
    pub(crate) fn object<T: Serialize>(self, value: &T) -> Result<()> {
        if self.json {
            let text = serde_json::to_string(value)
                .map_err(|error| CliError::Failure(format!("cannot write the answer as JSON: {error}")))?;
            answer(&visible(&text));
        }
        Ok(())
    }

    /// The verb's end with an error.
    pub(crate) fn fail(self, error: &CliError) {
        note(format!("error: {error}"));
        if self.json {
            answer(&visible(&serde_json::json!({ "error": error.to_string() }).to_string()));
        }
    }
}

/// JSON in which what a terminal would obey is escaped, as JSON escapes it: it can only stand within texts.
fn visible(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        match is_hidden(c) {
            false => shown.push(c),
            true => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| shown.push_str(&format!("\\u{unit:04x}")))
            }
        }
    }
    shown
}

/// A line on stderr. A reader that went away misses it; the work goes on.
pub(crate) fn note(text: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{}", one_message(text.as_ref()));
}

/// A text that is seen to be one message: its further lines are set in, so that a name with a line break in it
/// cannot look like another message.
pub(crate) fn one_message(text: &str) -> String {
    printable(text.trim_end_matches('\n')).replace('\n', "\n  ")
}

/// A line, or a whole text, on stdout. Where its reader went away (`| head`), nobody is left to tell.
pub(crate) fn answer(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = writeln!(stdout, "{}", text.trim_end_matches('\n')).and_then(|()| stdout.flush()) {
        if error.kind() == ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        note(format!("error: cannot write stdout: {error}"));
        std::process::exit(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_line_break_does_not_look_like_another_message() {
        for forged in ["`a\nerror: forged` is no number", "`a`\n\nwarning: forged\n", "`\r\nerror: forged`"] {
            let shown = one_message(forged);
            assert!(shown.lines().skip(1).all(|line| line.starts_with("  ")), "{shown}");
        }
        assert_eq!(one_message("plain"), "plain");
    }
}
