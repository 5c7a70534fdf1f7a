use proptest::prelude::*;

use super::*;

fn wishes(target: &str) -> TableWishes {
    TableWishes { target: Some(target.into()), ..TableWishes::default() }
}

pub(in super::super) fn looked_at(
    text: &[u8],
    enough: usize,
    wishes: &TableWishes,
) -> Result<Option<TableFacts>> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), text).unwrap();
    sampled(0, enough, "t.csv", &Files::directory(folder.path()), "t.csv", wishes)
}

/// What a table holds, which is the same whether it is held or goes by.
pub(in super::super) fn both(text: &[u8], wishes: &TableWishes) -> Result<TableFacts> {
    let held = TableFacts::of("t.csv", text, wishes);
    match (looked_at(text, usize::MAX, wishes), &held) {
        // Lines of JSON, and what is no text in UTF-8.
        (Ok(None), _) => assert!(
            text.trim_ascii_start().starts_with(b"{")
                || text.contains(&0)
                || std::str::from_utf8(text).is_err()
        ),
        (Ok(Some(went_by)), Ok(held)) => {
            let sampled = Some(held.rows);
            assert_eq!(went_by, TableFacts { sampled, ..held.clone() });
        }
        (Err(_), Err(held)) if held.to_string().ends_with("is empty") => {}
        (Err(went_by), Err(held)) => assert_eq!(went_by.to_string(), held.to_string()),
        (went_by, held) => panic!("{went_by:?} {held:?}"),
    }
    held
}

/// Rows of several columns with a number each that says nothing.
fn table(columns: &[(&str, &dyn Fn(usize) -> String)], rows: usize) -> String {
    let header: String = columns.iter().map(|(name, _)| format!("{name},")).collect();
    let row = |row: usize| columns.iter().map(|(_, cell)| cell(row) + ",").collect::<String>();
    let lines = (0..rows).map(|at| format!("{}{}\n", row(at), at * 7919 % 1009));
    std::iter::once(format!("{header}noise\n")).chain(lines).collect()
}

/// Of 20,000 rows, some hundred are looked at.
fn thinly(columns: &[(&str, &dyn Fn(usize) -> String)], target: &str) -> TableFacts {
    let text = table(columns, 20_000);
    let facts = looked_at(text.as_bytes(), text.len() / 100, &wishes(target)).unwrap().unwrap();
    assert!(facts.sampled.is_some_and(|rows| rows < 1_500) && facts.rows == 20_000, "{:?}", facts.sampled);
    facts
}

fn column<'f>(facts: &'f TableFacts, name: &str) -> &'f super::super::ColumnFacts {
    facts.columns.iter().find(|column| column.name == name).unwrap()
}

fn kind(facts: &TableFacts, name: &str) -> String {
    column(facts, name).kind.as_ref().map_or("-".into(), ToString::to_string)
}

#[test]
fn what_a_single_row_says_is_heard() {
    let once = |at: usize, rare: &'static str, else_: &'static dyn Fn(usize) -> String| {
        move |row: usize| if row == at { rare.to_owned() } else { else_(row) }
    };
    let facts = thinly(
        &[
            ("gap", &once(7_777, "", &|row| (row * 31 % 997).to_string())),
            ("word gap", &once(7_779, "N/A", &|row| (row * 37 % 991).to_string())),
            ("word", &once(13_331, "broken", &|row| (row * 41 % 983).to_string())),
            ("day", &once(5_551, "2024-01-31 10:30:00", &|row| format!("2024-02-{:02}", row % 28 + 1))),
            ("sure", &once(9_999, "perhaps", &|row| ["yes", "no"][row % 2].to_owned())),
            ("size", &once(4_443, "XXL", &|row| ["S", "M", "L"][row % 3].to_owned())),
            ("same", &once(11_117, "other", &|_| "x".to_owned())),
            ("twin", &once(15_553, "no twin", &|row| ["a", "b", "c"][row * 7 % 3].to_owned())),
            ("of twin", &|row| ["a", "b", "c"][row * 7 % 3].to_owned()),
            ("counter", &once(17_771, "0", &|row| (row + 1).to_string())),
            ("paid", &once(6_667, "never", &|row| ["no", "yes", "yes"][row % 3].to_owned())),
        ],
        "paid",
    );
    assert_eq!((kind(&facts, "gap"), column(&facts, "gap").missing), ("number?".into(), 1));
    assert_eq!(
        (kind(&facts, "word gap"), facts.notation.missing.as_slice()),
        ("number?".into(), ["N/A".to_owned()].as_slice())
    );
    assert!(
        facts.questions.iter().any(|question| question.contains("`word` holds numbers but for `broken`"))
    );
    assert!(!kind(&facts, "word").starts_with("number") && kind(&facts, "sure") == "category");
    assert!(kind(&facts, "size") == "ordered" && column(&facts, "size").levels == ["S", "M", "L", "XXL"]);
    assert!(
        kind(&facts, "same") != "-" && kind(&facts, "of twin") != "-" && kind(&facts, "counter") == "number"
    );
    assert_eq!((column(&facts, "paid").distinct, facts.smallest_class), (3, Some(1)));
    assert!(
        facts.questions.iter().any(|question| question.contains("Classes of fewer than 10 rows: `never`"))
    );
}

