//! Draws points from a mixture.

use rand_chacha::ChaCha8Rng;

use super::group::{Column, Group};
use super::mixture::{Marginal, Mixture};
use crate::normal::{cdf, mass, quantile};
use crate::space::Shape;
use crate::stream::uniform;

impl Mixture {
    /// Draws a point from a kernel that is chosen by weight. Coordinates of keys with an order lie between 0 and 1, on a
    /// lattice in the middle of a cell; of categories they are the index.
    pub(super) fn sample(&self, group: &Group, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let kernel = self.choose(uniform(rng));
        let columns = group.columns.iter().zip(&group.dimensions).zip(&self.marginals);
        columns
            .map(|((column, dimension), marginal)| {
                let draw = uniform(rng);
                match marginal {
                    Marginal::Normal(normal) => {
                        let centre = normal.centres.get(kernel).copied().unwrap_or(0.5);
                        let inverse = normal.inverse_widths.get(kernel).copied().unwrap_or(1.0);
                        let unit = within(centre, inverse, draw);
                        match column.shape {
                            Shape::Lattice(_) => {
                                let cell = dimension.domain.cell_at(unit);
                                dimension.domain.unit(&dimension.domain.nth(cell)).unwrap_or(unit)
                            }
                            _ => unit,
                        }
                    }
                    Marginal::Category { indices, excess, .. } => {
                        let own = indices.get(kernel).copied().filter(|own| *own != u32::MAX);
                        category(column, own, *excess, draw)
                    }
                }
            })
            .collect()
    }

    fn choose(&self, draw: f64) -> usize {
        let mut sum = 0.0;
        let last = self.weights.len().saturating_sub(1);
        self.weights
            .iter()
            .position(|weight| {
                sum += weight;
                draw < sum
            })
            .unwrap_or(last)
    }
}

/// A draw from the normal density cut off at 0 and 1.
fn within(centre: f64, inverse: f64, draw: f64) -> f64 {
    let (a, b) = (-centre * inverse, (1.0 - centre) * inverse);
    // `a` is not above 0, and so the sum loses nothing.
    let below = cdf(a) + draw * mass(a, b);
    (centre + quantile(below) / inverse).clamp(0.0, 1.0)
}

/// A draw from a kernel over categories: its own one has so much more probability than each other.
fn category(column: &Column, own: Option<u32>, excess: f64, draw: f64) -> f64 {
    let count = match column.shape {
        Shape::Category(count) => count,
        _ => 1,
    };
    match own {
        Some(own) if draw < excess => f64::from(own),
        Some(_) => (((draw - excess) / (1.0 - excess) * count as f64) as usize).min(count - 1) as f64,
        None => ((draw * count as f64) as usize).min(count - 1) as f64,
    }
}
