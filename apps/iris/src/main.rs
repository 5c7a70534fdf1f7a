//! Iris: species from four measurements. The default recipe reaches a test accuracy of about 0.96 on
//! average over seeds, in a fraction of a second.

use std::process::ExitCode;

use brasa_cli::{App, Lesson, LessonKind, RecipeFile};

const APP: App = App {
    name: "iris",
    about: "Iris: species from four measurements",
    recipes: &[
        RecipeFile { name: "course", text: include_str!("../recipes/course.toml") },
        RecipeFile { name: "mini-batch", text: include_str!("../recipes/mini-batch.toml") },
        RecipeFile { name: "tuned", text: include_str!("../recipes/tuned.toml") },
    ],
    default_recipe: "tuned",
    manifest: include_str!("../../../datasets/iris/manifest.toml"),
    embedded: &[("iris.csv", include_bytes!("../../../datasets/iris/iris.csv"))],
    lessons: &[Lesson {
        name: "batch-size",
        title: "Batch size: all flowers at once, or a few at a time",
        kind: LessonKind::BatchSize,
        recipes: &["course", "mini-batch"],
    }],
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
