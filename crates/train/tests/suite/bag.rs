//! What a bag of networks promises, on a small table.

use std::sync::{Arc, Mutex};

use brasa_data::{Files, Role};
use brasa_models::{Network, NetworkConfig, select_device};
use brasa_train::{
    Callback, CheckedRecipe, Control, EpochRecord, Outcome, Prepared, Recipe, Result, StopReason, score,
    score_given, score_rows, train_network,
};

pub(crate) const RECIPE: &str = r#"
    [data]
    scaling = "robust"
    csv = { file = "rings.csv", target = "ring" }
    split = { kind = "stratified", valid = 0.25, test = 0.25, seed = 1 }
    [model]
    kind = "real-mlp"
    hidden = [16, 8]
    [optimizer]
    kind = "adamw"
    lr = 0.04
    [training]
    epochs = 6
    batch_size = 16
    bag = 3
"#;

const RINGS: &[(&str, &[u8])] = &[("rings.csv", include_bytes!("../rings.csv"))];

fn setting(overrides: &[&str]) -> (CheckedRecipe, Prepared) {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let recipe = Recipe::parse("rings", RECIPE, &overrides).unwrap().check().unwrap();
    let prepared = Prepared::new(&recipe, &Files::embedded(RINGS)).unwrap();
    (recipe, prepared)
}

fn run(
    (recipe, prepared): &(CheckedRecipe, Prepared),
    callbacks: &mut [&mut dyn Callback],
) -> Outcome<Network> {
    train_network(recipe, prepared, None, &select_device("flex").unwrap(), callbacks).unwrap()
}

#[test]
fn a_bag_is_the_same_whatever_its_threads_do_and_better_judged_than_by_itself() {
    let setting = setting(&[]);
    let (first, again) = (run(&setting, &mut []), run(&setting, &mut []));
    let bagged = first.bagged.as_ref().unwrap();
    assert_eq!(Some(bagged), again.bagged.as_ref());
    assert_eq!(bagged.best_epochs.len(), 3);
    let losses = |outcome: &Outcome<Network>| {
        outcome.history.iter().map(|epoch| epoch.valid.loss()).collect::<Vec<_>>()
    };
    assert_eq!((losses(&first).len(), losses(&first)), (6, losses(&again)));

    let (recipe, prepared) = &setting;
    let device = select_device("flex").unwrap();
    let own = score(&first.model, recipe, prepared, Role::Valid, &device).unwrap();
    let held_out = score_given(&bagged.valid_outputs, recipe, prepared, &prepared.split.valid).unwrap();
    assert_eq!(own, held_out, "its validation split is judged by what each has not seen, whoever asks");
    let seen = score_rows(&first.model, recipe, prepared, &prepared.split.valid, &device).unwrap();
    assert!(seen.loss() < held_out.loss(), "most members were trained on these rows");
    assert!(matches!(prepared.network(recipe), NetworkConfig::Bag(_)));
}

/// Ends a training after its second epoch.
#[derive(Default)]
struct Impatient(Arc<Mutex<Vec<usize>>>);

impl Callback for Impatient {
    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        self.0.lock().unwrap().push(record.epoch);
        Ok(if record.epoch >= 2 { Control::Stop(StopReason::Interrupted) } else { Control::Continue })
    }
}

#[test]
fn a_callback_ends_all_networks_of_a_bag() {
    let mut impatient = Impatient::default();
    let outcome = run(&setting(&["training.epochs=5000"]), &mut [&mut impatient]);
    assert_eq!(outcome.stop, StopReason::Interrupted);
    assert!(outcome.history.len() < 5000 && outcome.best_epoch >= 1);
    assert_eq!(impatient.0.lock().unwrap()[..2], [1, 2]);
}

#[test]
fn a_schedule_in_cycles_ends_after_one_in_vain() {
    // So small a rate leaves the weights alone: nothing gets better after the first cycle.
    let epochs = |stop_early: &str| {
        let changes = ["optimizer.lr=1e-12", "optimizer.weight_decay=0", "schedule.kind=coslog", stop_early];
        let outcome =
            run(&setting(&[&changes[..], &["training.epochs=30", "training.bag=1"]].concat()), &mut []);
        (outcome.history.len(), outcome.stop)
    };
    assert_eq!(
        epochs("schedule.stop_early=true"),
        (6, StopReason::Patience),
        "cycles end after the epochs 2, 6, 14"
    );
    assert_eq!(epochs("schedule.stop_early=false"), (30, StopReason::Completed));
}

#[test]
fn numbers_that_a_bag_cannot_be_are_refused() {
    let check = |change: &str| {
        Recipe::parse("rings", RECIPE, &[change.into()]).unwrap().check().unwrap_err().to_string()
    };
    assert!(check("training.bag=0").contains("`training.bag`: expected 1 to 100, found 0"));
    assert!(check("training.bag=101").contains("found 101"));
}
