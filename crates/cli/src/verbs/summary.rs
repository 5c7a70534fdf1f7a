//! `summary`: a recipe's network layer by layer.

use clap::Args;
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{ChangeArgs, Common, DataArgs, RecipeArgs};
use crate::context;
use crate::error::Result;
use crate::output::Screen;

/// Show a recipe's network layer by layer
#[derive(Debug, Args)]
pub(crate) struct Summary {
    #[command(flatten)]
    recipe: RecipeArgs,
    #[command(flatten)]
    data: DataArgs,
}

impl Verb for Summary {
    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.recipe.changes)
    }

    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        let summary = context::network(app, &self.recipe, &self.data)?.1.summary()?;
        screen.object(&json!({
            "input": summary.input,
            "layers": summary.layers,
            "parameters": summary.parameters(),
            "flops": summary.flops(),
        }))?;
        screen.say(summary.to_string());
        Ok(())
    }
}
