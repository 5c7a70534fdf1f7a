//! MNIST's recipes on PNG files in folders and archives, and on IDX files.

use brasa_tests::{
    DIGITS_ARCHIVE, Home, digit_files, list, number, png, read_json, text, weights, write_fashion,
};
use serde_json::Value;

const SPLITS: [&str; 3] = ["train", "valid", "test"];

fn rows(answer: &Value) -> [f64; 3] {
    SPLITS.map(|split| number(answer, &format!("/{split}/rows")))
}

#[test]
fn an_archive_is_trained_on_with_the_splits_that_its_folders_give() {
    let home = Home::new();
    let answer = home.trained_mnist("mlp", 2);
    assert_eq!(rows(&answer), [60.0, 20.0, 30.0]);
    let facts = read_json(&home.run_folder(&answer).join("data.json"));
    assert_eq!(text(&facts, "/files/0/name"), DIGITS_ARCHIVE);
    for split in SPLITS {
        let of_each =
            list(&answer, &format!("/{split}/per_class")).iter().map(|class| number(class, "/support"));
        assert!(
            of_each
                .clone()
                .all(|count| count == rows(&answer)[SPLITS.iter().position(|s| *s == split).unwrap()] / 10.0)
        );
    }
    home.assert_nothing_unfinished();
}

#[test]
fn folders_of_pictures_train_to_the_weights_of_their_archive() {
    let home = Home::new();
    let archived = home.trained_mnist("mlp", 2);
    for (name, bytes) in digit_files(&[("train", 6), ("valid", 2), ("test", 3)]) {
        home.write(&format!("folders/mine/{name}"), bytes);
    }
    let printed = home.command("mnist", "recipes mlp").run().succeeds().stdout;
    let archive = format!("archive = \"{DIGITS_ARCHIVE}\"");
    assert!(printed.contains(&archive), "{printed}");
    home.write("own.toml", printed.replace(&archive, "folder = \"mine\""));
    let train = home.command("mnist", "train --json --recipe own.toml --data folders");
    let answer = train.set("training.epochs", 2).run().succeeds().json();
    assert_eq!(answer.pointer("/test"), archived.pointer("/test"));
    assert_eq!(weights(&home.run_folder(&answer)), weights(&home.run_folder(&archived)));
}

#[test]
fn the_same_recipes_train_on_the_full_data() {
    let home = Home::new();
    write_fashion(&home.path("full"), 200, 60);
    let train = home.command("mnist", "train --json --recipe mlp --source full --data full");
    let answer = train.set("training.epochs", 2).run().succeeds().json();
    // A tenth of the training pictures validates, as the source's own split says.
    assert_eq!(rows(&answer), [180.0, 20.0, 60.0]);
    let recipe = std::fs::read_to_string(home.run_folder(&answer).join("recipe.toml")).unwrap();
    assert!(recipe.contains("[data.idx]") && !recipe.contains("[data.images]"), "{recipe}");
}

#[test]
fn the_source_whose_files_are_there_is_taken_and_named() {
    const NOTE: &str = "training on the source full: the 60,000 training and 10,000 test images";
    let home = Home::new();
    write_fashion(&home.path("data/mnist"), 200, 60);
    let train = || home.command("mnist", "train --json --recipe mlp --data data").set("training.epochs", 1);
    let finished = train().run().succeeds();
    assert!(finished.stderr.contains(NOTE), "{finished}");
    assert_eq!(rows(&finished.json()), [180.0, 20.0, 60.0]);
    let asked = train().args(["--source", "full"]).run().succeeds();
    assert!(!asked.stderr.contains(NOTE), "what was asked for needs no note\n{asked}");
    // A recipe's own data come first.
    brasa_tests::write_digits(&home.path("data/mnist"), &[("train", 6), ("valid", 2), ("test", 2)]);
    let own = train().run().succeeds();
    assert!(!own.stderr.contains(NOTE), "{own}");
    assert_eq!(rows(&own.json()), [60.0, 20.0, 20.0]);
}

#[test]
fn a_lesson_runs_on_the_full_data_too() {
    let home = Home::new();
    write_fashion(&home.path("full"), 200, 60);
    let lesson = home.command("mnist", "lesson overfitting --json --data full").set("training.epochs", 3);
    let answer = lesson.run().succeeds().json();
    let names: Vec<&str> = list(&answer, "/recipes").iter().map(|recipe| text(recipe, "/recipe")).collect();
    assert_eq!(names, ["underfit", "mlp", "overfit"]);
    for run in list(&answer, "/runs") {
        let facts = read_json(&home.path(run.as_str().unwrap()).join("data.json"));
        assert_eq!(list(&facts, "/files").len(), 4, "{facts}");
    }
    let page = std::fs::read_to_string(home.path(text(&answer, "/page"))).unwrap();
    assert_eq!(page.matches("<svg").count(), 6, "loss and accuracy of three recipes");
}

#[test]
fn a_saved_network_names_new_pictures_in_a_new_process_without_the_data() {
    let home = Home::new();
    let trained = home.trained_mnist("mlp", 40);
    std::fs::remove_dir_all(home.path("digits")).unwrap();
    for picture in 900..910 {
        home.write(&format!("new/{picture}.png"), png(picture));
    }
    let answer = home.command("mnist", "predict --json new").run().succeeds().json();
    assert_eq!(text(&answer, "/id"), text(&trained, "/id"));
    let classes: Vec<&str> = list(&answer, "/predictions").iter().map(|said| text(said, "/class")).collect();
    assert_eq!(classes, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
}

#[test]
fn the_summary_shows_the_sum_behind_each_size() {
    let home = Home::new();
    let shown = home.command("mnist", "summary --recipe cnn").run().succeeds().stdout;
    for sum in ["(28-5+2*2)/1+1 = 28", "(28-2+2*0)/2+1 = 14", "(14-5+2*2)/1+1 = 14", "(14-2+2*0)/2+1 = 7"] {
        assert!(shown.contains(sum), "no {sum}\n{shown}");
    }
    let lenet = home.command("mnist", "summary --json --recipe lenet").run().succeeds().json();
    let sizes = list(&lenet, "/layers").iter().filter_map(|layer| layer.pointer("/size")?.as_str());
    assert!(sizes.clone().any(|size| size == "(14-5+2*0)/1+1 = 10"), "{lenet}");
}

#[test]
fn a_source_that_there_is_not() {
    let home = Home::new();
    home.refuses(home.command("mnist", "train --source half"), &["--source half", "choose one of full"]);
    home.refuses(home.iris("train --source full"), &["--source full", "iris has one source of data"]);
}

#[test]
fn without_data_the_message_names_the_archive() {
    let home = Home::new();
    let train = home.command("mnist", "train");
    home.refuses(train, &["mnist data fetch", "--data", "BRASA_DATA", DIGITS_ARCHIVE]);
}
