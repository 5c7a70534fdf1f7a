//! The operations that policies such as RandAugment choose from, each with one strength.

use super::border::Border;
use super::solarize::solarize;
use super::step::{Image, Scratch};
use super::warp::{Motion, lean_rows, warp, warp_by};

/// An operation of AutoAugment's set (Cubuk et al., "AutoAugment: learning augmentation strategies from data", 2019), without the inversion of
/// colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Identity,
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
    Rotate,
    Brightness,
    Colour,
    Contrast,
    Sharpness,
    Posterize,
    Solarize,
    Autocontrast,
    Equalize,
}

/// Weights of red, green and blue in grey (ITU-R BT.601), as in torchvision.
const GREY: [f32; 3] = [0.2989, 0.587, 0.114];

impl Operation {
    pub const ALL: [Self; 14] = [
        Self::Identity,
        Self::ShearX,
        Self::ShearY,
        Self::TranslateX,
        Self::TranslateY,
        Self::Rotate,
        Self::Brightness,
        Self::Colour,
        Self::Contrast,
        Self::Sharpness,
        Self::Posterize,
        Self::Solarize,
        Self::Autocontrast,
        Self::Equalize,
    ];

    /// Whether a strength may be below 0: to the other side, or less instead of more.
    pub fn has_sign(self) -> bool {
        !matches!(
            self,
            Self::Identity | Self::Posterize | Self::Solarize | Self::Autocontrast | Self::Equalize
        )
    }

    /// Changes `image`. `strength` is the slope of a shear, pixels of a translation, degrees, what a factor differs from 1 by, the bits that are
    /// left by posterization, or the threshold of solarization.
    pub fn apply(self, strength: f64, image: &mut Image<'_>, border: Border, scratch: &mut Scratch) {
        let still = Motion { degrees: 0.0, scale: 1.0, shear: 0.0, shift: [0.0; 2] };
        let mut moved = |motion: Motion| warp(image, &motion, border, scratch);
        let factor = 1.0 + strength as f32;
        match self {
            Self::Identity => {}
            Self::ShearX => moved(Motion { shear: strength.atan().to_degrees(), ..still }),
            Self::ShearY => warp_by(image, lean_rows(strength, image.width), border, scratch),
            Self::TranslateX => moved(Motion { shift: [strength, 0.0], ..still }),
            Self::TranslateY => moved(Motion { shift: [0.0, strength], ..still }),
            Self::Rotate => moved(Motion { degrees: strength, ..still }),
            Self::Brightness => each(image, |pixel| pixel * factor),
            Self::Colour => colour(image, factor),
            Self::Contrast => {
                let mean = mean_grey(image);
                each(image, |pixel| mean + (pixel - mean) * factor);
            }
            Self::Sharpness => sharpen(image, factor, scratch),
            Self::Posterize => {
                let step = (8.0 - strength.clamp(0.0, 8.0)).exp2() as f32;
                each(image, |pixel| (pixel / step).floor() * step);
            }
            Self::Solarize => solarize(image, strength as f32),
            Self::Autocontrast => image.planes().for_each(stretch),
            Self::Equalize => image.planes().for_each(equalize),
        }
    }
}

fn each(image: &mut Image<'_>, change: impl Fn(f32) -> f32) {
    image.pixels.iter_mut().for_each(|pixel| *pixel = change(*pixel).clamp(0.0, 255.0));
}

/// The mean brightness: of the grey image, where there are three channels.
fn mean_grey(image: &mut Image<'_>) -> f32 {
    let mean =
        |plane: &[f32]| plane.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / plane.len().max(1) as f64;
    let means: Vec<f64> = image.planes().map(|plane| mean(plane)).collect();
    match means.as_slice() {
        &[red, green, blue] => {
            [red, green, blue].iter().zip(GREY).map(|(mean, weight)| mean * f64::from(weight)).sum::<f64>()
                as f32
        }
        means => (means.iter().sum::<f64>() / means.len().max(1) as f64) as f32,
    }
}

/// Towards grey below a factor of 1, away from it above; images of other than three channels have no colour.
fn colour(image: &mut Image<'_>, factor: f32) {
    let size = image.width * image.height;
    let Some((red, rest)) = image.pixels.split_at_mut_checked(size) else { return };
    let Some((green, blue)) = rest.split_at_mut_checked(size).filter(|(_, blue)| blue.len() == size) else {
        return;
    };
    for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
        let grey = *red * GREY[0] + *green * GREY[1] + *blue * GREY[2];
        for pixel in [red, green, blue] {
            *pixel = (grey + (*pixel - grey) * factor).clamp(0.0, 255.0);
        }
    }
}

