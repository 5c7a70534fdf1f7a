//! Red wine: is the quality 6 or more? `good` reaches about 0.76 in cross-validation; on raw columns the course's
//! network answers one class, 0.53.

use std::process::ExitCode;

use brasa_cli::{App, Lesson, LessonKind, RecipeFile};

const APP: App = App {
    name: "wine",
    about: "Red wine: is its quality 6 or more? And why columns are scaled",
    recipes: &[
        RecipeFile { name: "grades", text: include_str!("../recipes/grades.toml") },
        RecipeFile { name: "course", text: include_str!("../recipes/course.toml") },
        RecipeFile { name: "scaled", text: include_str!("../recipes/scaled.toml") },
        RecipeFile { name: "good", text: include_str!("../recipes/good.toml") },
        RecipeFile { name: "quality", text: include_str!("../recipes/quality.toml") },
    ],
    default_recipe: "good",
    manifest: include_str!("../../../datasets/wine/manifest.toml"),
    embedded: &[("winequality-red.csv", include_bytes!("../../../datasets/wine/winequality-red.csv"))],
    lessons: &[Lesson {
        name: "scaling",
        title: "Scaling: columns as they are, and columns of mean 0 and deviation 1",
        kind: LessonKind::Scaling,
        recipes: &["course", "scaled"],
    }],
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
