//! brasa: a person's own data, by a recipe of their own. `brasa train` reads `recipe.toml`, `--recipe FILE` another one; the
//! data lie beside it, or in the folder that `--data` names.

use std::process::ExitCode;

use brasa_cli::App;

const APP: App = App {
    name: "brasa",
    about: "Your own data, by your own recipe: trains, judges, predicts",
    default_recipe: "recipe.toml",
    asks: true,
    own_data: true,
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
