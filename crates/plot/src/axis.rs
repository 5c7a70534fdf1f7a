//! The range of an axis and the round numbers that are written along it.

use crate::text::{scientific, tick_labels};

/// Values beyond this are treated as missing, so that differences never overflow.
const LARGEST: f64 = 1e300;

/// A position along an axis with its label.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// Fraction of the axis, 0 at its start and 1 at its end.
    pub(crate) at: f64,
    pub(crate) label: String,
}

/// What the values along an axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Evenly spaced.
    Linear,
    /// Evenly spaced, and the axis includes zero.
    FromZero,
    /// Powers of ten evenly spaced; zero and negative values are missing.
    Log10,
    /// Categories, named by the chart itself: no ticks.
    Slots,
}

/// A checked range: finite, and wider than zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    /// Where the first and the last tick may lie.
    labelled: (f64, f64),
    scale: Scale,
    integers: bool,
}

impl Axis {
    /// The axis that holds all `values` that can be drawn, with some air around them.
    pub(crate) fn around(values: impl Iterator<Item = f64>, scale: Scale) -> Self {
        let (mut low, mut high, mut integers) = (f64::INFINITY, f64::NEG_INFINITY, true);
        for value in values {
            let Some(value) = project(value, scale) else { continue };
            low = low.min(value);
            high = high.max(value);
            integers &= value.fract() == 0.0;
        }
        if low > high {
            return Self { low: 0.0, high: 1.0, labelled: (0.0, 1.0), scale, integers: false };
        }
        if scale == Scale::FromZero {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        let nonnegative = low >= 0.0;
        let nonpositive = high <= 0.0;
        let span = high - low;
        let tiny = span <= low.abs().max(high.abs()) * 1e-12;
        let air = match (tiny, scale) {
            (true, Scale::Log10) => 0.5,
            (true, _) if low == 0.0 || integers => 1.0,
            (true, _) => low.abs() * 0.1,
            (false, _) => span * 0.05,
        };
        let clamped = scale != Scale::Log10;
        let low = if clamped && nonnegative { (low - air).max(0.0) } else { low - air };
        let high = if clamped && nonpositive && low < 0.0 { (high + air).min(0.0) } else { high + air };
        Self { low, high, labelled: (low, high), scale, integers: integers && scale != Scale::Log10 }
    }

    /// The same with little air and no ticks beyond the values, for epochs: there is no epoch 0.
    pub(crate) fn along(values: impl Iterator<Item = f64> + Clone) -> Self {
        let mut axis = Self::around(values.clone(), Scale::Linear);
        let drawable = || values.clone().filter_map(|v| project(v, Scale::Linear));
        let low = drawable().fold(f64::INFINITY, f64::min);
        let high = drawable().fold(f64::NEG_INFINITY, f64::max);
        if high > low {
            let air = (high - low) * 0.02;
            (axis.low, axis.high) = (low - air, high + air);
            axis.labelled = (low, high);
        }
        axis
    }

    /// Exactly `low` to `high`; `None` where that is empty or not finite.
    pub(crate) fn between(low: f64, high: f64) -> Option<Self> {
        let drawable = low.abs() <= LARGEST && high.abs() <= LARGEST && low < high;
        drawable.then_some(Self { low, high, labelled: (low, high), scale: Scale::Linear, integers: false })
    }

    /// The values at its start and its end, of a linear axis.
    pub(crate) fn bounds(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// `count` slots of equal width without any tick, for categories.
    pub(crate) fn slots(count: usize) -> Self {
        let high = count.max(1) as f64;
        Self { low: 0.0, high, labelled: (0.0, high), scale: Scale::Slots, integers: false }
    }

    /// Where `value` lies, 0 at the start and 1 at the end; `None` for what cannot be drawn.
    pub(crate) fn fraction(&self, value: f64) -> Option<f64> {
        project(value, self.scale).map(|v| (v - self.low) / (self.high - self.low))
    }

    /// At most `most` labelled positions, at least one whole step apart.
    pub(crate) fn ticks(&self, most: usize) -> Vec<Tick> {
        let most = most.max(2);
        if self.scale == Scale::Slots {
            return Vec::new();
        }
        if self.scale == Scale::Log10
            && let Some(ticks) = self.log_ticks(most)
        {
            return ticks;
        }
        let (low, high) = match self.scale {
            Scale::Log10 => (10f64.powf(self.low), 10f64.powf(self.high)),
            _ => self.labelled,
        };
        let mut step = round_step((high - low) / most as f64);
        if self.integers {
            step = step.max(1.0);
        }
        let slack = 1e-9;
        let first = (low / step - slack).ceil();
        let count = ((high / step + slack).floor() - first).clamp(0.0, 100.0) as usize;
        let values: Vec<f64> = (0..=count).map(|i| (first + i as f64) * step).collect();
        let labels = tick_labels(&values, step);
        self.label(values, labels)
    }

    fn log_ticks(&self, most: usize) -> Option<Vec<Tick>> {
        let (first, last) = (self.low.ceil() as i32, self.high.floor() as i32);
        let decades = (last - first + 1).max(0) as usize;
        let values: Vec<f64> = if decades >= 3 || (decades == 2 && most < 4) {
            let every = decades.div_ceil(most).max(1);
            (first..=last).step_by(every).map(|e| 10f64.powi(e)).collect()
        } else {
            (first - 1..=last)
                .flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(e)))
                .filter(|v| (self.low..=self.high).contains(&v.log10()))
                .collect()
        };
        if values.len() < 2 {
            return None;
        }
        let plain = values.iter().all(|v| (1e-3..1e4).contains(v));
        let label = |v: &f64| if plain { format!("{}", round_off(*v)) } else { scientific(*v, 0) };
        let labels = values.iter().map(label).collect();
        Some(self.label(values, labels))
    }

