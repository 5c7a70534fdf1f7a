use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::simd::dispatch;

/// Rows at a distance of `stride` elements.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) stride: usize,
}

/// Writes `columns` rows of `rows` elements at a distance of `stride`: the transpose of the first `rows` x `columns`
/// of `from`. All of them are written.
///
/// # Panics
///
/// If one of the buffers is too short.
#[inline(always)]
pub(crate) fn transpose<S: Simd>(
    simd: S,
    from: Rows<'_>,
    [rows, columns]: [usize; 2],
    to: &mut [MaybeUninit<f32>],
    stride: usize,
) {
    if rows == 0 || columns == 0 {
        return;
    }
    assert!((rows - 1) * from.stride + columns <= from.values.len());
    assert!((columns - 1) * stride + rows <= to.len());
    let block = block_size::<S>();
    for row in (0..rows).step_by(block) {
        for column in (0..columns).step_by(block) {
            let from = Rows { values: &from.values[row * from.stride + column..], ..from };
            let to = &mut to[column * stride + row..];
            let size = [block.min(rows - row), block.min(columns - column)];
            if size == [block; 2] && whole_block(simd, from, to, stride) {
                continue;
            }
            for c in 0..size[1] {
                for r in 0..size[0] {
                    to[c * stride + r].write(from.values[r * from.stride + c]);
                }
            }
        }
    }
}

/// [`transpose`] into a buffer that is initialised already.
#[inline(always)]
pub(crate) fn transpose_into<S: Simd>(
    simd: S,
    from: Rows<'_>,
    size: [usize; 2],
    to: &mut [f32],
    stride: usize,
) {
    // SAFETY: the same memory and layout. `transpose` writes initialised values only, so that the buffer stays initialised.
    let to = unsafe { &mut *(std::ptr::from_mut(to) as *mut [MaybeUninit<f32>]) };
    transpose(simd, from, size, to, stride);
}

/// [`transpose_into`] in the code for this processor.
pub(crate) fn transposed(from: Rows<'_>, size: [usize; 2], to: &mut [f32], stride: usize) {
    struct Transpose<'a>(Rows<'a>, [usize; 2], &'a mut [f32], usize);
    impl WithSimd for Transpose<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            transpose_into(simd, self.0, self.1, self.2, self.3);
        }
    }
    dispatch(Transpose(from, size, to, stride));
}

fn block_size<S: Simd>() -> usize {
    S::F32_LANES.max(8)
}

/// Rows and columns that instructions transpose together, 256 elements at most; 0 if there are none for it.
#[inline(always)]
pub(crate) fn square<S: Simd>() -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        use std::any::TypeId;

        let of = TypeId::of::<S>();
        if of == TypeId::of::<pulp::x86::V4>() || of == TypeId::of::<pulp::x86::V3>() {
            return block_size::<S>();
        }
    }
    0
}

/// A square of [`block_size`], if there are instructions for it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn whole_block<S: Simd>(simd: S, from: Rows<'_>, to: &mut [MaybeUninit<f32>], stride: usize) -> bool {
    use std::any::Any;

    let simd: &dyn Any = &simd;
    if let Some(&simd) = simd.downcast_ref::<pulp::x86::V4>() {
        avx512(simd, from, to, stride);
        true
    } else if let Some(&simd) = simd.downcast_ref::<pulp::x86::V3>() {
        avx2(simd, from, to, stride);
        true
    } else {
        false
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn whole_block<S: Simd>(_: S, _: Rows<'_>, _: &mut [MaybeUninit<f32>], _: usize) -> bool {
    false
}

/// Sixteen rows of sixteen: pairs of rows are interleaved by elements, then by pairs, then by quarters.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx512(v4: pulp::x86::V4, from: Rows<'_>, to: &mut [MaybeUninit<f32>], stride: usize) {
    use pulp::bytemuck::cast;
    use pulp::f32x16;

    let simd = v4.avx512f;
    let zero = v4.splat_f32s(0.0);
    let (mut a, mut b): ([f32x16; 16], [f32x16; 16]) = ([zero; 16], [zero; 16]);
    for (row, a) in a.iter_mut().enumerate() {
        let (vectors, _) = pulp::x86::V4::as_simd_f32s(&from.values[row * from.stride..][..16]);
        *a = vectors[0];
    }
    for i in (0..16).step_by(2) {
        let (low, high) = (cast(a[i]), cast(a[i + 1]));
        b[i] = cast(simd._mm512_unpacklo_ps(low, high));
        b[i + 1] = cast(simd._mm512_unpackhi_ps(low, high));
    }
    for i in (0..16).step_by(4) {
        for j in 0..2 {
            let (low, high) = (cast(b[i + j]), cast(b[i + j + 2]));
            a[i + 2 * j] = cast(simd._mm512_unpacklo_pd(low, high));
            a[i + 2 * j + 1] = cast(simd._mm512_unpackhi_pd(low, high));
        }
    }
    // Now a[4 r + c] holds the columns c, c + 4, c + 8, c + 12 of the rows 4 r to 4 r + 3.
    for c in 0..4 {
        let quarter = [a[c], a[4 + c], a[8 + c], a[12 + c]].map(cast);
        let even = [
            simd._mm512_shuffle_f32x4::<0b10_00_10_00>(quarter[0], quarter[1]),
            simd._mm512_shuffle_f32x4::<0b10_00_10_00>(quarter[2], quarter[3]),
        ];
        let odd = [
            simd._mm512_shuffle_f32x4::<0b11_01_11_01>(quarter[0], quarter[1]),
            simd._mm512_shuffle_f32x4::<0b11_01_11_01>(quarter[2], quarter[3]),
        ];
        b[c] = cast(simd._mm512_shuffle_f32x4::<0b10_00_10_00>(even[0], even[1]));
        b[c + 8] = cast(simd._mm512_shuffle_f32x4::<0b11_01_11_01>(even[0], even[1]));
        b[c + 4] = cast(simd._mm512_shuffle_f32x4::<0b10_00_10_00>(odd[0], odd[1]));
        b[c + 12] = cast(simd._mm512_shuffle_f32x4::<0b11_01_11_01>(odd[0], odd[1]));
    }
    for (column, &value) in b.iter().enumerate() {
        let (vectors, _) = pulp::x86::V4::as_uninit_mut_simd_f32s(&mut to[column * stride..][..16]);
        vectors[0].write(value);
    }
}

