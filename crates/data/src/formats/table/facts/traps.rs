//! Columns as people have them: of forty and more, nearly all are to be decided rightly, or asked about.
#![allow(clippy::unwrap_used)]

use super::*;

/// What is right: a kind, `left out`, or a part of a question or a warning behind `?`.
type Trap = (&'static str, &'static str, fn(usize) -> String);

const ROWS: usize = 200;

/// A number without a pattern.
fn any(row: usize) -> usize {
    row * 7919 % 1009
}

const TRAPS: [Trap; 50] =
    [
        ("", "left out", |row| (row + 1).to_string()),
        ("index", "left out", |row| row.to_string()),
        ("customer_id", "left out", |row| format!("C{:05}", any(row) * 31 + row)),
        ("uid", "left out", |row| format!("{:016x}", (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))),
        ("same", "left out", |_| "same".into()),
        ("nothing", "left out", |_| String::new()),
        ("patient", "? --group patient", |row| format!("p{}", row / 8)),
        ("user_id", "? --group user_id", |row| format!("u{}", row / 5)),
        ("d1", "date", |row| format!("2021-{:02}-{:02}", row % 12 + 1, any(row) % 28 + 1)),
        ("d2", "date %d.%m.%Y", |row| format!("{:02}.{:02}.2021", any(row) % 28 + 1, row % 12 + 1)),
        ("d3", "date %m/%d/%Y", |row| format!("{:02}/{:02}/2021", row % 12 + 1, any(row) % 28 + 1)),
        ("d4", "date %d-%b-%Y", |row| format!("{:02}-Mar-20{:02}", any(row) % 28 + 1, row % 30)),
        ("d5", "date %Y%m%d", |row| format!("2021{:02}{:02}", row % 12 + 1, any(row) % 28 + 1)),
        ("d6", "date %B %d, %Y", |row| format!("March {}, 20{:02}", any(row) % 28 + 1, row % 30)),
        ("d7", "date", |row| format!("2021-03-{:02}T0{}:15:00", any(row) % 28 + 1, row % 10)),
        ("d8", "? as well", |row| format!("{:02}/{:02}/2021", row % 12 + 1, any(row) % 12 + 1)),
        ("decimal comma", "number", |row| format!("{},{:02}", any(row), row % 100)),
        ("price", "number", |row| format!("${}.{:02}", any(row), row % 100)),
        ("rate", "number", |row| format!("{}.5%", any(row) % 100)),
        ("length", "number", |row| format!("{}.5 cm", any(row))),
        ("scientific", "number", |row| format!("{}.5e-9", any(row))),
        ("year", "number", |row| (1950 + any(row) % 70).to_string()),
        ("missing words", "number?", |row| {
            if row % 9 == 0 { ["NA", "?", "", "N/A", "null"][row % 5].into() } else { any(row).to_string() }
        }),
        (
            "missing -999",
            "? --missing=-999",
            |row| if row % 9 == 0 { "-999".into() } else { any(row).to_string() },
        ),
        (
            "missing 9999",
            "? --missing=9999",
            |row| if row % 9 == 0 { "9999".into() } else { any(row).to_string() },
        ),
        ("unknown", "? --missing=unknown", |row| {
            if row % 15 == 2 { "unknown".into() } else { any(row).to_string() }
        }),
        ("second header", "? second header", |row| if row == 0 { "cm".into() } else { any(row).to_string() }),
        ("sums", "? row of sums", |row| if row == ROWS - 1 { "Total".into() } else { any(row).to_string() }),
        ("below 5", "? --missing=<5", |row| if row % 8 == 0 { "<5".into() } else { any(row).to_string() }),
        ("smoker", "yes/no", |row| ["yes", "no"][any(row) % 2].into()),
        ("raucher", "yes/no", |row| ["ja", "nein"][any(row) % 2].into()),
        ("fuma", "yes/no", |row| ["sí", "no"][any(row) % 2].into()),
        ("bool", "yes/no", |row| ["True", "False"][any(row) % 2].into()),
        ("size", "ordered", |row| ["S", "M", "L", "XL"][any(row) % 4].into()),
        ("zip", "category", |row| format!("{:05}", [1234, 8001, 90210, 501][any(row) % 4])),
        ("area_code", "category", |row| [101, 205, 317, 411][any(row) % 4].to_string()),
        ("stars", "number", |row| (any(row) % 5 + 1).to_string()),
        ("flag", "number", |row| (any(row) % 2).to_string()),
        ("comment", "text", |row| format!("a {} day with {} and tea", ["fine", "bad"][row % 2], any(row))),
        ("phone", "text", |row| format!("+49 170 {:07}", any(row) * 9973)),
        ("town", "category", |row| ["München", "Zürich", "Köln"][any(row) % 3].into()),
        ("latitude", "number", |row| format!("47.{:05}", any(row) * 97)),
        ("time", "time", |row| format!("{:02}:{:02}", any(row) % 24, row % 60)),
        ("negative", "number", |row| {
            if row % 3 == 0 { format!("({}.50)", any(row)) } else { any(row).to_string() }
        }),
        ("insured", "yes/no?", |row| ["Y", "N", "y", ""][any(row) % 4].into()),
        ("age", "ordered", |row| ["18-24", "25-44", "45-64", "65+"][any(row) % 4].into()),
        ("dependents", "ordered", |row| ["0", "1", "2", "3+"][any(row) % 4].into()),
        ("score", "category", |row| ["2:1", "0:0", "1:3"][any(row) % 3].into()),
        ("agreement", "ordered?", |row| ["Agree", "Disagree", "Neutral", ""][any(row) % 4].into()),
        ("clock", "time?", |row| {
            if row % 9 == 0 { String::new() } else { format!("{}:{:02} PM", any(row) % 12 + 1, row % 60) }
        }),
    ];

