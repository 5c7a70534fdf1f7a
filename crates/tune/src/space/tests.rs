use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn read(table: Value) -> Result<Space, SettingError> {
    Space::from_json(table.as_object().unwrap())
}

fn problem(table: Value) -> String {
    read(table).unwrap_err().to_string()
}

#[test]
fn a_recipes_table_is_read_and_written_back() {
    let table = json!({
        "model.hidden": { "choice": [[64], [64, 64], { "units": 3 }] },
        "optimizer.kind": { "grid": ["adam", "sgd"] },
        "optimizer.lr": { "loguniform": [5e-5, 5e-3] },
        "optimizer.momentum": { "uniform": [0.0, 0.99], "when": { "optimizer.kind": "sgd" } },
        "optimizer.nesterov": { "choice": [true, false], "when": { "optimizer.kind": ["sgd", "adam"] } },
        "training.batch": { "quniform": [32, 256, 32] },
        "training.epochs": { "randint": [1, 5] },
        "training.units": { "lograndint": [16, 512] },
        "training.noise": { "normal": [0.0, 2.0] },
    });
    let space = read(table.clone()).unwrap();
    assert_eq!(Value::from(space.to_json()), table);
    let text = serde_json::to_string(&space).unwrap();
    assert_eq!(serde_json::from_str::<Space>(&text).unwrap(), space);
}

#[test]
fn what_cannot_be_searched_is_refused_with_its_key() {
    for (table, words) in [
        (json!({}), "`search`: the space is empty"),
        (json!({"a": 3}), "`a`: expected a table"),
        (json!({"a": {}}), "`a`: expected one of choice, grid"),
        (json!({"a": {"uniform": [0, 1], "choice": [1]}}), "a key has one domain"),
        (json!({"a": {"unifrom": [0, 1]}}), "did you mean `uniform`?"),
        (json!({"a": {"uniform": 3}}), "`uniform` expects a list, got 3"),
        (json!({"a": {"uniform": [1]}}), "expects 2 numbers [low, high], got [1]"),
        (json!({"a": {"uniform": ["0", 1]}}), "expects 2 numbers [low, high]"),
        (json!({"a": {"randint": [0, 1.5]}}), "2 whole numbers"),
        (json!({"a": {"quniform": [0, 1]}}), "3 numbers [low, high, q]"),
        (json!({"optimizer.lr": {"loguniform": [5e-3, 5e-5]}}), "swap the bounds: [0.00005, 0.005]"),
        (json!({"a": {"loguniform": [0, 1]}}), "lower bound above 0, got 0"),
        (json!({"a": {"lograndint": [0, 9]}}), "at least 1, got 0"),
        (json!({"a": {"uniform": [1, 1]}}), "the same bound twice: 1"),
        (json!({"a": {"quniform": [0, 1, 0]}}), "step q above 0, got 0"),
        (json!({"a": {"normal": [0, -1]}}), "deviation above 0, got -1"),
        (json!({"a": {"choice": []}}), "`choice` is empty"),
        (json!({"a": {"choice": [1, "x", 1.0]}}), "has 1.0 twice"),
        (json!({"a": {"choice": [1], "when": {}}}), "a table of one key"),
        (json!({"a": {"choice": [1], "when": {"b": []}}, "b": {"choice": [1]}}), "no value of `b`"),
        (
            json!({"a": {"choice": [1], "when": {"bee": 1}}, "beech": {"choice": [1]}}),
            "nearest one is `beech`",
        ),
        (json!({"a": {"choice": [1], "when": {"a": 1}}}), "depends on itself"),
        (
            json!({"a": {"choice": [1], "when": {"b": 2}}, "b": {"choice": [1]}}),
            "= 2, which is none of choice = [1]",
        ),
        (
            json!({"a": {"choice": [1], "when": {"b": 2}}, "b": {"uniform": [1, 3]}}),
            "no values that can be named",
        ),
        (
            json!({"a": {"choice": [1], "when": {"b": 1}}, "b": {"choice": [1], "when": {"a": 1}}}),
            "in a circle: a, b",
        ),
    ] {
        let said = problem(table.clone());
        assert!(said.contains(words), "{table}: {said}");
    }
}

