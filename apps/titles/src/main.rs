//! Product titles: a text CNN over FastText vectors tells their category. `pricerunner` trains as the tutorial has it,
//! 5 epochs with frozen vectors; `strong` learns the vectors with the network.

mod synth;

use std::process::ExitCode;

use brasa_cli::{App, DataSource, ShortFlag, Synthetic, recipes};

const fn short(name: &'static str, key: &'static str, value: &'static str) -> ShortFlag {
    ShortFlag { name, key, value, list: false }
}

const fn short_list(name: &'static str, key: &'static str, value: &'static str) -> ShortFlag {
    ShortFlag { name, key, value, list: true }
}

const APP: App = App {
    name: "titles",
    folders: &["pricerunner"],
    about: "Product titles: from words to categories, with a text CNN over subword vectors",
    recipes: recipes!["cnn", "mlp", "pricerunner", "strong"],
    default_recipe: "cnn",
    manifest: include_str!("../../../datasets/titles/manifest.toml"),
    sources: &[DataSource {
        name: "pricerunner",
        about: "PriceRunner's 35,311 titles of ten categories",
        table: include_str!("pricerunner.toml"),
    }],
    short_flags: &[
        short_list("filter-sizes", "model.filter_sizes", "N,.."),
        short("num-filters", "model.filters", "N"),
        short_list("dropout", "model.dropout", "P"),
        short("batch-size", "training.batch_size", "N"),
        short("learning-rate", "optimizer.lr", "RATE"),
        short("skip-bad", "data.text.skip_bad", "N"),
    ],
    synthetic: Some(Synthetic { about: "titles of 100 categories", samples: 1_000_000, write: synth::synth }),
    asks: true,
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
