//! Made-up series in the format of CareerCon 2019, to measure speed and memory with.

use std::fmt::Write as _;
use std::path::Path;

use brasa_data::{DataError, Result, seed};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

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
/// Keeps these draws apart from others of the same seed.
const PURPOSE: u64 = 21;
/// The number of recordings of the real set.
const GROUPS: usize = 73;

/// Writes `X_train.csv` and `y_train.csv` of CareerCon's form to a folder: ten channels of noise, nine surfaces, 73 groups.
/// The files are a function of the arguments, `from` the seed. 3,810 series of 128 steps are the size of the real set, some 43 MB.
///
/// # Errors
/// [`DataError::Io`] when the folder or a file cannot be written.
pub(crate) fn synth(folder: &Path, series: usize, steps: usize, from: u64) -> Result<()> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DataError::Io { action: "write", path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut readings = format!("row_id,series_id,measurement_number,{}\n", CHANNELS.join(","));
    let mut labels = "series_id,group_id,surface\n".to_owned();
    for (id, surface) in (0..series).zip(SURFACES.iter().cycle()) {
        let mut rng = seed::rng(from, &[PURPOSE, id as u64]);
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_data::{Files, SeriesConfig, Values};

    use super::*;

    /// As the app's recipes read them.
    const FORMAT: &str = r#"
        file = "X_train.csv"
        labels = "y_train.csv"
        series = "series_id"
        step = "measurement_number"
        features = ["orientation_X", "orientation_Y", "orientation_Z", "orientation_W", "angular_velocity_X",
                    "angular_velocity_Y", "angular_velocity_Z", "linear_acceleration_X", "linear_acceleration_Y",
                    "linear_acceleration_Z"]
        target = "surface"
        group = "group_id"
    "#;

    #[test]
    fn made_up_series_have_the_real_ones_form_and_are_a_function_of_the_seed() {
        let folder = tempfile::tempdir().unwrap();
        let made = |name: &str, seed| {
            let folder = folder.path().join(name);
            synth(&folder, 80, 40, seed).unwrap();
            std::fs::read_to_string(folder.join("X_train.csv")).unwrap()
        };
        let first = made("a", 1);
        assert_eq!(first, made("b", 1));
        assert_ne!(first, made("c", 2));
        let format: SeriesConfig = toml::from_str(FORMAT).unwrap();
        let data = format.read(&Files::directory(folder.path().join("a"))).unwrap();
        assert_eq!((data.len(), data.samples.shape(), data.class_count()), (80, [40, 10].as_slice(), 9));
        assert_eq!(data.group_names.len(), 73);
        // Readings that the csv crate reads from the same text.
        let mut reader = csv::Reader::from_reader(first.as_bytes());
        let cells = reader
            .records()
            .flat_map(|row| row.unwrap().iter().skip(3).map(|c| c.parse().unwrap()).collect::<Vec<f64>>());
        assert_eq!(data.samples.values(), &Values::F64(cells.collect()));
    }
}
