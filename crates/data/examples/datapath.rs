//! How long the data path takes on Fashion-MNIST: loading, the leak check and one epoch.
//!
//! `BRASA_DATA=datasets cargo run --release --example datapath`, where the folder holds
//! `fashion-mnist`. Expect under 250 ms for loading and under 40 ms for an epoch of 48,000 images.

use std::sync::Arc;
use std::time::Instant;

use brasa_data::{DataConfig, Files, Loader, LoaderConfig, Scaler, check_leaks, load, make_split};

const TABLE: &str = r#"
scaling = "pixels"
[idx]
train_images = "train-images-idx3-ubyte.gz"
train_labels = "train-labels-idx1-ubyte.gz"
test_images = "t10k-images-idx3-ubyte.gz"
test_labels = "t10k-labels-idx1-ubyte.gz"
classes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::var("BRASA_DATA").unwrap_or_else(|_| "datasets".into());
    let config = toml::from_str::<DataConfig>(TABLE)?.check()?;
    let files = Files::directory(std::path::Path::new(&folder).join("fashion-mnist"));

    let start = Instant::now();
    let data = load(&config, &files)?;
    report("load", start);

    let start = Instant::now();
    let split = make_split(&data, config.split())?;
    report("split", start);

    let start = Instant::now();
    let leaks = check_leaks(&data, &split);
    report("leaks", start);
    println!("{leaks}");

    let start = Instant::now();
    let scaler = Scaler::fit(config.scaling(), &data, &split.train)?;
    report("scaler", start);
    println!("{scaler:?}");

    let (data, scaler) = (Arc::new(data), Arc::new(scaler));
    for workers in [0, 1, 2] {
        let config = LoaderConfig { batch_size: 128, workers, shuffle: Some(42), ..LoaderConfig::default() };
        let loader = Loader::new(Arc::clone(&data), Arc::clone(&scaler), split.train.clone(), config)?;
        for epoch in 0..3 {
            let start = Instant::now();
            let samples = loader.epoch(epoch).map(|batch| batch.len()).sum::<usize>();
            report(&format!("epoch of {samples}, {workers} workers"), start);
        }
    }

    let start = Instant::now();
    let description = brasa_data::describe(&data, &split);
    report("describe", start);
    println!("{description}");
    Ok(())
}

fn report(what: &str, start: Instant) {
    println!("{what:28} {:7.1} ms", start.elapsed().as_secs_f64() * 1e3);
}
