//! Floor: which of nine surfaces a robot drives on, from 128 readings of its inertial sensors. The tutorial's network reaches
//! 0.81 on its random split of the full set; `floor lesson leak` shows what is left of such a score on new recordings.

mod leak;
mod splits;
mod synth;

use std::process::ExitCode;

use brasa_cli::{App, DataSource, Lesson, Synthetic, TutorialFigure, recipes};

const APP: App = App {
    name: "floor",
    folders: &["careercon-2019"],
    about: "Floor surfaces from a robot's inertial sensors: LSTM and convolutions over time, judged on new recordings",
    recipes: recipes!["tutorial", "grouped", "strong"],
    default_recipe: "tutorial",
    manifest: include_str!("../../../datasets/floor/manifest.toml"),
    sources: &[DataSource {
        name: "sample",
        about: "156 of the 3,810 series",
        table: include_str!("sample.toml"),
    }],
    synthetic: Some(Synthetic {
        about: "series of 128 steps and ten channels",
        samples: 3_810,
        write: |folder, series, seed| synth::synth(folder, series, 128, seed),
    }),
    tutorial_figures: &[TutorialFigure {
        recipe: "tutorial",
        train_loss: None,
        valid_loss: Some(0.565),
        valid_accuracy: Some(81.2),
        test_accuracy: None,
    }],
    lessons: &[Lesson {
        name: "leak",
        title: "The leak: a random split of recordings, and one that keeps them whole",
        kind: leak::LEAK,
        recipes: &["tutorial", "grouped"],
    }],
    extras: Some(|| Box::new(splits::Splits::default())),
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
