//! The values of all samples in one block of memory.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;

use crate::{Buffer, DataError, Result};

/// Values of all samples, row-major.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Columns of a table, as they are written: what tells rows apart and what is measured is not rounded. NaN is a missing
    /// number; levels of categories are numbered from 1, 0 being none of them.
    F64(Buffer<f64>),
    /// Channels of time series.
    F32(Vec<f32>),
    /// Pixels.
    U8(Buffer<u8>),
    /// Numbers of tokens; 0 is padding.
    U32(Buffer<u32>),
}

impl Values {
    /// How many values there are, over all samples.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::U8(values) => values.len(),
            Self::U32(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether they lie in a file.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        match self {
            Self::F64(values) => values.is_mapped(),
            Self::F32(_) => false,
            Self::U8(values) => values.is_mapped(),
            Self::U32(values) => values.is_mapped(),
        }
    }
}

/// Samples of one shape: `[columns]` for a table, `[channels, height, width]` for images, `[length]` for titles.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    shape: Vec<usize>,
    sample_len: usize,
    values: Values,
}

impl Samples {
    /// Samples of `shape` (of *one* sample) from row-major `values`.
    ///
    /// # Errors
    /// [`DataError::Refused`] when a sample would hold nothing, or the values are no whole
    /// number of samples.
    pub fn new(shape: Vec<usize>, values: Values) -> Result<Self> {
        let sample_len = shape.iter().try_fold(1_usize, |len, &axis| len.checked_mul(axis));
        match sample_len {
            Some(sample_len)
                if !shape.is_empty() && sample_len > 0 && values.len().is_multiple_of(sample_len) =>
            {
                Ok(Self { shape, sample_len, values })
            }
            _ => Err(sample_shape(&shape, values.len())),
        }
    }

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.sample_len
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The shape of one sample.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Values in one sample.
    #[must_use]
    pub fn sample_len(&self) -> usize {
        self.sample_len
    }

    /// All values, row-major.
    #[must_use]
    pub fn values(&self) -> &Values {
        &self.values
    }

    fn range(&self, row: usize) -> std::ops::Range<usize> {
        row * self.sample_len..(row + 1) * self.sample_len
    }

    /// The raw values of one sample as single floats, to which wider numbers are rounded; bytes are not scaled.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len), as a slice does.
    #[must_use]
    pub fn row_f32(&self, row: usize) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.sample_len);
        self.append_row(row, &mut values);
        values
    }

    /// As [`row_f32`](Self::row_f32), to the end of `out`.
    pub(crate) fn append_row(&self, row: usize, out: &mut Vec<f32>) {
        match &self.values {
            Values::F64(values) => out.extend(values[self.range(row)].iter().map(|&value| value as f32)),
            Values::F32(values) => out.extend_from_slice(&values[self.range(row)]),
            Values::U8(values) => out.extend(values[self.range(row)].iter().map(|&v| f32::from(v))),
            Values::U32(values) => out.extend(values[self.range(row)].iter().map(|&id| id as f32)),
        }
    }

    /// One sample of bytes; `None` when the samples are floats or there is no such row.
    #[must_use]
    pub fn u8_row(&self, row: usize) -> Option<&[u8]> {
        match &self.values {
            Values::U8(values) => values.get(self.range(row)),
            Values::F64(_) | Values::F32(_) | Values::U32(_) => None,
        }
    }

    /// One sample of floats; `None` when the samples are bytes or there is no such row.
    #[must_use]
    pub fn f32_row(&self, row: usize) -> Option<&[f32]> {
        match &self.values {
            Values::F32(values) => values.get(self.range(row)),
            Values::F64(_) | Values::U8(_) | Values::U32(_) => None,
        }
    }

    /// One sample of numbers as they were written; `None` when the samples are of another kind or there is no such row.
    #[must_use]
    pub fn f64_row(&self, row: usize) -> Option<&[f64]> {
        match &self.values {
            Values::F64(values) => values.get(self.range(row)),
            Values::F32(_) | Values::U8(_) | Values::U32(_) => None,
        }
    }

    /// The raw values of one sample, none of them rounded.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len), as a slice does.
    pub(crate) fn exact_row(&self, row: usize) -> impl Iterator<Item = f64> + Clone + '_ {
        self.range(row).map(|place| self.value(place))
    }

    /// The raw value at a place in a sample, not rounded.
    ///
    /// # Panics
    /// When there is no such row or place, as a slice does.
    pub fn exact(&self, row: usize, place: usize) -> f64 {
        self.value(row * self.sample_len + place)
    }

    fn value(&self, place: usize) -> f64 {
        match &self.values {
            Values::F64(values) => values[place],
            Values::F32(values) => f64::from(values[place]),
            Values::U8(values) => f64::from(values[place]),
            Values::U32(values) => f64::from(values[place]),
        }
    }

    /// One sample of token numbers, padding included; `None` when the samples are of another kind or there is no
    /// such row.
    #[must_use]
    pub fn u32_row(&self, row: usize) -> Option<&[u32]> {
        match &self.values {
            Values::U32(values) => values.get(self.range(row)),
            Values::F64(_) | Values::F32(_) | Values::U8(_) => None,
        }
    }

    /// A 64-bit hash of one sample, the same for [equal](Self::rows_equal) samples.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn hash_row(&self, row: usize) -> u64 {
        let mut hasher = FixedState::default().build_hasher();
        match &self.values {
            Values::U8(values) => values[self.range(row)].hash(&mut hasher),
            Values::U32(values) => values[self.range(row)].hash(&mut hasher),
            Values::F64(values) => {
                values[self.range(row)].iter().for_each(|&value| hasher.write_u64((value + 0.0).to_bits()));
            }
            Values::F32(values) => {
                values[self.range(row)].iter().for_each(|&value| hasher.write_u32(bits(value)));
            }
        }
        hasher.finish()
    }

    /// Whether two samples hold the same values; 0 and -0 are the same.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn rows_equal(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.range(a), self.range(b));
        match &self.values {
            Values::U8(values) => values[a] == values[b],
            Values::U32(values) => values[a] == values[b],
            // -0 equals 0, and what is missing what is missing.
            Values::F64(values) => {
                values[a].iter().zip(&values[b]).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
            }
            Values::F32(values) => values[a].iter().zip(&values[b]).all(|(&a, &b)| bits(a) == bits(b)),
        }
    }
}

