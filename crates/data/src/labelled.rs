//! A data set, before it is split.

use std::fmt;

use burn_dataset::{Dataset, DatasetError};
use serde::{Deserialize, Serialize};

use crate::{
    ClassTargets, DataError, Encoding, NumberTargets, Result, SampleNames, Samples, Targets, TextFacts,
};

/// The three uses of a row. Training fits, validation chooses, the test split is looked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Rows that weights and scalers are fitted on.
    Train,
    /// Rows that early stopping, checkpoints and tuning look at.
    Valid,
    /// Rows for the final judgement.
    Test,
}

impl Role {
    /// All roles, in order.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];
}

impl Role {
    /// The name in recipes, files and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A file that data were read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its name in the recipe.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its checksum, in lower-case hexadecimal.
    pub sha256: String,
}

impl SourceFile {
    /// The record of a file with the given content.
    #[must_use]
    pub fn of(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            bytes: content.len() as u64,
            sha256: crate::manifest::sha256_hex(content),
        }
    }
}

/// A column of a table among the numbers of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedColumn<'a> {
    /// Its name.
    pub name: &'a str,
    /// The first of its numbers.
    pub from: usize,
    /// How many there are.
    pub width: usize,
    /// Whether the first is the number of a cell, as it is written.
    pub is_number: bool,
    /// Whether the first is the day of a cell.
    pub is_date: bool,
    /// How many levels there are, where the first is that of a cell: 0, or NaN in an ordered column, for none of them.
    pub levels: Option<usize>,
}

/// Samples with a target each.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// Names the data in messages.
    pub name: String,
    /// The features.
    pub samples: Samples,
    /// What is to be predicted of each sample.
    pub targets: Targets,
    /// Names of the columns; empty for images.
    pub feature_names: Vec<String>,
    /// The levels of each feature that holds the numbers of levels, which count from 1, 0 being none of them; empty for one
    /// that holds numbers, and no lists at all where all do.
    pub levels: Vec<Vec<String>>,
    /// The columns of the file that the features come from, and what their cells become, where they hold more than numbers.
    pub columns: Vec<(String, Encoding)>,
    /// A group number per sample: rows of one group must stay in one part of a split.
    pub groups: Option<Vec<u32>>,
    /// Names by group number.
    pub group_names: Vec<String>,
    /// The split of each sample, where the data come split.
    pub roles: Option<Vec<Role>>,
    /// The steps of each sample that are its own, from the first on, where others were added to bring all to one length.
    pub lengths: Option<Vec<usize>>,
    /// What was read.
    pub files: Vec<SourceFile>,
    /// What the numbers of tokens mean, where the samples are titles.
    pub text: Option<TextFacts>,
    /// What each sample is called, where it is a file of its own.
    pub sample_names: Option<SampleNames>,
    /// What looks like an oversight in the data, a sentence each.
    pub warnings: Vec<String>,
}

impl Labelled {
    /// Samples with their labels and nothing more; what else the data say is set by its field.
    ///
    /// ```
    /// use brasa_data::{Labelled, Samples, Values};
    ///
    /// let samples = Samples::new(vec![1], Values::F32(vec![0.5, 2.0]))?;
    /// let data = Labelled {
    ///     feature_names: vec!["length".into()],
    ///     ..Labelled::new("leaves", samples, vec![0, 1], vec!["oak".into(), "elm".into()])
    /// };
    /// assert_eq!((data.len(), data.class_count()), (2, 2));
    /// # Ok::<(), brasa_data::DataError>(())
    /// ```
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        samples: Samples,
        labels: Vec<u32>,
        class_names: Vec<String>,
    ) -> Self {
        Self {
            name: name.into(),
            samples,
            targets: Targets::Classes(ClassTargets { labels, names: class_names, soft: None }),
            feature_names: Vec::new(),
            levels: Vec::new(),
            columns: Vec::new(),
            groups: None,
            group_names: Vec::new(),
            roles: None,
            lengths: None,
            files: Vec::new(),
            text: None,
            sample_names: None,
            warnings: Vec::new(),
        }
    }

    /// The same data, to predict numbers instead.
    #[must_use]
    pub fn with_numbers(self, numbers: NumberTargets) -> Self {
        Self { targets: Targets::Numbers(numbers), ..self }
    }

    /// The same data with probabilities of the classes per sample, `[samples * classes]`; without classes, nothing
    /// changes.
    #[must_use]
    pub fn with_soft_labels(mut self, probabilities: Option<Vec<f32>>) -> Self {
        if let Targets::Classes(classes) = &mut self.targets {
            classes.soft = probabilities;
        }
        self
    }

    /// The class number of each sample; none where numbers are predicted.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        match &self.targets {
            Targets::Classes(classes) => &classes.labels,
            Targets::Numbers(_) => &[],
        }
    }

    /// Names by class number; none where numbers are predicted.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        match &self.targets {
            Targets::Classes(classes) => &classes.names,
            Targets::Numbers(_) => &[],
        }
    }

    /// Probabilities of the classes per sample, `[samples * classes]`, where the data give them.
    #[must_use]
    pub fn soft_labels(&self) -> Option<&[f32]> {
        match &self.targets {
            Targets::Classes(classes) => classes.soft.as_deref(),
            Targets::Numbers(_) => None,
        }
    }

    /// The numbers to predict, where it is numbers.
    #[must_use]
    pub fn numbers(&self) -> Option<&NumberTargets> {
        match &self.targets {
            Targets::Classes(_) => None,
            Targets::Numbers(numbers) => Some(numbers),
        }
    }

    /// The columns of a table in their order, each with its places in a sample.
    #[must_use]
    pub fn placed_columns(&self) -> Vec<PlacedColumn<'_>> {
        let mut from = 0;
        let mut next = |name, encoding: Option<&Encoding>| {
            let width = encoding.map_or(1, Encoding::width);
            from += width;
            PlacedColumn {
                name,
                from: from - width,
                width,
                is_number: encoding.is_none_or(Encoding::is_number),
                is_date: encoding.is_some_and(Encoding::is_date),
                levels: encoding.and_then(Encoding::level_count),
            }
        };
        match self.columns.as_slice() {
            [] => self.feature_names.iter().map(|name| next(name.as_str(), None)).collect(),
            columns => columns.iter().map(|(name, encoding)| next(name.as_str(), Some(encoding))).collect(),
        }
    }

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Number of classes.
    #[must_use]
    pub fn class_count(&self) -> usize {
        self.class_names().len()
    }

    /// What a model needs an output for: classes, or numbers to predict.
    #[must_use]
    pub fn output_count(&self) -> usize {
        match &self.targets {
            Targets::Classes(classes) => classes.names.len(),
            Targets::Numbers(numbers) => numbers.names.len(),
        }
    }

    /// Whether the samples are `[channels, height, width]`.
    #[must_use]
    pub fn is_image(&self) -> bool {
        self.samples.shape().len() == 3
    }

    /// Checks what the public fields cannot: that all parts have one length, every label has a class, and every number
    /// is finite. What [`load`](crate::load) returns has passed.
    ///
    /// # Errors
    /// [`DataError::Samples`], or [`DataError::Content`] for a label that no class has.
    pub fn check(&self) -> Result<()> {
        let samples = self.len();
        let parts = [
            ("groups", self.groups.as_ref().map(Vec::len)),
            ("roles", self.roles.as_ref().map(Vec::len)),
            ("lengths", self.lengths.as_ref().map(Vec::len)),
            ("names", self.sample_names.as_ref().map(SampleNames::len)),
        ];
        for (what, found) in parts {
            if let Some(found) = found.filter(|&found| found != samples) {
                return Err(DataError::samples(&self.name, format!("{samples} samples, but {found} {what}")));
            }
        }
        self.targets.check(&self.name, samples)
    }

    /// Those of `rows` that are of a class, in their order.
    pub fn of_class<'a>(&'a self, class: usize, rows: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
        rows.iter().copied().filter(move |&row| self.labels().get(row).is_some_and(|&l| l as usize == class))
    }

    /// How many of `rows` are of each class. Rows that do not exist are not counted.
    #[must_use]
    pub fn class_counts(&self, rows: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.class_count()];
        for &row in rows {
            if let Some(count) = self.labels().get(row).and_then(|&label| counts.get_mut(label as usize)) {
                *count += 1;
            }
        }
        counts
    }
}

