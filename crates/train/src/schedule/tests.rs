#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_data::keys::Problem;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    config: ScheduleConfig,
    base_lr: f64,
    steps_per_epoch: usize,
    epochs: usize,
    per: Per,
    mode: Option<Mode>,
    metrics: Option<Vec<Option<f64>>>,
    lr: Vec<f64>,
}

impl Case {
    fn schedule(&self) -> Schedule {
        self.config.check(self.base_lr, self.steps_per_epoch, self.epochs).unwrap()
    }
}

fn cases() -> Vec<Case> {
    let folder = format!("{}/../../tests/fixtures", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let of = |file: &str| {
        let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        serde_json::from_str::<Fixture>(&text).unwrap().cases
    };
    ["schedules.json", "polynomial.json", "coslog.json"].into_iter().flat_map(of).collect()
}

fn assert_close(ours: f64, torch: f64, place: &str) {
    let tolerance = 1e-10 + 1e-7 * torch.abs();
    assert!((ours - torch).abs() <= tolerance, "{place}: {ours} instead of {torch}");
}

fn toml_config(text: &str) -> ScheduleConfig {
    toml::from_str(text).unwrap()
}

fn check(text: &str) -> Result<Schedule, ScheduleError> {
    toml_config(text).check(0.1, 4, 10)
}

/// What is said of a table that cannot be read.
fn unread(text: &str) -> String {
    toml::from_str::<ScheduleConfig>(text).unwrap_err().message().to_owned()
}

/// The key with a value out of its range.
fn out_of_range(error: &ScheduleError) -> Option<&str> {
    match error {
        ScheduleError::Key(fault) if matches!(*fault.problem, Problem::Value { .. }) => Some(&fault.key),
        _ => None,
    }
}

#[test]
fn every_kind_gives_the_learning_rates_of_its_reference() {
    let mut kinds = std::collections::BTreeSet::new();
    for case in cases() {
        kinds.insert(case.config.shape.name());
        let mut scheduler = Scheduler::new(case.schedule(), case.mode.unwrap_or(Mode::Min));
        for epoch in 0..case.epochs {
            for step in epoch * case.steps_per_epoch..(epoch + 1) * case.steps_per_epoch {
                let unit = if case.per == Per::Epoch { epoch } else { step };
                assert_close(scheduler.lr(epoch, step), case.lr[unit], &format!("{} at {unit}", case.case));
            }
            let metric = case.metrics.as_ref().map_or(0.0, |metrics| metrics[epoch].unwrap_or(f64::NAN));
            scheduler.end_epoch(metric);
        }
    }
    let known: Vec<&str> = Shape::facts().iter().map(|kind| kind.name).collect();
    assert!(known.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}

#[test]
fn a_scheduler_resumed_from_json_goes_on_as_if_uninterrupted() {
    for case in cases() {
        let mode = case.mode.unwrap_or(Mode::Min);
        let mut whole = Scheduler::new(case.schedule(), mode);
        for epoch in 0..case.epochs {
            let saved = serde_json::to_string(&whole.state()).unwrap();
            let mut resumed = Scheduler::new(case.schedule(), mode);
            resumed.restore(serde_json::from_str(&saved).unwrap()).unwrap();
            assert_eq!(resumed, whole, "{} after {epoch} epochs", case.case);
            let metric = case.metrics.as_ref().map_or(0.0, |metrics| metrics[epoch].unwrap_or(f64::NAN));
            whole.end_epoch(metric);
        }
    }
}

#[test]
fn the_resolved_config_gives_the_same_schedule() {
    for case in cases() {
        let schedule = case.schedule();
        let resolved = toml_config(&toml::to_string(&schedule.config()).unwrap());
        let again = resolved.check(case.base_lr, case.steps_per_epoch, case.epochs).unwrap();
        assert_eq!(again, schedule, "{}", case.case);
    }
}

#[test]
fn the_default_is_constant_and_an_empty_table_is_the_default() {
    let config = toml_config("");
    assert_eq!(config, ScheduleConfig::default());
    let schedule = config.check(0.25, 7, 3).unwrap();
    assert_eq!([schedule.lr(0, 0), schedule.lr(2, 20), schedule.lr(900, 9000)], [0.25; 3]);
}

#[test]
fn a_plateau_counts_from_the_end_of_its_warmup() {
    for (text, warmup_epochs) in [
        ("kind = 'plateau'\nfactor = 0.5\npatience = 0\nwarmup = 3", 3),
        (
            "kind = 'plateau'\nfactor = 0.5\npatience = 0\nper = 'step'\nwarmup = 9\nwarmup_start_factor = 0.1",
            3,
        ),
    ] {
        let mut scheduler = Scheduler::new(check(text).unwrap(), Mode::Min);
        assert!(scheduler.lr(0, 0) < 0.05, "{text}");
        // Worse and worse: the first epoch that is looked at sets the best value, the next one cuts.
        let cuts: Vec<_> = (0..6).map(|epoch| scheduler.end_epoch(epoch as f64)).collect();
        assert_eq!(cuts.iter().take_while(|cut| cut.is_none()).count(), warmup_epochs + 1, "{text}");
        assert_eq!(scheduler.lr(6, 24), 0.025, "{text}");
    }
}

#[test]
fn a_one_cycle_stays_at_its_end_past_the_run() {
    let schedule = check("kind = 'one-cycle'").unwrap();
    assert_eq!(schedule.lr(30, 120), schedule.lr(9, 39));
    assert_close(schedule.lr(9, 39), 0.1 / 25.0 / 1e4, "last step");
}

#[test]
fn short_runs_have_finite_learning_rates() {
    for kind in ["constant", "cosine", "plateau", "one-cycle", "polynomial"] {
        let schedule = toml_config(&format!("kind = '{kind}'")).check(0.1, 1, 1).unwrap();
        assert!(schedule.lr(0, 0).is_finite(), "{kind}");
    }
    let tiny_peak = check("kind = 'one-cycle'\npct_start = 0.025").unwrap();
    assert_eq!(tiny_peak.lr(0, 0), 0.1);
}

#[test]
fn a_key_of_another_kind_is_an_error_that_names_both() {
    assert_eq!(
        unread("kind = 'cosine'\ngamma = 0.5"),
        "`gamma` is not a key of `cosine`; it has t_max, eta_min, per, warmup, warmup_start_factor (it is a key of step)"
    );
    assert!(unread("patience = 3").contains("`patience` is not a key of `constant`"));
}

#[test]
fn a_key_that_only_serves_a_warmup_needs_one() {
    for (text, key) in [("warmup_start_factor = 0.1", "warmup_start_factor"), ("per = 'step'", "per")] {
        let message = unread(text);
        assert!(message.contains(&format!("`{key}`")) && message.contains("needs `warmup`"), "{message}");
        assert!(check(&format!("{text}\nwarmup = 2")).is_ok(), "{text}");
    }
}

#[test]
fn unknown_keys_and_kinds_are_errors_of_reading() {
    assert!(unread("kind = 'step'\nstepsize = 3").contains("did you mean `step_size`?"));
    assert!(unread("kind = 'cos'").contains("warm-restarts"));
}

#[test]
fn a_missing_key_is_named() {
    assert_eq!(unread("kind = 'step'"), "`step` needs the key `step_size`: units between two cuts");
    assert!(unread("kind = 'warm-restarts'").contains("needs the key `t_0`"));
}

#[test]
fn values_outside_their_range_are_errors_that_name_the_key() {
    for (kind, key, value) in [
        ("step", "step_size", "0"),
        ("cosine", "t_max", "0"),
        ("cosine", "eta_min", "0.2"),
        ("cosine", "eta_min", "nan"),
        ("warm-restarts", "t_0", "0"),
        ("plateau", "factor", "1.0"),
        ("plateau", "factor", "0.0"),
        ("plateau", "threshold", "-0.1"),
        ("plateau", "min_lr", "inf"),
        ("one-cycle", "max_lr", "0.0"),
        ("one-cycle", "pct_start", "1.0"),
        ("one-cycle", "div_factor", "0.5"),
        ("one-cycle", "final_div_factor", "inf"),
        ("polynomial", "total_iters", "0"),
        ("polynomial", "power", "0.0"),
    ] {
        let error = check(&format!("kind = '{kind}'\n{key} = {value}")).unwrap_err();
        assert_eq!(out_of_range(&error), Some(key), "{error}");
    }
    let gamma = check("kind = 'step'\nstep_size = 2\ngamma = 1.5").unwrap_err();
    assert_eq!(out_of_range(&gamma), Some("gamma"));
    let factor = check("warmup = 2\nwarmup_start_factor = 0.0").unwrap_err();
    assert_eq!(out_of_range(&factor), Some("warmup_start_factor"));
    for base_lr in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = ScheduleConfig::default().check(base_lr, 4, 10).unwrap_err();
        assert_eq!(out_of_range(&error), Some("lr"), "{base_lr}");
    }
}

#[test]
fn a_warmup_must_leave_some_of_the_run() {
    assert_eq!(
        check("warmup = 10").unwrap_err().to_string(),
        "schedule: `warmup`: expected less than the 10 epochs of the run, found 10, which leaves nothing of them"
    );
    assert!(check("warmup = 39\nper = 'step'").is_ok());
    assert!(matches!(ScheduleConfig::default().check(0.1, 0, 10), Err(ScheduleError::EmptyRun { .. })));
}

#[test]
fn a_state_of_another_kind_is_refused() {
    let plateau = Scheduler::new(check("kind = 'plateau'").unwrap(), Mode::Max);
    let mut cosine = Scheduler::new(check("kind = 'cosine'").unwrap(), Mode::Max);
    let before = cosine.clone();
    assert!(matches!(cosine.restore(plateau.state()), Err(ScheduleError::StateOfAnotherKind { .. })));
    assert_eq!(cosine, before);

    let mut other = plateau.clone();
    let mut state = plateau.state();
    state.plateau.as_mut().unwrap().lr = f64::NAN;
    assert!(other.restore(state).is_err_and(|error| out_of_range(&error).is_some()));
    assert_eq!(other, plateau);
}
