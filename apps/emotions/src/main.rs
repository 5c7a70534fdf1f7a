//! Emotions: which of seven expressions a face shows, from 48 by 48 grey pixels (FER2013). The tutorial reaches 0.62 on the public
//! and private test splits together.

mod pooled;

use std::process::ExitCode;

use brasa_cli::{App, DataSource, recipes};

const APP: App = App {
    name: "emotions",
    folders: &["fer2013"],
    about: "Facial expressions: convolutional networks over FER2013's faces, with augmentation",
    recipes: recipes!["tutorial", "strong"],
    default_recipe: "tutorial",
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
