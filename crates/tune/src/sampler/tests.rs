use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Space;
use crate::space::{Dimension, Domain};

fn space(table: Value) -> Space {
    Space::from_json(table.as_object().unwrap()).unwrap()
}

fn draws(space: &Space, config: &SamplerConfig, seed: u64, trials: usize) -> Vec<Values> {
    let mut sampling = Sampling::new(space, config, seed).unwrap();
    let mut outcomes = Vec::new();
    (0..trials)
        .map(|trial| {
            let values = sampling.draw(&outcomes);
            sampling.record(&values);
            outcomes.push(match trial % 7 {
                3 => Outcome::Failed,
                5 => Outcome::Diverged,
                _ => Outcome::Result {
                    epoch: 1 + trial % 3,
                    complete: trial % 3 == 2,
                    loss: (trial * 37 % 11) as f64,
                },
            });
            values
        })
        .collect()
}

#[test]
fn a_grid_over_a_continuous_range_is_refused() {
    let space = space(json!({"a": {"choice": [1]}, "optimizer.lr": {"uniform": [0, 1]}}));
    let error = Sampling::new(&space, &SamplerConfig::Grid, 0).unwrap_err();
    assert!(
        error.to_string().starts_with("`optimizer.lr`: a grid over a continuous range (uniform = [0.0,1.0])")
    );
}

#[test]
fn each_draw_is_tried_with_every_combination_of_the_grid_keys() {
    let space = space(json!({
        "a": {"grid": [1, 2]},
        "b": {"grid": ["x", "y", "z"]},
        "lr": {"loguniform": [1e-4, 1]},
        "momentum": {"uniform": [0, 1], "when": {"a": 2}},
    }));
    for config in [SamplerConfig::Random, SamplerConfig::Sobol, SamplerConfig::Tpe(TpeConfig::default())] {
        let all = draws(&space, &config, 3, 60);
        for (draw, trials) in all.chunks(6).enumerate() {
            let combinations: Vec<_> =
                trials.iter().map(|values| json!([values["a"], values["b"]])).collect();
            assert_eq!(
                json!(combinations),
                json!([[1, "x"], [1, "y"], [1, "z"], [2, "x"], [2, "y"], [2, "z"]])
            );
            assert!(trials.iter().all(|values| values["lr"] == trials[0]["lr"]), "{config:?} {draw}");
            assert!(
                trials
                    .iter()
                    .all(|values| values.get("momentum") == trials[3].get("momentum") || values["a"] == 1)
            );
            assert!(trials.iter().all(|values| space.contains(values)));
        }
        assert!(all[0]["lr"] != all[6]["lr"]);
    }
}

#[test]
fn a_grid_key_that_depends_on_a_drawn_one_is_refused() {
    let space = space(json!({"a": {"choice": [1, 2]}, "b": {"grid": [1, 2], "when": {"a": 1}}}));
    let error = Sampling::new(&space, &SamplerConfig::Random, 0).unwrap_err();
    assert_eq!(error.key, "b");
    assert!(Sampling::new(&space, &SamplerConfig::Grid, 0).is_ok());
}

#[test]
fn settings_are_read_and_their_typos_refused() {
    let read = |text: &str| serde_json::from_str::<SamplerConfig>(text);
    assert_eq!(
        read(r#"{"kind": "tpe", "parallel": 2}"#).unwrap(),
        SamplerConfig::Tpe(TpeConfig { parallel: 2, ..TpeConfig::default() })
    );
    assert!(read(r#"{"kind": "tpe", "paralel": 2}"#).unwrap_err().to_string().contains("paralel"));
    assert!(read(r#"{"kind": "tp"}"#).is_err());
    let space = space(json!({"a": {"choice": [1, 2]}}));
    let error = read(r#"{"kind": "tpe", "candidates": 0}"#).unwrap().check(&space).unwrap_err();
    assert_eq!(error.key, "sampler.candidates");
}

#[test]
fn tpe_waits_for_the_trials_that_it_looks_at_alone() {
    let space = space(json!({"x": {"uniform": [0, 1]}}));
    let config = SamplerConfig::Tpe(TpeConfig { parallel: 3, startup: 2, ..TpeConfig::default() });
    let mut sampling = Sampling::new(&space, &config, 1).unwrap();
    let result = Outcome::Result { epoch: 1, complete: true, loss: 0.5 };
    let mut outcomes = [Outcome::Running; 6];
    for trial in 0..6 {
        let ready = sampling.is_ready(&outcomes[..trial]);
        assert_eq!(ready, trial < 3, "{trial}");
        if trial >= 3 {
            outcomes[trial - 3] = result;
            assert!(sampling.is_ready(&outcomes[..trial]));
        }
        let values = sampling.draw(&outcomes[..trial]);
        // What has ended early changes nothing.
        let mut early = outcomes[..trial].to_vec();
        early.iter_mut().rev().take(2).for_each(|outcome| *outcome = result);
        assert_eq!(sampling.draw(&early), values);
        sampling.record(&values);
    }
}

fn spaces() -> impl Strategy<Value = Space> {
    let keys =
        prop::collection::vec((crate::space::domains(), any::<prop::sample::Index>(), any::<bool>()), 1..6);
    keys.prop_map(|keys| {
        let mut dimensions: Vec<Dimension> = Vec::new();
        for (i, (domain, parent, conditional)) in keys.into_iter().enumerate() {
            let mut dimension = Dimension::new(format!("k{i}"), domain);
            if conditional && i > 0 {
                let parent = &dimensions[parent.index(i)];
                if let Domain::Choice(values) = &parent.domain {
                    dimension = dimension.when(parent.key.clone(), vec![values[0].clone()]);
                }
            }
            dimensions.push(dimension);
        }
        Space::new(dimensions).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn draws_lie_in_the_space_and_repeat(space in spaces(), seed: u64) {
        for config in [SamplerConfig::Random, SamplerConfig::Sobol, SamplerConfig::Tpe(TpeConfig::default())] {
            let first = draws(&space, &config, seed, 40);
            for values in &first {
                prop_assert!(space.contains(values), "{config:?} {values:?}");
            }
            prop_assert_eq!(draws(&space, &config, seed, 40), first);
        }
    }

    #[test]
    fn a_grid_tries_every_combination_once(space in spaces()) {
        if let Some(size) = space.size().filter(|size| *size < 500) {
            let all = draws(&space, &SamplerConfig::Grid, 0, size as usize);
            prop_assert!(all.iter().all(|values| space.contains(values)));
            let distinct: std::collections::HashSet<String> = all.iter().map(|v| json!(v).to_string()).collect();
            prop_assert_eq!(distinct.len(), all.len());
        }
    }
}
