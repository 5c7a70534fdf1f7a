#![allow(clippy::unwrap_used)]

use brasa_data::SplitKind;

use super::*;
use crate::recipe::{Adam, MlpRecipe};

const TEXT: &str = r#"
[data.csv]
file = "a.csv"
target = "kind"
[model]
hidden = [8]
[optimizer]
kind = "adam"
lr = 1e-2
[training]
epochs = 3
"#;

fn on(text: &str, overrides: &[&str]) -> Result<Recipe, String> {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    parse("r.toml", text, None, &overrides).map_err(|error| error.to_string())
}

fn refused(text: &str, overrides: &[&str]) -> String {
    on(text, overrides).and_then(|recipe| recipe.check().map_err(|error| error.to_string())).unwrap_err()
}

/// What is said of the recipe with one line put in the place of another.
fn with_line(old: &str, new: &str) -> String {
    assert!(TEXT.contains(old), "{old}");
    refused(&TEXT.replace(old, new), &[])
}

#[test]
fn a_source_replaces_where_the_data_are_and_a_split_only_where_it_has_one() {
    let recipe =
        "data.csv = { file = \"a.csv\", target = \"kind\" }\ndata.split = { kind = \"random\", valid = 0.3 }";
    let on = |source: &str| parse("r", recipe, Some(source), &[]).unwrap().data;

    let other_file = on("data.csv.file = \"b.csv\"");
    let csv = other_file.csv.unwrap();
    assert_eq!((csv.file.as_deref(), csv.target), (Some("b.csv"), None));
    assert_eq!((other_file.split.kind, other_file.split.valid), (SplitKind::Random, 0.3));

    let with_columns = recipe.replace("file = ", "features = [\"x\"], file = ");
    let on_columns =
        |source: &str| parse("r", &with_columns, Some(source), &[]).unwrap().data.csv.unwrap().features;
    assert_eq!(on_columns("data.csv.file = \"b.csv\"").unwrap(), ["x"], "what the network is over");
    assert_eq!(on_columns("data.csv = { file = \"b.csv\", features = [\"y\"] }").unwrap(), ["y"]);

    let other_kind = on("data.points.rows = 9\ndata.split.kind = \"stratified\"");
    assert!(other_kind.csv.is_none() && other_kind.points.is_some());
    assert_eq!((other_kind.split.kind, other_kind.split.valid), (SplitKind::Stratified, 0.2));

    let wrong = parse("r", recipe, Some("data.csv.fil = \"b.csv\""), &[]).unwrap_err().to_string();
    assert!(
        wrong.starts_with("the source of data, line 1: `data.csv.fil` is not a key of [data.csv]"),
        "{wrong}"
    );
}

#[test]
fn a_key_that_is_not_there_is_told_with_its_line_and_those_that_are() {
    assert_eq!(
        with_line("lr = 1e-2", "momentum = 0.9"),
        "r.toml, line 9: `optimizer.momentum` is not a key of `adam`; it has lr, betas, eps, weight_decay, lazy (it is a key of \
         sgd, rmsprop, muon)"
    );
    assert_eq!(
        with_line("lr = 1e-2", "lrr = 0.1"),
        "r.toml, line 9: `optimizer.lrr` is not a key of `adam`; did you mean `lr`? It has lr, betas, eps, weight_decay, lazy"
    );
    let message = with_line("epochs = 3", "epoch = 3");
    assert!(
        message.starts_with(
            "r.toml, line 11: `training.epoch` is not a key of [training]; did you mean `epochs`? It has epochs, batch_size"
        ),
        "{message}"
    );
    let message = with_line("[training]", "[trainig]");
    assert!(
        message.starts_with("r.toml, line 10: `trainig` is not a key of a recipe; did you mean `training`?"),
        "{message}"
    );
    let message = with_line("target = \"kind\"", "traget = \"kind\"");
    assert!(
        message.starts_with(
            "r.toml, line 4: `data.csv.traget` is not a key of [data.csv]; did you mean `target`?"
        ),
        "{message}"
    );
    let message = refused(&format!("{TEXT}[augment]\nsteps = [\n{{ kind = \"rotate\", degree = 3 }}]"), &[]);
    assert_eq!(
        message,
        "r.toml, line 14: `augment.steps[0].degree` is not a key of `rotate`; did you mean `degrees`? It has degrees, border, p"
    );
}

