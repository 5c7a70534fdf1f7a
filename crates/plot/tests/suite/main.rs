//! Charts and pictures: one program, which is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod charts;
mod confusion;
mod heat;
mod numbers;
mod plane;
mod sheet;
