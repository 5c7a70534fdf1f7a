//! The binaries as a user meets them. One test program for all, so that it is linked once and builds the binaries
//! once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bad_images;
mod bad_pictures;
mod bad_recipes;
mod bad_runs;
mod bad_tables;
mod cv;
mod determinism;
mod emotions;
mod failures;
mod fetch;
mod floor;
mod interrupt;
mod iris;
mod json;
mod lesson;
mod look;
mod mlflow;
mod mnist;
mod own_data;
mod own_kinds;
mod own_tables;
mod perceptron;
mod predict;
mod real_fashion;
mod real_mnist;
mod remembers;
mod resume;
mod runs;
mod terminal;
mod titles;
mod track;
mod tune;
mod verbs;
mod wine;