/// What was decided of a column, and what was said of it.
fn decided(name: &str, cell: fn(usize) -> String) -> (String, String) {
    let rows = (0..ROWS).map(|row| format!("{}.25\t{}\t{}\n", any(row + 7), cell(row), any(row * 3 + 1)));
    let text = format!("x\t{name}\ty\n{}", rows.collect::<String>());
    let wishes = TableWishes { target: Some("y".into()), ..TableWishes::default() };
    let facts = large::tests::both(text.as_bytes(), &wishes).unwrap();
    let column = facts.columns.iter().find(|column| column.name == name).unwrap();
    let kind = match column.used {
        ColumnUse::LeftOut => "left out".into(),
        _ => column.kind.as_ref().map_or_else(String::new, ToString::to_string),
    };
    let said = facts.questions.iter().filter(|question| question.contains(&format!("`{name}`")));
    (kind, said.cloned().collect::<Vec<_>>().join("\n"))
}

#[test]
fn nearly_all_columns_that_people_have_are_decided_rightly_or_asked_about() {
    let wrong = |(name, right, cell): &Trap| {
        let (kind, said) = decided(name, *cell);
        let is_right = match right.strip_prefix("? ") {
            Some(part) => said.contains(part),
            None => kind == *right,
        };
        (!is_right).then(|| format!("{name}: {kind} {said}"))
    };
    let wrong: Vec<String> = TRAPS.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_is_asked_about_columns_that_are_plain() {
    for (name, right, cell) in TRAPS.iter().filter(|(_, right, _)| !right.starts_with('?')) {
        let (_, said) = decided(name, *cell);
        assert_eq!(said, "", "{name} is {right}");
    }
}

/// Of a table of which only some rows are looked at, what was decided of a column.
fn decided_thinly(name: &str, cell: fn(usize) -> String) -> String {
    let rows = (0..ROWS).map(|row| format!("{}.25\t{}\t{}\n", any(row + 7), cell(row), any(row * 3 + 1)));
    let text = format!("x\t{name}\ty\n{}", rows.collect::<String>());
    let wishes = TableWishes { target: Some("y".into()), ..TableWishes::default() };
    let facts = large::tests::looked_at(text.as_bytes(), text.len() / 2, &wishes).unwrap().unwrap();
    assert!(facts.sampled.is_some_and(|rows| rows < ROWS), "{name}: {:?}", facts.sampled);
    let column = facts.columns.iter().find(|column| column.name == name).unwrap();
    column.kind.as_ref().map_or_else(|| "left out".into(), ToString::to_string)
}

#[test]
fn some_of_the_rows_decide_as_all_of_them() {
    let differs = |(name, _, cell): &Trap| {
        let (all, some) = (decided(name, *cell).0, decided_thinly(name, *cell));
        (all != some).then(|| format!("{name}: {all}, of some rows {some}"))
    };
    let differing: Vec<String> = TRAPS.iter().filter_map(differs).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}
