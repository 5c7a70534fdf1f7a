#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::*;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
    wilson_intervals: Vec<Interval>,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    classes: usize,
    k: Option<usize>,
    logits: Vec<Vec<f32>>,
    targets: Vec<u32>,
    expected: serde_json::Value,
}

#[derive(Deserialize)]
struct Interval {
    successes: u64,
    rows: u64,
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct Losses {
    cases: Vec<LossCase>,
}

#[derive(Deserialize)]
struct LossCase {
    case: String,
    logits: Vec<Vec<f32>>,
    targets: Vec<u32>,
    weights: Option<Vec<f64>>,
    label_smoothing: f64,
    loss: f64,
    soft: Option<serde_json::Value>,
}

pub(super) fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/../../tests/fixtures/{name}", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn names(classes: usize) -> Vec<String> {
    (0..classes).map(|class| format!("class {class}")).collect()
}

pub(super) fn assert_close(ours: f64, reference: f64, place: &str) {
    assert!((ours - reference).abs() <= 1e-9, "{place}: {ours} instead of {reference}");
}

/// Compares every number of `expected` with the same key of `ours`.
fn assert_same(ours: &serde_json::Value, expected: &serde_json::Value, place: &str) {
    match expected {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| *key != "accuracy_scikit_learn_ties") {
                assert_same(&ours[key], value, &format!("{place}, {key}"));
            }
        }
        serde_json::Value::Array(values) => {
            assert_eq!(ours.as_array().unwrap().len(), values.len(), "{place}");
            for (index, value) in values.iter().enumerate() {
                assert_same(&ours[index], value, &format!("{place}, {index}"));
            }
        }
        serde_json::Value::Number(number) => {
            let ours = ours.as_f64().unwrap_or_else(|| panic!("{place}: {ours} is not a number"));
            assert_close(ours, number.as_f64().unwrap(), place);
        }
        other => assert_eq!(ours, other, "{place}"),
    }
}

#[test]
fn scores_are_those_of_scikit_learn_and_torch_however_the_rows_are_batched() {
    for case in read::<Fixture>("metrics.json").cases {
        for batch in [1, 7, case.targets.len()] {
            let mut evaluator = Evaluator::new(names(case.classes), case.k).unwrap();
            for (logits, targets) in case.logits.chunks(batch).zip(case.targets.chunks(batch)) {
                evaluator.push(&logits.concat(), targets).unwrap();
            }
            let scores = evaluator.scores().unwrap();
            assert_eq!(scores.rows as usize, case.targets.len());
            assert_same(&serde_json::to_value(&scores).unwrap(), &case.expected, &case.case);
        }
    }
}

#[test]
fn top_1_accuracy_is_accuracy_even_with_ties() {
    for case in read::<Fixture>("metrics.json").cases {
        let mut evaluator = Evaluator::new(names(case.classes), Some(1)).unwrap();
        evaluator.push(&case.logits.concat(), &case.targets).unwrap();
        let scores = evaluator.scores().unwrap();
        let accuracy = scores.value(ACCURACY);
        assert_eq!(scores.classes().unwrap().top_k, Some(TopK { k: 1, accuracy }), "{}", case.case);
        assert_eq!(scores.figure(TopKAccuracy::NAME), Some(accuracy), "{}", case.case);
    }
}

#[test]
fn plain_losses_are_those_of_torch() {
    let plain =
        |case: &LossCase| case.weights.is_none() && case.label_smoothing == 0.0 && case.soft.is_none();
    let cases: Vec<LossCase> = read::<Losses>("losses.json").cases.into_iter().filter(plain).collect();
    assert!(!cases.is_empty());
    for case in cases {
        let rows = case.logits.iter().zip(&case.targets);
        let sum: f64 = rows.map(|(logits, &target)| cross_entropy(logits, target).unwrap()).sum();
        assert_close(sum / case.targets.len() as f64, case.loss, &case.case);
    }
}

#[test]
fn intervals_are_those_of_scipy() {
    for case in read::<Fixture>("metrics.json").wilson_intervals {
        let (low, high) = wilson_interval(case.successes, case.rows);
        let place = format!("{} of {}", case.successes, case.rows);
        assert_close(low, case.low, &place);
        assert_close(high, case.high, &place);
        assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high), "{place}");
    }
    assert_eq!(wilson_interval(0, 0), (0.0, 1.0));
}

