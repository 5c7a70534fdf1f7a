//! Bad rows that are passed over.

use crate::{DataError, Result};

/// Counts them, up to what `skip_bad` allows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct BadRows {
    allowed: usize,
    count: usize,
    first: Option<String>,
}

impl BadRows {
    /// So many may be bad.
    pub fn allow(allowed: usize) -> Self {
        Self { allowed, ..Self::default() }
    }

    /// Passes over one more.
    ///
    /// # Errors
    /// `error` itself, where it is one too many.
    pub fn pass(&mut self, error: DataError) -> Result<()> {
        if self.count < self.allowed {
            self.count += 1;
            self.first.get_or_insert_with(|| error.to_string());
            return Ok(());
        }
        Err(match self.allowed {
            0 => error,
            allowed => {
                error.and(&format!("; {allowed} bad lines were passed over before it, as skip_bad allows"))
            }
        })
    }

    /// How many were passed over, and what was wrong with the first.
    pub fn passed(self) -> (usize, Option<String>) {
        (self.count, self.first)
    }

    /// What to say of them.
    pub fn warning(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        let rows = if self.count == 1 {
            "1 bad row was".to_owned()
        } else {
            format!("{} bad rows were", self.count)
        };
        Some(format!("{rows} passed over, as skip_bad allows; the first: {first}"))
    }
}
