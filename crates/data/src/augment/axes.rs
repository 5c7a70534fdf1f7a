//! Sensors mounted another way.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::step::{Scratch, Series, SeriesStep, acts};
use crate::keys::Bounds;
use crate::seed::uniform;

crate::table! {
    /// Turns the axes of sensors: every triple of channels by one random rotation, the same for all steps and triples.
    pub struct AxisRotation = "axis-rotation" {
        /// Channels, from 0, that hold the x, y and z of a sensor.
        axes: Vec<[usize; 3]>;
        /// The largest angle, about an axis of any direction; without it all orientations are equally likely.
        degrees: Option<f64> = None, Bounds::within(0.0, 180.0);
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(AxisRotation: Series);

/// Rows of a rotation matrix.
type Rotation = [[f64; 3]; 3];

impl AxisRotation {
    fn draw(&self, rng: &mut ChaCha8Rng) -> Rotation {
        match self.degrees {
            // Four normal draws, normalised, are a uniform unit quaternion.
            None => rotation(unit(std::array::from_fn(|_| StandardNormal.sample(rng)))),
            Some(degrees) => {
                let [x, y, z] = unit::<3>(std::array::from_fn(|_| StandardNormal.sample(rng)));
                let (sin, cos) = (degrees.to_radians() * (uniform(rng) - 0.5)).sin_cos();
                rotation([cos, sin * x, sin * y, sin * z])
            }
        }
    }
}

fn unit<const N: usize>(vector: [f64; N]) -> [f64; N] {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.map(|x| x / length)
}

/// The rotation by a unit quaternion `[w, x, y, z]`.
fn rotation([w, x, y, z]: [f64; 4]) -> Rotation {
    [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ]
}

impl SeriesStep for AxisRotation {
    fn check(&self, channels: usize) -> Result<(), String> {
        if self.axes.is_empty() {
            return Err("`axes`: expected triples of channels, found none".into());
        }
        let all = self.axes.concat();
        if let Some(channel) = all.iter().find(|&&channel| channel >= channels) {
            return Err(format!("`axes`: there is no channel {channel}; a sample has {channels}"));
        }
        if let Some((_, channel)) =
            all.iter().enumerate().find(|(place, channel)| all[..*place].contains(channel))
        {
            return Err(format!("`axes`: channel {channel} occurs twice"));
        }
        Ok(())
    }

    fn apply(&self, series: &mut Series<'_>, rng: &mut ChaCha8Rng, _: &mut Scratch) {
        let rotation = self.draw(rng);
        for step in series.values.chunks_exact_mut(series.channels) {
            for axes in &self.axes {
                let old = axes.map(|channel| f64::from(step[channel]));
                for (channel, row) in axes.iter().zip(&rotation) {
                    step[*channel] = row.iter().zip(old).map(|(a, b)| a * b).sum::<f64>() as f32;
                }
            }
        }
    }
}
