//! Values to a common scale, fitted on the training split only.

use serde::{Deserialize, Serialize};

mod prepared;
mod robust;

pub use prepared::PreparedScaler;
use prepared::{Channel, Inner};
pub use robust::ColumnScale;

use crate::checked::{CheckedScaling, ScalingKind};
use crate::{DataError, Labelled, Result, Samples, Values};

/// A fitted scaling. It is saved beside the model, which is worthless without it.
///
/// ```
/// use brasa_data::{Samples, Scaler, Values};
///
/// let samples = Samples::new(vec![2], Values::F32(vec![0.0, 10.0, 2.0, 10.0]))?;
/// let scaler = Scaler::standard(&samples, &[0, 1])?;
/// let mut row = [0.0; 2];
/// scaler.transform_into(&samples, 1, &mut row)?;
/// assert_eq!(row, [1.0, 0.0]);
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Scaler {
    /// Values as they are.
    Identity,
    /// `(value - mean) / std` per column, with the population deviation, as scikit-learn's
    /// `StandardScaler`; a constant column has `std` 1.
    Standard {
        /// Mean of each column.
        mean: Vec<f64>,
        /// Deviation of each column.
        std: Vec<f64>,
    },
    /// Each column by itself: numbers by their median and quartiles, levels by whether training has seen them.
    Robust {
        /// How each column is scaled.
        columns: Vec<ColumnScale>,
    },
    /// `(value / 255 - mean) / std` per channel.
    Pixels {
        /// Mean of each channel, of values in 0..=1.
        mean: Vec<f32>,
        /// Deviation of each channel.
        std: Vec<f32>,
    },
    /// `(value - mean) / std` per channel of samples `[steps, channels]`, as [`Standard`](Self::Standard) over the
    /// steps of all series.
    Channels {
        /// Mean of each channel.
        mean: Vec<f64>,
        /// Deviation of each channel.
        std: Vec<f64>,
    },
}

impl Scaler {
    /// Fits what the recipe asks for on the rows `train` of the data.
    ///
    /// # Errors
    /// [`DataError::Refused`] when the scaling does not fit the data, or there are no rows.
    pub fn fit(scaling: &CheckedScaling, data: &Labelled, train: &[usize]) -> Result<Self> {
        if scaling.0 != ScalingKind::Robust {
            robust::check_plain(data)?;
        }
        let scaler = match &scaling.0 {
            ScalingKind::None => Self::Identity,
            ScalingKind::Standard => Self::standard(&data.samples, train)?,
            ScalingKind::Robust => Self::robust(data, train)?,
            ScalingKind::Pixels(Some((mean, std))) => Self::Pixels { mean: mean.clone(), std: std.clone() },
            ScalingKind::Pixels(None) => Self::pixels(&data.samples, train)?,
            ScalingKind::Channels => Self::channels_of(&data.samples, data.lengths.as_deref(), train)?,
        };
        scaler.check_range(&scaler.fitted_to(data.samples.shape())?, data)?;
        Ok(scaler)
    }

    /// Numbers are read in 64 bits, and networks take 32: whether each of them is still finite there once it is scaled.
    fn check_range(&self, prepared: &PreparedScaler, data: &Labelled) -> Result<()> {
        let Values::F64(values) = data.samples.values() else { return Ok(()) };
        let shape = data.samples.shape();
        let column = |place: usize| {
            let names = &data.feature_names;
            let name = place.checked_rem(names.len()).and_then(|place| names.get(place));
            name.map_or_else(|| format!("number {place}"), |name| format!("column `{name}`"))
        };
        if let Self::Standard { mean, std } | Self::Channels { mean, std } = self
            && let Some(place) = mean.iter().zip(std).position(|(mean, std)| !(mean + std).is_finite())
        {
            let problem =
                "has numbers so large that their deviation is beyond 64 bits; write them in another unit";
            return Err(misfit(shape, &format!("{}, {} {problem}", data.name, column(place))));
        }
        let mut scaled = vec![0.0; data.samples.sample_len()];
        for (row, values) in values.chunks_exact(scaled.len().max(1)).enumerate() {
            prepared.wide(values, &mut scaled);
            if let Some(place) = scaled.iter().position(|value| !value.is_finite()) {
                let number = values.get(place).copied().unwrap_or(f64::NAN);
                let advice = match self {
                    Self::Standard { .. } | Self::Channels { .. } => {
                        "the training rows, by which it is scaled, have nothing like it"
                    }
                    _ => "use scaling = \"standard\", or write it in another unit",
                };
                let problem = format!(
                    "{}, {}, row {}: {number:e} is beyond 32 bits (3.4e38) when it is scaled so; {advice}",
                    data.name,
                    column(place),
                    row + 1
                );
                return Err(misfit(shape, &problem));
            }
        }
        Ok(())
    }

