//! The perceptron on points in the plane: weights and decision line after every epoch, and whether a line exists.
//! On the default recipe it reaches a test accuracy of 1.00 on 20 points, in a second or two with its pictures.

mod pictures;
mod reading;
mod rule;
mod separability;
mod trace;

use std::process::ExitCode;

use brasa_cli::{App, DataSource, recipes};

const APP: App = App {
    name: "perceptron",
    about: "Perceptron: a line between two classes, learnt from mistakes",
    recipes: recipes!["course", "separable", "xor",],
    default_recipe: "course",
    manifest: include_str!("../../../datasets/perceptron/manifest.toml"),
    sources: &[DataSource {
        name: "table",
        about: "points of one's own: points.csv with the columns X1, X2 and Y",
        table: include_str!("table.toml"),
    }],
    rule: Some(rule::of),
    extras: Some(|| Box::new(trace::Trace::default())),
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
