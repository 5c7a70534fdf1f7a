use serde_json::{Value, json};

use super::*;
use crate::sampler::SamplerConfig;
use crate::sampler::Sampling;

fn space(table: Value) -> Space {
    Space::from_json(table.as_object().unwrap()).unwrap()
}

#[derive(serde::Deserialize)]
struct Case {
    observed: Vec<Vec<f64>>,
    at: Vec<Vec<f64>>,
    log_density: Vec<f64>,
}

#[test]
fn densities_are_those_of_optuna() {
    // tests/fixtures/tpe.py
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../tests/fixtures/tpe.json")).unwrap();
    let entries = [
        ("uniform", json!({"uniform": [-1, 3]})),
        ("log", json!({"loguniform": [1e-4, 1e-1]})),
        ("step", json!({"quniform": [0, 1, 0.25]})),
        ("int", json!({"randint": [1, 7]})),
        ("logint", json!({"lograndint": [4, 64]})),
        ("choice", json!({"choice": ["a", "b", "c"]})),
    ]
    .map(|(key, table)| (key.to_string(), table));
    let space = Space::from_entries(entries.iter().map(|(key, table)| (key, table))).unwrap();
    let values = |row: &[f64]| -> Values {
        let value = |key: &str, x: f64| match key {
            "int" | "logint" => json!(x as i64),
            "choice" => json!(["a", "b", "c"][x as usize]),
            _ => json!(x),
        };
        entries.iter().zip(row).map(|((key, _), x)| (key.clone(), value(key, *x))).collect()
    };
    // A density over the unit interval is greater than one over the range itself.
    let ranges = 4.0_f64.ln() + 1000.0_f64.ln().ln();
    for Case { observed, at, log_density } in cases {
        let mut group = Group::all(&space).remove(0);
        // Others in between, which have no kernel, change nothing.
        let mut chosen = Vec::new();
        for (trial, row) in observed.iter().enumerate() {
            group.record(2 * trial, &values(row));
            group.record(2 * trial + 1, &values(&[0.123, 0.01, 0.5, 3.0, 9.0, 1.0]));
            chosen.extend([true, false]);
        }
        let mut mixture = Mixture::default();
        mixture.fit(&group, chosen.into_iter());
        let points: Vec<Vec<f64>> = at
            .iter()
            .map(|row| {
                let values = values(row);
                group.dimensions.iter().map(|d| d.domain.unit(&values[&d.key]).unwrap()).collect()
            })
            .collect();
        for (got, expected) in mixture.log_density(&group, &points).iter().zip(log_density) {
            // scipy's density of a logarithm is per unit of the logarithm, too.
            let got = got - ranges - 0.5 * 2.0 * (2.0 * std::f64::consts::PI).ln();
            assert!((got - expected).abs() < 1e-9, "{got} instead of {expected}");
        }
    }
}

#[test]
fn samples_follow_the_density() {
    let space =
        space(json!({"x": {"uniform": [0, 1]}, "c": {"choice": [1, 2, 3]}, "k": {"randint": [1, 4]}}));
    let mut group = Group::all(&space).remove(0);
    for (trial, (x, c, k)) in [(0.1, 1, 1), (0.2, 1, 4), (0.9, 2, 4)].into_iter().enumerate() {
        group.record(trial, json!({"x": x, "c": c, "k": k}).as_object().unwrap());
    }
    let mut mixture = Mixture::default();
    mixture.fit(&group, [true; 3].into_iter());
    let mut rng = stream::rng(3, &[]);
    let draws = 40_000;
    // The space's keys are in the order c, k, x.
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..draws {
        let point = mixture.sample(&group, &mut rng);
        *counts
            .entry((point[0] as usize, (point[1] * 4.0) as usize, (point[2] * 4.0) as usize))
            .or_insert(0) += 1;
    }
    let mut total = 0.0;
    for c in 0..3 {
        for k in 0..4 {
            for quarter in 0..4 {
                // The density over a quarter by the midpoint rule.
                let points: Vec<Vec<f64>> = (0..100)
                    .map(|i| {
                        vec![
                            c as f64,
                            (k as f64 + 0.5) / 4.0,
                            (quarter as f64 + (i as f64 + 0.5) / 100.0) / 4.0,
                        ]
                    })
                    .collect();
                let constant = 0.5 * (2.0 * std::f64::consts::PI).ln();
                let densities = mixture.log_density(&group, &points);
                let expected: f64 = densities.iter().map(|log| (log - constant).exp() / 400.0).sum();
                total += expected;
                let got = f64::from(*counts.get(&(c, k, quarter)).unwrap_or(&0)) / f64::from(draws);
                let deviation = (expected * (1.0 - expected) / f64::from(draws)).sqrt();
                assert!((got - expected).abs() < 5.0 * deviation, "{c} {k} {quarter}: {got} {expected}");
            }
        }
    }
    assert!((total - 1.0).abs() < 1e-4, "{total}");
}

fn minimise(space: &Space, config: TpeConfig, trials: usize, f: impl Fn(&Values) -> f64) -> f64 {
    let mut sampling = Sampling::new(space, &SamplerConfig::Tpe(config), 5).unwrap();
    let mut outcomes = Vec::new();
    let mut best = f64::INFINITY;
    for _ in 0..trials {
        let values = sampling.draw(&outcomes);
        assert!(space.contains(&values), "{values:?}");
        sampling.record(&values);
        let loss = f(&values);
        best = best.min(loss);
        outcomes.push(Outcome::Result { epoch: 1, complete: true, loss });
    }
    best
}

#[test]
fn it_finds_what_chance_does_not() {
    let table: serde_json::Map<_, _> =
        (0..5).map(|i| (format!("x{i}"), json!({"uniform": [-5, 5]}))).collect();
    let sphere = |values: &Values| values.values().map(|x| x.as_f64().unwrap().powi(2)).sum::<f64>();
    let space = Space::from_json(&table).unwrap();
    let learned = minimise(&space, TpeConfig::default(), 150, sphere);
    let chance = minimise(&space, TpeConfig { startup: 1000, ..TpeConfig::default() }, 150, sphere);
    assert!(learned < 0.2 * chance, "{learned} {chance}");
}

#[test]
fn conditional_keys_are_learned_where_they_have_values() {
    let space = space(json!({
        "kind": {"choice": ["sgd", "adam"]},
        "momentum": {"uniform": [0, 1], "when": {"kind": "sgd"}},
        "beta": {"quniform": [0, 1, 0.1], "when": {"kind": "adam"}},
        "layers": {"randint": [1, 6]},
    }));
    let best = minimise(&space, TpeConfig::default(), 200, |values| {
        let layers = (values["layers"].as_f64().unwrap() - 4.0).abs();
        match values.get("momentum") {
            Some(momentum) => 1.0 + layers + (momentum.as_f64().unwrap() - 0.3).abs(),
            None => layers + (values["beta"].as_f64().unwrap() - 0.8).abs(),
        }
    });
    assert!(best < 1e-9, "{best}");
}
