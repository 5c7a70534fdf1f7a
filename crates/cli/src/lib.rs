#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod app;
mod args;
mod confirm;
mod context;
mod error;
mod fold_progress;
mod folds;
mod interrupt;
mod milestones;
mod names;
mod objective;
mod origin;
mod output;
mod own;
mod own_processes;
mod places;
mod printable;
mod progress;
mod results;
mod search;
mod short_flags;
mod studies;
mod study_report;
mod table;
mod tracking;
mod trial;
mod trials;
#[cfg(feature = "tui")]
mod tui;
mod tune_progress;
mod verbs;

pub use app::{App, DataSource, Extras, Lesson, RecipeFile, Synthetic, TutorialFigure};
pub use brasa_run::lesson;
pub use printable::printable;
pub use short_flags::ShortFlag;
pub use table::table;

use std::process::ExitCode;

// Training frees and takes the same large blocks at every step: an allocator that keeps them spares the page
// faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the command line of `app` and answers its exit code: 0, 2 for bad input, 1 for a failure.
pub fn run(app: &App) -> ExitCode {
    brasa_kernels::memory::keep_freed();
    let args = match args::parse(app) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let screen = output::Screen::new(args.common.json);
    match verbs::run(app, &args, screen).map_err(|error| origin::explained(app, error)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen.fail(&error);
            error.exit_code()
        }
    }
}