    fn label(&self, values: Vec<f64>, labels: Vec<String>) -> Vec<Tick> {
        values
            .into_iter()
            .zip(labels)
            .filter_map(|(value, label)| Some(Tick { at: self.fraction(value)?, label }))
            .filter(|tick| (-1e-6..=1.0 + 1e-6).contains(&tick.at))
            .collect()
    }
}

fn project(value: f64, scale: Scale) -> Option<f64> {
    match scale {
        Scale::Log10 => (value > 0.0 && value <= LARGEST).then(|| value.log10()),
        _ => (value.abs() <= LARGEST).then_some(value),
    }
}

/// Removes the last bits of noise of a power of ten.
fn round_off(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: Axis, most: usize) -> Vec<String> {
        axis.ticks(most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn epochs_get_whole_numbers_only() {
        let axis = Axis::along([1.0, 2.0, 3.0].into_iter());
        assert_eq!(labels(axis, 10), ["1", "2", "3"]);
        let axis = Axis::along((1..=60).map(f64::from));
        assert_eq!(labels(axis, 6), ["10", "20", "30", "40", "50", "60"]);
    }

    #[test]
    fn learning_rates_have_short_labels() {
        let axis = Axis::around([1e-5, 1e-4].into_iter(), Scale::Linear);
        assert_eq!(labels(axis, 5), ["2e-5", "4e-5", "6e-5", "8e-5", "1e-4"]);
        let axis = Axis::around([1e-5, 1e-2].into_iter(), Scale::Log10);
        assert_eq!(labels(axis, 6), ["1e-5", "1e-4", "1e-3", "1e-2"]);
    }

    #[test]
    fn log_axis_within_one_decade_still_has_two_ticks() {
        for values in [[0.11, 0.19], [0.3, 0.31], [1.0, 9.0], [1e-3, 1e-3]] {
            let axis = Axis::around(values.into_iter(), Scale::Log10);
            assert!(axis.ticks(5).len() >= 2, "{values:?}: {:?}", axis.ticks(5));
        }
    }

    #[test]
    fn nothing_constant_and_not_finite_give_a_range() {
        for values in [
            vec![],
            vec![0.0; 3],
            vec![7.5],
            vec![-2.25, -2.25],
            vec![f64::NAN, f64::INFINITY],
            vec![f64::MAX, 1.0],
        ] {
            for scale in [Scale::Linear, Scale::FromZero, Scale::Log10] {
                let axis = Axis::around(values.iter().copied(), scale);
                assert!(axis.high > axis.low, "{values:?} {scale:?}");
                assert!(axis.ticks(5).iter().all(|t| t.at.is_finite()), "{values:?} {scale:?}");
            }
        }
    }

    #[test]
    fn loss_axis_does_not_go_below_zero() {
        let axis = Axis::around([0.01, 2.0].into_iter(), Scale::Linear);
        assert!(axis.low >= 0.0);
        assert_eq!(axis.fraction(f64::NAN), None);
    }
}