#[test]
fn a_condition_may_name_a_key_that_is_declared_later() {
    let space = read(json!({
        "a": { "uniform": [0, 1], "when": { "z": 1 } },
        "z": { "choice": [1, 2] },
    }));
    let keys: Vec<String> = space.unwrap().dimensions().iter().map(|d| d.key.clone()).collect();
    assert_eq!(keys, ["z", "a"]);
}

#[test]
fn combinations_are_counted_where_keys_have_values() {
    let space = read(json!({
        "a": { "choice": ["x", "y", "z"] },
        "b": { "randint": [1, 4], "when": { "a": "x" } },
        "c": { "choice": [true, false], "when": { "b": [1, 2] } },
        "d": { "quniform": [0, 1, 0.5] },
    }))
    .unwrap();
    // x: b = 1, 2 with two values of c, b = 3, 4 without; y and z alone; each with three values of d.
    assert_eq!(space.size(), Some((2 * 2 + 2 + 1 + 1) * 3));
    let all: Vec<Values> = (0..24).map(|number| space.combination(number)).collect();
    assert!(all.iter().all(|values| space.contains(values)));
    assert!(all.iter().enumerate().all(|(i, values)| !all[..i].contains(values)), "each once");
    assert_eq!(json!(all[1]), json!({"a": "x", "b": 1, "c": true, "d": 0.5}), "the last key changes fastest");
    assert_eq!(json!(all[23]), json!({"a": "z", "d": 1.0}));
}

#[test]
fn steps_are_written_without_noise() {
    let domain = Domain::QUniform { low: 0.0, high: 1.0, q: 0.1, whole: false };
    let all: Vec<Value> = (0..domain.count().unwrap()).map(|index| domain.nth(index)).collect();
    assert_eq!(json!(all), json!([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]));
}

pub(crate) fn domains() -> impl Strategy<Value = Domain> {
    let bounds = || (-100.0..100.0, 0.01..50.0).prop_map(|(low, range): (f64, f64)| (low, low + range));
    prop_oneof![
        (1..6_usize).prop_map(|n| Domain::Choice((0..n).map(|i| json!(format!("v{i}"))).collect())),
        bounds().prop_map(|(low, high)| Domain::Uniform { low, high }),
        (1e-6..1.0, 1.5..1e4)
            .prop_map(|(low, factor): (f64, f64)| Domain::LogUniform { low, high: low * factor }),
        (bounds(), 0.01..9.0).prop_map(|((low, high), q)| Domain::QUniform { low, high, q, whole: false }),
        (-50..50_i64, 1..40_i64, 1..7_i64).prop_map(|(low, range, q)| Domain::QUniform {
            low: low as f64,
            high: (low + range) as f64,
            q: q as f64,
            whole: true
        }),
        (-50..50_i64, 1..200_i64).prop_map(|(low, range)| Domain::RandInt { low, high: low + range }),
        (1..50_i64, 1..200_i64).prop_map(|(low, range)| Domain::LogRandInt { low, high: low + range }),
        (-5.0..5.0, 0.1..9.0).prop_map(|(mean, sd)| Domain::Normal { mean, sd }),
    ]
}

proptest! {
    #[test]
    fn values_go_to_the_unit_interval_and_back(domain in domains(), unit in 0.001..0.999_f64) {
        let value = domain.at(unit);
        prop_assert!(domain.contains(&value), "{value}");
        let there = domain.unit(&value).unwrap();
        match domain.shape() {
            Shape::Interval => prop_assert!((there - unit).abs() < 1e-6, "{there} {unit}"),
            Shape::Lattice(_) => {
                let index = domain.index(&value).unwrap();
                let (left, right) = domain.cell(index);
                prop_assert!(left - 1e-9 <= unit && unit <= right + 1e-9, "{left} {unit} {right}");
                prop_assert!(left < there && there < right);
                prop_assert_eq!(domain.cell_at(there), index);
            }
            Shape::Category(_) => prop_assert_eq!(domain.nth(there as usize), value),
        }
    }

    #[test]
    fn dimensions_are_written_as_they_are_read(domain in domains()) {
        let dimension = Dimension::new("k", domain);
        prop_assert_eq!(read::dimension("k", &dimension.to_json()).unwrap(), dimension);
    }
}
