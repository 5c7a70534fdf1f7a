//! Recipes and command lines that cannot be: one message with the key and the place, exit code 2, no run begun.

use brasa_tests::Home;

const RECIPE: &str = r#"description = "A small network."
[data.csv]
file = "iris.csv"
target = "species"
[data.split]
valid = 0.1
test = 0.2
seed = 1
[model]
hidden = [50, 50]
activation = "relu"
[optimizer]
kind = "adam"
lr = 1e-3
[training]
epochs = 1
"#;

fn refuses_set(assignment: &str, parts: &[&str]) {
    let home = Home::new();
    home.refuses(home.iris("train --set").args([assignment]), parts);
}

/// The recipe with the line that begins with `old` made `new`, read from a file.
fn refuses_line(old: &str, new: &str, parts: &[&str]) {
    let home = Home::new();
    assert!(RECIPE.lines().any(|line| line.starts_with(old)), "no {old} in {RECIPE}");
    let lines: Vec<&str> =
        RECIPE.lines().map(|line| if line.starts_with(old) { new } else { line }).collect();
    let place = format!("line {}", 1 + lines.iter().position(|line| *line == new).unwrap());
    home.write("own.toml", lines.join("\n"));
    home.refuses(home.iris("train --recipe own.toml"), &[&["own.toml", &place], parts].concat());
}

#[test]
fn the_recipe_itself_is_good() {
    let home = Home::new();
    home.write("own.toml", RECIPE);
    let _ = home.iris("train --recipe own.toml").run().succeeds();
}

#[test]
fn an_unknown_recipe() {
    let home = Home::new();
    home.refuses(home.fashion("train --recipe batchnrom"), &["batchnrom", "batchnorm", "tuned-2"]);
    home.refuses(home.iris("train --recipe nowhere.toml"), &["nowhere.toml"]);
    std::fs::create_dir(home.path("folder.toml")).unwrap();
    home.refuses(home.iris("train --recipe folder.toml"), &["folder.toml"]);
    home.refuses(home.iris("recipes corse"), &["corse", "course"]);
}

#[test]
fn an_unknown_key_with_the_nearest_one_and_the_line() {
    refuses_line("lr = ", "lrr = 0.001", &["`optimizer.lrr` is not a key of `adam`", "did you mean `lr`?"]);
    refuses_line("hidden = ", "hiden = [50, 50]", &["`model.hiden`", "did you mean `hidden`?"]);
    refuses_line("seed = ", "sede = 1", &["sede", "did you mean `seed`?"]);
    refuses_line("[training]", "[trainig]", &["`trainig`", "did you mean `training`?"]);
    refuses_set("optimizer.lrr=0.1", &["--set optimizer.lrr=0.1", "did you mean `lr`?"]);
    refuses_set("trainig.epochs=1", &["--set trainig.epochs=1", "did you mean `training`?"]);
    refuses_set("epochs=1", &["--set epochs=1", "epochs"]);
}

#[test]
fn a_value_of_the_wrong_type() {
    refuses_line(
        "epochs = ",
        "epochs = \"many\"",
        &["`training.epochs`: expected a whole number", "\"many\""],
    );
    refuses_line("hidden = ", "hidden = \"wide\"", &["`model.hidden`: expected a list, found \"wide\""]);
    refuses_line("activation = ", "activation = \"rellu\"", &["`model.activation`", "rellu", "relu"]);
    refuses_set("training.epochs=many", &["--set training.epochs=many", "`training.epochs`"]);
    refuses_set("training.epochs=1.5", &["`training.epochs`", "1.5"]);
    refuses_set("training.epochs=-1", &["`training.epochs`", "-1"]);
    refuses_set("model.hidden=[50, \"x\"]", &["model.hidden[1]"]);
    refuses_set("training.batch_norm=true", &["batch_norm"]);
}

#[test]
fn a_value_out_of_range() {
    refuses_set("training.epochs=0", &["training.epochs", "at least 1"]);
    refuses_line("lr = ", "lr = -1", &["`optimizer.lr`: expected a number above 0, found -1"]);
    refuses_line("hidden = ", "hidden = [0]", &["`model.hidden`"]);
    refuses_set(
        "optimizer.lr=-1",
        &["--set optimizer.lr=-1", "`optimizer.lr`: expected a number above 0, found -1"],
    );
    refuses_set("optimizer.lr=nan", &["optimizer.lr"]);
    refuses_set("model.hidden=[0]", &["model.hidden"]);
    refuses_set("model.dropout=[1.5, 0.0]", &["model.dropout", "1.5"]);
    refuses_set("model.dropout=[0.1, 0.1, 0.1]", &["model.dropout"]);
    refuses_set("loss.label_smoothing=1", &["loss.label_smoothing"]);
    refuses_set(
        "optimizer.momentum=0.9",
        &["`optimizer.momentum` is not a key of `adam`; it has lr, betas, eps, weight_decay"],
    );
    refuses_set("training.patience=0", &["training.patience"]);
    refuses_set("data.limit=0", &["limit"]);
}

