//! Image files given to a model.

use std::io::Cursor;

use brasa_data::{Crop, ImageInput, InputSpec, Resize, TableInput};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use proptest::prelude::*;
use serde::Deserialize;

fn spec(channels: usize, height: usize, width: usize, resize: Resize) -> InputSpec {
    InputSpec::Image(ImageInput { channels, height, width, resize, crop: Crop::None })
}

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn decode(spec: &InputSpec, bytes: &[u8]) -> Vec<u8> {
    spec.read("x", bytes, None).unwrap().samples.u8_row(0).unwrap().to_vec()
}

#[test]
fn an_image_of_the_right_size_is_kept_to_the_bit() {
    let image = GrayImage::from_fn(3, 2, |x, y| Luma([(x + 10 * y) as u8]));
    let png = encode(image, ImageFormat::Png);
    assert_eq!(decode(&spec(1, 2, 3, Resize::Bilinear), &png), [0, 1, 2, 10, 11, 12]);
}

#[test]
fn colours_come_as_planes_and_convert() {
    let image = RgbImage::from_fn(2, 1, |x, _| Rgb([x as u8, 100, 200]));
    let png = encode(image, ImageFormat::Png);
    assert_eq!(decode(&spec(3, 1, 2, Resize::Nearest), &png), [0, 1, 100, 100, 200, 200]);
    let grey = encode(GrayImage::from_pixel(1, 1, Luma([7])), ImageFormat::Png);
    assert_eq!(decode(&spec(3, 1, 1, Resize::Nearest), &grey), [7, 7, 7]);
    let red = encode(RgbImage::from_pixel(1, 1, Rgb([255, 0, 0])), ImageFormat::Png);
    // BT.601 gives red the weight 0.299.
    assert_eq!(decode(&spec(1, 1, 1, Resize::Nearest), &red), [76]);
}

#[derive(Deserialize)]
struct Decoded {
    case: String,
    height: usize,
    width: usize,
    grey: Vec<u8>,
    rgb: Vec<u8>,
}

#[derive(Deserialize)]
struct Resized {
    case: String,
    channels: usize,
    resize: Resize,
    crop: Crop,
    height: usize,
    width: usize,
    values: Vec<u8>,
}

#[derive(Deserialize)]
struct Fixture {
    decoded: Vec<Decoded>,
    resized: Vec<Resized>,
}

/// A file of `tests/fixtures`, asked for when it runs: a cached test binary may come from a clone that is gone.
fn fixture_file(name: &str) -> Vec<u8> {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    std::fs::read(format!("{root}/../../tests/fixtures/{name}")).unwrap()
}

fn fixture() -> Fixture {
    serde_json::from_slice(&fixture_file("images.json")).unwrap()
}

#[test]
fn png_of_every_eight_bit_kind_is_as_pillow_reads_it_to_the_last_bit() {
    let cases = fixture().decoded;
    assert_eq!(cases.len(), 11);
    for Decoded { case, height, width, grey, rgb } in cases {
        let bytes = fixture_file(&format!("images/{case}"));
        assert_eq!(decode(&spec(1, height, width, Resize::Nearest), &bytes), grey, "{case} as grey");
        assert_eq!(decode(&spec(3, height, width, Resize::Nearest), &bytes), rgb, "{case} in colour");
    }
}

#[test]
fn sizes_change_as_with_pillow_and_centres_are_cut_as_with_torchvision() {
    let cases = fixture().resized;
    assert_eq!(cases.len(), 36);
    for Resized { case, channels, resize, crop, height, width, values } in cases {
        let bytes = fixture_file(&format!("images/{case}"));
        let found = decode(&InputSpec::Image(ImageInput { channels, height, width, resize, crop }), &bytes);
        // Pillow's weights have more bits than those of the vector instructions.
        let tolerance = if resize == Resize::Nearest { 0 } else { 1 };
        assert_eq!(found.len(), values.len());
        let far = found.iter().zip(&values).find(|(found, value)| found.abs_diff(**value) > tolerance);
        assert_eq!(far, None, "{case} to {height} x {width} by {resize:?}, {crop:?}");
    }
}

