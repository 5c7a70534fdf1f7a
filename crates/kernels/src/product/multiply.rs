use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::left::{Left, Rows};
use super::packed::Packed;
use super::{DEPTH, VECTORS, most_rows};
use crate::flex::{dispatch, mul_add, unrolled, with_scratch};

/// What a product is added to.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    /// Nothing: the result is the product alone.
    Zero,
    /// The same for every row.
    Values(&'a [f32]),
    /// What the result's buffer holds.
    Present,
}

impl Packed {
    /// As [`Packed::multiply`], of some panels: the first of their columns is the first of a row of `to`.
    pub(super) fn multiply_panels<L: Left>(
        &self,
        panels: Range<usize>,
        from: L,
        to: Rows<&mut [f32]>,
        start: Start<'_>,
    ) {
        assert_eq!(from.rows(), to.offsets.len());
        if let Start::Values(values) = start {
            assert_eq!(values.len(), self.columns);
        }
        let depth = if from.rows() == 1 { self.depth } else { self.depth.min(DEPTH) };
        with_scratch(from.rows() * depth, |strips| {
            dispatch(Multiply { packed: self, panels, from, to, start, strips });
        });
    }
}

struct Multiply<'a, L> {
    packed: &'a Packed,
    panels: Range<usize>,
    from: L,
    to: Rows<'a, &'a mut [f32]>,
    start: Start<'a>,
    /// A part of the depth of `from`, strip after strip.
    strips: &'a mut [f32],
}

/// Runs `$body` with the constant `$name` as the value of `$rows`, which is from 1 to 12.
macro_rules! with_rows {
    ($rows:expr, $most:expr, $name:ident => $body:expr) => {
        with_rows!(@ $rows, $most, $name, $body, 1 2 3 4 5 6 7 8 9 10 11 12)
    };
    (@ $rows:expr, $most:expr, $name:ident, $body:expr, $($value:literal)*) => {
        match $rows {
            // What no strip of this processor has is not compiled.
            $($value if const { $value <= $most } => { const $name: usize = $value; $body })*
            rows => unreachable!("{rows} rows of a strip"),
        }
    };
}

impl<L: Left> WithSimd for Multiply<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let depth = self.packed.depth;
        if self.from.rows() == 1 {
            self.from.pack::<S, 1>(simd, 0, 0..depth, self.strips);
            return self.single(simd);
        }
        for start in (0..depth).step_by(DEPTH) {
            let part = start..depth.min(start + DEPTH);
            let strips = strips::<S>(self.from.rows());
            for rows in strips.clone() {
                let strip = &mut self.strips[rows.start * part.len()..][..rows.len() * part.len()];
                with_rows!(rows.len(), most_rows::<S>(), R => {
                    self.from.pack::<S, R>(simd, rows.start, part.clone(), strip);
                });
            }
            for panel in self.panels.clone() {
                for rows in strips.clone() {
                    with_rows!(rows.len(), most_rows::<S>(), R => {
                        self.tile::<S, R>(simd, panel, part.clone(), rows.start);
                    });
                }
            }
        }
    }
}

/// The rows of each strip: as equal as they can be, so that none is much slower than the others.
#[inline(always)]
fn strips<S: Simd>(rows: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    let count = rows.div_ceil(most_rows::<S>());
    let (least, longer) = (rows / count.max(1), rows % count.max(1));
    (0..count).map(move |strip| {
        let first = strip * least + strip.min(longer);
        first..first + least + usize::from(strip < longer)
    })
}

