//! A data set in figures.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::leaks::{repeated, repetitions};
use crate::{Labelled, NumberTargets, Role, Samples, Split, TextFacts, TextStats, Values};

/// One split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitStats {
    /// The split.
    pub role: Role,
    /// Its rows.
    pub rows: usize,
    /// Rows by class number.
    pub class_counts: Vec<usize>,
}

/// The values of one column over all rows, or of all pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureStats {
    /// The column, or "pixels".
    pub name: String,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Population deviation.
    pub std: f64,
}

/// How differently the columns of a table vary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSpread {
    /// The column of the largest deviation.
    pub widest: FeatureStats,
    /// The column of the smallest, columns of one value left out.
    pub narrowest: FeatureStats,
}

impl ColumnSpread {
    /// The columns of a table over all rows; `None` for other data, and where fewer than two columns vary.
    #[must_use]
    pub fn of(data: &Labelled) -> Option<Self> {
        let names = &data.feature_names;
        let stats = columns(&data.samples);
        if names.len() != stats.len() {
            return None;
        }
        let named = names.iter().zip(stats).map(|(name, stats)| FeatureStats { name: name.clone(), ..stats });
        let mut varying = named.filter(|column| column.std > 0.0).collect::<Vec<_>>();
        varying.sort_by(|a, b| a.std.total_cmp(&b.std));
        let widest = varying.pop()?;
        Some(Self { widest, narrowest: varying.into_iter().next()? })
    }

    /// How many times as much the widest column varies.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.widest.std / self.narrowest.std
    }
}

/// What [`describe`] finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The data set.
    pub name: String,
    /// All its rows.
    pub rows: usize,
    /// The shape of one sample.
    pub shape: Vec<usize>,
    /// Names by class number.
    pub class_names: Vec<String>,
    /// The numbers to predict, over all rows; none where classes are predicted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub targets: Vec<FeatureStats>,
    /// Train, valid, test.
    #[serde(alias = "sides")]
    pub splits: Vec<SplitStats>,
    /// One per column of a table, one per column of series over all steps, one for all pixels of images.
    pub features: Vec<FeatureStats>,
    /// Columns that hold one value in all rows, which no model can learn from; for images the
    /// `channel,row,column` of such pixels.
    pub constant: Vec<String>,
    /// Rows with exactly the features of a row before them.
    pub duplicates: usize,
    /// What the titles hold, where the samples are titles.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<TextStats>,
}

/// Measures the data set over all rows, and the split.
#[must_use]
pub fn describe(data: &Labelled, split: &Split) -> Description {
    let splits = Role::ALL.map(|role| {
        let rows = split.rows(role);
        SplitStats { role, rows: rows.len(), class_counts: data.class_counts(rows) }
    });
    let rows = (0..data.len()).collect::<Vec<_>>();
    let duplicates = repetitions(&repeated(data, &rows));
    let mut features = columns(&data.samples);
    let channels = data.feature_names.len();
    if (1..features.len()).contains(&channels) && features.len().is_multiple_of(channels) {
        let of = |channel: usize| pooled(features.iter().skip(channel).step_by(channels));
        features = (0..channels).map(of).collect();
    }
    let is_number = |place: usize| data.levels.get(place).is_none_or(Vec::is_empty);
    let constant = features
        .iter()
        .enumerate()
        .filter(|(_, feature)| feature.min == feature.max)
        .map(|(place, _)| feature_name(data, place))
        .collect();
    for (place, feature) in features.iter_mut().enumerate() {
        feature.name = feature_name(data, place);
    }
    let mut place = 0..;
    features.retain(|_| place.next().is_some_and(is_number));
    if data.is_image() {
        features = vec![FeatureStats { name: "pixels".into(), ..pooled(features.iter()) }];
    }
    Description {
        name: data.name.clone(),
        rows: data.len(),
        shape: data.samples.shape().to_vec(),
        class_names: data.class_names().to_vec(),
        targets: data.numbers().map(target_stats).unwrap_or_default(),
        splits: splits.to_vec(),
        features,
        constant,
        duplicates,
        text: data.text.as_ref().map(TextFacts::stats),
    }
}

fn target_stats(numbers: &NumberTargets) -> Vec<FeatureStats> {
    let width = numbers.names.len().max(1);
    let stats = column_stats(numbers.values.chunks_exact(width), width);
    numbers
        .names
        .iter()
        .zip(stats)
        .map(|(name, stats)| FeatureStats { name: name.clone(), ..stats })
        .collect()
}

