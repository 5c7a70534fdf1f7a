//! Points of two classes in the plane, made from a seed: what a perceptron can and cannot learn.

mod config;
#[cfg(test)]
mod tests;

use std::f64::consts::{PI, TAU};

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

pub(crate) use config::PointsSource;
pub use config::{PointShape, PointsConfig};

use crate::formats::table::TableInput;
use crate::formats::{Features, Source};
use crate::seed::uniform;
use crate::{Files, InputSpec, Labelled, Result, Samples, Values, seed};

/// First part that keeps these draws apart from others of the same seed.
const POINTS: u64 = 0x706f_696e; // "poin"

type Point = [f32; 2];

impl Source for PointsSource {
    fn name(&self) -> &'static str {
        "points"
    }

    /// None: the points are made.
    fn file_names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn features(&self) -> Features {
        Features::Columns
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        InputSpec::Table(TableInput::of(data.feature_names.clone()))
    }

    fn classes(&self) -> Option<&[String]> {
        Some(&self.classes)
    }

    fn shape(&self) -> Option<Vec<usize>> {
        Some(vec![2])
    }

    /// Makes the points; the same ones for the same table, whatever is in `files`.
    ///
    /// # Errors
    /// None that a checked table can cause.
    fn read(&self, _files: &Files) -> Result<Labelled> {
        let mut rng = seed::rng(self.seed, &[POINTS]);
        let rng = &mut rng;
        let mut points: Vec<(Point, u32)> = match self.shape {
            PointShape::Blobs => self.each(|class, _| noisy(BLOBS[class as usize % 2], self.spread, rng)),
            PointShape::Xor => {
                self.each(|class, place| noisy(CORNERS[class as usize % 2][place % 2], self.spread, rng))
            }
            PointShape::Moons => self.each(|class, place| {
                let of_class = (self.rows + 1 - class as usize) / 2;
                noisy(moon(class, place as f64 / (of_class - 1).max(1) as f64), self.spread, rng)
            }),
            PointShape::Line => {
                let line = Line::random(rng);
                self.each(|class, _| line.point(class, self.spread, rng))
            }
        };
        seed::shuffle(&mut points, rng);
        Ok(Labelled {
            feature_names: vec!["X1".into(), "X2".into()],
            ..Labelled::new(
                format!("points ({})", self.shape.name()),
                Samples::new(vec![2], Values::F32(points.iter().flat_map(|(point, _)| *point).collect()))?,
                points.iter().map(|(_, class)| *class).collect(),
                self.classes.clone(),
            )
        })
    }
}

impl PointsSource {
    /// A point of each class in turn; `make` gets the class and the point's place within it.
    fn each(&self, mut make: impl FnMut(u32, usize) -> Point) -> Vec<(Point, u32)> {
        (0..self.rows)
            .map(|row| (row as u32 % 2, row / 2))
            .map(|(class, place)| (make(class, place), class))
            .collect()
    }
}

const BLOBS: [[f64; 2]; 2] = [[0.3, 0.3], [0.7, 0.7]];
const CORNERS: [[[f64; 2]; 2]; 2] = [[[0.25, 0.25], [0.75, 0.75]], [[0.25, 0.75], [0.75, 0.25]]];

/// The point at `share` of the way along a half circle. The moons of scikit-learn, three wide, shrunk to 1.
fn moon(class: u32, share: f64) -> [f64; 2] {
    let (sin, cos) = (PI * share).sin_cos();
    let (x, y) = if class == 0 { (cos, sin) } else { (1.0 - cos, 0.5 - sin) };
    [(x + 1.0) / 3.0, (y + 1.0) / 3.0]
}

fn noisy(place: [f64; 2], deviation: f64, rng: &mut ChaCha8Rng) -> Point {
    place.map(|at| {
        let draw: f64 = StandardNormal.sample(rng);
        (at + deviation * draw) as f32
    })
}

/// A line through the middle of the square, as its unit normal and a point on it.
struct Line {
    normal: [f64; 2],
    through: [f64; 2],
}

impl Line {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        let (sin, cos) = (TAU * uniform(rng)).sin_cos();
        let mut near_the_middle = || 0.4 + 0.2 * uniform(rng);
        Self { normal: [cos, sin], through: [near_the_middle(), near_the_middle()] }
    }

    /// A uniform draw of the points that are on the side of `class` and at least `margin` from the line. What is
    /// measured is the point as it is delivered, in 32 bits.
    fn point(&self, class: u32, margin: f64, rng: &mut ChaCha8Rng) -> Point {
        loop {
            let point = [uniform(rng) as f32, uniform(rng) as f32];
            let distance: f64 =
                (0..2).map(|axis| self.normal[axis] * (f64::from(point[axis]) - self.through[axis])).sum();
            let signed = if class == 1 { distance } else { -distance };
            if signed > 0.0 && signed >= margin {
                return point;
            }
        }
    }
}
