//! Broken tables: one message with file, line and column, exit code 2, no run begun.

use brasa_tests::{Home, Invocation};

const RECIPE: &str = "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n[data.split]\nvalid = 0.2\n";

/// Thirty good rows of two columns and a class.
fn good() -> Vec<String> {
    (0..30).map(|i| format!("{},{},{}", i, i % 7, ["a", "b", "c"][i % 3])).collect()
}

fn table(home: &Home, rows: &[String]) -> Invocation {
    home.write("own/t.csv", format!("x,y,kind\n{}\n", rows.join("\n")));
    home.write("own/t.toml", RECIPE);
    home.iris("train --recipe own/t.toml --data own --set training.epochs=1")
}

/// Training refuses the good rows with this one in place of the eighth, which is line 9.
fn refuses_row(row: &str, parts: &[&str]) {
    let home = Home::new();
    let mut rows = good();
    rows[7] = row.into();
    home.refuses(table(&home, &rows), &[&["t.csv", "line 9"], parts].concat());
}

#[test]
fn the_good_rows_train() {
    let home = Home::new();
    let _ = table(&home, &good()).run().succeeds();
}

#[test]
fn a_ragged_row() {
    refuses_row("1,2", &["expected 3 cells, found 2"]);
    refuses_row("1,2,a,4", &["expected 3 cells, found 4"]);
}

#[test]
fn an_empty_cell() {
    refuses_row("1,,a", &["column `y`", "found nothing"]);
    refuses_row("1,2, ", &["column `kind`", "found nothing"]);
}

#[test]
fn a_cell_that_is_no_number() {
    refuses_row("1,two,a", &["column `y`", "expected a number", "`two`"]);
    refuses_row("1,\"2,5\",a", &["column `y`", "`2,5`"]);
}

#[test]
fn a_cell_that_is_not_finite() {
    for cell in ["NaN", "nan", "inf", "-Infinity", "1e999"] {
        refuses_row(&format!("{cell},2,a"), &["column `x`", "finite number", cell]);
    }
}

#[test]
fn a_cell_that_networks_cannot_take_unscaled() {
    let home = Home::new();
    let mut rows = good();
    rows[7] = "1e99,2,a".into();
    let parts = ["t.csv, column `x`, row 8: 1e99", "scaling = \"standard\""];
    home.refuses(table(&home, &rows), &parts);
    // Fitted on training rows that do not have it, scaling does not help, either; where all are so large, it does.
    let alone = table(&home, &rows).set("data.scaling", "standard");
    home.refuses(alone, &["row 8: 1e99", "the training rows, by which it is scaled, have nothing like it"]);
    rows.iter_mut()
        .enumerate()
        .for_each(|(row, text)| *text = format!("{}e99,2,{}", row % 5, ["a", "b"][row % 2]));
    let _ = table(&home, &rows).set("data.scaling", "standard").run().succeeds();
}

#[test]
fn a_cell_that_is_not_utf_8() {
    let home = Home::new();
    let training = table(&home, &good());
    let mut bytes = std::fs::read(home.path("own/t.csv")).unwrap();
    bytes.extend(b"1,\xFF\xFE,a\n");
    home.write("own/t.csv", bytes);
    home.refuses(training, &["t.csv", "line 32", "column `y`", "UTF-8"]);
}

#[test]
fn a_column_that_is_not_there() {
    let home = Home::new();
    let training = || table(&home, &good());
    home.refuses(training().set("data.csv.target", "species"), &["t.csv", "`species`", "`kind`"]);
    home.refuses(training().set("data.csv.features", "[\"x\", \"z\"]"), &["t.csv", "`z`", "`y`"]);
    home.refuses(training().set("data.csv.group", "owner"), &["t.csv", "`owner`"]);
}

#[test]
fn two_columns_of_one_name() {
    let home = Home::new();
    let training = table(&home, &good());
    home.write("own/t.csv", "x,x,kind\n1,2,a\n3,4,b\n");
    home.refuses(training, &["t.csv", "`x`", "1", "2"]);
}

