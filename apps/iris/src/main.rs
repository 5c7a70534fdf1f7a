//! Iris: species from four measurements. The default recipe reaches a test accuracy of about 0.96 on
//! average over seeds, in a fraction of a second.

use std::process::ExitCode;

use brasa_cli::{App, Lesson, lesson, recipes};

const APP: App = App {
    name: "iris",
    about: "Iris: species from four measurements",
    recipes: recipes!["course", "mini-batch", "tuned",],
    default_recipe: "tuned",
    manifest: include_str!("../../../datasets/iris/manifest.toml"),
    embedded: &[("iris.csv", include_bytes!("../../../datasets/iris/iris.csv"))],
    lessons: &[Lesson {
        name: "batch-size",
        title: "Batch size: all flowers at once, or a few at a time",
        kind: lesson::BATCH_SIZE,
        recipes: &["course", "mini-batch"],
    }],
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
