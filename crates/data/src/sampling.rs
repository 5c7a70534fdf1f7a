//! Which rows an epoch has.

use serde::{Deserialize, Serialize};

use crate::{Labelled, seed};

/// How often the rows come in an epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampling {
    /// Each once.
    #[default]
    Uniform,
    /// As many as before, drawn with replacement so that all classes that occur are expected equally often.
    Balanced,
}

/// The rows of each class.
#[derive(Debug, Clone)]
pub(crate) struct ClassRows(Vec<Vec<usize>>);

impl ClassRows {
    pub fn of(data: &Labelled, rows: &[usize]) -> Self {
        let mut classes = vec![Vec::new(); data.class_count()];
        for &row in rows {
            if let Some(class) = data.labels().get(row).and_then(|&label| classes.get_mut(label as usize)) {
                class.push(row);
            }
        }
        classes.retain(|rows| !rows.is_empty());
        Self(classes)
    }

    /// `count` rows: a uniform class, then a uniform row of it.
    pub fn draw(&self, count: usize, seed: u64, epoch: u64) -> Vec<usize> {
        let mut rng = seed::rng(seed, &[seed::purpose::BALANCE, epoch]);
        let draw = |_| {
            let rows = self.0.get(seed::below(&mut rng, self.0.len()))?;
            rows.get(seed::below(&mut rng, rows.len())).copied()
        };
        (0..count).filter_map(draw).collect()
    }
}

/// How often each of `rows` occurs before its place.
pub(crate) fn copies(rows: &[usize], data: &Labelled) -> Vec<u64> {
    let mut seen = vec![0; data.len()];
    rows.iter()
        .map(|&row| {
            let before = seen[row];
            seen[row] += 1;
            before
        })
        .collect()
}
