use crate::flex::Kernel;

/// Adds up the columns of dense rows, in `f64`.
pub(crate) struct ColumnSums;

impl Kernel<(&[f32], &mut [f64])> for ColumnSums {
    #[inline(always)]
    fn run(&self, _: usize, (rows, sums): (&[f32], &mut [f64])) {
        for row in rows.chunks_exact(sums.len()) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += f64::from(*value);
            }
        }
    }
}
