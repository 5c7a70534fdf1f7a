use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::Direction;

fn read(text: &str) -> SchedulerConfig {
    serde_json::from_str(text).unwrap()
}

#[derive(serde::Deserialize)]
struct Recorded {
    scheduler: SchedulerConfig,
    mode: String,
    max_epochs: usize,
    reports: Vec<(usize, usize, f64, bool)>,
}

#[test]
fn decisions_are_those_of_ray() {
    // tests/fixtures/ray_schedulers.py
    let cases: Vec<Recorded> =
        serde_json::from_str(include_str!("../../tests/fixtures/ray_schedulers.json")).unwrap();
    assert_eq!(cases.len(), 10);
    for Recorded { scheduler: config, mode, max_epochs, reports } in cases {
        let direction = if mode == "min" { Direction::Minimize } else { Direction::Maximize };
        let mut scheduler = config.build(max_epochs, 30, 0, false);
        let mut started = 0;
        for (trial, epoch, value, stopped) in reports {
            while started <= trial {
                scheduler.start(started);
                started += 1;
            }
            let verdict = scheduler.report(trial, epoch, direction.loss(value));
            let expected = if stopped || epoch == max_epochs { Verdict::Stop } else { Verdict::Continue };
            assert_eq!(verdict, expected, "{config:?}: trial {trial}, epoch {epoch}");
        }
    }
}

/// The loss of a trial, the better the greater its number's hash; it falls with the epochs.
fn loss(trial: usize, epoch: usize) -> f64 {
    (trial * 7919 % 101) as f64 + 1.0 / epoch as f64
}

/// Runs a study of so many trials with so many jobs; `pick` chooses which of the running trials reports next. Answers the
/// epochs that each trial saw.
fn run(
    scheduler: &mut dyn Scheduler,
    trials: usize,
    jobs: usize,
    pick: impl FnMut(usize) -> usize,
    fails: impl Fn(usize, usize) -> Option<Option<f64>>,
) -> BTreeMap<usize, usize> {
    run_with(scheduler, trials, jobs, pick, fails, loss)
}

fn run_with(
    scheduler: &mut dyn Scheduler,
    trials: usize,
    jobs: usize,
    mut pick: impl FnMut(usize) -> usize,
    fails: impl Fn(usize, usize) -> Option<Option<f64>>,
    loss: impl Fn(usize, usize) -> f64,
) -> BTreeMap<usize, usize> {
    let mut running: Vec<usize> = Vec::new();
    let mut epochs = BTreeMap::new();
    loop {
        while running.len() < jobs {
            if let Some(Promotion { trial, .. }) = scheduler.promotion() {
                scheduler.promote(trial);
                running.push(trial);
            } else if epochs.len() < trials && scheduler.admits() {
                scheduler.start(epochs.len());
                running.push(epochs.len());
                epochs.insert(epochs.len(), 0);
            } else {
                break;
            }
        }
        if running.is_empty() {
            return epochs;
        }
        let index = pick(running.len());
        let trial = running[index];
        let epoch = epochs.get_mut(&trial).unwrap();
        *epoch += 1;
        if let Some(last) = fails(trial, *epoch) {
            scheduler.end(trial, last);
            running.remove(index);
        } else if scheduler.report(trial, *epoch, loss(trial, *epoch)) != Verdict::Continue {
            running.remove(index);
        }
    }
}

const ASHA: &str = r#"{"kind": "asha", "reduction_factor": 3}"#;

