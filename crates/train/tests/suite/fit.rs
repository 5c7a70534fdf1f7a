//! What a training promises, on a small table.

use brasa_data::{Files, Role};
use brasa_models::{Network, select_device};
use brasa_train::metrics::{Direction, Figures, Judged, Metric, Metrics, Range, TaskKind};
use brasa_train::{
    Callback, Control, EarlyStopping, EpochRecord, Outcome, Plan, Prepared, Recipe, Result, Snapshot,
    StepRecord, StopReason, TrainError, score, train_network,
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
const RINGS: &[(&str, &[u8])] = &[("rings.csv", include_bytes!("../rings.csv"))];

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

fn run(setting: &Setting, callbacks: &mut [&mut dyn Callback]) -> Result<Outcome<Network>> {
    train_network(&setting.recipe, &setting.prepared, None, &select_device("flex").unwrap(), callbacks)
}

fn figures(history: &[EpochRecord]) -> Vec<(f64, f64, f64, f64)> {
    history
        .iter()
        .map(|r| (r.train.loss(), r.train.value("accuracy"), r.valid.loss(), r.valid.value("f1_macro")))
        .collect()
}

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
    let again = score(&outcome.model, &setting.recipe, &setting.prepared, Role::Valid, &device).unwrap();
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
fn min_delta_decides_patience_and_never_which_weights_are_kept() {
    let outcome = run(&setting(&["training.min_delta=1000", "training.patience=5"]), &mut []).unwrap();
    assert_eq!((outcome.stop, outcome.history.len()), (StopReason::Patience, 6), "no step is as large");
    let best = outcome.history.iter().min_by(|a, b| a.valid.loss().total_cmp(&b.valid.loss())).unwrap();
    assert!(best.epoch > 1, "the loss falls by less than min_delta");
    assert_eq!(outcome.best_epoch, best.epoch);
}

#[test]
fn steps_below_min_delta_add_up_to_one_that_patience_counts() {
    let monitor = Metrics::standard().get(TaskKind::Classification, "loss").unwrap().clone();
    let mut stopping = EarlyStopping::new(monitor, 2, 0.05);
    let mut epoch = 0;
    let mut after = |loss: f64| {
        epoch += 1;
        let figures: Figures = [("loss", loss)].into_iter().collect();
        let record = EpochRecord {
            epoch,
            lr: 0.1,
            train_seconds: 0.0,
            valid_seconds: 0.0,
            train: figures.clone(),
            valid: figures,
            improved: true,
        };
        stopping.on_epoch(&record).unwrap()
    };
    let falling = [1.0, 0.96, 0.92, 0.89, 0.86, 0.85].map(&mut after);
    assert!(falling.iter().all(|control| *control == Control::Continue), "{falling:?}");
    assert_eq!(after(0.84), Control::Stop(StopReason::Patience), "0.86 is not beaten by 0.05");
}

/// The share of rows of the class "in" that were found, counted here.
#[derive(Debug)]
struct Found;

impl Metric for Found {
    fn name(&self) -> &str {
        "found"
    }
    fn label(&self) -> &str {
        "Found"
    }
    fn task(&self) -> TaskKind {
        TaskKind::Classification
    }
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }
    fn range(&self) -> Range {
        Range::SHARE
    }
    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        Some(judged.classes()?.confusion.of_class(0).recall)
    }
}

#[test]
fn a_model_is_scored_on_rows_that_no_network_could_be_trained_on() {
    let Setting { recipe, prepared } = setting(&[]);
    let network = prepared.init(&recipe, &select_device("flex").unwrap()).unwrap();
    // 17 rows in batches of 16 leave one row, which batch norm cannot learn from.
    let split = brasa_data::Split { train: (0..17).collect(), test: (0..17).collect(), ..Default::default() };
    let files = Files::embedded(RINGS);
    assert!(Prepared::from_split(&recipe, prepared.data.clone(), split.clone(), &files).is_err());
    let (scaler, scale) = ((*prepared.scaler).clone(), prepared.target_scale.clone());
    let scoring = Prepared::for_scoring(prepared.data.clone(), split, scaler, scale, &files);
    let device = select_device("flex").unwrap();
    let scores = score(&network, &recipe, &scoring, Role::Test, &device).unwrap();
    assert_eq!(scores.rows, 17);
    // Scaled as the model's own training rows were.
    assert_eq!(scoring.scaler, prepared.scaler);
}

