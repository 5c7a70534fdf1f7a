//! `init`: the recipe that a file of one's own would be trained by.

use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{ChangeArgs, Common, RecipeArgs};
use crate::error::{CliError, Result};
use crate::output::Screen;
use clap::Args;

/// Print the recipe that data of your own would be trained by, to be edited
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    recipe: RecipeArgs,
}

impl Verb for Init {
    fn belongs_to(app: &App) -> bool {
        app.own_data
    }

    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.recipe.changes)
    }

    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        let args = &self.recipe.changes.own;
        let path = args.data().ok_or_else(|| {
            CliError::Usage(format!(
                "which data? {} init FILE --target COLUMN, or {0} init FOLDER of images",
                app.name
            ))
        })?;
        let own = args.look(path)?;
        let text = own.recipe(args)?;
        screen.object(&json!({
            "file": path.display().to_string(),
            "columns": own.facts(),
            "questions": own.questions(),
            "toml": text,
        }))?;
        screen.say(text.trim_end());
        Ok(())
    }
}
