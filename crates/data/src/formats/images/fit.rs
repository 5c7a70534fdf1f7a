//! From a decoded image to the shape that a model takes.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{InnerPixel, U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use image::DynamicImage;

use crate::Limit;
use crate::config::Resize;
use crate::formats::images::config::Crop;
use crate::formats::images::decode::decode;

/// The shape of one sample and how images get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fit {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    pub resize: Resize,
    pub crop: Crop,
}

/// Pixels in rows, the channels of each side by side.
struct Pixels {
    channels: usize,
    height: usize,
    width: usize,
    values: Vec<u8>,
}

impl Fit {
    /// Values in one sample.
    pub fn sample_len(&self) -> Result<usize, String> {
        let pixels = (self.height as u64).saturating_mul(self.width as u64);
        match self.channels {
            1 | 3 if pixels <= Limit::Pixels.most() => {
                let values =
                    usize::try_from(pixels).ok().and_then(|pixels| pixels.checked_mul(self.channels));
                values.ok_or_else(|| format!("{pixels} pixels are too many for this machine"))
            }
            1 | 3 => {
                Err(format!("expected a size of at most {} pixels, found {pixels}", Limit::Pixels.most()))
            }
            other => Err(format!("the model takes {other} channels, images have 1 or 3")),
        }
    }

    /// Decodes a file into `sample`, which is `[channels, height, width]`.
    pub fn decode_into(&self, bytes: &[u8], sample: &mut [u8]) -> Result<(), String> {
        let pixels = Pixels::of(decode(bytes)?, self.channels);
        let pixels = match self.crop {
            Crop::None => pixels.resized(self.height, self.width, self.resize)?,
            Crop::Center => {
                let (height, width) = covering([pixels.height, pixels.width], [self.height, self.width])?;
                pixels.resized(height, width, self.resize)?.centre(self.height, self.width)
            }
        };
        planes(&pixels.values, pixels.channels, sample);
        Ok(())
    }
}

/// Puts pixels whose channels stand together into `sample`, where each channel is a plane of its own.
pub(crate) fn planes(pixels: &[u8], channels: usize, sample: &mut [u8]) {
    if channels == 1 && pixels.len() == sample.len() {
        sample.copy_from_slice(pixels);
        return;
    }
    for (channel, plane) in sample.chunks_exact_mut((sample.len() / channels).max(1)).enumerate() {
        for (to, pixel) in plane.iter_mut().zip(pixels.chunks_exact(channels)) {
            *to = pixel[channel];
        }
    }
}

impl Pixels {
    fn of(image: DynamicImage, channels: usize) -> Self {
        let (height, width) = (image.height() as usize, image.width() as usize);
        let values = match (channels, &image) {
            (1, DynamicImage::ImageRgb8(colours)) => luma(colours.as_raw().as_chunks::<3>().0),
            (1, DynamicImage::ImageRgba8(colours)) => luma(colours.as_raw().as_chunks::<4>().0),
            (1, _) => image.into_luma8().into_raw(),
            _ => image.into_rgb8().into_raw(),
        };
        Self { channels, height, width, values }
    }

    fn resized(self, height: usize, width: usize, resize: Resize) -> Result<Self, String> {
        if (self.height, self.width) == (height, width) {
            return Ok(self);
        }
        let algorithm = match resize {
            Resize::Nearest => ResizeAlg::Nearest,
            Resize::Bilinear => ResizeAlg::Convolution(FilterType::Bilinear),
            Resize::Area => ResizeAlg::Convolution(FilterType::Box),
        };
        let options = ResizeOptions::new().resize_alg(algorithm);
        // By its own type each: asked by a value, the library is compiled for every kind of pixel that it knows.
        let resized = match self.channels {
            1 => resized::<U8>(&self, height, width, &options),
            _ => resized::<U8x3>(&self, height, width, &options),
        };
        let values = resized.map_err(|error| format!("cannot resize the image: {error}"))?;
        Ok(Self { channels: self.channels, height, width, values })
    }

    fn centre(self, height: usize, width: usize) -> Self {
        let (top, left) = (margin(self.height, height), margin(self.width, width));
        let row_len = self.width * self.channels;
        let rows = self.values.chunks_exact(row_len).skip(top).take(height);
        let range = left * self.channels..(left + width) * self.channels;
        let values = rows.flat_map(|row| &row[range.clone()]).copied().collect();
        Self { channels: self.channels, height, width, values }
    }
}

fn resized<P: InnerPixel + PixelTrait>(
    from: &Pixels,
    height: usize,
    width: usize,
    options: &ResizeOptions,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let source = TypedImageRef::<P>::from_buffer(from.width as u32, from.height as u32, &from.values)?;
    let mut values = vec![0; height * width * from.channels];
    let mut target = TypedImage::<P>::from_buffer(width as u32, height as u32, &mut values)?;
    Resizer::new().resize_typed(&source, &mut target, options)?;
    Ok(values)
}

/// Grey as Pillow's `convert("L")` has it: ITU-R BT.601 in 16-bit fixed point.
fn luma<const CHANNELS: usize>(pixels: &[[u8; CHANNELS]]) -> Vec<u8> {
    let grey = |pixel: &[u8; CHANNELS]| {
        let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        ((r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16) as u8
    };
    pixels.iter().map(grey).collect()
}

/// The smallest size of the proportions of `from` that covers `to`, both `[height, width]`; the longer
/// side is rounded down, as torchvision does.
fn covering(from: [usize; 2], to: [usize; 2]) -> Result<(usize, usize), String> {
    let ([from_height, from_width], [height, width]) = (from, to);
    let covered = match width * from_height >= height * from_width {
        true => (from_height * width / from_width, width),
        false => (height, from_width * height / from_height),
    };
    match covered.0 as u64 * covered.1 as u64 <= Limit::Pixels.most() {
        true => Ok(covered),
        false => {
            Err(format!("{from_width} x {from_height} pixels are too long and thin to cut the centre from"))
        }
    }
}

/// What is cut off before the centre: half of the rest, halves to even, as Python rounds.
fn margin(whole: usize, part: usize) -> usize {
    let rest = whole.saturating_sub(part);
    match rest % 4 {
        3 => rest / 2 + 1,
        _ => rest / 2,
    }
}
