//! What makes one binary different from the next.

use std::path::Path;

use brasa_run::RunObserver;
use brasa_run::lesson::LessonKind;
use brasa_train::MakeRule;

use crate::short_flags::ShortFlag;

/// A recipe that ships with a binary.
#[derive(Debug, Clone, Copy)]
pub struct RecipeFile {
    /// Its name for `--recipe`.
    pub name: &'static str,
    /// Its TOML text.
    pub text: &'static str,
}

/// The recipes of these names, from the folder `recipes` beside the app's `src`.
#[macro_export]
macro_rules! recipes {
    ($($name:literal),* $(,)?) => {
        &[$($crate::RecipeFile {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/recipes/", $name, ".toml")),
        }),*]
    };
}

/// Data that an app's recipes can be put on in place of their own.
#[derive(Debug, Clone, Copy)]
pub struct DataSource {
    /// Its name for `--source`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// TOML that replaces where a recipe's data are and how they are split: `[data.idx]`, `[data.split]`.
    pub table: &'static str,
}

/// Recipes that a person learns from when they are trained side by side.
#[derive(Debug, Clone, Copy)]
pub struct Lesson {
    /// Its name for the verb `lesson`.
    pub name: &'static str,
    /// Heading of its page.
    pub title: &'static str,
    /// What it compares.
    pub kind: LessonKind,
    /// Names of its recipes, in the order of [`LessonKind`]'s roles.
    pub recipes: &'static [&'static str],
}

/// Made-up data in the form of an app's own, to measure speed and memory with.
#[derive(Debug, Clone, Copy)]
pub struct Synthetic {
    /// What it makes, in a few words.
    pub about: &'static str,
    /// Samples of the full-size set.
    pub samples: usize,
    /// Writes the files of so many samples, drawn from a seed, to a folder.
    pub write: fn(&Path, usize, u64) -> brasa_data::Result<()>,
}

/// A figure that the reproduced tutorial reports for one of its steps.
#[derive(Debug, Clone, Copy)]
pub struct TutorialFigure {
    /// The recipe that reproduces the step.
    pub recipe: &'static str,
    /// Training loss.
    pub train_loss: Option<f64>,
    /// Validation loss.
    pub valid_loss: Option<f64>,
    /// Validation accuracy, percent.
    pub valid_accuracy: Option<f64>,
    /// Test accuracy, percent.
    pub test_accuracy: Option<f64>,
}

/// What an app adds to each of its trainings.
///
/// It watches as a [`RunObserver`], may put sections with sentences, tables and pictures into the report in
/// [`on_report`](RunObserver::on_report), and answers here when the run is finished.
pub trait Extras: RunObserver {
    /// For a person, after the scores; nothing is shown where it is empty.
    fn text(&self) -> String;

    /// For a program: `train --json` has it under the app's name, unless it is null.
    fn json(&self) -> serde_json::Value;
}

/// One data set's binary: its names, recipes, manifest and, where they are small, its data.
#[derive(Debug, Clone, Copy)]
pub struct App {
    /// Name of the binary, of its folder of runs and of its folder of data.
    pub name: &'static str,
    /// Other names that its folder of data may have, such as the data set's.
    pub folders: &'static [&'static str],
    /// One line for `--help`.
    pub about: &'static str,
    /// Its recipes in the order of the tutorial.
    pub recipes: &'static [RecipeFile],
    /// The recipe that runs without `--recipe`: one of its own, or a file.
    pub default_recipe: &'static str,
    /// The data set's manifest, TOML; none where the data are a person's own, and then there is no verb `data`.
    pub manifest: &'static str,
    /// Data files that the binary carries.
    pub embedded: &'static [(&'static str, &'static [u8])],
    /// The tutorial's figures, for `compare`.
    pub tutorial_figures: &'static [TutorialFigure],
    /// Our figures as JSON, from `docs/results/`, for `compare`.
    pub results: Option<&'static str>,
    /// Other data for the same recipes; taken without being asked where a recipe's own data are not there.
    pub sources: &'static [DataSource],
    /// Its lessons; without any there is no verb `lesson`.
    pub lessons: &'static [Lesson],
    /// Data that `data synth` makes up, where the app has such.
    pub synthetic: Option<Synthetic>,
    /// Flags that are short for keys of its recipes.
    pub short_flags: &'static [ShortFlag],
    /// Whether its samples can be typed: there is then the verb `ask`.
    pub asks: bool,
    /// Whether a data file can stand in the place of a recipe, which is then written by what the file holds.
    pub own_data: bool,
    /// Makes the update rule of recipes that do not learn by gradient descent.
    pub rule: Option<MakeRule>,
    /// Makes what the app adds to a training, where it adds anything.
    pub extras: Option<fn() -> Box<dyn Extras>>,
}

impl App {
    /// The recipe of this name. What is `tutorial` now was `seed` in version 0.1.
    pub(crate) fn recipe(&self, name: &str) -> Option<&RecipeFile> {
        let named = |name: &str| self.recipes.iter().find(|recipe| recipe.name == name);
        named(name).or_else(|| if name == "seed" { named("tutorial") } else { None })
    }

    /// An app without data, recipes, figures or lessons, to be filled with `..App::BARE`.
    pub const BARE: Self = Self {
        name: "",
        folders: &[],
        about: "",
        recipes: &[],
        default_recipe: "",
        manifest: "",
        embedded: &[],
        tutorial_figures: &[],
        results: None,
        sources: &[],
        lessons: &[],
        synthetic: None,
        short_flags: &[],
        asks: false,
        own_data: false,
        rule: None,
        extras: None,
    };
}
