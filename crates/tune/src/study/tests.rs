use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::*;
use crate::{Direction, Metric, Space};

fn header(sampler: Value, scheduler: Value, trials: usize) -> Header {
    let table = json!({
        "kind": {"choice": ["sgd", "adam"]},
        "lr": {"loguniform": [1e-4, 1.0]},
        "momentum": {"uniform": [0, 1], "when": {"kind": "sgd"}},
        "layers": {"randint": [1, 4]},
    });
    Header {
        app: "test".into(),
        recipe: "digest".into(),
        trials,
        max_epochs: 9,
        seed: 3,
        sampler: serde_json::from_value(sampler).unwrap(),
        scheduler: serde_json::from_value(scheduler).unwrap(),
        ..Header::new(
            Space::from_json(table.as_object().unwrap()).unwrap(),
            Metric { name: "accuracy".into(), direction: Direction::Maximize },
        )
    }
}

/// What a trial reports after an epoch; some fail, some diverge, some end early.
fn train(trial: usize, values: &Values, epoch: usize) -> Result<f64, End> {
    let quality =
        -(values["lr"].as_f64().unwrap().ln() + 4.0).abs() + values["layers"].as_f64().unwrap() / 4.0;
    match trial % 11 {
        3 if epoch > 2 => Err(End::Failed("no memory".into())),
        5 if epoch > 1 => Ok(f64::NAN),
        7 if epoch > 4 => Err(End::Completed),
        _ => Ok(quality - 1.0 / epoch as f64 + (trial * epoch % 5) as f64 / 50.0),
    }
}

/// What the caller of a study does, in an order that `picks` chooses: some jobs at once, one epoch of one of them at a time.
struct Caller<'a> {
    jobs: usize,
    running: Vec<(usize, usize)>,
    picks: std::iter::Cycle<std::slice::Iter<'a, usize>>,
}

impl<'a> Caller<'a> {
    fn new(jobs: usize, picks: &'a [usize]) -> Self {
        Self { jobs, running: Vec::new(), picks: picks.iter().cycle() }
    }

    /// One step; false when the study is over.
    fn step(&mut self, study: &mut Study) -> bool {
        while self.running.len() < self.jobs {
            match study.next_job().unwrap() {
                Next::Run(job) => self.running.push((job.trial, job.from_epoch)),
                Next::Wait => break,
                Next::Finished if self.running.is_empty() => return false,
                Next::Finished => break,
            }
        }
        let index = self.picks.next().unwrap() % self.running.len();
        let (trial, epoch) = &mut self.running[index];
        *epoch += 1;
        let values = study.trials()[*trial].values.clone();
        let goes_on = match train(*trial, &values, *epoch) {
            Err(end) => {
                study.ended(*trial, end).unwrap();
                false
            }
            Ok(value) => {
                let verdict = study.report(*trial, *epoch, value).unwrap();
                // Not every epoch is saved, but one after which a trial pauses is.
                if *epoch % 2 == 0 || verdict == Verdict::Pause {
                    study.checkpoint(*trial, *epoch).unwrap();
                }
                verdict == Verdict::Continue
            }
        };
        if !goes_on {
            self.running.remove(index);
        }
        true
    }
}

/// What counts of a study: of each trial its number, values, state and curve.
fn outcome(study: &Study) -> Vec<String> {
    let trial = |t: &Trial| format!("{} {} {:?} {:?}", t.number, json!(t.values), t.state, t.curve);
    study.trials().iter().map(trial).collect()
}

fn alone(header: &Header) -> Study {
    let mut study = Study::in_memory(header.clone()).unwrap();
    let mut caller = Caller::new(1, &[0]);
    while caller.step(&mut study) {}
    study
}

fn samplers() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"kind": "random"})),
        Just(json!({"kind": "sobol"})),
        Just(json!({"kind": "tpe", "startup": 4})),
        Just(json!({"kind": "tpe", "startup": 4, "parallel": 1})),
    ]
}

fn synchronous() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"kind": "none"})),
        Just(json!({"kind": "halving", "reduction_factor": 3})),
        Just(json!({"kind": "hyperband", "reduction_factor": 3})),
    ]
}

fn temporary() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.jsonl");
    (folder, path)
}

/// Runs a study that is killed again and again: the file is cut after any byte of what a step has written, at random.
fn killed(header: &Header, jobs: &[usize], picks: &[usize], kills: &[(Index, Index)]) -> Study {
    let (_folder, path) = temporary();
    let mut study = Study::create(&path, header.clone()).unwrap();
    let mut jobs = jobs.iter().cycle();
    for (steps, cut) in kills {
        let mut caller = Caller::new(*jobs.next().unwrap(), picks);
        let mut before = std::fs::metadata(&path).unwrap().len() as usize;
        for _ in 0..steps.index(40) {
            before = std::fs::metadata(&path).unwrap().len() as usize;
            if !caller.step(&mut study) {
                break;
            }
        }
        drop(study);
        let bytes = std::fs::read(&path).unwrap();
        let end = before + cut.index(bytes.len() - before + 1);
        std::fs::write(&path, &bytes[..end]).unwrap();
        let recovery;
        (study, recovery) = Study::resume(&path, header).unwrap();
        let whole = bytes[..end].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        assert_eq!(recovery.cut as usize, end - whole);
        assert_eq!(std::fs::metadata(&path).unwrap().len() as usize, whole);
    }
    let mut caller = Caller::new(*jobs.next().unwrap(), picks);
    while caller.step(&mut study) {}
    study
}