#[test]
fn asha_promotes_the_best_third_of_each_rung() {
    for jobs in [1, 4] {
        let mut scheduler = read(ASHA).build(27, 60, 0, false);
        let epochs = run(scheduler.as_mut(), 60, jobs, |running| running / 2, |_, _| None);
        let rungs = scheduler.rungs();
        assert_eq!(rungs.iter().map(|rung| rung.epoch).collect::<Vec<_>>(), [1, 3, 9, 27]);
        for (rung, next) in rungs.iter().zip(&rungs[1..]) {
            let best = rung.trials.len() / 3;
            // Early promotions may turn out to have been wrong, but no promotable trial is left behind.
            assert!(rung.trials[..best].iter().all(|trial| rung.promoted.contains(trial)), "{rung:?}");
            let mut arrived = next.trials.clone();
            let mut promoted = rung.promoted.clone();
            arrived.sort_unstable();
            promoted.sort_unstable();
            assert_eq!(arrived, promoted);
        }
        let best = (0..60).min_by(|a, b| loss(*a, 27).total_cmp(&loss(*b, 27))).unwrap();
        assert_eq!(epochs[&best], 27);
    }
}

#[test]
fn a_trial_that_was_passed_over_is_promoted_later_where_ray_has_stopped_it() {
    // Trial 1 is worse than trial 0, and then five worse ones come.
    let losses = [1.0, 2.0, 9.0, 9.0, 9.0, 9.0];
    let mut stopping =
        read(r#"{"kind": "asha", "reduction_factor": 3, "promote": false}"#).build(9, 6, 0, false);
    let mut asha = read(ASHA).build(9, 6, 0, false);
    let mut verdicts = Vec::new();
    for (trial, loss) in losses.into_iter().enumerate() {
        stopping.start(trial);
        asha.start(trial);
        verdicts.push((stopping.report(trial, 1, loss), asha.report(trial, 1, loss)));
        if trial == 2 {
            assert_eq!(asha.promotion(), Some(Promotion { trial: 0, until_epoch: 3 }));
            asha.promote(0);
        }
    }
    assert_eq!(verdicts[1], (Verdict::Stop, Verdict::Pause));
    assert!(asha.may_go_on(1, 0));
    assert_eq!(asha.promotion(), Some(Promotion { trial: 1, until_epoch: 3 }));
}

#[test]
fn only_trials_that_can_still_be_promoted_need_their_checkpoints() {
    let mut asha = read(ASHA).build(9, 9, 0, false);
    for trial in 0..5 {
        asha.start(trial);
        asha.report(trial, 1, trial as f64);
    }
    // 5 have come, 4 are to come: 3 can go on at best.
    assert_eq!(
        (0..5).map(|trial| asha.may_go_on(trial, 4)).collect::<Vec<_>>(),
        [true, true, true, false, false]
    );
}

#[test]
fn pasha_trains_long_only_where_the_ranking_changes() {
    let settled = r#"{"kind": "pasha", "reduction_factor": 3}"#;
    let mut scheduler = read(settled).build(81, 60, 0, false);
    let epochs = run(scheduler.as_mut(), 60, 1, |_| 0, |_, _| None);
    assert_eq!(epochs.values().max(), Some(&3), "the ranking is the same at epochs 1 and 3");
    // Here it is turned round at every rung.
    let turned = |trial: usize, epoch: usize| {
        let rung = [3, 9, 27].into_iter().filter(|first| epoch >= *first).count();
        if rung % 2 == 0 { trial as f64 } else { -(trial as f64) }
    };
    let mut scheduler = read(settled).build(81, 60, 0, false);
    let epochs = run_with(scheduler.as_mut(), 60, 1, |_| 0, |_, _| None, turned);
    assert!(epochs.values().max() >= Some(&27), "{epochs:?}");
}

#[test]
fn hyperband_has_the_brackets_of_the_paper() {
    // Table 1 of Li et al., 2018: R = 81, eta = 3.
    let mut scheduler = read(r#"{"kind": "hyperband", "reduction_factor": 3}"#).build(81, 143, 0, false);
    run(scheduler.as_mut(), 143, 5, |_| 0, |_, _| None);
    let mut sizes: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for rung in scheduler.rungs() {
        sizes.entry(rung.bracket).or_default().push((rung.trials.len(), rung.epoch));
    }
    let sizes: Vec<_> = sizes.into_values().collect();
    assert_eq!(sizes[0], [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)]);
    assert_eq!(sizes[1], [(34, 3), (11, 9), (3, 27), (1, 81)]);
    assert_eq!(sizes[2], [(15, 9), (5, 27), (1, 81)]);
    assert_eq!(sizes[3], [(8, 27), (2, 81)]);
    assert_eq!(sizes[4], [(5, 81)]);
}

#[test]
fn settings_out_of_range_are_refused_with_their_key() {
    for (text, key) in [
        (r#"{"kind": "asha", "grace_period": 0}"#, "scheduler.grace_period"),
        (r#"{"kind": "asha", "grace_period": 51}"#, "scheduler.grace_period"),
        (r#"{"kind": "halving", "reduction_factor": 1}"#, "scheduler.reduction_factor"),
        (r#"{"kind": "asha", "reduction_factor": 4, "brackets": 9}"#, "scheduler.brackets"),
        (r#"{"kind": "asha", "brackets": 0}"#, "scheduler.brackets"),
    ] {
        assert_eq!(read(text).check(50, crate::Unit::Epoch).unwrap_err().key, key, "{text}");
    }
    assert!(serde_json::from_str::<SchedulerConfig>(r#"{"kind": "asha", "grace": 3}"#).is_err());
    assert!(read(ASHA).check(50, crate::Unit::Epoch).is_ok());
}

proptest! {
    #[test]
    fn synchronous_schedulers_do_not_depend_on_timing(
        hyperband: bool,
        trials in 1..40_usize,
        jobs in 1..9_usize,
        learns: bool,
        order in prop::collection::vec(any::<prop::sample::Index>(), 50),
    ) {
        let kind = if hyperband { "hyperband" } else { "halving" };
        let config = read(&format!(r#"{{"kind": "{kind}", "reduction_factor": 3}}"#));
        // Some fail, some converge early.
        let fails = |trial: usize, epoch: usize| match trial % 5 {
            2 if epoch > trial % 7 => Some(None),
            3 if epoch > trial % 4 => Some(Some(loss(trial, epoch))),
            _ => None,
        };
        let mut alone = config.build(20, trials, 0, learns);
        let expected = run(alone.as_mut(), trials, 1, |_| 0, fails);
        let mut scheduler = config.build(20, trials, 0, learns);
        let mut order = order.iter().cycle();
        let got = run(scheduler.as_mut(), trials, jobs, |running| order.next().map_or(0, |i| i.index(running)), fails);
        prop_assert_eq!(got, expected);
        prop_assert_eq!(scheduler.rungs(), alone.rungs());
    }

    #[test]
    fn asha_ends_whatever_fails(
        brackets in 1..3_usize,
        trials in 1..40_usize,
        jobs in 1..9_usize,
        order in prop::collection::vec(any::<prop::sample::Index>(), 50),
    ) {
        let config = read(&format!(r#"{{"kind": "asha", "reduction_factor": 3, "brackets": {brackets}}}"#));
        let mut scheduler = config.build(20, trials, 7, false);
        let mut order = order.iter().cycle();
        let pick = |running: usize| order.next().map_or(0, |i| i.index(running));
        let epochs = run(scheduler.as_mut(), trials, jobs, pick, |trial, epoch| match trial % 5 {
            2 if epoch > 3 => Some(None),
            3 if epoch > 2 => Some(Some(loss(trial, epoch))),
            _ => None,
        });
        prop_assert_eq!(epochs.len(), trials);
        for bracket in scheduler.rungs().chunk_by(|a, b| a.bracket == b.bracket) {
            for (rung, next) in bracket.iter().zip(&bracket[1..]) {
                prop_assert_eq!(rung.promoted.len(), next.trials.len());
                prop_assert!(rung.promoted.len() >= rung.trials.len() / 3 - rung.trials.iter().filter(|t| *t % 5 == 2).count().min(rung.trials.len() / 3));
            }
        }
    }
}
