//! `cv-fold`: one fold of `cv`, in a process of its own.

use std::io::Read;

use brasa_run::cross_validation::CrossValidation;

use super::Verb;
use crate::app::App;
use crate::args::{Common, DataArgs, DeviceArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::fold_processes::FoldJob;
use crate::output::Screen;
use clap::Args;

/// One fold of cv, which starts it
#[derive(Debug, Args)]
pub(crate) struct CvFold {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
}

impl Verb for CvFold {
    const TYPED: bool = false;

    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        let no_job = |reason: String| {
            CliError::Usage(format!(
                "cv-fold is a part of `{} cv`, which gives it its work on stdin: {reason}",
                app.name
            ))
        };
        read.map_err(|error| no_job(error.to_string()))?;
        let job: FoldJob = serde_json::from_str(&line).map_err(|error| no_job(error.to_string()))?;
        end_with_parent();
        let recipe = job.recipe.check()?;
        let device = context::device(&self.device)?;
        let files = context::files(app, &self.data, &recipe)?;
        let plan = CrossValidation::new(&recipe, &files, job.config)?;
        screen.object(&plan.run_fold(job.id, app.rule, &device, &mut [])?)
    }
}

/// Ends this process when its stdin is closed: `cv` is gone, and with it the reader of the result.
fn end_with_parent() {
    std::thread::spawn(|| {
        let mut rest = [0; 64];
        while matches!(std::io::stdin().lock().read(&mut rest), Ok(1..)) {}
        std::process::exit(1);
    });
}