/// The bits of a float, with -0 as 0.
fn bits(value: f32) -> u32 {
    (value + 0.0).to_bits()
}

/// The number of values is no whole number of samples, or a shape is empty.
pub(crate) fn sample_shape(shape: &[usize], values: usize) -> DataError {
    DataError::refused(
        format!("make samples of the shape {shape:?}"),
        format!("there are {values} values for them"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn impossible_shapes_are_refused() {
        for shape in [vec![], vec![0], vec![3], vec![usize::MAX, 2]] {
            assert!(Samples::new(shape.clone(), Values::U8(vec![0; 4].into())).is_err(), "{shape:?}");
        }
        assert_eq!(Samples::new(vec![2, 2], Values::U8(vec![].into())).unwrap().len(), 0);
    }

    #[test]
    fn equal_rows_hash_alike_and_negative_zero_is_zero() {
        let values = vec![0.0, 1.0, -0.0, 1.0, 1.0, 0.0];
        let samples = Samples::new(vec![2], Values::F32(values)).unwrap();
        assert!(samples.rows_equal(0, 1));
        assert_eq!(samples.hash_row(0), samples.hash_row(1));
        assert!(!samples.rows_equal(0, 2));
        assert_ne!(samples.hash_row(0), samples.hash_row(2));
    }

    #[test]
    fn rows_are_read_in_their_own_type() {
        let samples = Samples::new(vec![1, 1, 2], Values::U8(vec![1, 2, 3, 255].into())).unwrap();
        assert_eq!(samples.u8_row(1), Some([3, 255].as_slice()));
        assert_eq!(samples.u8_row(2), None);
        assert_eq!(samples.f32_row(0), None);
        assert_eq!(samples.row_f32(1), [3.0, 255.0]);

        let last = (1 << 24) - 1;
        let ids = Buffer::from(vec![5, 0, last, 1, 5, 0]);
        let samples = Samples::new(vec![2], Values::U32(ids)).unwrap();
        assert_eq!(samples.u32_row(1), Some([last, 1].as_slice()));
        assert_eq!((samples.u32_row(3), samples.u8_row(0), samples.f32_row(0)), (None, None, None));
        assert_eq!(samples.row_f32(1), [16_777_215.0, 1.0]);
        assert!(samples.rows_equal(0, 2) && !samples.rows_equal(0, 1));
        assert_eq!(samples.hash_row(0), samples.hash_row(2));
    }
}
