//! Resampling an image along an affine map.

use super::border::Border;
use super::step::{Image, Scratch};

/// An affine map about the centre of an image.
///
/// A point is sheared, turned, scaled and then shifted; angles count as in OpenCV's `getRotationMatrix2D`, positive ones
/// anticlockwise on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Motion {
    pub degrees: f64,
    pub scale: f64,
    /// Angle by which upright lines lean, degrees.
    pub shear: f64,
    /// Columns to the right, rows downwards.
    pub shift: [f64; 2],
}

/// Where a pixel of the result comes from: `[x, y]` is each row times `[column, row, 1]`.
pub(super) type Inverse = [[f64; 3]; 2];

impl Motion {
    fn inverse(&self, width: usize, height: usize) -> Inverse {
        let centre = [(width as f64 - 1.0) / 2.0, (height as f64 - 1.0) / 2.0];
        let (sin, cos) = sin_cos(self.degrees);
        let (lean, scale) = (self.shear.to_radians().tan(), self.scale);
        let turned_back =
            [[(cos - lean * sin) / scale, (-sin - lean * cos) / scale], [sin / scale, cos / scale]];
        let from = [centre[0] + self.shift[0], centre[1] + self.shift[1]];
        let line = |[a, b]: [f64; 2], centre: f64| [a, b, centre - (a * from[0] + b * from[1])];
        [line(turned_back[0], centre[0]), line(turned_back[1], centre[1])]
    }
}

/// Sine and cosine, exact for quarter turns.
fn sin_cos(degrees: f64) -> (f64, f64) {
    match (degrees / 90.0).rem_euclid(4.0) {
        0.0 => (0.0, 1.0),
        1.0 => (1.0, 0.0),
        2.0 => (0.0, -1.0),
        3.0 => (-1.0, 0.0),
        _ => degrees.to_radians().sin_cos(),
    }
}

/// Fractional bits of a place in an image: walking along a row adds up whole numbers, so there is no rounding error to
/// grow, and a shift and a mask split off the fraction for negative places, too.
const BITS: u32 = 32;

fn fixed(place: f64) -> i64 {
    (place * (1_u64 << BITS) as f64).round() as i64
}

/// The fraction of a place, from its 24 highest bits, which `f32` holds exactly.
fn fraction(place: i64) -> f32 {
    ((place as u32) >> 8) as i32 as f32 * (1.0 / (1_u32 << 24) as f32)
}

/// Moves the image, with bilinear interpolation. Where places fall on pixels, values come through exactly.
pub(super) fn warp(image: &mut Image<'_>, motion: &Motion, border: Border, scratch: &mut Scratch) {
    warp_by(image, motion.inverse(image.width, image.height), border, scratch);
}

/// Where pixels come from when level lines fall by `slope` to the right, about the centre of an image so wide.
pub(super) fn lean_rows(slope: f64, width: usize) -> Inverse {
    [[1.0, 0.0, 0.0], [-slope, 1.0, slope * (width as f64 - 1.0) / 2.0]]
}

/// As [`warp`], by where each pixel comes from.
pub(super) fn warp_by(image: &mut Image<'_>, [to_x, to_y]: Inverse, border: Border, scratch: &mut Scratch) {
    let (width, height) = (image.width, image.height);
    let (step_x, step_y) = (fixed(to_x[0]), fixed(to_y[0]));
    // Both lie inside when the upper left of the four pixels is below these.
    let (last_column, last_row) = (width as u64 - 1, height as u64 - 1);
    let source = scratch.copy(image.pixels);
    for (plane, source) in image.planes().zip(source.chunks_exact(width * height)) {
        for (row, line) in plane.chunks_exact_mut(width).enumerate() {
            let mut x = fixed(to_x[1] * row as f64 + to_x[2]);
            let mut y = fixed(to_y[1] * row as f64 + to_y[2]);
            for pixel in line {
                let (column, row) = (x >> BITS, y >> BITS);
                let corners = match (column as u64) < last_column && (row as u64) < last_row {
                    true => inside(source, width, column as usize + row as usize * width),
                    false => [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| {
                        let place = border.place(column + right, width).zip(border.place(row + down, height));
                        place.map_or(border.value(), |(column, row)| source[row * width + column])
                    }),
                };
                *pixel = blend(corners, fraction(x), fraction(y));
                x = x.wrapping_add(step_x);
                y = y.wrapping_add(step_y);
            }
        }
    }
}

fn inside(source: &[f32], width: usize, upper_left: usize) -> [f32; 4] {
    match source.get(upper_left..upper_left + width + 2) {
        Some(window) => [window[0], window[1], window[width], window[width + 1]],
        None => [0.0; 4],
    }
}

fn blend([a, b, c, d]: [f32; 4], right: f32, down: f32) -> f32 {
    let upper = a + (b - a) * right;
    let lower = c + (d - c) * right;
    upper + (lower - upper) * down
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Motion = Motion { degrees: 0.0, scale: 1.0, shear: 0.0, shift: [0.0; 2] };

    fn moved(motion: Motion, pixels: &[f32], [height, width]: [usize; 2], border: Border) -> Vec<f32> {
        let mut pixels = pixels.to_vec();
        let mut image = Image { pixels: &mut pixels, width, height };
        warp(&mut image, &motion, border, &mut Scratch::default());
        pixels
    }

    #[test]
    fn whole_places_come_through_to_the_bit() {
        let pixels = [0.1, 0.2, 0.3, 40.1, 50.2, 60.3, 7.7, 8.8, 9.9];
        let black = Border::Constant(-1.0);
        let turned = |degrees| moved(Motion { degrees, ..STILL }, &pixels, [3, 3], black);
        assert_eq!(turned(0.0), pixels);
        assert_eq!(turned(90.0), [0.3, 60.3, 9.9, 0.2, 50.2, 8.8, 0.1, 40.1, 7.7]);
        assert_eq!(turned(180.0), [9.9, 8.8, 7.7, 60.3, 50.2, 40.1, 0.3, 0.2, 0.1]);
        assert_eq!(turned(-90.0), turned(270.0));
        let shifted = moved(Motion { shift: [1.0, -1.0], ..STILL }, &pixels, [3, 3], black);
        assert_eq!(shifted, [-1.0, 40.1, 50.2, -1.0, 7.7, 8.8, -1.0, -1.0, -1.0]);
    }

    #[test]
    fn even_sides_turn_about_their_middle() {
        let pixels = [1.0, 2.0, 3.0, 4.0];
        let turned = moved(Motion { degrees: 90.0, ..STILL }, &pixels, [2, 2], Border::Constant(0.0));
        assert_eq!(turned, [2.0, 4.0, 1.0, 3.0]);
    }

    #[test]
    fn an_image_of_one_pixel_stays_under_a_mirror() {
        let motion = Motion { degrees: 33.0, scale: 0.5, shear: 10.0, shift: [3.0, 2.0] };
        assert_eq!(moved(motion, &[7.0], [1, 1], Border::Reflect), [7.0]);
    }
}