#[test]
fn a_value_of_the_wrong_type_or_out_of_its_range_is_told_with_its_line() {
    for (old, new, message) in [
        ("lr = 1e-2", "lr = \"fast\"", "r.toml, line 9: `optimizer.lr`: expected a number, found \"fast\""),
        ("lr = 1e-2", "lr = -1", "r.toml, line 9: `optimizer.lr`: expected a number above 0, found -1"),
        (
            "lr = 1e-2",
            "betas = [0.9, 1]",
            "r.toml, line 9: `optimizer.betas[1]`: expected a number in [0, 1), found 1",
        ),
        (
            "hidden = [8]",
            "hidden = [8, \"x\"]",
            "r.toml, line 6: `model.hidden[1]`: expected a whole number from 0, found \"x\"",
        ),
        (
            "epochs = 3",
            "epochs = \"many\"",
            "r.toml, line 11: `training.epochs`: expected a whole number from 0, found \"many\"",
        ),
        ("epochs = 3", "epochs = 0", "r.toml, line 11: `training.epochs`: expected at least 1, found 0"),
        (
            "[training]\nepochs = 3",
            "training = 3",
            "r.toml, line 10: `optimizer.training` is not a key of `adam`; it has lr, betas, eps, weight_decay, lazy",
        ),
        (
            "[training]\nepochs = 3",
            "[schedule]\nkind = \"step\"",
            "r.toml, line 10: `schedule`: `step` needs the key `step_size`: units between two cuts",
        ),
        (
            "[training]\nepochs = 3",
            "[schedule]\nkind = \"cosine\"\neta_min = 0.5",
            "r.toml, line 12: `schedule.eta_min`: expected a number from 0 to the base learning rate 0.01, found 0.5",
        ),
    ] {
        assert_eq!(with_line(old, new), message);
    }
    let message = with_line("kind = \"adam\"", "kind = \"adamm\"");
    assert!(
        message.starts_with("r.toml, line 8: `optimizer.kind`: expected one of \"sgd\", ")
            && message.ends_with("found \"adamm\"; did you mean \"adam\"?"),
        "{message}"
    );
}

#[test]
fn a_recipe_without_data_says_so() {
    assert_eq!(refused("", &[]), "r.toml: the table [data] is missing; it says where the samples come from");
    assert_eq!(refused("data = 3", &[]), "r.toml, line 1: `data`: expected the table [data], found 3");
}

#[test]
fn a_list_of_one_may_be_given_by_its_element() {
    let recipe = on(TEXT, &["model.hidden=64", "model.dropout=0.5"]).unwrap();
    assert_eq!(
        recipe.model,
        MlpRecipe { hidden: vec![64], dropout: vec![0.5], ..MlpRecipe::default() }.into()
    );
    let message = refused(TEXT, &["model.hidden=wide"]);
    assert_eq!(message, "--set model.hidden=wide: `model.hidden`: expected a list, found \"wide\"");
}

#[test]
fn an_override_without_a_value_takes_the_key_back_to_its_default() {
    let recipe = on(TEXT, &["optimizer.lr=", "model.hidden="]).unwrap();
    assert_eq!(recipe.optimizer, Adam::default().into());
    assert_eq!(recipe.model, MlpRecipe::default().into());
    // Whole tables, and keys that were not there.
    assert_eq!(on(TEXT, &["training="]).unwrap().training.epochs, 10);
    assert_eq!(on(TEXT, &["training.patience=", "schedule.warmup="]), on(TEXT, &[]));
    // A key that the kind does not have can be taken away, too, which then is no longer wrong.
    assert_eq!(on(TEXT, &["optimizer.kind=sgd", "optimizer.lr="]).unwrap().optimizer.name(), "sgd");
    let message = refused(TEXT, &["optimizer.lrr="]);
    assert!(
        message
            .starts_with("--set optimizer.lrr=: `optimizer.lrr` is not a key of `adam`; did you mean `lr`?"),
        "{message}"
    );
    let message = refused(TEXT, &["training.epoch="]);
    assert!(message.contains("did you mean `epochs`?"), "{message}");
    assert!(refused(TEXT, &["data="]).contains("the table [data] is missing"));
}

#[test]
fn an_override_is_named_as_the_place_of_what_it_gives_and_the_file_of_what_it_does_not() {
    assert_eq!(
        refused(TEXT, &["optimizer.lr=0"]),
        "--set optimizer.lr=0: `optimizer.lr`: expected a number above 0, found 0"
    );
    let message = refused(TEXT, &["trainig.epochs=1"]);
    assert!(
        message.starts_with("--set trainig.epochs=1: `trainig` is not a key of a recipe; did you mean"),
        "{message}"
    );
    let betas = TEXT.replace("lr = 1e-2", "betas = [0.9, 0.99]");
    let message = refused(&betas, &["optimizer.kind=sgd"]);
    assert!(
        message.starts_with("r.toml, line 9: `optimizer.betas` is not a key of `sgd`; it has lr, momentum"),
        "{message}"
    );
    let message = refused(TEXT, &["augment.steps=[{ kind = \"noise\", std = \"loud\" }]"]);
    assert!(
        message.contains("`augment.steps[0].std`: expected a number or a range [low, high], found \"loud\""),
        "{message}"
    );
}

