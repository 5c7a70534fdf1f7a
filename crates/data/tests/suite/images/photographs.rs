//! JPEG files as cameras and phones write them, against the pixels that Pillow reads.

use std::path::PathBuf;

use brasa_data::{ImageInput, InputSpec, Resize};

use super::*;

const SIZE: [usize; 2] = [37, 51];

/// The JPEG files of `tests/fixtures/jpeg`, by name, asked for when a test runs.
fn photographs() -> Vec<(String, Vec<u8>)> {
    let folder =
        PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/fixtures/jpeg");
    let mut paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    paths.retain(|path| path.extension().unwrap() == "jpg");
    paths.sort();
    assert_eq!(paths.len(), 24);
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read(path).unwrap());
    paths.into_iter().map(read).collect()
}

fn by_pillow(photograph: &str) -> Vec<u8> {
    let png = image::open(PathBuf::from(photograph).with_extension("png")).unwrap();
    let pixels = png.to_rgb8();
    (0..3)
        .flat_map(|channel| pixels.pixels().map(move |pixel| pixel.0[channel]).collect::<Vec<_>>())
        .collect()
}

fn colours() -> InputSpec {
    let [height, width] = SIZE;
    let (resize, crop) = (Resize::Bilinear, Default::default());
    InputSpec::Image(ImageInput { channels: 3, height, width, resize, crop })
}

/// What a model that was trained on such photographs gets of a file.
fn predicted(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let raw = colours().read(name, bytes, None)?;
    Ok(raw.samples.u8_row(0).unwrap().to_vec())
}

/// Bytes of a fixed sequence that looks random; every pair of bytes occurs in a megabyte of them.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// The decoders transform and convert colours in fixed-point arithmetic of their own, which rounds otherwise.
#[test]
fn pixels_are_those_of_pillow_to_within_rounding() {
    let compare = |(name, bytes): (String, Vec<u8>)| {
        let expected = by_pillow(&name);
        let read = predicted(&name, &bytes).unwrap();
        let differences = read.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).collect::<Vec<_>>();
        let mean = differences.iter().copied().map(f64::from).sum::<f64>() / expected.len() as f64;
        (name, differences.into_iter().max().unwrap(), mean)
    };
    let differences = photographs().into_iter().map(compare).collect::<Vec<_>>();
    assert!(differences.iter().all(|&(_, largest, mean)| largest <= 3 && mean < 0.4), "{differences:#?}");
}

#[test]
fn a_megabyte_behind_the_end_changes_nothing_in_training_or_prediction() {
    let plain = photographs();
    let tailed = plain.iter().zip(1..).map(|((name, bytes), seed)| {
        let tail = noise(1 << 20, seed);
        assert!(
            tail.windows(2).any(|pair| pair == [0xFF, 0xDA])
                && tail.windows(2).any(|pair| pair == [0xFF, 0xD9])
        );
        (name.clone(), [bytes.as_slice(), &tail].concat())
    });
    let tailed = tailed.collect::<Vec<_>>();
    let mut read_both = 0;
    for ((name, plain), (_, tailed)) in plain.iter().zip(&tailed) {
        assert_eq!(predicted(name, tailed).unwrap(), predicted(name, plain).unwrap());
        read_both += 1;
    }
    assert_eq!(read_both, 24);

    let train = |photographs: &[(String, Vec<u8>)]| {
        let place = |(at, (_, bytes)): (usize, &(String, Vec<u8>))| {
            (format!("{}/{at:02}.jpg", ["cat", "dog"][at % 2]), bytes.clone())
        };
        let files = photographs.iter().enumerate().map(place).collect::<Vec<_>>();
        let files = files.iter().map(|(path, bytes)| (path.as_str(), bytes)).collect::<Vec<_>>();
        read("channels = 3", &photos(&files)).unwrap()
    };
    let data = train(&tailed);
    assert_eq!((data.len(), data.samples.shape()), (24, [3, 37, 51].as_slice()));
    assert_eq!(data.samples, train(&plain).samples);
}

#[test]
fn a_film_with_markers_of_its_own_and_a_second_picture_behind_the_end() {
    let (name, photograph) = photographs().swap_remove(6);
    let expected = predicted(&name, &photograph).unwrap();
    // What ends in the middle of a scan, as a whole picture that is cut short.
    let second = &photograph[..photograph.len() - 30];
    for tail in [b"\0\0\0\x18ftypmp42 \xFF\xDA".as_slice(), b"\xFF\xDA\0\x08", second, &[0xFF; 9]] {
        let bytes = [photograph.as_slice(), tail].concat();
        assert_eq!(predicted(&name, &bytes).unwrap(), expected);
    }
}

#[test]
fn photographs_that_are_cut_short_are_refused_wherever_that_is() {
    for (name, bytes) in photographs() {
        for part in [0.3, 0.5, 0.8, 0.95] {
            let cut = &bytes[..(bytes.len() as f64 * part) as usize];
            let message = predicted("x.jpg", cut).unwrap_err().to_string();
            assert!(message.starts_with("x.jpg: cannot decode the image: "), "{name} {part}: {message}");
        }
        let cut = &bytes[..bytes.len() - 1];
        let folder = photos(&[("cat/a.jpg", &bytes[..]), ("dog/b.jpg", cut)]);
        assert_eq!(message("", &folder), "photos/dog/b.jpg: cannot decode the image: the file is cut short");
    }
}

#[test]
fn a_png_with_something_behind_its_end_is_read_too() {
    let file = [png(7), noise(1 << 16, 3)].concat();
    let data = read("", &photos(&[("cat/a.png", file.clone()), ("dog/a.png", png(8))])).unwrap();
    assert_eq!(firsts(&data), [7, 8]);
    let (resize, crop) = (Resize::Nearest, Default::default());
    let input = InputSpec::Image(ImageInput { channels: 1, height: 2, width: 3, resize, crop });
    assert_eq!(input.read("x", &file, None).unwrap().samples.u8_row(0).unwrap()[0], 7);
}
