use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::*;
use crate::study::State;
use crate::{Direction, Header, Metric, Space, Study};

fn header(scheduler: serde_json::Value) -> Header {
    let table = json!({"x": {"uniform": [0, 1]}, "fails": {"choice": ["no", "no ", "message", "panic"]}});
    let space = Space::from_json(table.as_object().unwrap()).unwrap();
    let metric = Metric { name: "loss".into(), direction: Direction::Minimize };
    Header {
        trials: 30,
        max_epochs: 9,
        scheduler: serde_json::from_value(scheduler).unwrap(),
        ..Header::new(space, metric)
    }
}

fn work(job: &Job, handle: &Handle) -> End {
    let x = job.values["x"].as_f64().unwrap();
    for epoch in job.from_epoch + 1..=9 {
        if epoch == 2 && job.values["fails"] == "message" {
            return End::Failed("as told".into());
        }
        assert!(epoch < 3 || job.values["fails"] != "panic", "this trial panics");
        let verdict = handle.report(epoch, (x - 0.3).powi(2) + 1.0 / epoch as f64, epoch % 2 == 0);
        if verdict == Verdict::Pause {
            handle.checkpoint(epoch);
        }
        if verdict != Verdict::Continue {
            break;
        }
    }
    End::Completed
}

#[test]
fn a_study_runs_on_threads_and_failed_trials_keep_their_message() {
    for scheduler in [json!({"kind": "none"}), json!({"kind": "asha", "reduction_factor": 3})] {
        let mut study = Study::in_memory(header(scheduler.clone())).unwrap();
        let mut most = (0, 0);
        let done = drive(&mut study, &mut Threads::new(work), 3, |_, progress| {
            match progress {
                Progress::Started(_) => most.0 += 1,
                Progress::Left { .. } => most.0 -= 1,
                _ => {}
            }
            most.1 = most.1.max(most.0);
            ControlFlow::Continue(())
        });
        assert!(done.unwrap());
        assert_eq!(most, (0, 3), "places are all used, and no more");
        assert_eq!(study.trials().len(), 30);
        for trial in study.trials() {
            match trial.values["fails"].as_str().unwrap() {
                "message" if trial.epochs() == 1 && trial.state != State::Paused => {
                    assert_eq!(trial.state, State::Failed("as told".into()));
                }
                "panic" if trial.epochs() == 2 && trial.state != State::Paused => {
                    assert_eq!(trial.state, State::Failed("this trial panics".into()));
                }
                _ => assert!(!matches!(trial.state, State::Failed(_) | State::Running), "{trial:?}"),
            }
        }
        assert_eq!(study.best().unwrap().epochs(), 9);
    }
}

#[test]
fn a_study_that_was_broken_off_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.jsonl");
    let mut header = header(json!({"kind": "halving", "reduction_factor": 3}));
    header.space =
        Space::from_json(json!({"x": {"uniform": [0, 1]}, "fails": {"choice": ["no"]}}).as_object().unwrap())
            .unwrap();
    let mut whole = Study::in_memory(header.clone()).unwrap();
    let never = |_: &mut Study, _: Progress<'_>| ControlFlow::Continue(());
    assert!(drive(&mut whole, &mut Threads::new(work), 2, never).unwrap());
    let mut study = Study::create(&path, header).unwrap();
    let starts = Mutex::new(Vec::new());
    let left = AtomicUsize::new(25);
    loop {
        let done = drive(&mut study, &mut Threads::new(work), 2, |_, progress| {
            if let Progress::Started(job) = progress {
                starts.lock().unwrap().push(job.from_epoch);
            }
            if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if done.unwrap() {
            break;
        }
        left.store(40, Ordering::Relaxed);
        drop(study);
        study = Study::open(&path).unwrap().0;
    }
    let seen = |study: &Study| {
        study
            .trials()
            .iter()
            .map(|t| (t.values.clone(), t.curve.clone(), t.state.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(seen(&study), seen(&whole));
    assert!(starts.lock().unwrap().iter().any(|from| *from > 0), "checkpoints are gone on from");
}

#[test]
fn a_trial_that_reports_what_cannot_be_has_failed_and_the_study_has_not() {
    let mut executor = Threads::new(|job, handle| {
        let first = if job.trial == 1 { 2 } else { 1 };
        for epoch in first..=9 {
            if handle.report(epoch, 0.5, false) != Verdict::Continue {
                break;
            }
        }
        End::Completed
    });
    let mut study = Study::in_memory(Header { trials: 3, ..header(json!({"kind": "none"})) }).unwrap();
    assert!(drive(&mut study, &mut executor, 1, |_, _| ControlFlow::Continue(())).unwrap());
    let states: Vec<_> = study.trials().iter().map(|trial| trial.state.clone()).collect();
    let message = "trial 1: expected a report of epoch 1, got one of epoch 2";
    assert_eq!(states, [State::Completed, State::Failed(message.into()), State::Completed]);
}
