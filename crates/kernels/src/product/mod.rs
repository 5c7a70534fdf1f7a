//! Matrix products: of a few rows or many, wherever they lie, with a matrix that is packed once for them.
//!
//! The right side lies in panels of [`VECTORS`] vectors, the left side is brought into strips of a few rows, element by
//! element, a part of its depth at a time ([Goto and van de Geijn 2008](https://doi.org/10.1145/1356052.1356053)): both are then read
//! from one end to the other, a panel's part from the first cache. Each sum is formed in the order of its terms, [`DEPTH`] of them at a
//! time, whichever rows and columns are computed beside it: a row's result depends neither on its neighbours nor on how the
//! work is divided.

mod left;
mod multiply;
mod packed;
mod sums;
mod threads;

pub(crate) use left::{Columns, Rows};
pub(crate) use multiply::Start;
pub(crate) use packed::{Matrix, Packed};
pub(crate) use sums::ColumnSums;
pub(crate) use threads::evenly;

use pulp::Simd;

/// Vectors of a panel's row. The sums of six rows fill 15 of 16 registers with a panel's row and an input; with 32, the sums
/// of twelve rows are as fast as those of six with four vectors, and a panel takes half of the cache.
const VECTORS: usize = 2;

/// Elements of a panel's columns that are gone through before the next rows' turn: 32 KiB with vectors of 16 numbers.
const DEPTH: usize = 256;

/// Rows of a strip at most.
const fn most_rows<S: Simd>() -> usize {
    if S::REGISTER_COUNT < 32 { 6 } else { 12 }
}