    /// Means and deviations of the columns over the given rows.
    ///
    /// # Errors
    /// [`DataError::Refused`] when there are no rows, or one is out of range.
    pub fn standard(samples: &Samples, rows: &[usize]) -> Result<Self> {
        let (mean, std) = moments(samples, rows, samples.sample_len(), |_| None)?;
        Ok(Self::Standard { mean, std })
    }

    /// Means and deviations of the channels over all steps of the given rows.
    ///
    /// # Errors
    /// [`DataError::Refused`] when there are no rows, or the samples are not `[steps, channels]`.
    pub fn channels(samples: &Samples, rows: &[usize]) -> Result<Self> {
        Self::channels_of(samples, None, rows)
    }

    /// As [`channels`](Self::channels), where samples were padded over the steps that are their own.
    fn channels_of(samples: &Samples, lengths: Option<&[usize]>, rows: &[usize]) -> Result<Self> {
        let &[_, channels] = samples.shape() else {
            return Err(misfit(samples.shape(), "\"channels\" needs [steps, channels]"));
        };
        let own = |row: usize| lengths.and_then(|lengths| lengths.get(row)).map(|steps| steps * channels);
        let (mean, std) = moments(samples, rows, channels, own)?;
        Ok(Self::Channels { mean, std })
    }

    /// Means and deviations of the channels over the given rows, of bytes divided by 255.
    ///
    /// # Errors
    /// [`DataError::Refused`] when there are no rows, or the samples are no images of bytes.
    pub fn pixels(samples: &Samples, rows: &[usize]) -> Result<Self> {
        check_rows(samples, rows)?;
        let &[channels, height, width] = samples.shape() else {
            return Err(misfit(samples.shape(), "\"pixels\" needs [channels, height, width]"));
        };
        // Counting the bytes makes both sums exact.
        let mut counts = vec![[0_u64; 256]; channels];
        for &row in rows {
            let pixels =
                samples.u8_row(row).ok_or_else(|| misfit(samples.shape(), "measuring pixels needs bytes"))?;
            for (plane, counts) in pixels.chunks_exact(height * width).zip(&mut counts) {
                plane.iter().for_each(|&pixel| counts[usize::from(pixel)] += 1);
            }
        }
        let moments = |counts: &[u64; 256]| {
            let total = counts.iter().sum::<u64>() as f64;
            let weighted = |f: &dyn Fn(f64) -> f64| {
                counts.iter().zip(0..=255_u8).map(|(&n, v)| n as f64 * f(f64::from(v))).sum::<f64>()
            };
            let mean = weighted(&|value| value) / total;
            let variance = weighted(&|value| (value - mean).powi(2)) / total;
            let std = if variance == 0.0 { 255.0 } else { variance.sqrt() };
            ((mean / 255.0) as f32, (std / 255.0) as f32)
        };
        let (mean, std) = counts.iter().map(moments).unzip();
        Ok(Self::Pixels { mean, std })
    }

    /// Makes the scaler ready for samples of the given shape.
    ///
    /// # Errors
    /// [`DataError::Refused`] when it was fitted on another number of columns or channels.
    pub fn prepare(&self, shape: &[usize]) -> Result<PreparedScaler> {
        self.check(shape)?;
        self.fitted_to(shape)
    }

    /// As [`prepare`](Self::prepare), of scales that were just fitted.
    fn fitted_to(&self, shape: &[usize]) -> Result<PreparedScaler> {
        let values = shape.iter().product::<usize>();
        let fits = |fitted: usize, have: usize, what: &str| match fitted == have {
            true => Ok(()),
            false => Err(misfit(shape, &format!("the scaler was fitted on {fitted} {what}"))),
        };
        let inner = match self {
            Self::Identity => Inner::Identity,
            Self::Standard { mean, std } => {
                fits(mean.len(), values, "columns")?;
                fits(std.len(), values, "columns")?;
                Inner::Standard { mean: mean.clone(), std: std.clone() }
            }
            Self::Channels { mean, std } => {
                let channels = shape.last().copied().filter(|_| shape.len() == 2).unwrap_or(0);
                fits(mean.len(), channels, "channels")?;
                fits(std.len(), channels, "channels")?;
                Inner::Standard { mean: mean.clone(), std: std.clone() }
            }
            Self::Robust { columns } => {
                fits(columns.len(), values, "columns")?;
                Inner::Robust(columns.clone())
            }
            Self::Pixels { mean, std } => {
                let channels = shape.first().copied().filter(|_| shape.len() == 3).unwrap_or(0);
                fits(mean.len(), channels, "channels")?;
                fits(std.len(), channels, "channels")?;
                let scales = mean.iter().zip(std).map(|(&mean, &std)| Channel::new(mean, std));
                Inner::Pixels { plane: values / channels.max(1), channels: scales.collect() }
            }
        };
        Ok(PreparedScaler(inner))
    }

