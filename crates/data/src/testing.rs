//! Small data sets for this crate's tests.
#![allow(clippy::unwrap_used)]

use crate::{Labelled, Samples, Values};

/// A table of one column, with the classes `0, 1, ...` that the labels need.
pub(crate) fn table(values: &[f32], labels: &[u32]) -> Labelled {
    let classes = labels.iter().max().map_or(0, |&label| label + 1);
    Labelled {
        feature_names: vec!["x".into()],
        ..Labelled::new(
            "table",
            Samples::new(vec![1], Values::F32(values.to_vec())).unwrap(),
            labels.to_vec(),
            (0..classes).map(|class| class.to_string()).collect(),
        )
    }
}
