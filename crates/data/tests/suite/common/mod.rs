//! Small data sets.
#![allow(dead_code)]

use brasa_data::{Labelled, Samples, Values};

/// A table whose row `i` holds `i`, with the given labels and groups.
pub fn counting(labels: &[u32], groups: Option<Vec<u32>>) -> Labelled {
    let values = (0..labels.len()).map(|i| i as f32).collect();
    let classes = labels.iter().max().map_or(0, |label| label + 1);
    Labelled {
        feature_names: vec!["x".into()],
        groups,
        ..Labelled::new(
            "counting",
            Samples::new(vec![1], Values::F32(values)).unwrap(),
            labels.to_vec(),
            (0..classes).map(|class| format!("class {class}")).collect(),
        )
    }
}

/// `[0; a], [1; b], ...` for `[a, b, ...]`.
pub fn repeated(counts: &[usize]) -> Vec<u32> {
    (0..).zip(counts).flat_map(|(value, &count)| std::iter::repeat_n(value, count)).collect()
}