    /// Refuses scales that no fitting makes, since files may hold them: what is not finite, and deviations that are not above 0.
    fn check(&self, shape: &[usize]) -> Result<()> {
        let (centres, deviations): (Vec<f64>, Vec<f64>) = match self {
            Self::Identity => return Ok(()),
            Self::Standard { mean, std } | Self::Channels { mean, std } => (mean.clone(), std.clone()),
            Self::Pixels { mean, std } => (
                mean.iter().map(|mean| f64::from(*mean)).collect(),
                // As they are used: one over 255 times the deviation.
                std.iter()
                    .map(|std| f64::from(*std) * f64::from((1.0 / (255.0 * std)).is_finite()))
                    .collect(),
            ),
            Self::Robust { columns } => {
                let numbers = columns.iter().filter_map(|column| match column {
                    ColumnScale::Number { median, factor } => Some((*median, *factor)),
                    ColumnScale::Level { .. } => None,
                });
                // A constant column has the factor 0.
                numbers.map(|(median, factor)| (median, if factor == 0.0 { 1.0 } else { factor })).unzip()
            }
        };
        let misplaced = centres.iter().position(|centre| !centre.is_finite());
        let bad = misplaced.or_else(|| deviations.iter().position(|own| !(own.is_finite() && *own > 0.0)));
        match bad {
            None => Ok(()),
            Some(place) => {
                let problem = format!(
                    "number {place} of the scaler is no scale: a finite centre and a deviation above 0"
                );
                Err(misfit(shape, &problem))
            }
        }
    }

    /// Writes the scaled values of one sample to `out`. For many samples,
    /// [`prepare`](Self::prepare) once.
    ///
    /// # Errors
    /// [`DataError::Refused`] when it was fitted on another number of columns or channels.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn transform_into(&self, samples: &Samples, row: usize, out: &mut [f32]) -> Result<()> {
        self.prepare(samples.shape())?.transform_into(samples, row, out);
        Ok(())
    }
}

fn misfit(shape: &[usize], problem: &str) -> DataError {
    DataError::refused(format!("scale samples of the shape {shape:?}"), problem)
}

/// Means and deviations of columns that repeat within each sample, over its first `own` values where these are fewer.
fn moments(
    samples: &Samples,
    rows: &[usize],
    columns: usize,
    own: impl Fn(usize) -> Option<usize>,
) -> Result<(Vec<f64>, Vec<f64>)> {
    check_rows(samples, rows)?;
    if matches!(samples.values(), Values::U32(_)) {
        return Err(misfit(samples.shape(), "numbers of tokens are names; use scaling \"none\""));
    }
    let all = samples.sample_len();
    let own = |row: usize| own(row).unwrap_or(all).min(all);
    let count = (rows.iter().map(|&row| own(row)).sum::<usize>() / columns) as f64;
    let mut mean = vec![0.0_f64; columns];
    for &row in rows {
        let values = samples.exact_row(row).take(own(row)).enumerate();
        values.for_each(|(place, value)| mean[place % columns] += value);
    }
    mean.iter_mut().for_each(|sum| *sum /= count);
    let mut variance = vec![0.0_f64; columns];
    for &row in rows {
        let values = samples.exact_row(row).take(own(row)).enumerate();
        values
            .for_each(|(place, value)| variance[place % columns] += (value - mean[place % columns]).powi(2));
    }
    let std = variance.iter().zip(&mean).map(|(sum, &mean)| deviation(sum / count, mean, count)).collect();
    Ok((mean, std))
}

/// The deviation to divide by, of `count` values with that `mean` and population `variance`: 1 where they are constant but
/// for rounding, as scikit-learn's `StandardScaler` bounds it.
pub fn deviation(variance: f64, mean: f64, count: f64) -> f64 {
    let noise = count * f64::EPSILON * variance + (count * mean * f64::EPSILON).powi(2);
    if variance <= noise && variance.is_finite() { 1.0 } else { variance.sqrt() }
}

fn check_rows(samples: &Samples, rows: &[usize]) -> Result<()> {
    if rows.is_empty() {
        return Err(misfit(samples.shape(), "there are no rows to fit on"));
    }
    match rows.iter().find(|&&row| row >= samples.len()) {
        Some(row) => Err(misfit(samples.shape(), &format!("there is no row {row}"))),
        None => Ok(()),
    }
}