#[test]
fn any_metric_can_be_monitored_one_of_ones_own_too() {
    let overrides = ["training.monitor=found", "training.metrics=[\"roc_auc\", \"mcc\"]"].map(String::from);
    let unchecked = Recipe::parse("rings", RECIPE, &overrides).unwrap();
    let error = unchecked.clone().check().unwrap_err().to_string();
    assert!(
        error.starts_with(
            "--set training.monitor=found: `training.monitor`: `found` is not a metric of classification"
        ),
        "{error}"
    );
    let recipe = unchecked.check_with(Metrics::standard().with(Found)).unwrap();
    let prepared = Prepared::new(&recipe, &Files::embedded(RINGS)).unwrap();
    let outcome = run(&Setting { recipe, prepared }, &mut []).unwrap();
    let names = |figures: &Figures| figures.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    let first = &outcome.history[0];
    assert_eq!(names(&first.valid), ["loss", "accuracy", "f1_macro", "found", "roc_auc", "mcc"]);
    assert_eq!(
        names(&first.train),
        ["loss", "accuracy", "f1_macro", "found", "mcc"],
        "its rows are not kept"
    );
    let figures: Vec<f64> = outcome.history.iter().map(|record| record.valid.value("found")).collect();
    let best = figures.iter().copied().fold(f64::MIN, f64::max);
    let first_best = figures.iter().position(|figure| *figure == best).unwrap() + 1;
    assert_eq!(outcome.best_epoch, first_best);
}

#[test]
fn a_metric_of_rows_chooses_the_weights() {
    let setting = setting(&["training.monitor=roc_auc", "optimizer.lr=0.1"]);
    let outcome = run(&setting, &mut []).unwrap();
    let figures = || outcome.history.iter().map(|record| record.valid.value("roc_auc"));
    let best = figures().fold(f64::MIN, f64::max);
    assert_eq!(figures().position(|figure| figure == best).unwrap() + 1, outcome.best_epoch);
    let device = select_device("flex").unwrap();
    let again = score(&outcome.model, &setting.recipe, &setting.prepared, Role::Valid, &device).unwrap();
    assert_eq!(again.figure("roc_auc"), Some(best));
}

#[test]
fn a_monitor_without_a_value_is_an_error_that_says_why() {
    let mut setting = setting(&["training.monitor=roc_auc"]);
    let labels = setting.prepared.data.labels().to_vec();
    setting.prepared.split.valid.retain(|row| labels[*row] == 0);
    let error = run(&setting, &mut []).unwrap_err();
    assert_eq!(
        error.to_string(),
        "--set training.monitor=roc_auc: `training.monitor`: `roc_auc` is undefined on the validation split of epoch 1: it needs rows of every class, of two at \
         least. Monitor another metric, or change data.split"
    );
    assert!(error.is_input());
}

#[test]
fn metrics_that_there_are_not_are_told_with_their_key() {
    let refused = |set: &str| {
        let recipe = Recipe::parse("rings", RECIPE, &[set.to_string()]).unwrap();
        recipe.check().unwrap_err().to_string()
    };
    let monitor = refused("training.monitor=f1macro");
    assert!(
        monitor.starts_with("--set training.monitor=f1macro: `training.monitor`: `f1macro` is not")
            && monitor.contains("`f1_macro`?"),
        "{monitor}"
    );
    assert!(monitor.contains("loss, accuracy"), "{monitor}");
    let listed = refused("training.metrics=[\"mcc\", \"rmse\"]");
    assert!(listed.contains("`training.metrics`: `rmse` is not a metric of classification"), "{listed}");
    let top_k = refused("training.monitor=top_k_accuracy");
    assert!(top_k.contains("training.top_k"), "{top_k}");
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

    fn on_snapshot(&mut self, epoch: usize, _model: &dyn Snapshot) -> Result<()> {
        self.snapshots.push(epoch);
        Ok(())
    }

    fn on_improvement(&mut self, epoch: usize, _model: &dyn Snapshot) -> Result<()> {
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
    let test = score(&outcome.model, &setting.recipe, &setting.prepared, Role::Test, &device).unwrap();
    assert!(test.value("accuracy") > 0.9, "accuracy {}", test.value("accuracy"));
}

#[test]
fn a_training_whose_time_is_over_ends_with_its_epoch() {
    let outcome = run(&setting(&["training.time_limit=1e-9"]), &mut []).unwrap();
    assert_eq!((outcome.history.len(), outcome.best_epoch, outcome.stop), (1, 1, StopReason::TimeLimit));
    let outcome = run(&setting(&["training.time_limit=1e9", "training.epochs=2"]), &mut []).unwrap();
    assert_eq!(outcome.stop, StopReason::Completed);
    let refused = Recipe::parse("rings", RECIPE, &["training.time_limit=0".into()]).unwrap().check();
    assert!(refused.unwrap_err().to_string().contains("`training.time_limit`: expected a number above 0"));
}

#[test]
fn sharpness_aware_steps_begin_as_plain_ones_and_depend_on_the_seed_alone() {
    let of = |overrides: &[&str]| figures(&run(&setting(overrides), &mut []).unwrap().history);
    let (plain, close) = (of(&["training.epochs=2"]), of(&["training.epochs=2", "training.sam=1e-7"]));
    for (plain, close) in plain.iter().zip(&close) {
        // In evaluation they differ more: the gradient of a bias before a batch norm is noise, which Adam makes steps of.
        assert!((plain.0 - close.0).abs() < 1e-3, "{plain:?} {close:?}");
    }
    let far = of(&["training.sam=0.3"]);
    assert_eq!(of(&["training.sam=0.3", "training.workers=2"]), far);
    assert_ne!(far, of(&[]));
}
