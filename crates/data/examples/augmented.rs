//! How many augmented images of 48 x 48 pixels the loader makes per second.
//!
//! `cargo run --release --example augmented`. Expect above 100,000 with a flip and a rotation and two threads;
//! albumentations makes 7,100 on such a machine.

use std::sync::Arc;
use std::time::Instant;

use brasa_data::{AugmentConfig, Labelled, Loader, LoaderConfig, Samples, Scaler, Values, seed};

const IMAGES: usize = 20_000;
const SIDE: usize = 48;

const STEPS: [(&str, &str); 4] = [
    ("none", ""),
    (
        "flip and rotation",
        r#"{ kind = "vertical-flip", p = 0.25 }, { kind = "rotate", degrees = 22, p = 0.5 }"#,
    ),
    ("rotation of all", r#"{ kind = "rotate", degrees = 22 }"#),
    (
        "affine, blur, noise, cutout, mixup",
        r#"{ kind = "affine", degrees = 10, shift = 0.1, scale = 0.1 }, { kind = "blur", sigma = [0.1, 1.5] },
           { kind = "noise", std = 8 }, { kind = "cutout", size = 0.25 }, { kind = "mixup", alpha = 0.4 }"#,
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pixels =
        (0..(IMAGES * SIDE * SIDE) as u64 / 8).flat_map(|word| seed::derive(1, &[word]).to_le_bytes());
    let data = Arc::new(Labelled::new(
        "noise",
        Samples::new(vec![1, SIDE, SIDE], Values::U8(pixels.collect::<Vec<_>>().into()))?,
        (0..IMAGES as u32).map(|row| row % 7).collect(),
        (0..7).map(|class| class.to_string()).collect(),
    ));
    let scaler = Arc::new(Scaler::Pixels { mean: vec![0.5], std: vec![0.25] });
    for (name, steps) in STEPS {
        let augment: AugmentConfig = toml::from_str(&format!("steps = [{steps}]"))?;
        let augment = Arc::new(augment.check(data.samples.shape())?);
        for workers in [0, 2] {
            let config =
                LoaderConfig { batch_size: 128, workers, shuffle: Some(42), ..LoaderConfig::default() };
            let loader = Loader::new(Arc::clone(&data), Arc::clone(&scaler), (0..IMAGES).collect(), config)?
                .with_augment(Arc::clone(&augment), 42)?;
            let rates = (0..5).map(|epoch| {
                let start = Instant::now();
                let count = loader.epoch(epoch).map(|batch| batch.len()).sum::<usize>();
                count as f64 / start.elapsed().as_secs_f64()
            });
            let best = rates.fold(0.0, f64::max);
            println!("{name:36} {workers} threads {best:10.0} images per second");
        }
    }
    Ok(())
}