fn picks() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..1000_usize, 60)
}

fn kills() -> impl Strategy<Value = Vec<(Index, Index)>> {
    prop::collection::vec(any::<(Index, Index)>(), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_killed_study_is_the_same_study_whatever_the_order_and_number_of_jobs(
        sampler in samplers(),
        scheduler in synchronous(),
        trials in 1..30_usize,
        jobs in prop::collection::vec(1..6_usize, 3),
        picks in picks(),
        kills in kills(),
    ) {
        let header = header(sampler, scheduler, trials);
        let expected = alone(&header);
        let study = killed(&header, &jobs, &picks, &kills);
        prop_assert_eq!(study.trials().len(), trials);
        prop_assert_eq!(outcome(&study), outcome(&expected));
        prop_assert_eq!(study.rungs(), expected.rungs());
    }

    #[test]
    fn a_killed_study_under_asha_with_one_job_is_the_same_study(
        sampler in samplers(),
        kind in prop_oneof![Just("asha"), Just("pasha")],
        trials in 1..30_usize,
        kills in kills(),
    ) {
        let header = header(sampler, json!({"kind": kind, "reduction_factor": 3}), trials);
        let expected = alone(&header);
        let study = killed(&header, &[1], &[0], &kills);
        prop_assert_eq!(outcome(&study), outcome(&expected));
        prop_assert_eq!(study.rungs(), expected.rungs());
    }

    #[test]
    fn any_change_of_the_file_is_noticed(bytes in prop::collection::vec(any::<u8>(), 0..200), at: Index, flip in 1..255_u8) {
        let (_folder, path) = temporary();
        std::fs::write(&path, &bytes).unwrap();
        let refused = matches!(Study::open(&path), Err(StudyError::Damaged { line: 1, .. }));
        prop_assert!(refused);
        // A byte of a whole study is another one.
        let mut study = {
            std::fs::remove_file(&path).unwrap();
            Study::create(&path, header(json!({"kind": "random"}), json!({"kind": "none"}), 4)).unwrap()
        };
        let mut caller = Caller::new(2, &[0]);
        while caller.step(&mut study) {}
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        drop(study);
        let mut bytes = std::fs::read(&path).unwrap();
        let place = at.index(bytes.len());
        let line = 1 + bytes[..place].iter().filter(|byte| **byte == b'\n').count();
        // Without the end of the last but one, the last two are one line.
        let whole = if bytes[place] == b'\n' { line - 1 } else { line.min(lines - 1) };
        bytes[place] ^= flip;
        std::fs::write(&path, &bytes).unwrap();
        match Study::open(&path) {
            Ok((_, recovery)) => {
                prop_assert!(line >= lines - 1 && recovery.cut > 0, "line {line} of {lines}: {recovery:?}");
                prop_assert_eq!(recovery.lines, whole);
            }
            Err(StudyError::Damaged { line: told, .. }) => prop_assert_eq!(told, line),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn a_second_process_is_refused() {
    let (_folder, path) = temporary();
    let header = header(json!({"kind": "random"}), json!({"kind": "none"}), 4);
    let mut study = Study::create(&path, header.clone()).unwrap();
    assert!(matches!(Study::open(&path), Err(StudyError::Locked { .. })));
    assert!(matches!(Study::create(&path, header.clone()), Err(StudyError::Exists { .. })));
    study.next_job().unwrap();
    assert_eq!(Study::read(&path).unwrap().trials().len(), 1, "it may be looked at");
    drop(study);
    let other = Header { recipe: "other".into(), ..header };
    let error = Study::resume(&path, &other).unwrap_err().to_string();
    assert!(error.ends_with(r#"is another study: its recipe is "digest", expected "other""#), "{error}");
}

#[test]
fn damage_in_the_middle_names_the_line() {
    let (_folder, path) = temporary();
    let mut study =
        Study::create(&path, header(json!({"kind": "sobol"}), json!({"kind": "none"}), 4)).unwrap();
    let mut caller = Caller::new(2, &[0]);
    (0..20).for_each(|_| assert!(caller.step(&mut study)));
    drop(study);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    // A line is lost: the checksums are right, what they say is not.
    let report = lines.iter().position(|line| line.contains("report")).unwrap();
    lines.remove(report);
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    let error = Study::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("expected an event that can follow")
            && error.contains("expected a report of epoch 1, got one of epoch 2"),
        "{error}"
    );
    // A line is changed.
    let changed = text.replacen("\"epoch\":1", "\"epoch\":2", 1);
    std::fs::write(&path, changed).unwrap();
    let error = Study::open(&path).unwrap_err().to_string();
    assert!(error.contains(&format!("line {}: expected a line with its checksum", report + 1)), "{error}");
}

#[test]
fn trials_are_added_to_a_study_that_is_over() {
    for scheduler in ["none", "asha", "halving", "hyperband"] {
        let header = header(json!({"kind": "tpe"}), json!({"kind": scheduler}), 7);
        let mut study = alone(&header);
        assert_eq!(study.next_job().unwrap(), Next::Finished);
        assert_eq!(study.extend(5).unwrap(), 12);
        let mut caller = Caller::new(1, &[0]);
        while caller.step(&mut study) {}
        assert_eq!(study.trials().len(), 12, "{scheduler}");
    }
    let table = json!({"a": {"choice": [1, 2]}, "b": {"choice": [1, 2, 3]}});
    let metric = Metric { name: "m".into(), direction: Direction::Minimize };
    let mut grid = Header::new(Space::from_json(table.as_object().unwrap()).unwrap(), metric);
    grid.sampler = serde_json::from_value(json!({"kind": "grid"})).unwrap();
    let mut study = Study::in_memory(grid).unwrap();
    assert_eq!((study.total(), study.extend(3).unwrap()), (6, 6));
}

#[test]
fn what_cannot_be_told_of_a_trial_is_refused() {
    let mut study = Study::in_memory(header(json!({"kind": "random"}), json!({"kind": "none"}), 2)).unwrap();
    let told = |error: StudyError| error.to_string();
    assert_eq!(told(study.report(0, 1, 0.5).unwrap_err()), "trial 0: expected a trial below 0, got a report");
    study.next_job().unwrap();
    assert_eq!(
        told(study.report(0, 2, 0.5).unwrap_err()),
        "trial 0: expected a report of epoch 1, got one of epoch 2"
    );
    study.report(0, 1, 0.5).unwrap();
    let error = told(study.checkpoint(0, 2).unwrap_err());
    assert_eq!(error, "trial 0: expected a checkpoint of epoch 1 at most, got one of epoch 2");
    study.ended(0, End::Diverged).unwrap();
    assert_eq!(
        told(study.report(0, 2, 0.5).unwrap_err()),
        r#"trial 0: expected a running trial, got a report of a "diverged" one"#
    );
    study.ended(0, End::Completed).unwrap();
    assert_eq!(study.trials()[0].state, State::Diverged, "its first end counts");
}

#[test]
fn an_epoch_that_is_done_again_changes_nothing_but_is_told_where_it_differs() {
    let (_folder, path) = temporary();
    let mut study =
        Study::create(&path, header(json!({"kind": "random"}), json!({"kind": "none"}), 1)).unwrap();
    study.next_job().unwrap();
    for epoch in 1..=3 {
        study.report(0, epoch, 0.1 * epoch as f64).unwrap();
    }
    drop(study);
    let (mut study, recovery) = Study::open(&path).unwrap();
    assert_eq!(recovery.interrupted, [0]);
    let Next::Run(job) = study.next_job().unwrap() else { panic!("it is handed out again") };
    assert_eq!((job.trial, job.from_epoch), (0, 0));
    study.report(0, 1, 0.1).unwrap();
    assert_eq!(study.trials()[0].differs, None);
    study.report(0, 2, 0.25).unwrap();
    assert_eq!(study.trials()[0].differs, Some(Difference { epoch: 2, value: Some(0.25) }));
    assert_eq!(study.trials()[0].curve, [0.1, 0.2, 0.1 * 3.0]);
}

#[test]
fn the_best_come_first_and_what_is_not_finite_last() {
    let study = alone(&header(json!({"kind": "random"}), json!({"kind": "none"}), 20));
    let ranked = study.ranked();
    let values: Vec<f64> =
        ranked.iter().filter_map(|trial| study.result(trial)).map(|(_, value)| value).collect();
    assert!(values.is_sorted_by(|a, b| a >= b));
    let last: Vec<usize> = ranked[values.len()..].iter().map(|trial| trial.number).collect();
    assert_eq!(last, [3, 5, 14, 16]);
    assert_eq!(study.best().unwrap().number, ranked[0].number);
}

#[test]
fn checkpoints_that_are_still_needed_are_kept() {
    let mut study =
        alone(&header(json!({"kind": "random"}), json!({"kind": "asha", "reduction_factor": 3}), 12));
    let best: BTreeSet<usize> = study.ranked().iter().take(2).map(|trial| trial.number).collect();
    let kept = study.checkpoints_to_keep(2);
    assert!(best.is_subset(&kept));
    study.extend(30).unwrap();
    let needed = study.checkpoints_to_keep(2);
    let paused = |study: &Study, kept: &BTreeSet<usize>| {
        kept.iter().filter(|trial| study.trials()[**trial].state == State::Paused).count()
    };
    assert!(paused(&study, &needed) > paused(&study, &kept), "more trials may be promoted yet");
    let deleted = study.checkpoints_to_delete(2);
    assert!(!deleted.is_empty() && deleted.iter().all(|trial| !needed.contains(trial)));
    for trial in deleted {
        study.checkpoint_deleted(trial).unwrap();
    }
    assert!(study.checkpoints_to_delete(2).is_empty());
}