impl<L: Left> Multiply<'_, L> {
    /// The columns of a panel, and where they lie in a row of the result.
    #[inline(always)]
    fn columns(&self, panel: usize) -> (Range<usize>, usize) {
        let Packed { columns, width, .. } = *self.packed;
        let first = panel * width;
        (first..columns.min(first + width), first - self.panels.start * width)
    }

    /// What the sums of a row begin with.
    #[inline(always)]
    fn begin<S: Simd>(&self, simd: S, columns: Range<usize>, later: bool) -> [S::f32s; VECTORS] {
        match self.start {
            Start::Values(values) if !later => load(simd, &values[columns], self.packed.width),
            Start::Zero | Start::Present | Start::Values(_) => [simd.splat_f32s(0.0); VECTORS],
        }
    }

    /// Whether sums are added to what the result's buffer holds. That is looked at when they are formed: until then it has
    /// come into the first cache.
    #[inline(always)]
    fn adds(&self, later: bool) -> bool {
        later || matches!(self.start, Start::Present)
    }

    #[inline(always)]
    fn tile<S: Simd, const R: usize>(&mut self, simd: S, panel: usize, depth: Range<usize>, row: usize) {
        let (columns, at) = self.columns(panel);
        let Packed { depth: all, width, ref values, .. } = *self.packed;
        let weights = &values[(panel * all + depth.start) * width..][..depth.len() * width];
        let (weights, _) = S::as_simd_f32s(weights);
        let strip = &self.strips[row * depth.len()..][..R * depth.len()];
        let to = &self.to.offsets[row..][..R];
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; R];
        let adds = self.adds(depth.start > 0);
        if adds {
            to.iter().for_each(|to| prefetch(&self.to.buffer[to + at..][..columns.len()]));
        }
        let begin = self.begin(simd, columns.clone(), depth.start > 0);
        unrolled!(r < R, 14 => { sums[r] = begin; });
        let (strip, weights) = (strip.as_chunks::<R>().0, weights.as_chunks::<VECTORS>().0);
        for (x, weights) in strip.iter().zip(weights) {
            unrolled!(r < R, 14 => {
                let x = simd.splat_f32s(x[r]);
                unrolled!(v < VECTORS, 2 => { sums[r][v] = mul_add(simd, weights[v], x, sums[r][v]); });
            });
        }
        unrolled!(r < R, 14 => {
            let to = &mut self.to.buffer[to[r] + at..][..columns.len()];
            if adds {
                let present = load(simd, to, width);
                unrolled!(v < VECTORS, 2 => { sums[r][v] = simd.add_f32s(present[v], sums[r][v]); });
            }
            store(simd, sums[r], to, width);
        });
    }

    /// One row alone. The sums of one panel would wait for each other, so there are several panels at a time.
    #[inline(always)]
    fn single<S: Simd>(&mut self, simd: S) {
        let mut panel = self.panels.start;
        while panel < self.panels.end {
            panel += match self.panels.end - panel {
                4.. => self.some_panels::<S, 4>(simd, panel),
                2.. => self.some_panels::<S, 2>(simd, panel),
                _ => self.some_panels::<S, 1>(simd, panel),
            };
        }
    }

    #[inline(always)]
    fn some_panels<S: Simd, const P: usize>(&mut self, simd: S, panel: usize) -> usize {
        let Packed { depth, width, ref values, .. } = *self.packed;
        let places: [(Range<usize>, usize); P] = std::array::from_fn(|p| {
            let (columns, at) = self.columns(panel + p);
            (columns, self.to.offsets[0] + at)
        });
        let mut all = [[simd.splat_f32s(0.0); VECTORS]; P];
        let mut weights = [&values[..0]; P];
        unrolled!(p < P, 4 => {
            let (columns, to) = places[p].clone();
            weights[p] = &values[(panel + p) * depth * width..][..depth * width];
            if self.adds(false) {
                all[p] = load(simd, &self.to.buffer[to..][..columns.len()], width);
            }
        });
        // In the parts that the sums of many rows are formed in, for the same bits.
        for (part, x) in self.strips[..depth].chunks(DEPTH).enumerate() {
            let adds = self.adds(part > 0);
            let mut sums = all;
            unrolled!(p < P, 4 => { sums[p] = self.begin(simd, places[p].0.clone(), part > 0); });
            for (k, &x) in x.iter().enumerate() {
                let (x, k) = (simd.splat_f32s(x), part * DEPTH + k);
                unrolled!(p < P, 4 => {
                    let (weights, _) = S::as_simd_f32s(&weights[p][k * width..][..width]);
                    unrolled!(v < VECTORS, 2 => { sums[p][v] = mul_add(simd, weights[v], x, sums[p][v]); });
                });
            }
            unrolled!(p < P, 4 => {
                unrolled!(v < VECTORS, 2 => {
                    all[p][v] = if adds { simd.add_f32s(all[p][v], sums[p][v]) } else { sums[p][v] };
                });
            });
        }
        unrolled!(p < P, 4 => {
            let (columns, to) = places[p].clone();
            store(simd, all[p], &mut self.to.buffer[to..][..columns.len()], width);
        });
        P
    }
}

/// Has the processor bring `values`, two vectors of them, into the first cache.
#[inline(always)]
fn prefetch(values: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

        // SAFETY: it reads nothing, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

#[inline(always)]
fn load<S: Simd>(simd: S, from: &[f32], width: usize) -> [S::f32s; VECTORS] {
    let mut vectors = [simd.splat_f32s(0.0); VECTORS];
    if from.len() == width {
        let (from, _) = S::as_simd_f32s(from);
        unrolled!(v < VECTORS, 2 => { vectors[v] = from[v] });
    } else {
        for (to, from) in vectors.iter_mut().zip(from.chunks(S::F32_LANES)) {
            *to = simd.partial_load_f32s(from);
        }
    }
    vectors
}

#[inline(always)]
fn store<S: Simd>(simd: S, vectors: [S::f32s; VECTORS], to: &mut [f32], width: usize) {
    if to.len() == width {
        let (to, _) = S::as_mut_simd_f32s(to);
        unrolled!(v < VECTORS, 2 => { to[v] = vectors[v] });
    } else {
        for (to, from) in to.chunks_mut(S::F32_LANES).zip(vectors) {
            simd.partial_store_f32s(to, from);
        }
    }
}
