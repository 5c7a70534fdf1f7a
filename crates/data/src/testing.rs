//! Small data sets for this crate's tests.
#![allow(clippy::unwrap_used)]

use crate::{Labelled, Samples, Values};

/// A table of one column, with the classes `0, 1, ...` that the labels need.
pub(crate) fn table(values: &[f32], labels: &[u32]) -> Labelled {
    let classes = labels.iter().max().map_or(0, |&label| label + 1);
    Labelled {
        name: "table".into(),
        samples: Samples::new(vec![1], Values::F32(values.to_vec())).unwrap(),
        labels: labels.to_vec(),
        soft_labels: None,
        class_names: (0..classes).map(|class| class.to_string()).collect(),
        feature_names: vec!["x".into()],
        groups: None,
        group_names: Vec::new(),
        roles: None,
        files: Vec::new(),
    }
}
