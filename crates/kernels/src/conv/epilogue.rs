//! What is done to a sum of products before it is stored.

use pulp::Simd;

use super::Epilogue;
use crate::flex::mul_add;

/// One value per output channel of all groups, each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowEpilogue<'a> {
    pub(super) bias: Option<&'a [f32]>,
    /// Of the sum with its bias.
    pub(super) first: Epilogue,
    /// Scale and shift, after that.
    pub(super) linear: Option<[&'a [f32]; 2]>,
    /// Of what they make.
    pub(super) last: Epilogue,
}

impl<'a> RowEpilogue<'a> {
    /// For the channels from `first` on.
    #[inline(always)]
    pub(super) fn from(self, first: usize) -> Self {
        let rest = |values: &'a [f32]| &values[first..];
        Self { bias: self.bias.map(rest), linear: self.linear.map(|linear| linear.map(rest)), ..self }
    }

    /// Vector `at` of the bias; 0 without one, and beyond the last channel.
    #[inline(always)]
    pub(super) fn start<S: Simd>(&self, simd: S, at: usize) -> S::f32s {
        self.bias.map_or(simd.splat_f32s(0.0), |bias| load(simd, bias, at))
    }

    /// What follows the sums of vector `at`, which have their bias.
    #[inline(always)]
    pub(super) fn last<S: Simd>(&self, simd: S, at: usize) -> Last<S> {
        self.with(self.linear.map(|[scale, shift]| (load(simd, scale, at), load(simd, shift, at))))
    }

    /// As [`RowEpilogue::last`], for one channel in all lanes.
    #[inline(always)]
    pub(super) fn last_of_channel<S: Simd>(&self, simd: S, channel: usize) -> Last<S> {
        let splat = |values: &[f32]| simd.splat_f32s(values[channel]);
        self.with(self.linear.map(|[scale, shift]| (splat(scale), splat(shift))))
    }

    #[inline(always)]
    fn with<S: Simd>(&self, linear: Option<(S::f32s, S::f32s)>) -> Last<S> {
        let [first, last] = [self.first, self.last].map(|epilogue| epilogue == Epilogue::Relu);
        Last { relu: first, linear, relu_after: last }
    }
}

#[inline(always)]
fn load<S: Simd>(simd: S, values: &[f32], at: usize) -> S::f32s {
    simd.partial_load_f32s(values.get(at * S::F32_LANES..).unwrap_or_default())
}

/// [`RowEpilogue`] for one vector.
#[derive(Clone, Copy)]
pub(super) struct Last<S: Simd> {
    relu: bool,
    linear: Option<(S::f32s, S::f32s)>,
    relu_after: bool,
}

impl<S: Simd> Last<S> {
    #[inline(always)]
    pub(super) fn does_anything(&self) -> bool {
        self.relu || self.linear.is_some() || self.relu_after
    }

    #[inline(always)]
    pub(super) fn of(&self, simd: S, mut sum: S::f32s) -> S::f32s {
        let zero = simd.splat_f32s(0.0);
        if self.relu {
            // In this order NaN stays NaN.
            sum = simd.max_f32s(zero, sum);
        }
        if let Some((scale, shift)) = self.linear {
            sum = mul_add(simd, sum, scale, shift);
        }
        if self.relu_after { simd.max_f32s(zero, sum) } else { sum }
    }
}