#[test]
fn a_key_is_overridden_once() {
    let message = refused(TEXT, &["optimizer.lr=1", "training.seed=1", "optimizer.lr = 2"]);
    assert_eq!(
        message,
        "--set optimizer.lr = 2: `optimizer.lr` is given twice, here and by --set optimizer.lr=1; leave one of them out"
    );
}

#[test]
fn a_whole_number_that_no_recipe_can_hold_is_told_with_the_range() {
    let message = refused(TEXT, &["training.seed=18446744073709551615"]);
    assert_eq!(
        message,
        "--set training.seed=18446744073709551615: whole numbers are from -9223372036854775808 to 9223372036854775807, \
         found 18446744073709551615"
    );
    assert_eq!(on(TEXT, &["training.seed=9223372036854775807"]).unwrap().training.seed, i64::MAX as u64);
    // Made in code, it is refused before a run could write what nobody can read.
    let mut recipe = on(TEXT, &[]).unwrap();
    recipe.training.seed = u64::MAX;
    let message = recipe.check().unwrap_err().to_string();
    assert!(
        message.ends_with(
            "`training.seed`: expected a number from 0 to 9223372036854775807, found 18446744073709551615"
        ),
        "{message}"
    );
}

#[test]
fn malformed_overrides_say_what_was_expected() {
    for text in ["optimizer.lr", "=3", "optimizer.=3", ".lr=3"] {
        let message = refused(TEXT, &[text]);
        assert!(message.starts_with(&format!("--set {text}: expected KEY=VALUE")), "{message}");
    }
    let message = refused(TEXT, &["training.epochs.more=1"]);
    assert_eq!(message, "--set training.epochs.more=1: `training.epochs` is no table, so it has no keys");
}

#[test]
fn text_that_is_no_toml_is_told_with_its_line() {
    let message = with_line("epochs = 3", "epochs = = 3");
    assert!(message.starts_with("r.toml, line 11: "), "{message}");
    let message = with_line("lr = 1e-2", "lr = 1e-2\nlr = 1");
    assert!(message.starts_with("r.toml, line 10: ") && message.contains("duplicate"), "{message}");
}

#[test]
fn what_is_written_reads_back_as_the_same_recipe() {
    let recipe = on(TEXT, &["schedule.kind=cosine", "schedule.warmup=1"]).unwrap().check().unwrap();
    let resolved = recipe.resolved(100).unwrap();
    let text = resolved.to_toml().unwrap();
    assert!(text.contains("t_max = 2"), "{text}");
    assert_eq!(on(&text, &[]).unwrap(), resolved);
    assert_eq!(on(&text, &[]).unwrap().check().unwrap().resolved(100).unwrap(), resolved);
}

#[test]
fn an_element_of_a_list_can_be_given() {
    let text = "[data.csv]\nfile = \"a\"\ntarget = \"b\"\n[model]\nhidden = [8, 16]\n";
    let with = |overrides: &[&str]| {
        let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
        Recipe::parse("a.toml", text, &overrides)
    };
    let recipe = with(&["model.hidden[1]=32"]).unwrap();
    assert_eq!(
        recipe.flat().unwrap().into_iter().find(|(key, _)| key == "model.hidden").unwrap().1,
        serde_json::json!([8, 32])
    );
    for (given, problem) in [
        ("model.hidden[2]=1", "the list has 2 elements, numbered from 0"),
        ("model.hidden[x]=1", "expected the place in a list, like `hidden[0]`"),
        ("model.dropout[0]=1", "there is no list `dropout`"),
        ("model.kind[0]=1", "there is no list `kind`"),
        ("model.hidden[0]=", "is one of a list, and has no default"),
    ] {
        let message = with(&[given]).unwrap_err().to_string();
        assert!(message.contains(problem), "{message}");
    }
}

#[test]
fn an_average_of_the_weights_has_a_decay_below_1() {
    for wrong in ["1", "0", "1.5", "-0.5"] {
        let message = refused(TEXT, &[&format!("training.ema={wrong}")]);
        assert!(message.contains("`training.ema`: expected a number above 0 and below 1"), "{message}");
    }
    assert_eq!(on(TEXT, &["training.ema=0.99"]).unwrap().training.ema, Some(0.99));
}

#[test]
fn only_networks_of_layers_over_images_are_tested_on_mirror_images() {
    let message = refused(TEXT, &["augment.test_flip=true"]);
    assert!(
        message.contains("`augment.test_flip`: is for networks of layers over images; \"mlp\" is none"),
        "{message}"
    );
    let images = "[data.images]\nfolder = \"x\"\nsize = [8, 8]\n[model]\nkind = \"sequential\"\n[augment]\ntest_flip = true\n";
    let recipe = on(images, &[]).unwrap().check().unwrap();
    let text = recipe.recipe().to_toml().unwrap();
    assert!(text.contains("test_flip = true"), "{text}");
    assert_eq!(on(&text, &[]).unwrap(), *recipe.recipe());
}