#[test]
fn a_class_that_the_recipe_does_not_name() {
    let home = Home::new();
    let training = table(&home, &good()).set("data.csv.classes", "[\"a\", \"b\"]");
    home.refuses(training, &["t.csv", "line 4", "column `kind`", "a, b", "`c`"]);
}

#[test]
fn no_rows_and_no_file() {
    let home = Home::new();
    home.refuses(table(&home, &[]), &["t.csv", "no rows"]);
    home.write("own/t.csv", "");
    home.refuses(home.iris("train --recipe own/t.toml --data own"), &["t.csv"]);
    std::fs::remove_file(home.path("own/t.csv")).unwrap();
    home.refuses(home.iris("train --recipe own/t.toml --data own"), &["t.csv", "not found"]);
    std::fs::create_dir(home.path("own/t.csv")).unwrap();
    home.refuses(home.iris("train --recipe own/t.toml --data own"), &["t.csv", "found a folder"]);
}

#[test]
fn one_class_alone() {
    let home = Home::new();
    let rows: Vec<String> = (0..30).map(|i| format!("{i},1,a")).collect();
    home.refuses(table(&home, &rows), &["t.csv", "`a`", "two classes"]);
}

#[test]
fn a_split_that_cannot_be_made() {
    let home = Home::new();
    let training = || table(&home, &good());
    home.refuses(training().set("data.split.valid", 1.5), &["split.valid", "1.5"]);
    home.refuses(training().set("data.split.valid", -0.1), &["split.valid", "-0.1"]);
    home.refuses(training().set("data.split.valid", "nan"), &["split.valid"]);
    home.refuses(training().set("data.split.valid", 0), &["split.valid", "validation"]);
    home.refuses(training().set("data.split.test", 0.8), &["split.test", "no training rows"]);
    home.refuses(training().set("data.split.kind", "grouped"), &["group"]);
    home.refuses(training().set("data.split.kind", "given"), &["split.kind"]);
}

#[test]
fn a_class_of_one_row_cannot_be_on_three_splits() {
    let home = Home::new();
    let mut rows = good();
    rows.push("1,2,rare".into());
    home.refuses(table(&home, &rows), &["t.csv", "`rare`", "1"]);
}

#[test]
fn inspect_counts_the_missing_cells() {
    let home = Home::new();
    let mut rows = good();
    rows[3] = "1,NA,a".into();
    rows[4] = ",?,b".into();
    let _ = table(&home, &rows);
    let finished =
        home.refuses(home.iris("inspect --recipe own/t.toml --data own"), &["line 5", "column `y`"]);
    assert!(finished.stderr.contains("x: 1") && finished.stderr.contains("y: 2"), "{finished}");
}

#[test]
fn rows_to_predict_are_checked_alike() {
    let home = Home::new();
    let _ = home.trained_iris();
    let refuses = |rows: &str, parts: &[&str]| drop(home.iris("predict -").stdin(rows).run().fails(2, parts));
    refuses("", &["stdin"]);
    refuses("5.1,3.5,1.4\n", &["stdin", "line 1", "expected 4", "found 3"]);
    refuses("5.1,3.5,1.4,0.2\n1,2,3\n", &["stdin", "line 2"]);
    refuses("5.1,3.5,1.4,wide\n", &["stdin", "line 1", "wide"]);
    refuses("5.1,3.5,nan,0.2\n", &["stdin", "line 1", "nan"]);
    refuses("sepal_length,sepal_width,petal_length\n5.1,3.5,1.4\n", &["stdin", "`petal_width`"]);
    refuses("sepal_length,sepal_width,petal_length,petal_width\n", &["stdin", "no rows"]);
    refuses("\x00\x01\x02", &["stdin"]);
    home.iris("predict nowhere.csv").run().fails(2, &["nowhere.csv"]);
    std::fs::create_dir(home.path("empty")).unwrap();
    home.iris("predict empty").run().fails(2, &["empty", ".csv"]);
    home.iris("predict - --delimiter §").stdin("1,2,3,4\n").run().fails(2, &["--delimiter"]);
}
