//! From the bytes of a PNG or JPEG file to 8-bit pixels.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;

use super::jpeg::{self, Fault};
use crate::Limit;

/// Bytes for what a PNG holds beside its pixels.
const MAX_BESIDE: u64 = 4 << 20;

/// What a file says of its image before the pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub height: usize,
    pub width: usize,
    /// Whether the colours are stored as grey; a palette is not.
    pub grey: bool,
}

type Decoded<T> = std::result::Result<T, String>;

/// Reads the header, with all that [`decode`] refuses a file for but damage.
pub(crate) fn header(bytes: &[u8]) -> Decoded<Header> {
    let mut decoder = open(bytes)?;
    let grey = matches!(decoder.color_type(), ColorType::L8 | ColorType::La8);
    let (width, height) = decoder.dimensions();
    let (width, height) = match decoder.orientation().map_err(text)? {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        _ => (width, height),
    };
    Ok(Header { height: height as usize, width: width as usize, grey })
}

/// Decodes the image and turns it as the camera that took it was held.
pub(crate) fn decode(bytes: &[u8]) -> Decoded<DynamicImage> {
    let mut decoder = open(bytes)?;
    let orientation = decoder.orientation().map_err(text)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(text)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn open(bytes: &[u8]) -> Decoded<Box<dyn ImageDecoder + '_>> {
    let decoder: Box<dyn ImageDecoder> = match image::guess_format(bytes) {
        _ if bytes.is_empty() => return Err("the file is empty; expected a PNG or JPEG image".into()),
        Ok(ImageFormat::Png) => Box::new(open_png(bytes)?),
        Ok(ImageFormat::Jpeg) => Box::new(open_jpeg(bytes)?),
        Ok(other) => {
            let name = other.extensions_str().first().unwrap_or(&"other").to_uppercase();
            return Err(format!("expected a PNG or JPEG image, found a {name} file"));
        }
        Err(_) => return Err("expected a PNG or JPEG image, found something else".into()),
    };
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let most = Limit::Pixels.most();
    if pixels == 0 || pixels > most {
        let hint = if pixels == 0 { String::new() } else { format!("; {}", Limit::Pixels.hint()) };
        return Err(format!("{width} x {height} pixels; expected 1 to {most} in all{hint}"));
    }
    Ok(decoder)
}

fn open_png(bytes: &[u8]) -> Decoded<PngDecoder<Cursor<&[u8]>>> {
    let mut limits = Limits::default();
    // What its size needs, and some for what comes with it: a colour profile may unpack to anything.
    let side =
        |at: usize| bytes.get(at..at + 4).and_then(|side| side.try_into().ok()).map_or(0, u32::from_be_bytes);
    let pixels = u64::from(side(16)).saturating_mul(u64::from(side(20))).min(Limit::Pixels.most());
    limits.max_alloc = Some(pixels.saturating_mul(8).saturating_add(MAX_BESIDE));
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(text)?;
    if decoder.is_apng().map_err(text)? {
        return Err("expected a still image, found an animated PNG".into());
    }
    match decoder.color_type() {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => Ok(decoder),
        _ => Err("expected at most 8 bits per channel, found 16; convert the image".into()),
    }
}

fn open_jpeg(file: &[u8]) -> Decoded<JpegDecoder<Cursor<&[u8]>>> {
    // The decoder below would paint grey what a file that is cut short does not tell.
    let bytes = jpeg::image(file).map_err(|fault| match fault {
        Fault::CutShort => "cannot decode the image: the file is cut short",
        Fault::Broken => "cannot decode the image: the segments of the JPEG file are damaged",
        Fault::Arithmetic => {
            "expected a JPEG image with Huffman codes, found arithmetic ones; convert the image"
        }
    })?;
    // It would also turn inks into colours without their profile, which is a guess.
    let mut headers = zune_jpeg::JpegDecoder::new(ZCursor::new(bytes));
    headers.decode_headers().map_err(|error| format!("cannot decode the image: {error}"))?;
    if let Some(ColorSpace::CMYK | ColorSpace::YCCK) = headers.input_colorspace() {
        return Err("expected grey or RGB colours, found CMYK; convert the image".into());
    }
    JpegDecoder::new(Cursor::new(bytes)).map_err(text)
}

fn text(error: ImageError) -> String {
    format!("cannot decode the image: {error}")
}
