//! Emotions: which of seven expressions a face shows, from 48 by 48 grey pixels (FER2013). The text reaches 0.62 on the public
//! and private test sides together.

mod pooled;

use std::process::ExitCode;

use brasa_cli::{App, DataSource, RecipeFile};

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
    sources: &[
        DataSource { name: "csv", about: "Kaggle's fer2013.csv as it is", table: include_str!("csv.toml") },
        DataSource { name: "zip", about: "fer2013.csv in a zip archive", table: include_str!("zip.toml") },
        DataSource {
            name: "ferplus",
            about: "trained on the votes of FER+, judged by FER2013's labels",
            table: include_str!("ferplus.toml"),
        },
    ],
    extras: Some(|| Box::new(pooled::Pooled::default())),
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