/// One sample, as Burn's own data loaders pass it on.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Unscaled values, in the order of the sample's shape.
    pub features: Vec<f32>,
    /// The class number.
    pub label: u32,
}

impl Dataset<Item> for Labelled {
    fn get(&self, index: usize) -> std::result::Result<Item, DatasetError> {
        match self.labels().get(index) {
            Some(&label) => Ok(Item { features: self.samples.row_f32(index), label }),
            None => Err(DatasetError::new(std::io::Error::other(format!(
                "{}: sample {index} has no class",
                self.name
            )))),
        }
    }

    fn len(&self) -> usize {
        self.samples.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::testing::table;

    #[test]
    fn parts_of_different_length_are_found() {
        let data = table(&[1.0, 2.0, 3.0], &[0, 1, 1]);
        data.check().unwrap();
        let names = data.class_names().to_vec();
        let data = Labelled::new(data.name, data.samples, vec![0, 1], names);
        let message = data.check().unwrap_err().to_string();
        assert_eq!(message, "table: 3 samples, but 2 labels");
    }

    #[test]
    fn a_label_without_a_class_is_found() {
        let data = table(&[1.0, 2.0, 3.0], &[0, 1, 1]);
        let names = data.class_names().to_vec();
        let data = Labelled::new(data.name, data.samples, vec![0, 1, 7], names);
        let message = data.check().unwrap_err().to_string();
        assert_eq!(message, "table: row 2: expected a label below 2, found 7");
    }

    #[test]
    fn soft_labels_are_rows_of_probabilities() {
        let data = |soft: &[f32]| table(&[1.0, 2.0], &[0, 1]).with_soft_labels(Some(soft.to_vec()));
        data(&[0.25, 0.75, 1.0, 0.0]).check().unwrap();
        let message = |soft| data(soft).check().unwrap_err().to_string();
        assert_eq!(message(&[1.0, 0.0]), "table: 2 samples, but 2 probabilities of classes");
        assert_eq!(
            message(&[1.0, 0.0, 0.5, 0.25]),
            "table: row 1: expected probabilities that sum to 1, found a sum of 0.75"
        );
        assert_eq!(
            message(&[1.5, -0.5, f32::NAN, 0.0]),
            "table: row 0: expected probabilities that sum to 1, found a number outside 0 to 1"
        );
    }

    #[test]
    fn rows_of_a_class_keep_their_order() {
        let data = table(&[0.0; 4], &[1, 0, 1, 1]);
        assert_eq!(data.of_class(1, &[3, 1, 0, 9]).collect::<Vec<_>>(), [3, 0]);
        assert_eq!(data.of_class(2, &[0, 1]).count(), 0);
    }

    #[test]
    fn burn_reads_it_as_a_dataset() {
        let data = table(&[1.0, 2.0, 3.0], &[0, 1, 1]);
        let items = (0..Dataset::<Item>::len(&data))
            .map(|i| Dataset::<Item>::get(&data, i).unwrap())
            .collect::<Vec<_>>();
        assert_eq!(items[2], Item { features: vec![3.0], label: 1 });
        assert_eq!(items.len(), 3);
    }
}