fn feature_name(data: &Labelled, place: usize) -> String {
    match (data.feature_names.get(place), data.samples.shape()) {
        (Some(name), _) => name.clone(),
        (None, &[_, height, width]) => {
            format!("{},{},{}", place / (height * width), place / width % height, place % width)
        }
        (None, _) => format!("c{place}"),
    }
}

/// Statistics of each place in a sample, without names; none without samples.
fn columns(samples: &Samples) -> Vec<FeatureStats> {
    let len = samples.sample_len();
    match samples.values() {
        Values::U8(values) => column_stats(values.chunks_exact(len), len),
        Values::F64(values) => column_stats(values.chunks_exact(len), len),
        Values::F32(values) => {
            let mut stats = column_stats(values.chunks_exact(len), len);
            for column in &mut stats {
                // As they are written, not with the digits that single precision leaves open.
                for limit in [&mut column.min, &mut column.max] {
                    *limit = (*limit as f32).to_string().parse().unwrap_or(*limit);
                }
            }
            stats
        }
        // Numbers of tokens are names, which have no mean.
        Values::U32(_) => Vec::new(),
    }
}

fn column_stats<'a, T>(rows: std::slice::ChunksExact<'a, T>, len: usize) -> Vec<FeatureStats>
where
    T: Copy + Into<f64> + 'a,
{
    let count = rows.len() as f64;
    if rows.len() == 0 {
        return Vec::new();
    }
    let mut range = vec![(f64::INFINITY, f64::NEG_INFINITY); len];
    let mut mean = vec![0.0_f64; len];
    let mut counts = vec![count; len];
    for row in rows.clone() {
        for ((((min, max), sum), count), &value) in range.iter_mut().zip(&mut mean).zip(&mut counts).zip(row)
        {
            let value: f64 = value.into();
            // What is missing has no value.
            if value.is_nan() {
                *count -= 1.0;
                continue;
            }
            *min = min.min(value);
            *max = max.max(value);
            *sum += value;
        }
    }
    mean.iter_mut().zip(&counts).for_each(|(sum, count)| *sum /= count);
    let mut variance = vec![0.0_f64; len];
    for row in rows {
        for ((sum, mean), &value) in variance.iter_mut().zip(&mean).zip(row) {
            let value: f64 = value.into();
            if !value.is_nan() {
                *sum += (value - mean).powi(2);
            }
        }
    }
    let columns = range.into_iter().zip(mean).zip(variance).zip(counts);
    let stats = columns.map(|((((min, max), mean), sum), count)| FeatureStats {
        name: String::new(),
        min,
        max,
        mean,
        std: (sum / count).sqrt(),
    });
    stats.collect()
}

