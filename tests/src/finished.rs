//! What a command left behind.

use std::fmt;

use serde_json::Value;

/// A command that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The command line.
    pub command: String,
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, code, stdout, stderr } = self;
        write!(f, "$ {command}\nexit code {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

impl Finished {
    /// It ended with exit code 0 and without an error message.
    ///
    /// # Panics
    /// Where it did not.
    pub fn succeeds(self) -> Self {
        self.assert_no_panic();
        assert!(self.code == Some(0), "expected success\n{self}");
        assert!(self.errors().is_empty(), "{self}");
        self
    }

    /// It ended with this exit code, one error message that holds all of `parts`, and no answer on stdout.
    ///
    /// # Panics
    /// Where it did not.
    pub fn fails(self, code: i32, parts: &[&str]) -> Self {
        self.assert_no_panic();
        assert!(self.code == Some(code), "expected exit code {code}\n{self}");
        let errors = self.errors();
        assert!(errors.len() == 1, "expected one error message\n{self}");
        // A message may go on over several lines.
        let start = self.stderr.find(errors[0]).unwrap_or(0);
        let message = self.stderr.get(start..).unwrap_or_default();
        for part in parts {
            assert!(message.contains(part), "expected `{part}` in the message\n{self}");
        }
        assert!(self.stdout.is_empty() || self.stdout.starts_with("{\"error\":"), "{self}");
        self
    }

    /// The one JSON object that is all of stdout.
    ///
    /// # Panics
    /// Where stdout is something else.
    #[must_use]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(Value::Object(object)) => Value::Object(object),
            other => panic!("expected one JSON object on stdout, found {other:?}\n{self}"),
        }
    }

    /// # Panics
    /// Where it panicked itself.
    pub fn assert_no_panic(&self) {
        for words in ["panicked", "RUST_BACKTRACE", "unwrap()", "a fault of this program"] {
            assert!(!self.stderr.contains(words) && !self.stdout.contains(words), "{self}");
        }
    }

    fn errors(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("error: ")).collect()
    }
}