/// Towards a smoothed image below a factor of 1, away from it above; the outermost pixels stay.
fn sharpen(image: &mut Image<'_>, factor: f32, scratch: &mut Scratch) {
    let (width, height) = (image.width, image.height);
    if width < 3 || height < 3 {
        return;
    }
    let source = scratch.copy(image.pixels);
    for (plane, source) in image.planes().zip(source.chunks_exact(width * height)) {
        let lines = plane.chunks_exact_mut(width).skip(1).take(height - 2);
        for (line, around) in lines.zip(source.windows(3 * width).step_by(width)) {
            let (above, rest) = around.split_at(width);
            let (own, below) = rest.split_at(width);
            let neighbours = above.windows(3).zip(own.windows(3)).zip(below.windows(3));
            for (pixel, ((above, own), below)) in line.iter_mut().skip(1).zip(neighbours) {
                let sum = [above, own, below].into_iter().flatten().sum::<f32>();
                let smooth = (sum + 4.0 * *pixel) / 13.0;
                *pixel = (smooth + (*pixel - smooth) * factor).clamp(0.0, 255.0);
            }
        }
    }
}

/// Stretches a channel over all values.
fn stretch(plane: &mut [f32]) {
    let ends = |(low, high): (f32, f32), pixel: &f32| (low.min(*pixel), high.max(*pixel));
    let (low, high) = plane.iter().fold((f32::INFINITY, f32::NEG_INFINITY), ends);
    if high > low {
        let factor = 255.0 / (high - low);
        plane.iter_mut().for_each(|pixel| *pixel = ((*pixel - low) * factor).clamp(0.0, 255.0));
    }
}

/// Spreads the values of a channel so that each is about as frequent, as Pillow's `ImageOps.equalize`: pixels are rounded to whole values.
fn equalize(plane: &mut [f32]) {
    let value = |pixel: f32| pixel.clamp(0.0, 255.0).round() as u8;
    let mut counts = [0_usize; 256];
    for pixel in plane.iter() {
        if let Some(count) = counts.get_mut(usize::from(value(*pixel))) {
            *count += 1;
        }
    }
    let last = counts.iter().rev().find(|count| **count > 0).copied().unwrap_or(0);
    let step = (plane.len() - last) / 255;
    if step == 0 {
        return;
    }
    let mut behind = step / 2;
    let spread = counts.map(|count| {
        let spread = (behind / step).min(255);
        behind += count;
        spread as f32
    });
    for pixel in plane {
        *pixel = spread.get(usize::from(value(*pixel))).copied().unwrap_or(*pixel);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Fixture {
        shape: Vec<usize>,
        pixels: Vec<f32>,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        operation: String,
        strength: f64,
        expected: Vec<f32>,
    }

    fn changed(operation: Operation, strength: f64, pixels: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
        let mut pixels = pixels.to_vec();
        let mut image = Image { pixels: &mut pixels, width, height };
        operation.apply(strength, &mut image, Border::Constant(0.0), &mut Scratch::default());
        pixels
    }

    #[test]
    fn what_changes_colours_is_as_in_torchvision() {
        let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
        let text = std::fs::read_to_string(format!("{root}/../../tests/fixtures/operations.json")).unwrap();
        let fixtures: Vec<Fixture> = serde_json::from_str(&text).unwrap();
        let mut seen = std::collections::HashSet::new();
        for Fixture { shape, pixels, cases } in fixtures {
            for Case { operation, strength, expected } in cases {
                let of = Operation::ALL.into_iter().find(|of| format!("{of:?}") == operation).unwrap();
                let found = changed(of, strength, &pixels, [shape[1], shape[2]]);
                seen.insert(operation.clone());
                for (found, expected) in found.iter().zip(&expected) {
                    // Its pixels are bytes, cut off after each of up to two sums; the mean grey is made of such pixels.
                    assert!(
                        (found - expected).abs() <= 2.0,
                        "{shape:?} {operation} {strength}: {found} {expected}"
                    );
                }
            }
        }
        assert_eq!(seen.len(), 8);
    }

    #[test]
    fn what_moves_pixels_moves_them_where_the_strength_says() {
        let size = [3, 3];
        let dot = |at: usize| (0..9).map(|place| if place == at { 200.0 } else { 0.0 }).collect::<Vec<f32>>();
        for (operation, strength, to) in [
            (Operation::TranslateX, 1.0, 2),
            (Operation::TranslateX, -1.0, 0),
            (Operation::TranslateY, 1.0, 4),
            (Operation::ShearX, 1.0, 0),
            (Operation::ShearX, -1.0, 2),
            (Operation::ShearY, 1.0, 1),
            (Operation::Rotate, 180.0, 7),
        ] {
            assert_eq!(changed(operation, strength, &dot(1), size), dot(to), "{operation:?} {strength}");
        }
        assert_eq!(changed(Operation::ShearY, 1.0, &dot(5), size), dot(8));
        assert_eq!(changed(Operation::ShearY, -1.0, &dot(5), size), dot(2));
    }

    #[test]
    fn images_of_one_pixel_and_of_one_value_go_through_all() {
        for operation in Operation::ALL {
            for (pixels, size) in [(vec![7.0], [1, 1]), (vec![9.0; 12], [2, 2]), (vec![0.0; 20], [5, 4])] {
                assert!(
                    changed(operation, 0.5, &pixels, size).iter().all(|pixel| (0.0..=255.0).contains(pixel))
                );
            }
        }
    }
}
