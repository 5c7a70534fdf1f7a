//! Floor: which of nine surfaces a robot drives on, from 128 readings of its inertial sensors. The text's network reaches
//! 0.81 on its random split of the full set; `floor lesson leak` shows what is left of such a score on new recordings.

mod splits;

use std::process::ExitCode;

use brasa_cli::{App, DataSource, Lesson, LessonKind, RecipeFile, SeedFigure, Synthetic};

macro_rules! recipes {
    ($($name:literal),* $(,)?) => {
        &[$(RecipeFile { name: $name, text: include_str!(concat!("../recipes/", $name, ".toml")) }),*]
    };
}

const APP: App = App {
    name: "floor",
    folders: &["careercon-2019"],
    about: "Floor surfaces from a robot's inertial sensors: LSTM and convolutions over time, judged on new recordings",
    recipes: recipes!["seed", "grouped", "strong"],
    default_recipe: "seed",
    manifest: include_str!("../../../datasets/floor/manifest.toml"),
    sources: &[DataSource {
        name: "sample",
        about: "156 of the 3,810 series",
        table: include_str!("sample.toml"),
    }],
    synthetic: Some(Synthetic {
        about: "series of 128 steps and ten channels",
        samples: 3_810,
        write: |folder, series, seed| brasa_data::formats::series::synth(folder, series, 128, seed),
    }),
    seed_figures: &[SeedFigure {
        recipe: "seed",
        train_loss: None,
        valid_loss: Some(0.565),
        valid_accuracy: Some(81.2),
        test_accuracy: None,
    }],
    lessons: &[Lesson {
        name: "leak",
        title: "The leak: a random split of recordings, and one that keeps them whole",
        kind: LessonKind::Leak,
        recipes: &["seed", "grouped"],
    }],
    extras: Some(|| Box::new(splits::Splits::default())),
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
