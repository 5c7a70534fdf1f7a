//! What goes to stdout and what to stderr.

use std::io::{ErrorKind, Write};

use serde::Serialize;

use crate::error::{CliError, Result};

/// The two streams. With `--json`, stdout carries one object and all else goes to stderr.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    json: bool,
}

impl Screen {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// A line for a person: the verb's answer, or beside the JSON object.
    pub(crate) fn say(self, text: impl AsRef<str>) {
        if self.json { note(text) } else { emit(std::io::stdout().lock(), text.as_ref()) }
    }

    /// The verb's answer for a program; nothing without `--json`.
    pub(crate) fn object<T: Serialize>(self, value: &T) -> Result<()> {
        if self.json {
            let text = serde_json::to_string(value)
                .map_err(|error| CliError::Failure(format!("cannot write the answer as JSON: {error}")))?;
            emit(std::io::stdout().lock(), &text);
        }
        Ok(())
    }

    /// The verb's end with an error.
    pub(crate) fn fail(self, error: &CliError) {
        note(format!("error: {error}"));
        if self.json {
            emit(std::io::stdout().lock(), &serde_json::json!({ "error": error.to_string() }).to_string());
        }
    }
}

/// A line on stderr.
pub(crate) fn note(text: impl AsRef<str>) {
    emit(std::io::stderr().lock(), text.as_ref());
}

fn emit(mut stream: impl Write, text: &str) {
    if let Err(error) = writeln!(stream, "{text}").and_then(|()| stream.flush()) {
        // The reader went away (`| head`): nobody is left to tell.
        let code = if error.kind() == ErrorKind::BrokenPipe { 0 } else { 1 };
        std::process::exit(code);
    }
}
