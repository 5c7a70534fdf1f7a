//! The range of a key's numbers.

use std::fmt;

/// A range of numbers. Nothing that is not a finite number is in it.
///
/// ```
/// use brasa_keys::Bounds;
///
/// assert!(Bounds::above(0.0).hold(0.5) && !Bounds::above(0.0).hold(0.0));
/// assert!(!Bounds::at_least(0.0).hold(f64::NAN));
/// assert_eq!(Bounds::below(0.0, 1.0).to_string(), "a number in [0, 1)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    low: End,
    high: End,
}

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
struct End {
    at: f64,
    belongs: bool,
}

impl Bounds {
    const fn new(low: f64, low_belongs: bool, high: f64, high_belongs: bool) -> Self {
        Self { low: End { at: low, belongs: low_belongs }, high: End { at: high, belongs: high_belongs } }
    }

    /// Any finite number.
    pub const fn finite() -> Self {
        Self::new(f64::NEG_INFINITY, false, f64::INFINITY, false)
    }

    /// `(low, inf)`.
    pub const fn above(low: f64) -> Self {
        Self::new(low, false, f64::INFINITY, false)
    }

    /// `[low, inf)`.
    pub const fn at_least(low: f64) -> Self {
        Self::new(low, true, f64::INFINITY, false)
    }

    /// `[low, high)`.
    pub const fn below(low: f64, high: f64) -> Self {
        Self::new(low, true, high, false)
    }

    /// `(low, high)`.
    pub const fn between(low: f64, high: f64) -> Self {
        Self::new(low, false, high, false)
    }

    /// `(low, high]`.
    pub const fn up_to(low: f64, high: f64) -> Self {
        Self::new(low, false, high, true)
    }

    /// `[low, high]`.
    pub const fn within(low: f64, high: f64) -> Self {
        Self::new(low, true, high, true)
    }

    /// Whether `number` is finite and in the range.
    pub fn hold(&self, number: f64) -> bool {
        let Self { low, high } = *self;
        number.is_finite()
            && (number > low.at || (low.belongs && number == low.at))
            && (number < high.at || (high.belongs && number == high.at))
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { low, high } = self;
        match (low.at.is_finite(), high.at.is_finite()) {
            (false, false) => formatter.write_str("a finite number"),
            (true, false) if low.belongs => write!(formatter, "a number from {}", low.at),
            (true, false) => write!(formatter, "a number above {}", low.at),
            _ => {
                let (open, close) =
                    (if low.belongs { '[' } else { '(' }, if high.belongs { ']' } else { ')' });
                write!(formatter, "a number in {open}{}, {}{close}", low.at, high.at)
            }
        }
    }
}

/// What holds numbers that a range is asked of.
pub trait Numbers {
    /// The numbers.
    fn numbers(&self) -> Vec<f64>;
}

impl Numbers for f64 {
    fn numbers(&self) -> Vec<f64> {
        vec![*self]
    }
}

impl Numbers for f32 {
    fn numbers(&self) -> Vec<f64> {
        vec![f64::from(*self)]
    }
}

impl Numbers for usize {
    fn numbers(&self) -> Vec<f64> {
        vec![*self as f64]
    }
}

impl Numbers for u64 {
    fn numbers(&self) -> Vec<f64> {
        vec![*self as f64]
    }
}

impl<T: Numbers> Numbers for Option<T> {
    fn numbers(&self) -> Vec<f64> {
        self.iter().flat_map(Numbers::numbers).collect()
    }
}

impl<T: Numbers> Numbers for Vec<T> {
    fn numbers(&self) -> Vec<f64> {
        self.iter().flat_map(Numbers::numbers).collect()
    }
}

impl<T: Numbers, const N: usize> Numbers for [T; N] {
    fn numbers(&self) -> Vec<f64> {
        self.iter().flat_map(Numbers::numbers).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_belong_to_a_range_as_it_says() {
        for (bounds, inside, outside, words) in [
            (Bounds::above(0.0), 1e-9, 0.0, "a number above 0"),
            (Bounds::at_least(1.0), 1.0, 0.9, "a number from 1"),
            (Bounds::below(0.0, 1.0), 0.0, 1.0, "a number in [0, 1)"),
            (Bounds::between(0.0, 1.0), 0.5, 0.0, "a number in (0, 1)"),
            (Bounds::up_to(0.0, 1.0), 1.0, 0.0, "a number in (0, 1]"),
            (Bounds::within(1.0, 20.0), 20.0, 20.5, "a number in [1, 20]"),
            (Bounds::finite(), -3.0, f64::NAN, "a finite number"),
        ] {
            assert!(bounds.hold(inside) && !bounds.hold(outside), "{bounds:?}");
            assert!(!bounds.hold(f64::INFINITY) && !bounds.hold(f64::NAN), "{bounds:?}");
            assert_eq!(bounds.to_string(), words);
        }
    }
}
