//! How long titles take to load, and how much memory.
//!
//! `cargo run --release --example titles -- pricerunner` reads `pricerunner/pricerunner_aggregate.csv` in the folder
//! `BRASA_DATA`; expect under 0.2 s. `-- synthetic DIR` reads what `titles data synth DIR` made (a
//! million titles) without a cache, into a cache and from it: give `plain`, `build` or `cache` as a third argument for one of them alone, as the peak of memory is that of the whole process. Expect under 500 MB for a million.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use brasa_data::{Files, TextConfig};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let argument = |place: usize| arguments.get(place).map(String::as_str);
    match argument(0) {
        Some("pricerunner") => {
            let folder = std::env::var("BRASA_DATA").unwrap_or_else(|_| "datasets".into());
            let config = TextConfig {
                file: Some("pricerunner_aggregate.csv".into()),
                text: Some("Product Title".into()),
                target: Some("Category Label".into()),
                ..TextConfig::default()
            };
            load("plain", &config, &Files::directory(Path::new(&folder).join("pricerunner")))
        }
        Some("synthetic") => {
            let folder = Path::new(argument(1).ok_or("say which folder `titles data synth` wrote to")?);
            let config = TextConfig { file: Some("spanish.train.jsonl.gz".into()), ..TextConfig::default() };
            let plain = Files::directory(folder);
            let cached = plain.clone().cached_in(folder.join("cache"));
            let only = argument(2);
            let wanted = |name: &str| only.is_none_or(|only| only == name);
            if wanted("plain") {
                load("plain", &config, &plain)?;
            }
            if wanted("build") {
                let _ = std::fs::remove_dir_all(folder.join("cache"));
                load("build", &config, &cached)?;
            }
            if wanted("cache") {
                load("cache", &config, &cached)?;
            }
            Ok(())
        }
        _ => Err("say `pricerunner` or `synthetic DIR [plain|build|cache]`".into()),
    }
}

fn load(what: &str, config: &TextConfig, files: &Files) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let data = config.load(files)?;
    let seconds = start.elapsed().as_secs_f64();
    let words = data.text.as_ref().map_or(0, |text| text.vocabulary.len());
    let tokens = data.text.as_ref().map_or(0, |text| text.counts.iter().sum::<u64>());
    println!("{what:32} {seconds:7.2} s, peak {:6.1} MiB", peak_mib());
    println!("{} titles, {} categories, {tokens} tokens, {words} words", data.len(), data.class_count());
    Ok(())
}

/// The largest resident set so far, where the kernel tells it.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}