#[test]
fn a_learning_rate_of_zero_is_told_by_its_own_key() {
    refuses_set("optimizer.lr=0", &["optimizer.lr"]);
}

#[test]
fn a_value_that_does_not_fit_the_data() {
    refuses_set("loss.class_weights=[1, 2]", &["loss.class_weights", "3"]);
    refuses_set("training.top_k=9", &["training.top_k", "9"]);
}

#[test]
fn sizes_that_no_memory_holds() {
    refuses_set("model.hidden=[4000000000, 4000000000]", &["model"]);
}

#[test]
fn a_malformed_override() {
    for text in ["optimizer.lr", "=3", "optimizer.=3", ".lr=3"] {
        refuses_set(text, &["--set", "KEY=VALUE"]);
    }
    refuses_set("training.epochs.more=1", &["--set", "training.epochs"]);
    refuses_set("training.seed=18446744073709551615", &["whole numbers are from", "9223372036854775807"]);
    let home = Home::new();
    home.iris("train --seed 18446744073709551615").run().fails(2, &["--seed", "9223372036854775807"]);
    home.refuses(
        home.iris("train --set training.epochs=1 --set training.epochs=2"),
        &["`training.epochs` is given twice"],
    );
    home.refuses(home.iris("train --seed 1 --set training.seed=2"), &["`training.seed` is given twice"]);
}

#[test]
fn an_override_without_a_value_takes_the_key_back_to_its_default() {
    let home = Home::new();
    home.write(
        "own.toml",
        RECIPE.replace("epochs = 1", "epochs = 1\npatience = 3").replace("lr = 1e-3", "lr = 5e-3"),
    );
    let recipe = |set: &str| {
        let command = home.iris("train --json --recipe own.toml").args(["--set", set]);
        std::fs::read_to_string(home.run_folder(&command.run().succeeds().json()).join("recipe.toml"))
            .unwrap()
    };
    assert!(recipe("optimizer.lr=").contains("lr = 0.001"));
    assert!(recipe("model.hidden=").contains("hidden = []"));
    assert!(recipe("model.hidden=7").contains("hidden = [7]"));
    assert!(!recipe("training.patience=").contains("patience"));
    refuses_set("optimizer.lrr=", &["--set optimizer.lrr=", "did you mean `lr`?"]);
}

#[test]
fn text_that_is_no_toml() {
    refuses_line("epochs = ", "epochs = = 3", &[]);
    let home = Home::new();
    home.write("own.toml", RECIPE.replace("lr = 1e-3", "lr = 1e-3\nlr = 1e-2"));
    home.refuses(home.iris("train --recipe own.toml"), &["own.toml, line 15", "duplicate"]);
    home.write("own.toml", b"\xFF\xFE\x00");
    home.refuses(home.iris("train --recipe own.toml"), &["own.toml"]);
    home.write("empty.toml", "");
    home.refuses(home.iris("train --recipe empty.toml"), &["empty.toml: the table [data] is missing"]);
}

#[test]
fn an_unknown_device_lists_those_that_were_compiled_in() {
    let home = Home::new();
    for device in ["tpu", "flex:1", "cuda:x"] {
        home.refuses(home.iris("train --device").args([device]), &[device, "flex"]);
    }
    home.refuses(home.iris("train").env("BRASA_DEVICE", "tpu"), &["tpu", "flex"]);
    home.iris("bench --device tpu").run().fails(2, &["tpu", "flex"]);
}

#[test]
fn arguments_that_no_verb_has() {
    let home = Home::new();
    home.iris("trian").run().fails(2, &["trian", "train"]);
    home.iris("train --epochs 3").run().fails(2, &["--epochs"]);
    home.iris("predict").run().fails(2, &["INPUT"]);
    home.iris("eval --split both").run().fails(2, &["both", "valid"]);
    home.iris("bench --steps 0").run().fails(2, &["--steps"]);
    home.iris("bench --batch 0").run().fails(2, &["--batch"]);
    home.iris("runs compare one").run().fails(2, &[]);
    home.iris("completions cmd").run().fails(2, &["cmd", "bash"]);
}
