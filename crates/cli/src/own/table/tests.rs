#![allow(clippy::unwrap_used)]
use brasa_train::Recipe;

use crate::args::OwnArgs;
use crate::error::Result;

fn written(text: &str, args: &OwnArgs) -> Result<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).unwrap();
    args.look(&path)?.recipe(args)
}

fn of(target: &str) -> OwnArgs {
    OwnArgs { target: Some(target.into()), ..OwnArgs::default() }
}

/// Names that TOML and the shell do not like, and every kind of column.
fn text() -> String {
    let row = |row: usize| {
        let town = ["Rome", "Oslo"][row % 2];
        format!("{row},{}.5,{town},{},2024-01-0{}\n", row * 7 % 31, row * 3 % 17, row % 9 + 1)
    };
    let header = "id,\"size, \"\"net\"\"\",town's name,price,day\n".to_owned();
    header + &(0..60).map(row).collect::<String>()
}

#[test]
fn a_recipe_is_written_that_reads_and_checks() {
    let recipe = written(&text(), &of("price")).unwrap();
    let checked = Recipe::parse("t", &recipe, &[]).unwrap().check().unwrap();
    let csv = checked.recipe().data.csv.clone().unwrap();
    let kinds = csv.columns.unwrap();
    let kinds: Vec<_> = kinds.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
    assert_eq!(kinds, ["day: date", "size, \"net\": number", "town's name: category"]);
    assert!(recipe.contains("# id: left out, counts the rows"), "{recipe}");
    assert!(recipe.contains("kind = \"real-mlp\"\nactivation = \"mish\""), "{recipe}");
}

#[test]
fn any_name_is_written_so_that_it_is_read_back() {
    let name = "a.\"b\"\\c 'd'\u{7f}\ttail\nnext";
    let header = format!("\"{}\",y\n", name.replace('"', "\"\""));
    let rows: String = (0..60).map(|row| format!("{}.5,{}\n", row * 7 % 31, row % 2)).collect();
    let recipe = written(&(header + &rows), &of("y")).unwrap();
    let checked = Recipe::parse("t", &recipe, &[]).unwrap();
    let columns = checked.data.csv.clone().unwrap().columns.unwrap();
    assert_eq!(columns.keys().collect::<Vec<_>>(), [name]);
}

#[test]
fn without_a_target_the_choices_are_told() {
    let message = written(&text(), &OwnArgs::default()).unwrap_err().to_string();
    assert!(
        message
            .starts_with("--target is missing: which column of t.csv is to be predicted?\n  --target price"),
        "{message}"
    );
    assert!(message.contains("--target 'town'\\''s name'"), "{message}");
}

#[test]
fn classes_of_few_rows_are_not_dealt_evenly() {
    let few = |row: usize| if row < 3 { "rare" } else { ["a", "b"][row % 2] };
    let text: String = (0..120).map(|row| format!("{}.25,{}\n", row * 7 % 13, few(row))).collect();
    let recipe = written(&format!("x,y\n{text}"), &of("y")).unwrap();
    assert!(recipe.contains("kind = \"random\""), "{recipe}");
    assert!(recipe.contains("# ? Classes of fewer than 10 rows: `rare`"), "{recipe}");
}
