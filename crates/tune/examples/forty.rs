//! 1,000 trials of TPE in 40 dimensions of a trivial function, timed: `cargo run --release --example forty [trials]`.
//! Optuna and Rustuna run the same in `benches/tune_peers.py`.

use std::time::Instant;

use brasa_tune::Space;
use brasa_tune::sampler::{Outcome, SamplerConfig, Sampling, TpeConfig};
use serde_json::{Map, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let trials = std::env::args().nth(1).map_or(Ok(1000), |trials| trials.parse())?;
    let table: Map<_, _> = (0..40).map(|i| (format!("x{i:02}"), json!({ "uniform": [-1, 1] }))).collect();
    let space = Space::from_json(&table)?;
    let start = Instant::now();
    let config = TpeConfig { parallel: 1, ..TpeConfig::default() };
    let mut sampling = Sampling::new(&space, &SamplerConfig::Tpe(config), 0)?;
    let mut outcomes = Vec::new();
    let mut best = f64::INFINITY;
    for _ in 0..trials {
        let values = sampling.draw(&outcomes);
        sampling.record(&values);
        let loss = values.values().filter_map(|x| x.as_f64()).map(|x| x * x).sum::<f64>();
        best = best.min(loss);
        outcomes.push(Outcome::Result { epoch: 1, complete: true, loss });
    }
    println!("{}", json!({ "trials": trials, "seconds": start.elapsed().as_secs_f64(), "best": best }));
    Ok(())
}
