//! Emotions: which of seven expressions a face shows, from 48 by 48 grey pixels (FER2013). The text reaches 0.62 on the public
//! and private test sides together.

mod pooled;

use std::process::ExitCode;

use brasa_cli::{App, RecipeFile, SeedFigure};

macro_rules! recipes {
    ($($name:literal),* $(,)?) => {
        &[$(RecipeFile { name: $name, text: include_str!(concat!("../recipes/", $name, ".toml")) }),*]
    };
}

const APP: App = App {
    name: "emotions",
    folders: &["fer2013"],
    about: "Facial expressions: convolutional networks over FER2013's faces, with augmentation",
    recipes: recipes!["seed", "strong"],
    default_recipe: "seed",
    manifest: include_str!("../../../datasets/emotions/manifest.toml"),
    seed_figures: &[SeedFigure {
        recipe: "seed",
        train_loss: None,
        valid_loss: None,
        valid_accuracy: None,
        test_accuracy: Some(62.13),
    }],
    extras: Some(|| Box::new(pooled::Pooled::default())),
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
