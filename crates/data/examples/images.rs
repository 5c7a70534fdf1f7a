//! How long the 900 PNG files of MNIST take: from a zip archive, from a folder and from the cache.
//!
//! `BRASA_DATA=datasets cargo run --release --example images`, where the folder holds
//! `mnist/mnist_png_small.zip`; a second name is that of a folder of images, such as the unpacked archive.
//! Then the cache by itself: 83 MB of pixels, which should take well under 100 ms.

use std::path::Path;
use std::time::{Duration, Instant};

use brasa_data::{DataError, Files, ImagesConfig};

const REPEATS: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::var("BRASA_DATA").unwrap_or_else(|_| "datasets".into());
    let files = Files::directory(Path::new(&folder).join("mnist"));
    let scratch = tempfile::tempdir()?;
    let cached = files.clone().cached_in(scratch.path().join("cache"));

    let archive = ImagesConfig { archive: Some("mnist_png_small.zip".into()), ..ImagesConfig::default() };
    report("archive, decoded", &archive, &files)?;
    report("archive, cached", &archive, &cached)?;
    if let Some(unpacked) = std::env::args().nth(1) {
        let folder = ImagesConfig { folder: Some(unpacked), ..ImagesConfig::default() };
        report("folder, decoded", &folder, &files)?;
        report("folder, cached", &folder, &cached)?;
    }

    // Little to check for change, and as many pixels as the faces of FER2013 have.
    for class in ["a", "b"] {
        let folder = scratch.path().join("large").join(class);
        std::fs::create_dir_all(&folder)?;
        for number in 0..4 {
            image::GrayImage::new(8, 8).save(folder.join(format!("{number}.png")))?;
        }
    }
    let large =
        ImagesConfig { folder: Some("large".into()), size: Some([3_220, 3_220]), ..ImagesConfig::default() };
    let files = Files::directory(scratch.path()).cached_in(scratch.path().join("cache"));
    report("83 MB, cached", &large, &files)
}

fn report(what: &str, config: &ImagesConfig, files: &Files) -> Result<(), Box<dyn std::error::Error>> {
    let time = median(|| config.read(files).map(drop))?;
    println!("{what}: {:.1} ms", time.as_secs_f64() * 1e3);
    Ok(())
}

/// Of 20 times, after one that fills the caches.
fn median(mut work: impl FnMut() -> Result<(), DataError>) -> Result<Duration, DataError> {
    work()?;
    let mut times = Vec::new();
    for _ in 0..REPEATS {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[REPEATS / 2])
}
