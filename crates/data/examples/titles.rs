//! How long titles take to load, and how much memory.
//!
//! `cargo run --release --example titles -- pricerunner` reads `pricerunner/pricerunner_aggregate.csv` in the folder
//! `BRASA_DATA`; expect under 0.2 s. `-- synthetic [LINES]` writes that many JSON lines (a million when not said) to a
//! temporary folder and reads them without a cache, into a cache and from it: give `plain`, `build` or `cache` as a third
//! argument for one of them alone, as the peak of memory is that of the whole process. Expect under 500 MB for a million.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use brasa_data::{Files, TitlesConfig, synthetic_titles};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let argument = |place: usize| arguments.get(place).map(String::as_str);
    match argument(0) {
        Some("pricerunner") => {
            let folder = std::env::var("BRASA_DATA").unwrap_or_else(|_| "datasets".into());
            let config = TitlesConfig {
                file: Some("pricerunner_aggregate.csv".into()),
                text: Some("Product Title".into()),
                target: Some("Category Label".into()),
                ..TitlesConfig::default()
            };
            load("plain", &config, &Files::directory(Path::new(&folder).join("pricerunner")))
        }
        Some("synthetic") => {
            let lines = argument(1).map_or(Ok(1_000_000), str::parse::<usize>)?;
            let folder = std::env::temp_dir().join(format!("brasa-titles-{lines}"));
            std::fs::create_dir_all(&folder)?;
            let path = folder.join("titles.jsonl");
            if !path.exists() {
                let start = Instant::now();
                synthetic_titles(lines, 42, std::fs::File::create(&path)?)?;
                println!("{:32} {:7.2} s", format!("wrote {lines} lines"), start.elapsed().as_secs_f64());
            }
            let config = TitlesConfig { file: Some("titles.jsonl".into()), ..TitlesConfig::default() };
            let plain = Files::directory(&folder);
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
        _ => Err("say `pricerunner` or `synthetic [LINES] [plain|build|cache]`".into()),
    }
}

fn load(what: &str, config: &TitlesConfig, files: &Files) -> Result<(), Box<dyn Error>> {
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
