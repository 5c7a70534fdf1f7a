//! `runs push`: what a tracking server has missed.

use std::path::Path;

use brasa_track::{Ending, Pushed, Target, push};
use serde_json::json;

use crate::app::App;
use crate::error::{CliError, Result};
use crate::output::Screen;
use crate::tracking::variable;

pub(super) fn run(app: &App, runs: &Path, track: Option<&str>, screen: Screen) -> Result<()> {
    let server = match track {
        None => None,
        Some(flag) => Some(Target::choose(Some(flag), variable)?.ok_or_else(|| {
            CliError::Usage(format!(
                "--track {flag} names no server to push to; without it, each run goes to its own"
            ))
        })?),
    };
    let pushed = push(runs, app.name, server.as_ref(), variable)?;
    let left: Vec<(&str, &str)> = pushed.iter().filter_map(unsent).collect();
    if let Some((run, reason)) = left.first() {
        let (count, of) = (left.len(), pushed.len());
        return Err(CliError::Failure(format!("{count} of {of} runs could not be sent: {run}: {reason}")));
    }
    screen.object(&json!({ "app": app.name, "pushed": pushed }))?;
    if pushed.is_empty() {
        screen.say(format!("nothing to send in {}", runs.join(app.name).display()));
    }
    for run in &pushed {
        screen.say(format!("{}  {}", run.run, run.ending));
    }
    Ok(())
}

/// The run and the reason, where not all of it was sent.
fn unsent(pushed: &Pushed) -> Option<(&str, &str)> {
    match &pushed.ending {
        Ending::Sent { .. } => None,
        Ending::Pending { reason, .. } | Ending::Off { reason } => Some((&pushed.run, reason)),
    }
}
