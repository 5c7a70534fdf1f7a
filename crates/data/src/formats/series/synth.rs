//! Made-up series in the format of CareerCon 2019, to measure speed and memory with.

use std::fmt::Write as _;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::seed::{purpose, rng};
use crate::{DataError, Result};

const CHANNELS: [&str; 10] = [
    "orientation_X",
    "orientation_Y",
    "orientation_Z",
    "orientation_W",
    "angular_velocity_X",
    "angular_velocity_Y",
    "angular_velocity_Z",
    "linear_acceleration_X",
    "linear_acceleration_Y",
    "linear_acceleration_Z",
];
const SURFACES: [&str; 9] = [
    "carpet",
    "concrete",
    "fine_concrete",
    "hard_tiles",
    "hard_tiles_large_space",
    "soft_pvc",
    "soft_tiles",
    "tiled",
    "wood",
];
/// The number of recordings of the real set.
const GROUPS: usize = 73;

/// Writes `X_train.csv` and `y_train.csv` of CareerCon's form to a folder: ten channels of noise, nine surfaces, 73 groups.
/// The files are a function of the arguments. 3,810 series of 128 steps are the size of the real set, some 43 MB.
///
/// # Errors
/// [`DataError::Io`] when the folder or a file cannot be written.
pub fn synth(folder: &Path, series: usize, steps: usize, seed: u64) -> Result<()> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DataError::Io { action: "write", path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut readings = format!("row_id,series_id,measurement_number,{}\n", CHANNELS.join(","));
    let mut labels = "series_id,group_id,surface\n".to_owned();
    for (id, surface) in (0..series).zip(SURFACES.iter().cycle()) {
        let mut rng = rng(seed, &[purpose::SYNTH, id as u64]);
        for step in 0..steps {
            // Writing to a string cannot fail.
            let _ = write!(readings, "{id}_{step},{id},{step}");
            for _ in CHANNELS {
                let _ = write!(readings, ",{}", reading(&mut rng));
            }
            readings.push('\n');
        }
        let _ = writeln!(labels, "{id},{},{surface}", id % GROUPS);
    }
    for (name, text) in [("X_train.csv", readings), ("y_train.csv", labels)] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}

/// Nearly normal noise with five decimals: the sum of twelve uniform draws, less its mean.
fn reading(rng: &mut ChaCha8Rng) -> f64 {
    let mut sum = -6.0;
    for _ in 0..6 {
        let bits = rng.next_u64();
        sum += ((bits >> 32) as f64 + (bits & 0xFFFF_FFFF) as f64) / 2.0_f64.powi(32);
    }
    (sum * 1e5).round() / 1e5
}
