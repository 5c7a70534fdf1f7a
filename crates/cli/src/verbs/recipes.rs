//! `recipes`: what ships with the binary.

use brasa_train::Recipe;
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{Common, RecipeArgs};
use crate::context;
use crate::error::Result;
use crate::output::Screen;
use clap::Args;

/// List the recipes, or print one
#[derive(Debug, Args)]
pub(crate) struct Recipes {
    /// The recipe to print
    name: Option<String>,
}

impl Verb for Recipes {
    fn belongs_to(app: &App) -> bool {
        !app.recipes.is_empty()
    }

    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        match &self.name {
            Some(name) => print(app, name, screen),
            None => list(app, screen),
        }
    }
}

fn print(app: &App, name: &str, screen: Screen) -> Result<()> {
    let args = RecipeArgs { recipe: Some(name.into()), ..RecipeArgs::default() };
    let named = context::recipe(app, &args)?;
    let text = named.recipe.recipe().to_toml()?;
    screen.object(&json!({ "name": named.name, "recipe": named.recipe.recipe(), "toml": text }))?;
    screen.say(text.trim_end());
    Ok(())
}

fn list(app: &App, screen: Screen) -> Result<()> {
    let mut rows = Vec::new();
    for recipe in app.recipes {
        let description = Recipe::parse(recipe.name, recipe.text, &[])?.description;
        rows.push((recipe.name, recipe.name == app.default_recipe, description));
    }
    let list: Vec<_> = rows
        .iter()
        .map(|(name, default, description)| json!({ "name": name, "default": default, "description": description }))
        .collect();
    screen.object(&json!({ "app": app.name, "recipes": list }))?;
    let width = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    for (name, default, description) in &rows {
        screen.say(format!("{name:<width$}  {description}{}", if *default { " (default)" } else { "" }));
    }
    Ok(())
}
