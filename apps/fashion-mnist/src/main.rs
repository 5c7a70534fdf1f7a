//! Fashion-MNIST: from an overfitting network to a tuned one, one recipe per step. `tuned-2` reaches a test
//! accuracy of about 0.90.

use std::process::ExitCode;

use brasa_cli::{App, Lesson, TutorialFigure, lesson, recipes};

const fn figure(
    recipe: &'static str,
    losses: [Option<f64>; 2],
    accuracies: [Option<f64>; 2],
) -> TutorialFigure {
    let ([train_loss, valid_loss], [valid_accuracy, test_accuracy]) = (losses, accuracies);
    TutorialFigure { recipe, train_loss, valid_loss, valid_accuracy, test_accuracy }
}

const APP: App = App {
    name: "fashion-mnist",
    about: "Fashion-MNIST: from an overfitting network to a tuned one, step by step",
    recipes: recipes![
        "baseline",
        "l2",
        "dropout",
        "batchnorm",
        "he-init",
        "proper-split",
        "cosine",
        "tuned-1",
        "tuned-2",
        "cnn",
        "search-1",
        "search-2",
    ],
    default_recipe: "tuned-2",
    manifest: include_str!("../../../datasets/fashion-mnist/manifest.toml"),
    tutorial_figures: &[
        figure("baseline", [Some(0.085), Some(0.597)], [None, None]),
        figure("l2", [Some(0.382), Some(0.430)], [None, None]),
        figure("dropout", [Some(0.383), Some(0.406)], [None, None]),
        figure("batchnorm", [Some(0.346), Some(0.377)], [None, None]),
        figure("he-init", [Some(0.349), Some(0.386)], [Some(87.04), None]),
        figure("proper-split", [Some(0.35), Some(0.35)], [Some(88.88), Some(87.62)]),
        figure("cosine", [Some(0.27), Some(0.29)], [Some(89.53), Some(88.52)]),
        figure("tuned-1", [None, None], [Some(91.05), None]),
        figure("tuned-2", [None, None], [Some(91.10), None]),
    ],
    results: Some(include_str!("../../../docs/results/fashion-mnist.json")),
    lessons: &[Lesson {
        name: "regularisation",
        title: "Regularisation: what weight decay and dropout do to an overfitting network",
        kind: lesson::REGULARISATION,
        recipes: &["baseline", "l2", "dropout"],
    }],
    ..App::BARE
};

fn main() -> ExitCode {
    brasa_cli::run(&APP)
}
