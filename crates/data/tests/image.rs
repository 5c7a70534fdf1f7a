//! Image files given to a model.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Cursor;

use brasa_data::{Crop, InputSpec, Resize};
use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

fn spec(channels: usize, height: usize, width: usize, resize: Resize) -> InputSpec {
    InputSpec::Image { channels, height, width, resize, crop: Crop::None }
}

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn decode(spec: &InputSpec, bytes: &[u8]) -> Vec<u8> {
    spec.decode_image("x", bytes).unwrap().u8_row(0).unwrap().to_vec()
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
    // Rec. 709 gives red the weight 0.2126.
    assert_eq!(decode(&spec(1, 1, 1, Resize::Nearest), &red), [54]);
}

#[test]
fn sixteen_bits_and_transparency_are_converted() {
    let deep = ImageBuffer::<Luma<u16>, _>::from_pixel(1, 1, Luma([0xABCD_u16]));
    let deep = encode(DynamicImage::ImageLuma16(deep), ImageFormat::Png);
    assert_eq!(decode(&spec(1, 1, 1, Resize::Nearest), &deep), [0xAB]);
    let clear = encode(RgbaImage::from_pixel(1, 1, Rgba([9, 9, 9, 0])), ImageFormat::Png);
    assert_eq!(decode(&spec(1, 1, 1, Resize::Nearest), &clear), [9]);
}

#[test]
fn sizes_change_as_with_pillow() {
    let image = GrayImage::from_fn(4, 4, |x, y| Luma([(16 * (x + 4 * y)) as u8]));
    let png = encode(image, ImageFormat::Png);
    // Image.resize((2, 2), Image.BILINEAR) of Pillow, which rounds in fixed point.
    let found = decode(&spec(1, 2, 2, Resize::Bilinear), &png);
    for (found, expected) in found.iter().zip([57_u8, 83, 157, 183]) {
        assert!(found.abs_diff(expected) <= 1, "{found} is not {expected}");
    }
    let grown = encode(GrayImage::from_raw(2, 2, vec![0, 100, 200, 255]).unwrap(), ImageFormat::Png);
    let found = decode(&spec(1, 4, 4, Resize::Bilinear), &grown);
    let expected = [0, 25, 75, 100, 50, 72, 117, 139, 150, 167, 200, 216, 200, 214, 241, 255_u8];
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.abs_diff(expected) <= 1, "{found} is not {expected}");
    }
    let found = decode(&spec(1, 4, 4, Resize::Nearest), &grown);
    assert_eq!(&found[..4], [0, 0, 100, 100]);
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
    let message = |bytes: &[u8]| grey.decode_image("cat.png", bytes).unwrap_err().to_string();
    assert_eq!(message(b""), "cat.png: the file is empty");
    assert_eq!(message(b"hello"), "cat.png: expected a PNG or JPEG image, found something else");
    let png = encode(GrayImage::new(9, 9), ImageFormat::Png);
    assert!(message(&png[..png.len() / 2]).starts_with("cat.png: cannot decode the image"));
    assert!(message(b"GIF89a\x01\x00\x01\x00").starts_with("cat.png: "));
    let table = InputSpec::Table { columns: vec!["a".into()] };
    let error = table.decode_image("cat.png", &png).unwrap_err().to_string();
    assert_eq!(error, "cat.png: this model takes rows of a table, not images");
    let error = grey.read_csv("x.csv", b"a\n1\n", b',').unwrap_err().to_string();
    assert_eq!(error, "x.csv: this model takes images, not rows of a table");
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    // A PNG of 40 bytes or so that says 60,000 x 60,000.
    let mut png = encode(GrayImage::new(1, 1), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    let message = spec(1, 8, 8, Resize::Bilinear).decode_image("x", &png).unwrap_err().to_string();
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
        let _ = spec(1, 2, 2, Resize::Bilinear).decode_image("x", &bytes);
    }
}
