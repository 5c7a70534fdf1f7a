//! Gaussian blur.

use rand_chacha::ChaCha8Rng;

use super::border::Border;
use super::span::Span;
use super::step::{Image, ImageStep, Scratch, acts};
use crate::keys::Bounds;

crate::table! {
    /// Blurs the image with a Gaussian, reflected at the border, as OpenCV's `GaussianBlur` of bytes with a kernel size of 0:
    /// the kernel has the odd number of taps nearest to `6 sigma + 1`.
    pub struct Blur = "blur" {
        /// Standard deviation of the Gaussian in pixels; a range is drawn from once per image.
        sigma: Span;
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(Blur: Image);

impl ImageStep for Blur {
    fn check(&self) -> Result<(), String> {
        self.sigma.exactly().check("sigma", 0.0, 100.0)
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch) {
        let sigma = self.sigma.exactly().draw(rng);
        let taps = (6.0 * sigma + 1.0).round() as usize | 1;
        if taps == 1 {
            return;
        }
        let radius = (taps / 2) as i64;
        kernel(sigma, taps, &mut scratch.kernel);
        let (width, height) = (image.width, image.height);
        for plane in image.planes() {
            scratch.values.clear();
            scratch.values.resize(width * height, 0.0);
            for (line, sum) in plane.chunks_exact(width).zip(scratch.values.chunks_exact_mut(width)) {
                scratch.line.clear();
                let places =
                    (-radius..width as i64 + radius).map(|place| Border::Reflect.place(place, width));
                scratch.line.extend(places.flatten().map(|place| line[place]));
                for (tap, shifted) in scratch.kernel.iter().zip(scratch.line.windows(width)) {
                    add(sum, shifted, *tap);
                }
            }
            for (row, line) in (0..).zip(plane.chunks_exact_mut(width)) {
                line.fill(0.0);
                for (offset, tap) in (-radius..).zip(&scratch.kernel) {
                    let Some(from) = Border::Reflect.place(row + offset, height) else { continue };
                    add(line, &scratch.values[from * width..(from + 1) * width], *tap);
                }
            }
        }
    }
}

fn add(sum: &mut [f32], values: &[f32], factor: f32) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

/// `taps` values of a Gaussian that sum to 1.
fn kernel(sigma: f64, taps: usize, kernel: &mut Vec<f32>) {
    let gaussian = |tap: usize| {
        let distance = tap as f64 - (taps / 2) as f64;
        (-distance * distance / (2.0 * sigma * sigma)).exp()
    };
    let sum = (0..taps).map(gaussian).sum::<f64>();
    kernel.clear();
    kernel.extend((0..taps).map(|tap| (gaussian(tap) / sum) as f32));
}