#[test]
fn what_would_have_to_be_guessed_is_refused() {
    let grey = spec(1, 8, 8, Resize::Bilinear);
    for (file, problem) in [
        ("sixteen-bit.png", "expected at most 8 bits per channel, found 16; convert the image"),
        ("animated.apng", "expected a still image, found an animated PNG"),
        ("animated.gif", "expected a PNG or JPEG image, found a GIF file"),
        ("cmyk.jpg", "expected grey or RGB colours, found CMYK; convert the image"),
    ] {
        let bytes = fixture_file(&format!("images/{file}"));
        let error = grey.read(file, &bytes, None).unwrap_err().to_string();
        assert_eq!(error, format!("{file}: {problem}"));
    }
}

#[test]
fn a_jpeg_that_is_cut_short_is_refused() {
    let bytes = fixture_file("images/rgb.jpg");
    let grey = spec(1, 8, 8, Resize::Bilinear);
    grey.read("x", &bytes, None).unwrap();
    for len in [3, 100, bytes.len() / 2, bytes.len() - 20, bytes.len() - 3] {
        let result = grey.read("x.jpg", &bytes[..len], None);
        assert!(result.is_err(), "{len} of {} bytes", bytes.len());
    }
}

#[test]
fn a_line_of_pixels_has_no_centre_that_memory_could_hold() {
    let line = encode(GrayImage::new(1, 60_000), ImageFormat::Png);
    let spec = InputSpec::Image(ImageInput {
        channels: 1,
        height: 64,
        width: 64,
        resize: Resize::Nearest,
        crop: Crop::Center,
    });
    let message = spec.read("x", &line, None).unwrap_err().to_string();
    assert!(message.starts_with("x: 1 x 60000 pixels are too long and thin"), "{message}");
}

#[test]
fn a_saved_input_without_a_crop_stretches() {
    let json = r#"{"kind":"image","channels":1,"height":2,"width":2,"resize":"area"}"#;
    let saved: InputSpec = serde_json::from_str(json).unwrap();
    assert_eq!(saved, spec(1, 2, 2, Resize::Area));
    assert_eq!(serde_json::to_string(&saved).unwrap(), json);
    let cropped = InputSpec::Image(ImageInput {
        channels: 1,
        height: 2,
        width: 2,
        resize: Resize::Area,
        crop: Crop::Center,
    });
    let again: InputSpec = serde_json::from_str(&serde_json::to_string(&cropped).unwrap()).unwrap();
    assert_eq!(again, cropped);
}

#[test]
fn jpeg_is_read() {
    let jpeg = encode(GrayImage::from_pixel(16, 16, Luma([128])), ImageFormat::Jpeg);
    let found = decode(&spec(1, 8, 8, Resize::Bilinear), &jpeg);
    assert!(found.iter().all(|value| value.abs_diff(128) <= 2), "{found:?}");
}

#[test]
fn what_is_no_image_is_named() {
    let grey = spec(1, 8, 8, Resize::Bilinear);
    let message = |bytes: &[u8]| grey.read("cat.png", bytes, None).unwrap_err().to_string();
    assert_eq!(message(b""), "cat.png: the file is empty; expected a PNG or JPEG image");
    assert_eq!(message(b"hello"), "cat.png: expected a PNG or JPEG image, found something else");
    let png = encode(GrayImage::new(9, 9), ImageFormat::Png);
    assert!(message(&png[..png.len() / 2]).starts_with("cat.png: cannot decode the image"));
    assert!(message(b"GIF89a\x01\x00\x01\x00").starts_with("cat.png: "));
    assert_eq!(message(b"a\n1\n"), "cat.png: expected a PNG or JPEG image, found something else");
    let table = InputSpec::Table(TableInput::of(vec!["a".into()]));
    let error = table.read("cat.png", &png, None).unwrap_err().to_string();
    assert!(error.starts_with("cat.png: "), "{error}");
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    // A PNG of 40 bytes or so that says 60,000 x 60,000.
    let mut png = encode(GrayImage::new(1, 1), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    let message = spec(1, 8, 8, Resize::Bilinear).read("x", &png, None).unwrap_err().to_string();
    assert!(message.starts_with("x: 60000 x 60000 pixels; expected"), "{message}");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

proptest! {
    #[test]
    fn damaged_images_never_panic(at in 0_usize..70, flip in 1_u8.., jpeg in any::<bool>()) {
        let format = if jpeg { ImageFormat::Jpeg } else { ImageFormat::Png };
        let mut bytes = encode(GrayImage::from_fn(4, 4, |x, y| Luma([(x * y) as u8])), format);
        if let Some(byte) = bytes.get_mut(at) { *byte ^= flip; }
        let _ = spec(1, 2, 2, Resize::Bilinear).read("x", &bytes, None);
    }
}
