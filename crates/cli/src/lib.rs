#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod app;
mod args;
mod confirm;
mod context;
mod error;
mod fetch_bar;
mod fold_progress;
mod folds;
mod interrupt;
mod lesson_runs;
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
mod threads;
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

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

// Training frees and takes the same large blocks at every step: an allocator that keeps them (`brasa_kernels::memory`) spares the
// page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the command line of `app` and answers its exit code: 0, 2 for bad input, 1 for a failure.
pub fn run(app: &App) -> ExitCode {
    on_panic();
    // A panic is a fault of ours: one sentence, and a failure as others are.
    catch_unwind(AssertUnwindSafe(|| run_verb(app))).unwrap_or(ExitCode::FAILURE)
}

/// Says of a panic what whoever is to mend it needs, in one line; the rest with `RUST_BACKTRACE`.
fn on_panic() {
    if std::env::var_os("RUST_BACKTRACE").is_some() {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
        let words = panic.payload_as_str().unwrap_or("no message");
        output::note(format!(
            "error: a fault of this program{}: {words}; please report it with the command that you typed",
            place.unwrap_or_default()
        ));
    }));
}

/// What the process needs before it does anything.
fn prepare() -> error::Result<()> {
    #[cfg(feature = "flex")]
    brasa_kernels::check_simd().map_err(error::CliError::Usage)?;
    brasa_data::check_limits().map_err(error::CliError::Usage)?;
    threads::start().map_err(error::CliError::Failure)
}

fn run_verb(app: &App) -> ExitCode {
    let args = match args::parse(app) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let screen = output::Screen::new(args.common.json);
    if let Err(error) = prepare() {
        screen.fail(&error);
        return error.exit_code();
    }
    match verbs::run(app, &args, screen).map_err(|error| origin::explained(app, error)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen.fail(&error);
            error.exit_code()
        }
    }
}
