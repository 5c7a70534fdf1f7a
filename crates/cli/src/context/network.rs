//! The network of a recipe.

use brasa_models::NetworkConfig;
use brasa_train::Prepared;

use super::NamedRecipe;
use crate::app::App;
use crate::args::{DataArgs, RecipeArgs};
use crate::error::Result;

/// The recipe that the arguments ask for and its network. The data are read where the recipe does not tell the
/// network's sizes: how many words titles have, say. Without data, the error says what is missing.
pub(crate) fn network(app: &App, args: &RecipeArgs, data: &DataArgs) -> Result<(NamedRecipe, NetworkConfig)> {
    let named = super::recipe(app, args)?;
    let missing = match named.recipe.declared_network() {
        Ok(network) => return Ok((named, network)),
        Err(missing) => missing,
    };
    match super::recipe_and_files(app, args, data) {
        Ok((named, files)) => {
            let network = Prepared::new(&named.recipe, &files)?.network(&named.recipe);
            Ok((named, network))
        }
        Err(_) if data.data.is_none() => Err(missing.into()),
        Err(error) => Err(error),
    }
}
