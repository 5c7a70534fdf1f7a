//! MNIST: from a first network on 600 images to LeNet on 60,000, one recipe per step of the course. `best` reaches
//! about 0.96 on the 10,000 test images from 600, `lenet` on all 60,000 over 0.99.

use std::process::ExitCode;

use brasa_cli::{App, DataSource, Lesson, lesson, recipes};

const APP: App = App {
    name: "mnist",
    about: "Handwritten digits: from a first network to LeNet, with the pictures of the course",
    recipes: recipes![
        "mlp",
        "underfit",
        "overfit",
        "weight-decay",
        "full-batch",
        "mini-batch",
        "cnn",
        "lenet",
        "best",
        "grid",
        "transfer",
        "transfer-lite",
    ],
    default_recipe: "cnn",
    manifest: include_str!("../../../datasets/mnist/manifest.toml"),
    sources: &[DataSource {
        name: "full",
        about: "the 60,000 training and 10,000 test images",
        table: include_str!("full.toml"),
    }],
    lessons: &[
        Lesson {
            name: "overfitting",
            title: "Overfitting: too little capacity, enough, too much",
            kind: lesson::OVERFITTING,
            recipes: &["underfit", "mlp", "overfit"],
        },
        Lesson {
            name: "batch-size",
            title: "Batch size: all images at once, or a part at a time",
            kind: lesson::BATCH_SIZE,
            recipes: &["full-batch", "mini-batch"],
        },
        Lesson {
            name: "regularisation",
            title: "Regularisation: what weight decay does to an overfitting network",
            kind: lesson::REGULARISATION,
            recipes: &["overfit", "weight-decay"],
        },
    ],
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
