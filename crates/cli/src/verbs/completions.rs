//! `completions`: a completion script for a shell.

use clap::Args;
use clap_complete::{Shell, generate};
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{Common, typed_command};
use crate::error::Result;
use crate::output::{Screen, answer};

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Verb for Completions {
    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        let mut script = Vec::new();
        generate(self.shell, &mut typed_command(app), app.name, &mut script);
        let script = String::from_utf8_lossy(&script);
        screen.object(&json!({ "shell": self.shell.to_string(), "script": script }))?;
        if !screen.is_json() {
            // As it is: control characters are a part of it.
            answer(&script);
        }
        Ok(())
    }
}