/// The statistics of several places as one, from those of each: the variance of the whole is the mean of the variances and
/// the variance of the means.
fn pooled<'a>(places: impl Iterator<Item = &'a FeatureStats> + Clone) -> FeatureStats {
    let count = places.clone().count().max(1) as f64;
    let mean = places.clone().map(|place| place.mean).sum::<f64>() / count;
    let spread = |place: &FeatureStats| place.std.powi(2) + (place.mean - mean).powi(2);
    FeatureStats {
        name: String::new(),
        min: places.clone().map(|place| place.min).fold(f64::INFINITY, f64::min),
        max: places.clone().map(|place| place.max).fold(f64::NEG_INFINITY, f64::max),
        mean,
        std: (places.map(spread).sum::<f64>() / count).sqrt(),
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = &self.shape;
        writeln!(f, "{}: {} rows of the shape {shape:?}", self.name, self.rows)?;
        let width = self.class_names.iter().map(String::len).max().unwrap_or(0).max(5);
        write!(f, "{:width$}", "class")?;
        for split in &self.splits {
            write!(f, " {:>8}", split.role)?;
        }
        for (class, name) in self.class_names.iter().enumerate() {
            write!(f, "\n{name:width$}")?;
            for split in &self.splits {
                write!(f, " {:>8}", split.class_counts.get(class).copied().unwrap_or(0))?;
            }
        }
        write!(f, "\n{:width$}", "all")?;
        for split in &self.splits {
            write!(f, " {:>8}", split.rows)?;
        }
        let width = self.features.iter().map(|feature| feature.name.len()).max().unwrap_or(0);
        let width = width.max(7);
        let head = ["min", "max", "mean", "std"].map(|word| format!(" {word:>12}")).concat();
        write!(f, "\n{:width$}{head}", "feature")?;
        for feature in &self.features {
            let FeatureStats { name, min, max, mean, std } = feature;
            write!(f, "\n{name:width$} {min:>12.4} {max:>12.4} {mean:>12.4} {std:>12.4}")?;
        }
        write!(f, "\nconstant features: {}", self.constant.len())?;
        write!(f, "\nrepeated rows: {}", self.duplicates)?;
        self.text.iter().try_for_each(|text| write!(f, "\n{text}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::testing::table;

    #[test]
    fn a_table_is_described_by_column_and_split() {
        let values = Values::F64(vec![1.0, 7.0, 2.0, 7.0, 1.0, 7.0, 4.0, 7.0].into());
        let samples = Samples::new(vec![2], values).unwrap();
        let names = vec!["no".into(), "yes".into()];
        let data = Labelled {
            feature_names: vec!["a".into(), "b".into()],
            ..Labelled::new("table", samples, vec![0, 1, 0, 1], names)
        };
        let split = Split { train: vec![0, 1], valid: vec![2], test: vec![3] };
        let found = describe(&data, &split);
        assert_eq!(found.splits[0].class_counts, [1, 1]);
        assert_eq!(found.splits[1].class_counts, [1, 0]);
        let a = &found.features[0];
        assert_eq!((a.min, a.max, a.mean), (1.0, 4.0, 2.0));
        // numpy.std([1, 2, 1, 4])
        assert!((a.std - 1.224_744_871_391_589).abs() < 1e-15);
        assert_eq!(found.constant, ["b"]);
        assert_eq!(found.duplicates, 1);
        assert!(found.to_string().contains("\nno           1        1        0\n"), "{found}");
    }

    #[test]
    fn series_are_described_by_column_over_all_steps() {
        // Two series of two steps of the columns a and b.
        let values = Values::F64(vec![0.0, 7.0, 10.0, 7.0, 20.0, 7.0, 30.0, 7.0].into());
        let data = Labelled {
            feature_names: vec!["a".into(), "b".into()],
            samples: Samples::new(vec![2, 2], values).unwrap(),
            ..table(&[0.0; 2], &[0, 1])
        };
        let found = describe(&data, &Split::default());
        let [a, b] = found.features.as_slice() else { panic!("{found:?}") };
        assert_eq!((a.name.as_str(), a.min, a.max, a.mean), ("a", 0.0, 30.0, 15.0));
        // numpy.std([0, 10, 20, 30])
        assert!((a.std - 11.180_339_887_498_949).abs() < 1e-12);
        assert_eq!((b.name.as_str(), b.min, b.max, b.std), ("b", 7.0, 7.0, 0.0));
        assert_eq!(found.constant, ["b"]);
        assert_eq!(ColumnSpread::of(&data), None, "no table");
    }

    #[test]
    fn images_are_described_by_all_their_pixels() {
        let mut data = table(&[0.0; 2], &[0, 1]);
        let pixels = vec![0, 10, 20, 30, 0, 50, 60, 70];
        data.samples = Samples::new(vec![1, 2, 2], Values::U8(pixels.into())).unwrap();
        data.feature_names.clear();
        let found = describe(&data, &Split::default());
        let [pixels] = found.features.as_slice() else { panic!("{found:?}") };
        assert_eq!((pixels.min, pixels.max, pixels.mean), (0.0, 70.0, 30.0));
        // numpy.std([0, 10, 20, 30, 0, 50, 60, 70])
        assert!((pixels.std - 25.495_097_567_963_924).abs() < 1e-12);
        assert_eq!(found.constant, ["0,0,0"]);
    }

    #[test]
    fn the_spread_is_of_the_columns_that_vary() {
        let samples = |values: &[f32]| Samples::new(vec![3], Values::F32(values.to_vec())).unwrap();
        let data = Labelled {
            samples: samples(&[0.0, 7.0, 10.0, 1.0, 7.0, 30.0]),
            feature_names: vec!["a".into(), "b".into(), "c".into()],
            ..table(&[0.0, 0.0], &[0, 1])
        };
        let spread = ColumnSpread::of(&data).unwrap();
        assert_eq!((spread.widest.name.as_str(), spread.narrowest.name.as_str()), ("c", "a"));
        assert_eq!(spread.ratio(), 20.0);
        assert_eq!(ColumnSpread::of(&table(&[1.0, 2.0], &[0, 1])), None, "one column");
        assert_eq!(ColumnSpread::of(&Labelled { feature_names: Vec::new(), ..data }), None, "no columns");
    }
}
