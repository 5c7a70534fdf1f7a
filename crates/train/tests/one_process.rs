//! Trainings that share a process, and batches that a network cannot be trained on.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_data::Files;
use brasa_models::select_device;
use brasa_train::{CheckedRecipe, Prepared, Recipe, Result, train_network};

const RECIPE: &str = r#"
    [data]
    scaling = "standard"
    csv = { file = "rings.csv", target = "ring" }
    split = { kind = "stratified", valid = 0.25, test = 0.25, seed = 1 }
    [model]
    hidden = [16, 8]
    activation = "mish"
    batch_norm = true
    dropout = [0.3]
    [training]
    epochs = 8
    batch_size = 16
"#;

const RINGS: &[(&str, &[u8])] = &[("rings.csv", include_bytes!("rings.csv"))];

fn prepared(overrides: &[String]) -> Result<(CheckedRecipe, Prepared)> {
    let recipe = Recipe::parse("rings", RECIPE, overrides)?.check()?;
    let prepared = Prepared::new(&recipe, &Files::embedded(RINGS))?;
    Ok((recipe, prepared))
}

/// Losses of all epochs.
fn losses(kernels: &str, seed: u64) -> Vec<[f64; 2]> {
    let overrides = [format!("training.kernels={kernels}"), format!("training.seed={seed}")];
    let (recipe, prepared) = prepared(&overrides).unwrap();
    let outcome = train_network(&recipe, &prepared, None, &select_device("flex").unwrap(), &mut []).unwrap();
    outcome.history.iter().map(|record| [record.train.loss(), record.valid.loss()]).collect()
}

#[test]
fn trainings_in_threads_of_one_process_give_the_bits_of_each_alone() {
    let settings = [("fast", 1), ("reference", 1), ("fast", 2), ("reference", 2)];
    let alone = settings.map(|(kernels, seed)| losses(kernels, seed));
    assert_ne!(alone[0], alone[1], "the kernels round differently, or this test says nothing");
    let together = std::thread::scope(|scope| {
        let threads = settings.map(|(kernels, seed)| scope.spawn(move || losses(kernels, seed)));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(together, alone);
}

#[test]
fn a_last_batch_of_one_row_is_refused_where_batch_norm_has_to_learn_from_it() {
    let (_, usual) = prepared(&[]).unwrap();
    let rows = usual.split.train.len();
    let size = format!("training.batch_size={}", rows - 1);
    let error = prepared(std::slice::from_ref(&size)).unwrap_err();
    assert!(error.is_input());
    let expected = format!(
        "`training.batch_size`: expected a size that leaves no batch of one row, since batch norm needs two rows to \
         train on; {rows} training rows in batches of {0} make one of 1, found {0}",
        rows - 1
    );
    assert!(error.to_string().contains(&expected), "{error}");
    assert!(prepared(&["training.batch_size=1".into()]).is_err());
    for fits in
        [vec![size, "model.batch_norm=false".into()], vec![format!("training.batch_size={}", rows - 2)]]
    {
        assert!(prepared(&fits).is_ok(), "{fits:?}");
    }
}
