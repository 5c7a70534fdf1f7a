//! Accuracy and seconds on data sets of the UCR and UEA archives, with their own splits.
//!
//! `BRASA_DATA=FOLDER cargo run --release -p brasa-rocket --example ucr [NAME ..]`, where `FOLDER` holds
//! `NAME/NAME_TRAIN.ts` and `NAME/NAME_TEST.ts`. Settings are those of the papers; nothing is chosen by the test series.

mod ts;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use brasa_rocket::{Features, HydraMultiRocket, MiniRocket, MiniRocketConfig, RidgeConfig, StandardScaler};

use ts::Split;

const NAMES: [&str; 6] =
    ["ItalyPowerDemand", "GunPoint", "ArrowHead", "OSULeaf", "BasicMotions", "JapaneseVowels"];
const SEEDS: u64 = 5;

type Outcome<T> = Result<T, Box<dyn Error>>;
type Method = fn(&Split, &Split, u64) -> Outcome<Vec<u32>>;

fn main() -> Outcome<()> {
    let folder = std::env::var_os("BRASA_DATA").map(PathBuf::from).ok_or("BRASA_DATA: name the folder")?;
    let named = std::env::args().skip(1).collect::<Vec<_>>();
    let names = if named.is_empty() { NAMES.map(String::from).to_vec() } else { named };
    let methods: [(&str, Method); 2] = [("MiniRocket", mini), ("Hydra+MultiRocket", hydra_multi)];
    for (method, predict) in methods {
        println!("{method}, mean of {SEEDS} seeds");
        let (mut sum, mut seconds) = (0.0, 0.0);
        for name in &names {
            let (accuracy, time) = score(&folder, name, predict)?;
            println!("  {name:20} {accuracy:.4} {time:8.3} s per seed");
            (sum, seconds) = (sum + accuracy, seconds + time);
        }
        println!("  {:20} {:.4} {seconds:8.3} s", "mean, sum", sum / names.len() as f64);
    }
    Ok(())
}

/// Mean accuracy, and seconds of one seed to fit and to predict.
fn score(folder: &Path, name: &str, predict: Method) -> Outcome<(f64, f64)> {
    let read = |part: &str| Split::read(&folder.join(name).join(format!("{name}_{part}.ts")));
    let (train, test) = (read("TRAIN")?, read("TEST")?);
    let start = Instant::now();
    let mut right = 0;
    for seed in 0..SEEDS {
        let found = predict(&train, &test, seed)?;
        right += found.iter().zip(&test.classes).filter(|(found, class)| found == class).count();
    }
    let all = test.classes.len() * SEEDS as usize;
    Ok((right as f64 / all as f64, start.elapsed().as_secs_f64() / SEEDS as f64))
}

fn mini(train: &Split, test: &Split, seed: u64) -> Outcome<Vec<u32>> {
    let series = train.series()?;
    let rocket = MiniRocket::fit(&series, &MiniRocketConfig::default(), seed)?;
    let mut features = rocket.transform(&series)?;
    let scaler = StandardScaler::fit(&Features::new(&features, rocket.features())?);
    scaler.apply(&mut features)?;
    let features = Features::new(&features, rocket.features())?;
    let ridge = RidgeConfig::default().fit_classes(&features, &train.classes, train.names.len())?;
    let mut features = rocket.transform(&test.series()?)?;
    scaler.apply(&mut features)?;
    Ok(ridge.predict_classes(&features)?)
}

fn hydra_multi(train: &Split, test: &Split, seed: u64) -> Outcome<Vec<u32>> {
    let series = train.series()?;
    let (transform, features) = HydraMultiRocket::fit(&series, seed)?;
    let features = Features::new(&features, transform.features())?;
    let ridge = RidgeConfig::default().fit_classes(&features, &train.classes, train.names.len())?;
    Ok(ridge.predict_classes(&transform.transform(&test.series()?)?)?)
}
