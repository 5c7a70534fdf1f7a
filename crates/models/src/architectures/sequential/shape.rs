//! The shape of one sample between two layers, and what does not fit.

use std::fmt;

/// The shape of one sample between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `[channels, height, width]`; a series is one pixel high.
    Maps([usize; 3]),
    /// Features in a row.
    Flat(usize),
}

/// Numbers of one sample between two layers: 8 GB.
pub(super) const MOST_NUMBERS: usize = 1 << 31;

impl Shape {
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Maps(sides) => sides.iter().product(),
            Self::Flat(len) => len,
        }
    }

    /// The shape, where one sample of it is no more than what anybody has memory for.
    pub(crate) fn within_bounds(self) -> Result<Self, Misfit> {
        let numbers = self.sides().into_iter().try_fold(1_usize, |product, side| product.checked_mul(side));
        match numbers.is_some_and(|numbers| numbers <= MOST_NUMBERS) {
            true => Ok(self),
            false => {
                let expected = format!("at most {MOST_NUMBERS} numbers of one sample behind it");
                Err(Misfit::new(expected).found(format!("{:?}", self.sides())))
            }
        }
    }

    pub(crate) fn sides(self) -> Vec<usize> {
        match self {
            Self::Maps(sides) => sides.to_vec(),
            Self::Flat(len) => vec![len],
        }
    }

    /// Channels of maps, features of a row.
    pub(crate) fn depth(self) -> usize {
        match self {
            Self::Maps([depth, ..]) | Self::Flat(depth) => depth,
        }
    }

    /// Pixels of a map; a feature of a row is one.
    pub(crate) fn places(self) -> usize {
        match self {
            Self::Maps([_, height, width]) => height * width,
            Self::Flat(_) => 1,
        }
    }

    /// The maps, for a layer that needs them.
    pub(crate) fn maps(self) -> Result<[usize; 3], Misfit> {
        match self {
            Self::Maps(maps) => Ok(maps),
            Self::Flat(_) => Err(Misfit::new("maps, not a flat row")),
        }
    }
}

/// Why a layer does not fit what comes before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// What the layer would have needed.
    pub(crate) expected: String,
    /// What it gets, where that is not the shape before it.
    pub(crate) found: Option<String>,
    /// The layer's words and number, then, where that is inside of another, the branch and number of each around it.
    place: Option<String>,
}

impl Misfit {
    pub(crate) fn new(expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: None, place: None }
    }

    /// Of what is no shape of a single layer's.
    pub(crate) fn found(self, found: String) -> Self {
        Self { found: Some(found), ..self }
    }

    /// At layer `index` of a list, whose words are `layer`, where the shape is `before`.
    pub(crate) fn at(self, index: usize, layer: impl fmt::Display, before: Shape) -> Self {
        let place = match self.place {
            Some(inner) => format!("{inner} of layer {index}"),
            None => format!("`{layer}` (layer {index}"),
        };
        let found = self.found.unwrap_or_else(|| format!("{:?}", before.sides()));
        Self { expected: self.expected, found: Some(found), place: Some(place) }
    }

    /// In a branch of a layer.
    pub(crate) fn in_branch(self, branch: usize) -> Self {
        let place = self.place.map(|place| format!("{place} in branch {branch}"));
        Self { place, ..self }
    }

    /// What was expected, and where.
    pub(crate) fn sentence(&self) -> String {
        match &self.place {
            Some(place) => format!("{} at {place})", self.expected),
            None => self.expected.clone(),
        }
    }
}

/// `(W - F + 2P) / S + 1`, or nothing where the kernel is larger than what it moves over, or the numbers are too large.
pub(crate) fn size_after(side: usize, kernel: usize, stride: usize, padding: usize) -> Option<usize> {
    let padded = padding.checked_mul(2)?.checked_add(side)?;
    padded.checked_sub(kernel).map(|room| room / stride + 1)
}

/// A stride beyond the maps and their padding, which steps over all but the first place.
pub(crate) fn stride_beyond(sides: [usize; 2], stride: [usize; 2], padding: [usize; 2]) -> Option<Misfit> {
    let beyond = |at: usize| {
        let padded = padding[at].saturating_mul(2).saturating_add(sides[at]);
        // Maps that are one pixel high or wide, as series are, have one place whatever the stride.
        sides[at] > 1 && stride[at] > padded
    };
    let found = (0..2).find(|at| beyond(*at))?;
    let expected = format!("a stride within the maps and their padding, found {}", stride[found]);
    Some(Misfit::new(expected))
}

/// The sum `(W-F+2P)/S+1` with its numbers: of the width, and of the height where that differs.
pub(crate) fn size_words(
    before: Shape,
    after: Shape,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
) -> Option<String> {
    let (Shape::Maps([_, height, width]), Shape::Maps([_, out_height, out_width])) = (before, after) else {
        return None;
    };
    let words = |side: usize, at: usize, out: usize| {
        format!("({side}-{}+2*{})/{}+1 = {out}", kernel[at], padding[at], stride[at])
    };
    let (of_height, of_width) = (words(height, 0, out_height), words(width, 1, out_width));
    Some(if height == 1 || of_height == of_width { of_width } else { format!("{of_height}, {of_width}") })
}