#[test]
fn a_class_in_neither_targets_nor_predictions_does_not_lower_macro_scores() {
    let confusion = Confusion::from_pairs(5, &[0, 1, 0, 1], &[0, 1, 0, 1]).unwrap();
    assert_eq!(confusion.averaged(Average::Macro).f1, 1.0);
    let predicted_only = Confusion::from_pairs(3, &[0, 0], &[0, 2]).unwrap();
    assert_eq!(predicted_only.averaged(Average::Macro).recall, 0.25);
}

#[test]
fn nan_logits_show_in_the_loss_and_do_not_panic() {
    let mut evaluator = Evaluator::new(names(3), Some(2)).unwrap();
    evaluator.push(&[f32::NAN; 3], &[2]).unwrap();
    evaluator.push(&[1.0, f32::NAN, 0.0, f32::INFINITY, f32::NEG_INFINITY, 0.0], &[1, 0]).unwrap();
    let scores = evaluator.scores().unwrap();
    assert!(scores.loss().is_nan());
    assert_eq!(scores.classes().unwrap().confusion, [[1, 0, 0], [0, 1, 0], [1, 0, 0]]);

    let json = serde_json::to_string(&scores).unwrap();
    assert!(json.contains("\"loss\":null"), "{json}");
    assert!(serde_json::from_str::<Scores>(&json).unwrap().loss().is_nan());
}

#[test]
fn scores_keep_their_json_keys_and_survive_a_round_trip() {
    let mut evaluator = Evaluator::new(names(3), Some(2)).unwrap();
    evaluator.push(&[0.1, 0.2, 0.7, 3.0, 0.0, 0.0], &[2, 1]).unwrap();
    let scores = evaluator.scores().unwrap();
    let json = serde_json::to_string(&scores).unwrap();
    assert_eq!(serde_json::from_str::<Scores>(&json).unwrap(), scores);

    let keys = "loss accuracy precision_macro recall_macro f1_macro precision_micro recall_micro f1_micro \
                precision_weighted recall_weighted f1_weighted rows top_k per_class confusion";
    let places: Vec<usize> =
        keys.split_whitespace().map(|key| json.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{json}");
}

#[test]
fn a_refused_batch_counts_nothing() {
    let mut evaluator = Evaluator::new(names(2), Some(1)).unwrap();
    evaluator.push(&[1.0, 0.0], &[0]).unwrap();
    let before = evaluator.scores().unwrap();
    let error = evaluator.push(&[1.0, 0.0, 1.0, 0.0], &[0, 2]).unwrap_err();
    assert_eq!(error, MetricsError::ClassOutOfRange { what: "target", row: 1, class: 2, classes: 2 });
    assert!(error.to_string().contains("numbered from 0 to 1"), "{error}");
    let length = evaluator.push(&[1.0, 0.0, 1.0], &[0, 1]).unwrap_err();
    assert!(matches!(length, MetricsError::Length { expected: 4, found: 3, .. }));
    assert_eq!(evaluator.scores().unwrap(), before);
}

#[test]
fn impossible_settings_are_refused() {
    assert_eq!(Evaluator::new(vec![], None).unwrap_err(), MetricsError::NoClasses);
    assert_eq!(Evaluator::new(names(2), None).unwrap().scores(), Err(MetricsError::NoRows));
    for k in [0, 4] {
        assert_eq!(Evaluator::new(names(3), Some(k)).unwrap_err(), MetricsError::TopK { k, classes: 3 });
    }
    assert!(matches!(cross_entropy(&[1.0, 2.0], 2), Err(MetricsError::ClassOutOfRange { .. })));
}

#[test]
fn a_confusion_matrix_is_read_only_where_it_is_square() {
    let confusion = Confusion::from_pairs(2, &[0, 1, 1], &[0, 0, 1]).unwrap();
    let json = serde_json::to_string(&confusion).unwrap();
    assert_eq!(json, "[[1,0],[1,1]]");
    assert_eq!(serde_json::from_str::<Confusion>(&json).unwrap(), confusion);
    assert!(serde_json::from_str::<Confusion>("[[1,0],[1]]").is_err());
    assert!(serde_json::from_str::<Confusion>("[]").is_err());
}

#[test]
fn a_small_table_shows_names_and_counts() {
    let names = ["setosa", "versicolor", "virginica"].map(String::from);
    let confusion = Confusion::from_pairs(3, &[0, 0, 1, 1, 2, 2], &[0, 0, 1, 2, 2, 2]).unwrap();
    let expected = "\
true \\ predicted     setosa versicolor  virginica
setosa                    2          .          .
versicolor                .          1          1
virginica                 .          .          2
";
    assert_eq!(confusion.to_table(&names), expected);
}

#[test]
fn ten_long_names_fit_into_100_columns() {
    let names = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]
    .map(String::from);
    let mut confusion = Confusion::new(10).unwrap();
    (0..9_999).for_each(|row| confusion.record(row % 10, (row / 7) % 10).unwrap());
    let table = confusion.to_table(&names);
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    assert!(table.lines().next().unwrap().contains("T-s…top"), "{table}");
    assert_eq!(table.lines().count(), 11, "{table}");
}

