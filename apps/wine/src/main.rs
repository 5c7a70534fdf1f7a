//! Red wine: is the quality 6 or more? `good` reaches about 0.76 in cross-validation; on raw columns the course's
//! network answers one class, 0.53.

mod scaling;

use std::process::ExitCode;

use brasa_cli::{App, Lesson, recipes};

const APP: App = App {
    name: "wine",
    about: "Red wine: is its quality 6 or more? And why columns are scaled",
    recipes: recipes!["grades", "course", "scaled", "good", "quality",],
    default_recipe: "good",
    manifest: include_str!("../../../datasets/wine/manifest.toml"),
    embedded: &[("winequality-red.csv", include_bytes!("../../../datasets/wine/winequality-red.csv"))],
    lessons: &[Lesson {
        name: "scaling",
        title: "Scaling: columns as they are, and columns of mean 0 and deviation 1",
        kind: scaling::SCALING,
        recipes: &["course", "scaled"],
    }],
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
