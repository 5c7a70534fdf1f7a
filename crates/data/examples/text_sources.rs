//! How long time series and pixel-text faces take to load: milliseconds and peak memory.
//!
//! `BRASA_DATA=datasets cargo run --release --example text_sources -- series DIR|faces`. `series` reads what `floor data
//! synth DIR` made, a set of the full size of CareerCon 2019; expect it under 130 ms on two cores. `faces` reads
//! `fer2013/fer2013.csv.gz` twice, then from the cache; expect about a second, and under 200 ms from the cache.

use std::path::{Path, PathBuf};
use std::time::Instant;

use brasa_data::{Files, PixelsConfig, Result, SeriesConfig};

const SERIES: &str = r#"
file = "X_train.csv"
labels = "y_train.csv"
series = "series_id"
step = "measurement_number"
features = ["orientation_X", "orientation_Y", "orientation_Z", "orientation_W", "angular_velocity_X", "angular_velocity_Y",
            "angular_velocity_Z", "linear_acceleration_X", "linear_acceleration_Y", "linear_acceleration_Z"]
target = "surface"
group = "group_id"
"#;

const FACES: &str = r#"
file = "fer2013.csv.gz"
pixels = "pixels"
label = "emotion"
split = "Usage"
split_names = { train = "Training", valid = "PublicTest", test = "PrivateTest" }
size = [48, 48]
classes = ["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"]
"#;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let data = PathBuf::from(std::env::var("BRASA_DATA").unwrap_or_else(|_| "datasets".into()));
    let argument = |place| std::env::args().nth(place);
    match (argument(1).as_deref(), argument(2)) {
        (Some("series"), Some(folder)) => series(Path::new(&folder))?,
        (Some("faces"), None) => faces(&data.join("fer2013"))?,
        _ => return Err("give `series DIR` or `faces`".into()),
    }
    match peak_mib() {
        Some(peak) => println!("{:28} {peak:7.1} MiB", "peak memory"),
        None => println!("peak memory is not told by this system"),
    }
    Ok(())
}

fn series(folder: &Path) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let config: SeriesConfig = toml::from_str(SERIES)?;
    let files = Files::directory(folder);
    for _ in 0..5 {
        let data = timed("load and group", || config.read(&files))?;
        println!("{} series of the shape {:?}", data.len(), data.samples.shape());
    }
    Ok(())
}

fn faces(folder: &Path) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let cache = tempfile::tempdir()?;
    let config: PixelsConfig = toml::from_str(FACES)?;
    let files = Files::directory(folder);
    let data = timed("parse", || config.read(&files))?;
    println!("{} images of the shape {:?}", data.len(), data.samples.shape());
    drop(data);
    let files = files.cached_in(cache.path().to_owned());
    drop(timed("parse and write the cache", || config.read(&files))?);
    for _ in 0..3 {
        drop(timed("from the cache", || config.read(&files))?);
    }
    Ok(())
}

fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let (start, cpu) = (Instant::now(), cpu_ms());
    let done = work()?;
    let wall = start.elapsed().as_secs_f64() * 1e3;
    // On a machine that others use, the processor's time says more.
    let cpu = cpu_ms()
        .zip(cpu)
        .map_or_else(String::new, |(end, start)| format!(", {} ms of all cores", end - start));
    println!("{what:28} {wall:7.1} ms{cpu}");
    Ok(done)
}

/// User and system time of all threads, to the next 10 ms (the clock of `/proc` ticks 100 times a second).
fn cpu_ms() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields = stat.rsplit(')').next()?.split_whitespace().skip(11).take(2);
    Some(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}
