//! What the pooling layers share.

use std::fmt;

use brasa_kernels::PoolOptions;

use super::super::kind::Cost;
use super::super::shape::{Misfit, Shape, size_after, size_words, stride_beyond};
use super::super::words::{Words, sides, size, yes_or_no};

/// What a pooling layer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Height and width.
    pub size: [usize; 2],
    /// From one place to the next.
    pub stride: [usize; 2],
    /// Around each side.
    pub padding: [usize; 2],
    /// Whether a last window that is not whole counts, too.
    pub ceil: bool,
}

impl Window {
    pub(super) fn parse(words: &Words<'_>) -> Result<Self, String> {
        words.takes(1, &["stride", "padding", "ceil"])?;
        let sides = words.value(0, "the window's size, like `max-pool 2`", size)?;
        Ok(Self {
            size: sides,
            stride: words.option("stride", sides, "HxW or one number above 0", size)?,
            padding: words.padding([0, 0])?,
            ceil: words.option("ceil", false, "yes or no", yes_or_no)?,
        })
    }

    /// Over maps of a shape: a window over a series has one number, and the series is one pixel high.
    pub(super) fn over(&self, before: Shape) -> PoolOptions<2> {
        let Self { size, stride, padding, .. } = *self;
        let series = matches!(before, Shape::Maps([_, 1, _]));
        PoolOptions {
            kernel: [if series { 1 } else { size[0] }, size[1]],
            stride,
            padding: [if series { 0 } else { padding[0] }, padding[1]],
        }
    }

    /// Rows and columns behind the padded maps that the last windows reach into, with `ceil`.
    pub(super) fn beyond(&self, before: Shape) -> [usize; 2] {
        let Shape::Maps([_, height, width]) = before else { return [0; 2] };
        let PoolOptions { kernel, stride, padding } = self.over(before);
        let beyond = |side: usize, at: usize| {
            let padded = side.saturating_add(padding[at].saturating_mul(2));
            let rest = padded.saturating_sub(kernel[at]) % stride[at].max(1);
            // A window that would begin behind the maps is none.
            let begins = padded.saturating_sub(kernel[at]) - rest + stride[at];
            match self.ceil && rest > 0 && begins < side.saturating_add(padding[at]) {
                true => stride[at] - rest,
                false => 0,
            }
        };
        [beyond(height, 0), beyond(width, 1)]
    }

    pub(super) fn after(&self, before: Shape) -> Result<Shape, Misfit> {
        let [depth, height, width] = before.maps()?;
        let PoolOptions { kernel, stride, padding } = self.over(before);
        if [0, 1].into_iter().any(|at| padding[at] > kernel[at] / 2) {
            return Err(Misfit::new("padding of at most half of the window"));
        }
        if [(height, 0), (width, 1)].into_iter().any(|(side, at)| padding[at] > side) {
            return Err(Misfit::new("padding of at most a side of the maps"));
        }
        let beyond = self.beyond(before);
        let out = |side: usize, at: usize| {
            size_after(side.checked_add(beyond[at])?, kernel[at], stride[at], padding[at])
        };
        match (out(height, 0), out(width, 1)) {
            (Some(out_height), Some(out_width)) => match stride_beyond([height, width], stride, padding) {
                Some(misfit) => Err(misfit),
                None => Ok(Shape::Maps([depth, out_height, out_width])),
            },
            _ => Err(Misfit::new("maps at least as large as the window")),
        }
    }

    pub(super) fn cost(&self, before: Shape, after: Shape) -> Cost {
        let PoolOptions { kernel, stride, padding } = self.over(before);
        Cost {
            parameters: 0,
            flops: kernel.iter().product::<usize>().saturating_mul(after.len()),
            size: if self.ceil { None } else { size_words(before, after, kernel, stride, padding) },
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sides(self.size))?;
        if self.stride != self.size {
            write!(f, " stride={}", sides(self.stride))?;
        }
        if self.padding != [0, 0] {
            write!(f, " padding={}", sides(self.padding))?;
        }
        if self.ceil {
            f.write_str(" ceil=yes")?;
        }
        Ok(())
    }
}
