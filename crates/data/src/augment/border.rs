//! What lies outside of an image or before the start of a series.

use serde::{Deserialize, Serialize};

/// What is taken for a place outside, as OpenCV's border types of the same names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Border {
    /// The mirror image, the outermost value not repeated: `dcb|abcd|cba` (`BORDER_REFLECT_101`).
    #[default]
    Reflect,
    /// The outermost value: `aaa|abcd|ddd`.
    Replicate,
    /// One value; in recipes `{ constant = 128 }`.
    Constant(f32),
}

impl Border {
    /// The place among `len` (at least 1) that stands for `place`; `None` outside of a constant border.
    pub(super) fn place(self, place: i64, len: usize) -> Option<usize> {
        let last = len as i64 - 1;
        if (0..=last).contains(&place) {
            return Some(place as usize);
        }
        match self {
            Self::Reflect if last == 0 => Some(0),
            Self::Reflect => {
                let within = place.rem_euclid(2 * last);
                Some(within.min(2 * last - within) as usize)
            }
            Self::Replicate => Some(place.clamp(0, last) as usize),
            Self::Constant(_) => None,
        }
    }

    /// What a constant border is made of.
    pub(super) fn value(self) -> f32 {
        match self {
            Self::Constant(value) => value,
            _ => 0.0,
        }
    }

    pub(super) fn check(self) -> Result<(), String> {
        match self.value().is_finite() {
            true => Ok(()),
            false => Err(format!("`border`: expected a finite number, found {}", self.value())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(border: Border, len: usize) -> String {
        let letter = |place| border.place(place, len).map_or('.', |place| (b'a' + place as u8) as char);
        (-7..7).map(letter).collect()
    }

    #[test]
    fn places_outside_are_those_of_opencv() {
        // cv2.copyMakeBorder of "abcd" and "a" by 7 and 3.
        assert_eq!(line(Border::Reflect, 4), "babcdcbabcdcba");
        assert_eq!(line(Border::Reflect, 1), "aaaaaaaaaaaaaa");
        assert_eq!(line(Border::Replicate, 4), "aaaaaaaabcdddd");
        assert_eq!(line(Border::Constant(0.0), 4), ".......abcd...");
    }
}