/// Eight rows of eight, likewise.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx2(v3: pulp::x86::V3, from: Rows<'_>, to: &mut [MaybeUninit<f32>], stride: usize) {
    use pulp::bytemuck::cast;
    use pulp::f32x8;

    let simd = v3.avx;
    let zero = v3.splat_f32s(0.0);
    let (mut a, mut b): ([f32x8; 8], [f32x8; 8]) = ([zero; 8], [zero; 8]);
    for (row, a) in a.iter_mut().enumerate() {
        let (vectors, _) = pulp::x86::V3::as_simd_f32s(&from.values[row * from.stride..][..8]);
        *a = vectors[0];
    }
    for i in (0..8).step_by(2) {
        let (low, high) = (cast(a[i]), cast(a[i + 1]));
        b[i] = cast(simd._mm256_unpacklo_ps(low, high));
        b[i + 1] = cast(simd._mm256_unpackhi_ps(low, high));
    }
    for i in (0..8).step_by(4) {
        for j in 0..2 {
            let (low, high) = (cast(b[i + j]), cast(b[i + j + 2]));
            a[i + 2 * j] = cast(simd._mm256_unpacklo_pd(low, high));
            a[i + 2 * j + 1] = cast(simd._mm256_unpackhi_pd(low, high));
        }
    }
    for c in 0..4 {
        let (low, high) = (cast(a[c]), cast(a[c + 4]));
        b[c] = cast(simd._mm256_permute2f128_ps::<0x20>(low, high));
        b[c + 4] = cast(simd._mm256_permute2f128_ps::<0x31>(low, high));
    }
    for (column, &value) in b.iter().enumerate() {
        let (vectors, _) = pulp::x86::V3::as_uninit_mut_simd_f32s(&mut to[column * stride..][..8]);
        vectors[0].write(value);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use pulp::WithSimd;

    use super::*;
    use crate::flex::simd::dispatch;

    struct Transpose<'a>(Rows<'a>, [usize; 2], &'a mut [MaybeUninit<f32>], usize);

    impl WithSimd for Transpose<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            transpose(simd, self.0, self.1, self.2, self.3);
        }
    }

    fn check(rows: usize, columns: usize, simd: impl Fn(Transpose<'_>)) {
        let stride = columns + 3;
        let values: Vec<f32> = (0..rows * stride).map(|i| i as f32).collect();
        let mut to = vec![MaybeUninit::new(-1.0); columns * (rows + 2)];
        simd(Transpose(Rows { values: &values, stride }, [rows, columns], &mut to, rows + 2));
        for (c, row) in to.chunks(rows + 2).enumerate() {
            for (r, value) in row.iter().enumerate() {
                // SAFETY: the whole buffer was initialised above.
                let value = unsafe { value.assume_init() };
                let expected = if r < rows { values[r * stride + c] } else { -1.0 };
                assert_eq!(value, expected, "{rows} x {columns}: {r}, {c}");
            }
        }
    }

    #[test]
    fn every_size_and_instruction_set() {
        for (rows, columns) in [(1, 1), (3, 17), (8, 8), (16, 16), (33, 47), (48, 32), (0, 3), (5, 0)] {
            check(rows, columns, |work| dispatch(work));
            check(rows, columns, |work| Simd::vectorize(pulp::Scalar, work));
            #[cfg(target_arch = "x86_64")]
            if let Some(simd) = pulp::x86::V3::try_new() {
                check(rows, columns, |work| Simd::vectorize(simd, work));
            }
        }
    }
}
