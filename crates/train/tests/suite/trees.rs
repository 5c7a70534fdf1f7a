//! What boosted trees promise, alone and beside a network, on a small table.

use brasa_data::{Files, Role};
use brasa_models::{Network, NetworkConfig, load_weights, save_weights, select_device};
use brasa_train::{
    Callback, CheckedRecipe, Control, EpochRecord, Outcome, Prepared, Recipe, Result, outputs, score,
    score_given, train_network,
};

const RECIPE: &str = r#"
    [data]
    scaling = "robust"
    csv = { file = "rings.csv", target = "ring" }
    split = { kind = "stratified", valid = 0.25, test = 0.25, seed = 1 }
    [model]
    kind = "boosted-trees"
    leaf_weight = 0.1
    rows = 1
    columns = 1
"#;

/// The bag of networks, with trees beside.
fn blend() -> String {
    format!("{}\n[[blend]]\nkind = \"boosted-trees\"\nleaf_weight = 0.1\n", crate::bag::RECIPE)
}

const RINGS: &str = include_str!("../rings.csv");

fn setting(recipe: &str, table: &[u8], overrides: &[&str]) -> (CheckedRecipe, Prepared) {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let recipe = Recipe::parse("rings", recipe, &overrides).unwrap().check().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rings.csv"), table).unwrap();
    let prepared = Prepared::new(&recipe, &Files::directory(folder.path())).unwrap();
    (recipe, prepared)
}

fn run(
    (recipe, prepared): &(CheckedRecipe, Prepared),
    callbacks: &mut [&mut dyn Callback],
) -> Outcome<Network> {
    train_network(recipe, prepared, None, &select_device("flex").unwrap(), callbacks).unwrap()
}

/// Counts epochs.
#[derive(Default)]
struct Epochs(Vec<EpochRecord>);

impl Callback for Epochs {
    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        self.0.push(record.clone());
        Ok(Control::Continue)
    }
}

#[test]
fn trees_learn_what_a_line_cannot_in_one_epoch_and_are_saved_with_their_size() {
    let setting = setting(RECIPE, RINGS.as_bytes(), &[]);
    let (recipe, prepared) = &setting;
    let device = select_device("flex").unwrap();
    let mut epochs = Epochs::default();
    let outcome = run(&setting, &mut [&mut epochs]);
    assert_eq!((outcome.best_epoch, outcome.history.len(), epochs.0.len()), (1, 1, 1));
    let test = score(&outcome.model, recipe, prepared, Role::Test, &device).unwrap();
    assert!(test.figure("accuracy").unwrap() > 0.8, "{test:?}");
    let valid = score(&outcome.model, recipe, prepared, Role::Valid, &device).unwrap();
    assert_eq!(valid.loss(), outcome.history[0].valid.loss());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    save_weights(&outcome.model, &path).unwrap();
    let config = prepared.network(recipe).fitted(&outcome.model);
    assert!(config.summary().unwrap().parameters() > 10);
    let loaded = load_weights(config.init(0, &device).unwrap(), &path, &[]).unwrap();
    let loader = prepared.eval_loader(&prepared.split.test, 0).unwrap();
    let said = |model| outputs(model, recipe, &loader, &device).unwrap();
    assert_eq!(said(&loaded), said(&outcome.model));
    assert_eq!(said(&run(&setting, &mut []).model), said(&outcome.model), "whatever the threads do");
}

#[test]
fn the_shares_of_a_blend_are_chosen_on_rows_that_its_members_did_not_see() {
    let setting = setting(&blend(), RINGS.as_bytes(), &[]);
    let mut epochs = Epochs::default();
    let outcome = run(&setting, &mut [&mut epochs]);
    assert_eq!(epochs.0.len(), 6, "trees have no epochs to be followed");
    let bagged = outcome.bagged.as_ref().unwrap();
    assert_eq!(Some(bagged), run(&setting, &mut []).bagged.as_ref());
    assert_eq!(bagged.best_epochs.len(), 3);
    let (kinds, shares): (Vec<_>, Vec<_>) = bagged.shares.iter().copied().unzip();
    assert_eq!(kinds, ["real-mlp", "boosted-trees"]);
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12 && shares[1] > 0.0, "{shares:?}");
    assert!(bagged.mean_words().ends_with("% boosted-trees)"), "{}", bagged.mean_words());

    let (recipe, prepared) = &setting;
    let device = select_device("flex").unwrap();
    let own = score(&outcome.model, recipe, prepared, Role::Valid, &device).unwrap();
    let held_out = score_given(&bagged.valid_outputs, recipe, prepared, &prepared.split.valid).unwrap();
    assert_eq!(own, held_out, "its validation split is judged by what each has not seen, whoever asks");
    let NetworkConfig::Bag(config) = prepared.network(recipe).fitted(&outcome.model) else { unreachable!() };
    assert_eq!(config.members.len(), 6);
    assert!((config.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn a_bag_of_trees_alone_has_an_epoch() {
    let setting = setting(RECIPE, RINGS.as_bytes(), &["training.bag=3"]);
    let mut epochs = Epochs::default();
    let outcome = run(&setting, &mut [&mut epochs]);
    assert_eq!((epochs.0.len(), outcome.history.len()), (1, 1));
    assert_eq!(outcome.bagged.unwrap().best_epochs, [1, 1, 1]);
}

#[test]
fn numbers_several_classes_and_columns_that_say_nothing_are_no_hindrance() {
    let row = |row: usize| {
        let (x, y) = (row % 17, row * 7 % 23);
        format!("{x},{y},5,{}\n", 3 * x + if y > 11 { 100 } else { 0 })
    };
    let table = "x,y,same,ring\n".to_owned() + &(0..400).map(row).collect::<String>();
    let setting = setting(RECIPE, table.as_bytes(), &["data.task=regression"]);
    let outcome = run(&setting, &mut []);
    let (recipe, prepared) = &setting;
    let device = select_device("flex").unwrap();
    let rmse = |outcome: &Outcome<Network>, setting: &(CheckedRecipe, Prepared)| {
        score(&outcome.model, &setting.0, &setting.1, Role::Test, &device).unwrap().figure("rmse").unwrap()
    };
    let found = score(&outcome.model, recipe, prepared, Role::Test, &device).unwrap();
    assert!(found.figure("rmse").unwrap() < 4.0 && found.figure("r2").unwrap() > 0.99, "{found:?}");

    // One column, of which a share would be none.
    let one = "x,ring\n".to_owned()
        + &(0..200).map(|row| format!("{},{}\n", row % 40, row % 40 / 20)).collect::<String>();
    let one = self::setting(RECIPE, one.as_bytes(), &["model.columns=0.6", "model.rows=0.5"]);
    let found = score(&run(&one, &mut []).model, &one.0, &one.1, Role::Test, &device).unwrap();
    assert_eq!(found.figure("accuracy"), Some(1.0));

    let nothing = "x,ring\n".to_owned() + &(0..90).map(|row| format!("1,{}\n", row % 3)).collect::<String>();
    let constant = self::setting(RECIPE, nothing.as_bytes(), &["data.task=regression"]);
    assert!((rmse(&run(&constant, &mut []), &constant) - (2.0_f64 / 3.0).sqrt()).abs() < 0.05);
    let classes = self::setting(RECIPE, nothing.as_bytes(), &[]);
    let outcome = run(&classes, &mut []);
    let loss = score(&outcome.model, &classes.0, &classes.1, Role::Test, &device).unwrap().loss();
    assert!((loss - 3.0_f64.ln()).abs() < 0.02, "{loss}");
}