#[test]
fn what_all_rows_say_together_is_known() {
    let facts = thinly(
        &[
            ("counter", &|row| (row + 1).to_string()),
            ("key", &|row| format!("k{:08x}", (row as u32).wrapping_mul(2_654_435_761))),
            ("user_id", &|row| format!("u{}", row * 7919 % 4_001)),
            ("town", &|row| ["Rome", "Oslo", "Lima"][row % 3].into()),
            ("again", &|row| ["Rome", "Oslo", "Lima"][row % 3].into()),
            ("price", &|row| format!("{}.5", row * 13 % 9_973)),
        ],
        "price",
    );
    assert_eq!(
        (column(&facts, "counter").reason.as_str(), kind(&facts, "key")),
        ("counts the rows", "-".into())
    );
    assert_eq!(column(&facts, "again").reason, "the same as `town`");
    assert_eq!((column(&facts, "user_id").distinct, facts.task), (4_001, Some(TaskKind::Regression)));
    assert!(
        facts.questions.iter().any(|question| question.contains("`user_id` has 4001 values in 20000 rows")),
        "{:?}",
        facts.questions
    );
    assert_eq!(column(&facts, "price").distinct, 9_973);
}

#[test]
fn what_is_wrong_with_a_row_is_said_with_its_line() {
    let text = table(&[("a", &|row| row.to_string())], 3_000);
    let ragged = text.clone() + "1,2,3\n";
    let message = looked_at(ragged.as_bytes(), 1_000, &wishes("a")).unwrap_err().to_string();
    assert_eq!(message, "t.csv: line 3002: expected 2 cells, found 3");
    // Older alphabets are found out where the whole text is at hand.
    let mut foreign = text.into_bytes();
    foreign.extend(b"M\xFCnchen,1\n");
    assert!(looked_at(&foreign, 1_000, &wishes("a")).unwrap().is_none());
    assert!(
        looked_at(b"a,noise\n", 1_000, &wishes("a")).unwrap_err().to_string().contains("there are no rows")
    );
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        4 => prop::sample::select(vec!["1", "2.5", "-3", "12", "yes", "no", "a", "b", "low", "high"]),
        2 => prop::sample::select(vec!["", "NA", "none", "?", " 7\u{a0}", "2024-01-31", "\"x, y\"", "1,5", "012"]),
        1 => prop::sample::select(vec!["\"", "\u{b}", "(4)", "$5", "é", "1e400", "\"\n\""]),
    ];
    let row = prop::collection::vec(cell, 3).prop_map(|cells| cells.join(";"));
    let end = prop::sample::select(vec!["\n", "\r\n", "\n\n"]);
    (
        prop::collection::vec(row, 0..40),
        end,
        prop::sample::select(vec!["a;b;y", "1;2;3", "a;a;y", "# note\na;b;y"]),
    )
        .prop_map(|(rows, end, header)| (header.to_owned() + end + &rows.join(end)).into_bytes())
}

proptest! {
    #[test]
    fn any_table_is_the_same_whether_it_is_held_or_goes_by(text in text(), missing in prop::sample::select(vec!["", "a", "2.5", "none"])) {
        let missing = Vec::from_iter((!missing.is_empty()).then(|| missing.to_owned()));
        let _ = both(&text, &TableWishes { missing: missing.clone(), ..wishes("y") });
        let _ = both(&text, &TableWishes { missing, ..TableWishes::default() });
        // Of some rows the answer may be another, but there is one.
        if let Ok(Some(facts)) = looked_at(&text, text.len() / 3, &TableWishes::default()) {
            prop_assert!(facts.columns.iter().all(|column| column.missing + column.distinct <= facts.rows));
        }
    }
}