#[test]
fn names_that_look_alike_once_shortened_give_way_to_numbers() {
    let names: Vec<String> =
        (0..10).map(|class| format!("a very long class name {class} with an end")).collect();
    let confusion = Confusion::from_pairs(10, &[3, 9], &[4, 9]).unwrap();
    let table = confusion.to_table(&names);
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    let heads: Vec<&str> = table.lines().next().unwrap().split_whitespace().skip(3).collect();
    assert_eq!(heads, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert!(table.lines().nth(4).unwrap().starts_with("3 a very lon…th an end"), "{table}");
}

#[test]
fn too_many_classes_become_a_list_of_mistakes() {
    let confusion = Confusion::from_pairs(100, &[3, 3, 9, 50], &[4, 4, 9, 51]).unwrap();
    let list = confusion.to_table(&names(100));
    assert!(list.starts_with("1 of 4 rows right"), "{list}");
    let first: Vec<&str> = list.lines().nth(2).unwrap().split_whitespace().collect();
    assert_eq!(first, ["class", "3", "class", "4", "2"]);
    assert_eq!(list.lines().count(), 4);
}

#[test]
fn tables_survive_missing_names_and_control_characters() {
    let confusion = Confusion::from_pairs(3, &[0, 1, 2], &[0, 1, 1]).unwrap();
    let table = confusion.to_table(&["a\u{1b}[31m\nb".to_owned()]);
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(!table.contains('\u{1b}') && table.contains("\n2 "), "{table}");
}

#[test]
fn the_table_per_class_lists_classes_and_averages() {
    let mut evaluator = Evaluator::new(vec!["cat".into(), "dog".into()], None).unwrap();
    evaluator.push(&[1.0, 0.0, 1.0, 0.0, 0.0, 1.0], &[0, 1, 1]).unwrap();
    let expected = "\
class            precision    recall        f1   support
cat                 0.5000    1.0000    0.6667         1
dog                 1.0000    0.5000    0.6667         2
macro average       0.7500    0.7500    0.6667         3
weighted average    0.8333    0.6667    0.6667         3
accuracy                                0.6667         3
";
    assert_eq!(evaluator.scores().unwrap().classes().unwrap().to_table(), expected);
}

#[test]
fn names_that_differ_at_their_end_stay_different() {
    let names: Vec<String> =
        (0..8).map(|class| format!("Home > Kitchen > Cutlery > forks {class}")).collect();
    let table = Confusion::from_pairs(8, &[3, 7], &[4, 7]).unwrap().to_table(&names);
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    for class in 0..8 {
        assert!(table.lines().next().unwrap().contains(&format!("ks {class}")), "{table}");
        assert!(table.lines().nth(class + 1).unwrap().starts_with("Home > Kit"), "{table}");
    }
}

#[test]
fn of_a_thousand_classes_the_weakest_are_listed() {
    let names: Vec<String> = (0..1000).map(|class| format!("class {class}")).collect();
    let targets: Vec<u32> = (0..999).flat_map(|class| [class; 6]).collect();
    // One row of 500 and all of 700 are taken for 0.
    let predicted: Vec<u32> =
        (0..5994).map(|row| if row == 3000 || row / 6 == 700 { 0 } else { row / 6 }).collect();
    let confusion = Confusion::from_pairs(1000, &targets, &predicted).unwrap();
    let scores = |(class, name): (usize, &String)| {
        let PrecisionRecallF1 { precision, recall, f1 } = confusion.of_class(class);
        ClassScores { name: name.clone(), precision, recall, f1, support: confusion.support(class) }
    };
    let per_class = names.iter().enumerate().map(scores).collect();
    let details = ClassDetails { top_k: None, per_class, confusion: confusion.to_rows(), reliability: None };
    let table = details.to_table();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 1 + 20 + 1 + 3, "{table}");
    let first: Vec<&str> = lines[1..4].iter().map(|line| line[..9].trim_end()).collect();
    // Class 999 has no rows; 0 is right in all of its 6 rows and predicted 7 times too often.
    assert_eq!(first, ["class 700", "class 0", "class 500"]);
    assert_eq!(lines[21], "... and 980 more classes; these have rows and the lowest F1");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}
