//! What is transformed: one series, of one or more channels.

use crate::{Result, RocketError};

/// Above this the sums of a convolution could overflow.
const LARGEST: f32 = 1e30;

/// One time series, borrowed: row-major `[channels][length]`. Each series may have a length of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Series<'a> {
    values: &'a [f32],
    channels: usize,
}

impl<'a> Series<'a> {
    /// A series of `values`, row-major `[channels][length]`.
    ///
    /// # Errors
    /// [`RocketError::Length`] where the values do not fill the channels, [`RocketError::Value`] for one that is not
    /// finite or larger than 1e30.
    ///
    /// ```
    /// use brasa_rocket::Series;
    ///
    /// let series = Series::new(&[1.0, 2.0, 3.0, -1.0, -2.0, -3.0], 2)?;
    /// assert_eq!(series.channel(1), [-1.0, -2.0, -3.0]);
    /// assert!(Series::new(&[1.0, 2.0, 3.0], 2).is_err());
    /// # Ok::<(), brasa_rocket::RocketError>(())
    /// ```
    pub fn new(values: &'a [f32], channels: usize) -> Result<Self> {
        if values.is_empty() || channels == 0 || !values.len().is_multiple_of(channels) {
            return Err(RocketError::Length { values: values.len(), channels });
        }
        let length = values.len() / channels;
        match values.iter().position(|value| !(-LARGEST..=LARGEST).contains(value)) {
            Some(at) => {
                Err(RocketError::Value { channel: at / length, step: at % length, found: values[at] })
            }
            None => Ok(Self { values, channels }),
        }
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Steps in time.
    #[expect(clippy::len_without_is_empty, reason = "a series is never empty")]
    pub fn len(&self) -> usize {
        self.values.len() / self.channels
    }

    /// The values of a channel in time; empty where there is no such channel.
    pub fn channel(&self, channel: usize) -> &'a [f32] {
        self.values.chunks_exact(self.len()).nth(channel).unwrap_or_default()
    }

    /// The first difference of each channel, in `differences`; one zero where there is but one step.
    pub(crate) fn difference(self, differences: &mut Vec<f32>) -> Series<'_> {
        differences.clear();
        for values in self.values.chunks_exact(self.len()) {
            match values {
                [_] => differences.push(0.0),
                _ => {
                    differences.extend(values.iter().zip(&values[1..]).map(|(before, after)| after - before))
                }
            }
        }
        Series { values: differences, channels: self.channels }
    }
}

/// The number of channels that all series have.
pub(crate) fn common_channels(series: &[Series<'_>]) -> Result<usize> {
    let channels = series.first().ok_or(RocketError::NoSeries)?.channels;
    check_channels(series, channels)?;
    Ok(channels)
}

pub(crate) fn check_channels(series: &[Series<'_>], expected: usize) -> Result<()> {
    match series.iter().position(|one| one.channels != expected) {
        Some(at) => Err(RocketError::Channels { series: at, expected, found: series[at].channels }),
        None => Ok(()),
    }
}

/// The length that dilations are spread over: the longest, as the authors do it for series of uneven lengths.
pub(crate) fn reference_length(series: &[Series<'_>]) -> usize {
    series.iter().map(Series::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn faults_are_named_with_their_place() {
        for (values, channels, message) in [
            (&[][..], 1, "found 0 values for 1 channels"),
            (&[1.0], 0, "found 1 values for 0 channels"),
            (&[1.0, 2.0, 3.0], 2, "found 3 values for 2 channels"),
            (
                &[1.0, 2.0, 3.0, f32::NAN],
                2,
                "channel 1, step 1: expected a number from -1e30 to 1e30, found NaN",
            ),
            (&[2e30], 1, "channel 0, step 0: expected a number from -1e30 to 1e30, found 2"),
        ] {
            let found = Series::new(values, channels).unwrap_err().to_string();
            assert!(found.contains(message), "{found}");
        }
    }

    #[test]
    fn differences_are_taken_channel_by_channel() {
        let mut kept = Vec::new();
        let difference = Series::new(&[1.0, 3.0, 2.0, 0.0, 0.0, 5.0], 2).unwrap().difference(&mut kept);
        assert_eq!((difference.channel(0), difference.channel(1)), (&[2.0, -1.0][..], &[0.0, 5.0][..]));
        let difference = Series::new(&[4.0, 5.0], 2).unwrap().difference(&mut kept);
        assert_eq!((difference.channel(1), difference.len()), (&[0.0][..], 1));
    }
}
