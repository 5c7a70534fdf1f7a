//! What a training promises, on a small table.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_data::{Files, Role};
use brasa_models::select_device;
use brasa_train::{
    Callback, Control, EpochRecord, Outcome, Plan, Prepared, Recipe, Result, StepRecord, StopReason,
    TrainError, score, train,
};

const RECIPE: &str = r#"
    [data]
    scaling = "standard"
    csv = { file = "rings.csv", target = "ring" }
    split = { kind = "stratified", valid = 0.25, test = 0.25, seed = 1 }
    [model]
    hidden = [16, 8]
    activation = "mish"
    batch_norm = true
    dropout = [0.2]
    [optimizer]
    lr = 0.02
    [training]
    epochs = 12
    batch_size = 16
"#;

/// Two rings around a middle: not linearly separable, and easy.
const RINGS: &[(&str, &[u8])] = &[("rings.csv", include_bytes!("rings.csv"))];

struct Setting {
    recipe: brasa_train::CheckedRecipe,
    prepared: Prepared,
}

fn setting(overrides: &[&str]) -> Setting {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let recipe = Recipe::parse("rings", RECIPE, &overrides).unwrap().check().unwrap();
    let prepared = Prepared::new(&recipe, &Files::embedded(RINGS)).unwrap();
    Setting { recipe, prepared }
}

fn run(setting: &Setting, callbacks: &mut [&mut dyn Callback]) -> Result<Outcome> {
    train(&setting.recipe, &setting.prepared, &select_device("flex").unwrap(), callbacks)
}

fn figures(history: &[EpochRecord]) -> Vec<(f64, f64, f64, f64)> {
    history
        .iter()
        .map(|r| (r.train.loss(), r.train.value("accuracy"), r.valid.loss(), r.valid.value("f1_macro")))
        .collect()
}

// Trainings draw from the process's one generator of Burn's flex backend, so those that are compared run in one
// test, one after another.
#[test]
fn the_same_seed_gives_the_same_figures_whatever_loads_the_batches() {
    let first = run(&setting(&[]), &mut []).unwrap();
    for workers in ["training.workers=0", "training.workers=1", "training.workers=4"] {
        let again = run(&setting(&[workers]), &mut []).unwrap();
        assert_eq!(figures(&again.history), figures(&first.history), "{workers}");
    }
    let other = run(&setting(&["training.seed=2"]), &mut []).unwrap();
    assert_ne!(figures(&other.history), figures(&first.history));
}

#[test]
fn the_kept_weights_are_those_of_the_best_epoch() {
    let setting = setting(&["training.epochs=40", "optimizer.lr=0.1", "training.monitor=loss"]);
    let outcome = run(&setting, &mut []).unwrap();
    let best = outcome.history.iter().min_by(|a, b| a.valid.loss().total_cmp(&b.valid.loss())).unwrap();
    assert_eq!(outcome.best_epoch, best.epoch);
    assert!(outcome.best_epoch < 40, "a high rate should not get better to the end");
    let device = select_device("flex").unwrap();
    let again = score(&outcome.network, &setting.recipe, &setting.prepared, Role::Valid, &device).unwrap();
    assert_eq!(again.loss(), best.valid.loss());
}

#[test]
fn patience_ends_a_training_that_does_not_improve() {
    // So small a rate leaves the weights alone, so only the first epoch is an improvement.
    let setting = setting(&[
        "optimizer.lr=1e-30",
        "training.patience=3",
        "training.epochs=50",
        "model.batch_norm=false",
        "model.dropout=[]",
    ]);
    let outcome = run(&setting, &mut []).unwrap();
    assert_eq!((outcome.stop, outcome.history.len(), outcome.best_epoch), (StopReason::Patience, 4, 1));
}

#[test]
fn an_improvement_is_larger_than_min_delta() {
    let outcome = run(&setting(&["training.min_delta=1000", "training.patience=2"]), &mut []).unwrap();
    assert_eq!((outcome.best_epoch, outcome.history.len()), (1, 3));
}

#[test]
fn a_diverging_loss_is_an_error_that_names_its_step() {
    let error = run(&setting(&["optimizer.lr=1e30", "model.batch_norm=false"]), &mut []).unwrap_err();
    assert!(matches!(error, TrainError::NotFinite { epoch: 1, step: 2.., .. }), "{error}");
    assert!(!error.is_input());
}

#[derive(Default)]
struct Diary {
    plan: Option<Plan>,
    steps: Vec<(usize, usize, usize)>,
    snapshots: Vec<usize>,
    improvements: Vec<usize>,
    stop_after: usize,
    end: Option<StopReason>,
}

impl Callback for Diary {
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        self.plan = Some(plan.clone());
        Ok(())
    }

    fn on_step(&mut self, step: &StepRecord) {
        self.steps.push((step.epoch, step.step, step.rows));
    }

    fn on_snapshot(&mut self, epoch: usize, _network: &brasa_models::Network) -> Result<()> {
        self.snapshots.push(epoch);
        Ok(())
    }

    fn on_improvement(&mut self, epoch: usize, _network: &brasa_models::Network) -> Result<()> {
        assert_eq!(self.snapshots.last(), Some(&epoch), "the snapshot comes first");
        self.improvements.push(epoch);
        Ok(())
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        assert_eq!(record.improved, self.improvements.last() == Some(&record.epoch));
        let stop = record.epoch == self.stop_after;
        Ok(if stop { Control::Stop(StopReason::Other("enough".into())) } else { Control::Continue })
    }

    fn on_end(&mut self, reason: &StopReason) -> Result<()> {
        self.end = Some(reason.clone());
        Ok(())
    }
}

#[test]
fn a_callback_sees_every_step_and_can_stop() {
    let setting = setting(&[]);
    let mut diary = Diary { stop_after: 2, ..Diary::default() };
    let outcome = run(&setting, &mut [&mut diary]).unwrap();
    let plan = diary.plan.unwrap();
    let rows = setting.prepared.split.train.len();
    assert_eq!((plan.epochs, plan.steps, plan.train_rows), (12, rows.div_ceil(16), rows));
    assert_eq!(diary.steps.len(), 2 * plan.steps);
    assert_eq!(diary.steps.last(), Some(&(2, plan.steps, rows)));
    assert_eq!(diary.snapshots, [1, 2]);
    assert_eq!(diary.improvements.first(), Some(&1));
    assert_eq!(outcome.stop, StopReason::Other("enough".into()));
    assert_eq!(diary.end, Some(outcome.stop));
}

#[test]
fn a_full_batch_is_one_step() {
    let mut diary = Diary::default();
    run(&setting(&["training.batch_size=0", "training.epochs=3"]), &mut [&mut diary]).unwrap();
    assert_eq!(diary.plan.unwrap().steps, 1);
}

#[test]
fn training_learns_what_a_linear_model_cannot() {
    let setting = setting(&["training.epochs=60", "training.clip_norm=5", "training.clip_value=1"]);
    let outcome = run(&setting, &mut []).unwrap();
    let device = select_device("flex").unwrap();
    let test = score(&outcome.network, &setting.recipe, &setting.prepared, Role::Test, &device).unwrap();
    assert!(test.value("accuracy") > 0.9, "accuracy {}", test.value("accuracy"));
}
