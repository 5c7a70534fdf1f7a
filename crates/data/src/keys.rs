//! Checks that the tables of several formats share.

use std::collections::BTreeSet;

use crate::{DataError, Result};

/// The value of a key that must be there.
pub(crate) fn required<T: Clone>(key: &str, value: Option<&T>) -> Result<T> {
    value.cloned().ok_or_else(|| DataError::config(key, "missing"))
}

/// Names of at least two classes, no two of them the same.
pub(crate) fn class_names(key: &str, classes: &[String]) -> Result<()> {
    if classes.len() < 2 {
        return Err(DataError::config(key, "expected at least two names"));
    }
    let mut seen = BTreeSet::new();
    match classes.iter().find(|&name| !seen.insert(name)) {
        Some(name) => Err(DataError::config(key, format!("names `{name}` twice"))),
        None => Ok(()),
    }
}
