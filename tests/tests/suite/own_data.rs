//! `brasa`: data and a recipe of one's own, side by side.

use brasa_tests::{Home, number, text};

const RECIPE: &str = r#"
    [data]
    scaling = "standard"
    [data.csv]
    file = "leaves.csv"
    target = "tree"
    [data.split]
    test = 0.2
    [model]
    kind = "mlp"
    hidden = [8]
    [training]
    epochs = 30
    batch_size = 8
    [optimizer]
    kind = "adam"
    lr = 0.02
"#;

fn home() -> Home {
    let home = Home::new();
    let rows = (0..60).map(|row| {
        let (tree, at) = if row % 2 == 0 { ("oak", 1.0) } else { ("elm", 3.0) };
        format!("{},{},{tree}\n", at + f64::from(row) / 100.0, at * 2.0 - f64::from(row) / 90.0)
    });
    let table = "length,width,tree\n".to_owned() + &rows.collect::<String>();
    home.write("mine/leaves.csv", table);
    home.write("mine/recipe.toml", RECIPE);
    home
}

#[test]
fn a_recipe_finds_the_data_that_lie_beside_it() {
    let home = home();
    let trained = home.command("brasa", "train --json --recipe mine/recipe.toml").run().succeeds().json();
    assert_eq!(number(&trained, "/test/accuracy"), 1.0);
    let judged =
        home.command("brasa", "cv --json --folds 3 --recipe mine/recipe.toml").run().succeeds().json();
    assert!(number(&judged, "/metrics/accuracy/mean") > 0.9);
    home.write("new.csv", "length,width\n1.1,1.9\n");
    let answer = home.command("brasa", "predict --json new.csv").run().succeeds().json();
    assert_eq!(text(&answer, "/predictions/0/class"), "oak", "{answer}");
}

#[test]
fn without_a_recipe_the_file_that_is_looked_for_is_named() {
    let home = Home::new();
    home.command("brasa", "train").run().fails(2, &["cannot read the recipe recipe.toml"]);
    for verb in ["data show", "recipes", "lesson", "compare"] {
        home.command("brasa", verb).run().fails(2, &["unrecognized subcommand"]);
    }
}
