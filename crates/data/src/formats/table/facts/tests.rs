#![allow(clippy::unwrap_used)]
use super::*;

fn table(columns: &[(&str, &dyn Fn(usize) -> String)], rows: usize) -> String {
    let header = columns.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>().join(";");
    let row = |row: usize| columns.iter().map(|(_, cell)| cell(row)).collect::<Vec<_>>().join(";");
    std::iter::once(header).chain((0..rows).map(row)).map(|line| line + "\n").collect()
}

fn facts(text: &str, target: &str) -> TableFacts {
    let wishes = TableWishes { target: Some(target.into()), ..TableWishes::default() };
    large::tests::both(text.as_bytes(), &wishes).unwrap()
}

fn kinds(facts: &TableFacts) -> Vec<(String, String)> {
    let kind = |column: &ColumnFacts| column.kind.as_ref().map_or("-".into(), ToString::to_string);
    facts.columns.iter().map(|column| (column.name.clone(), kind(column))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn every_kind_of_column_is_found() {
    let towns = ["Rome", "Oslo", "Lima"];
    let text = table(
        &[
            ("rownames", &|row| (row + 1).to_string()),
            ("customer_id", &|row| format!("c{}", row * 37 % 101 + 1000 * row)),
            ("size", &|row| format!("{}.5", row % 17)),
            ("rooms", &|row| if row % 9 == 0 { "NA".into() } else { (row % 5).to_string() }),
            ("town", &|row| towns[row % 3].into()),
            ("sold", &|row| format!("2024-0{}-1{}", row % 9 + 1, row % 8)),
            ("note", &|row| format!("a house with number {row} and garden {}", row * 7)),
            ("same", &|_| "x".into()),
            ("empty", &|_| String::new()),
            ("town again", &|row| towns[row % 3].into()),
            ("price", &|row| format!("{}", 100 + row * 13 % 97)),
        ],
        90,
    );
    let facts = facts(&text, "price");
    let expected = [
        ("rownames", "-"),
        ("customer_id", "-"),
        ("size", "number"),
        ("rooms", "number?"),
        ("town", "category"),
        ("sold", "date"),
        ("note", "text"),
        ("same", "-"),
        ("empty", "-"),
        ("town again", "-"),
        ("price", "number"),
    ];
    assert_eq!(kinds(&facts), pairs(&expected));
    assert_eq!((facts.task, facts.rows, facts.delimiter), (Some(TaskKind::Regression), 90, ';'));
    assert_eq!(facts.notation.missing, ["NA"]);
    assert_eq!(facts.columns[9].reason, "the same as `town`");
    assert!(facts.columns.iter().all(|column| !column.reason.is_empty()));
}

#[test]
fn numbers_are_found_however_they_are_written() {
    let notation = |text: &str| {
        let facts = facts(text, "y");
        (
            facts.notation.decimal,
            facts.notation.thousands,
            facts.notation.units.clone(),
            kinds(&facts)[0].1.clone(),
        )
    };
    let y = |row: usize| (row % 2).to_string();
    let written = |cell: &dyn Fn(usize) -> String| table(&[("x", cell), ("y", &y)], 30);
    assert_eq!(
        notation(&written(&|row| format!("{},5", row * 7 % 29))),
        (Some(','), None, vec![], "number".into())
    );
    assert_eq!(
        notation(&written(&|row| format!("1,{:03}.5", row * 7 % 29))),
        (None, Some(','), vec![], "number".into())
    );
    assert_eq!(
        notation(&written(&|row| format!("1.{:03},25", row * 7 % 29))),
        (Some(','), Some('.'), vec![], "number".into())
    );
    assert_eq!(
        notation(&written(&|row| format!("${}", row * 7 % 29))),
        (None, None, vec!["$".into()], "number".into())
    );
    assert_eq!(
        notation(&written(&|row| format!("{} %", row * 7 % 29))),
        (None, None, vec!["%".into()], "number".into())
    );
    assert_eq!(notation(&written(&|row| format!("v{}", row % 4))), (None, None, vec![], "category".into()));
}

#[test]
fn a_comma_that_may_part_decimals_or_thousands_is_asked_about() {
    let y = |row: usize| (row % 2).to_string();
    let doubtful = facts(&table(&[("x", &|row| format!("1,{:03}", 100 + row * 7 % 29)), ("y", &y)], 30), "y");
    assert_eq!(doubtful.notation.decimal, Some(','), "cells are parted by semicolons");
    assert!(
        doubtful.questions[0].starts_with("The comma of `1,100` is read as one before decimals."),
        "{:?}",
        doubtful.questions
    );
    let small = facts(&table(&[("x", &|row| format!("0,{:03}", 100 + row * 7 % 29)), ("y", &y)], 30), "y");
    assert_eq!(
        (small.notation.decimal, small.questions.iter().filter(|q| q.contains("comma")).count()),
        (Some(','), 0)
    );
}

#[test]
fn names_that_end_like_keys_are_none_where_the_numbers_are_measured() {
    let y = |row: usize| (row % 2).to_string();
    let columns: [(&str, &dyn Fn(usize) -> String); 4] = [
        ("BID", &|row| (row * 37 % 101).to_string()),
        ("grid_id", &|row| format!("{}.5", row * 37 % 101)),
        ("PassengerId", &|row| (row * 37 % 101).to_string()),
        ("y", &y),
    ];
    let found = kinds(&facts(&table(&columns, 90), "y"));
    assert_eq!(
        found,
        pairs(&[("BID", "number"), ("grid_id", "number"), ("PassengerId", "-"), ("y", "category")])
    );
}

#[test]
fn dates_and_targets_that_are_missing_by_a_word_are_missing() {
    let columns: [(&str, &dyn Fn(usize) -> String); 2] = [
        ("day", &|row| if row % 9 == 4 { "NA".into() } else { format!("2024-01-1{}", row % 9) }),
        ("y", &|row| if row % 7 == 3 { "n/a".into() } else { format!("{}.5", row % 31) }),
    ];
    let facts = facts(&table(&columns, 60), "y");
    assert_eq!((kinds(&facts)[0].1.as_str(), facts.columns[1].missing), ("date?", 9));
    assert_eq!(facts.notation.missing, ["NA", "n/a"]);
}

#[test]
fn two_columns_of_one_name_are_an_error() {
    let wishes = TableWishes { target: Some("y".into()), ..TableWishes::default() };
    let error = TableFacts::of("t.csv", b"a,a,y\n1,2,p\n2,5,q\n3,1,p\n", &wishes).unwrap_err().to_string();
    assert_eq!(error, "t.csv: columns 1 and 2 are both named `a`; rename one");
}

#[test]
fn what_cannot_be_known_is_asked() {
    let text = table(
        &[
            ("income", &|row| if row % 10 == 3 { "-999".into() } else { (row * 7).to_string() }),
            ("day", &|row| format!("0{}/0{}/2024", row % 9 + 1, row % 7 + 1)),
            ("user_id", &|row| format!("u{}", row % 30)),
            ("y", &|row| (row % 3).to_string()),
        ],
        120,
    );
    let facts = facts(&text, "y");
    let asked = |word: &str| facts.questions.iter().filter(|question| question.contains(word)).count();
    assert_eq!(
        (asked("--missing=-999"), asked("%m/%d/%Y"), asked("--group user_id"), asked("--task numbers")),
        (1, 1, 1, 1)
    );
}

#[test]
fn a_target_that_cannot_be_is_told_in_a_sentence() {
    let message = |text: &str, target: &str| {
        let wishes = TableWishes { target: Some(target.into()), ..TableWishes::default() };
        large::tests::both(text.as_bytes(), &wishes).unwrap_err().to_string()
    };
    assert_eq!(message("", "y"), "t.csv: is empty");
    assert_eq!(message("\n \n", "y"), "t.csv: is empty");
    assert_eq!(message("x,y\n", "y"), "t.csv: there are no rows");
    assert_eq!(
        message("x,y\n1,a\n2,a\n", "y"),
        "t.csv: the target `y` is `a` in every row that has one: there is nothing to learn"
    );
    assert_eq!(message("x,y\n1,\n2,NA\n", "y"), "t.csv: the target `y` is missing in every row");
    assert_eq!(
        message("x,price\n1,2\n", "prise"),
        "t.csv: there is no column `prise`; the columns are `x`, `price`; did you mean `price`?"
    );
    assert_eq!(message("a\0b,c\n", "y"), "t.csv: is no text: it has bytes of 0");
    assert_eq!(
        message("x,y\n1,a\n1,b\n", "y"),
        "t.csv: has no column to learn from beside the target; see `inspect`"
    );
}

#[test]
fn without_a_target_the_choices_are_listed_with_what_speaks_for_them() {
    let text = table(
        &[
            ("a", &|row| format!("{}", row * 3 % 7)),
            ("label", &|row| (row % 2).to_string()),
            ("b", &|row| format!("{}.5", row * 11 % 17)),
        ],
        40,
    );
    let facts = large::tests::both(text.as_bytes(), &TableWishes::default()).unwrap();
    let targets = facts.targets();
    assert_eq!(targets.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["label", "b", "a"]);
    assert_eq!(targets[1].1, "every cell is a number; the last column");
}

#[test]
fn codes_and_days_in_digits_are_no_numbers_to_reckon_with() {
    let text = table(
        &[
            ("zip", &|row| format!("{:05}", [1234, 8001, 90210][row % 3])),
            ("region_code", &|row| [101, 205, 317][row * 5 % 7 % 3].to_string()),
            ("when", &|row| format!("2021{:02}{:02}", row % 12 + 1, row * 7 % 28 + 1)),
            ("written", &|row| format!("March {}, 2020", row % 28 + 1)),
            ("count", &|row| (100 + row * 13 % 59).to_string()),
            ("y", &|row| (row * 31 % 83).to_string()),
        ],
        120,
    );
    let found = facts(&text, "y");
    let expected = [
        ("zip", "category"),
        ("region_code", "category"),
        ("when", "date %Y%m%d"),
        ("written", "date %B %d, %Y"),
        ("count", "number"),
        ("y", "number"),
    ];
    assert_eq!(kinds(&found), pairs(&expected));
    assert!(found.questions.is_empty(), "{:?}", found.questions);
}

#[test]
fn a_word_among_numbers_is_asked_about_a_second_header_and_sums_among_them() {
    let text = table(
        &[
            ("x", &|row| if row == 0 { "cm".into() } else { format!("{}.25", row * 7) }),
            ("m", &|row| if row % 12 == 5 { "unknown".into() } else { (row % 31).to_string() }),
            ("patient", &|row| format!("p{}", row / 5)),
            ("town", &|row| ["Rome", "Oslo", "5"][row % 3].into()),
            ("y", &|row| if row == 0 { "kg".into() } else { (row * 31 % 83).to_string() }),
        ],
        120,
    );
    let questions = facts(&text, "y").questions.join("\n");
    for part in [
        "`x` holds numbers but for `cm` in 1: does that mean missing? Then --missing=cm says so. A second header",
        "`m` holds numbers but for `unknown` in 10",
        "`y` holds numbers but for `kg` in 1",
        "--group patient",
    ] {
        assert!(questions.contains(part), "{part}: {questions}");
    }
    assert!(!questions.contains("`town`"), "{questions}");
}

#[test]
fn names_of_columns_that_are_known_may_be_numbers() {
    let lines = b"{\"0\": 1.5, \"1\": 2, \"y\": \"a\"}\n{\"0\": 2.5, \"1\": 3, \"y\": \"b\"}\n";
    let wishes = TableWishes { target: Some("y".into()), ..TableWishes::default() };
    let facts = TableFacts::of("t.jsonl", lines, &wishes).unwrap();
    assert!(facts.header && facts.rows == 2, "{facts:?}");
    assert_eq!(facts.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["0", "1", "y"]);
}
