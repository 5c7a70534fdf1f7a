//! Trainings: one program, which is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bag;
mod branched_recipe;
mod checkpoint;
mod fit;
mod rocket;
mod transfer;
mod trees;
