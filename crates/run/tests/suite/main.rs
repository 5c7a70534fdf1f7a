//! Folders of runs: one program, which is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod old_runs;
mod run_folder;
