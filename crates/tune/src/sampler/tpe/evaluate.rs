//! The logarithm of a mixture's density at many points.

use super::group::Group;
use super::mixture::{Marginal, Mixture, Normal};
use crate::normal::mass;
use crate::space::{Domain, Shape};

/// Kernels that are summed up together, so that the sums stay in the fastest memory.
const TILE: usize = 128;

impl Mixture {
    /// Of each point the logarithm of the density there.
    pub(super) fn log_density(&self, group: &Group, points: &[Vec<f64>]) -> Vec<f64> {
        let kernels = self.constants.len();
        // Of each point the terms of all kernels.
        let mut terms: Vec<f64> = points.iter().flat_map(|_| &self.constants).copied().collect();
        let lattices = self.lattices(group, points);
        for start in (0..kernels).step_by(TILE) {
            let tile = start..(start + TILE).min(kernels);
            for (key, (marginal, table)) in self.marginals.iter().zip(&lattices).enumerate() {
                for ((point, terms), number) in points.iter().zip(terms.chunks_exact_mut(kernels)).zip(0..) {
                    let terms = &mut terms[tile.clone()];
                    let here = point.get(key).copied().unwrap_or(0.0);
                    match (marginal, table) {
                        (Marginal::Normal(_), Some(table)) => table.add(number, &tile, terms),
                        (Marginal::Normal(normal), None) => {
                            let centres = &normal.centres[tile.clone()];
                            add_squares(here, centres, &normal.inverse_widths[tile.clone()], terms);
                        }
                        (Marginal::Category { indices, bonus, .. }, _) => {
                            for (term, index) in terms.iter_mut().zip(&indices[tile.clone()]) {
                                *term += if f64::from(*index) == here { *bonus } else { 0.0 };
                            }
                        }
                    }
                }
            }
        }
        terms.chunks_exact(kernels).map(log_sum_exp).collect()
    }

    fn lattices(&self, group: &Group, points: &[Vec<f64>]) -> Vec<Option<Lattice>> {
        let keys = self.marginals.iter().zip(&group.columns).zip(&group.dimensions).enumerate();
        keys.map(|(key, ((marginal, column), dimension))| match (marginal, column.shape) {
            (Marginal::Normal(normal), Shape::Lattice(_)) => {
                let at = points.iter().map(|point| point.get(key).copied().unwrap_or(0.0));
                Some(Lattice::new(normal, &dimension.domain, at))
            }
            _ => None,
        })
        .collect()
    }
}

/// Adds the logarithm of normal densities, without their constants.
fn add_squares(here: f64, centres: &[f64], inverse_widths: &[f64], terms: &mut [f64]) {
    for ((term, centre), inverse) in terms.iter_mut().zip(centres).zip(inverse_widths) {
        let distance = (here - centre) * inverse;
        *term -= 0.5 * distance * distance;
    }
}

fn log_sum_exp(terms: &[f64]) -> f64 {
    let greatest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if greatest == f64::NEG_INFINITY {
        return greatest;
    }
    // What is smaller by e^-40 is lost in rounding.
    let sum: f64 = terms.iter().map(|term| term - greatest).filter(|term| *term > -40.0).map(f64::exp).sum();
    greatest + sum.ln()
}

/// Logarithms of the mass of kernels over the cells of a lattice, of each pair that differs once.
struct Lattice {
    /// Of each kernel its row.
    rows: Vec<u32>,
    /// Of each point its column.
    columns: Vec<u32>,
    width: usize,
    logs: Vec<f64>,
}

impl Lattice {
    fn new(normal: &Normal, domain: &Domain, at: impl Iterator<Item = f64>) -> Self {
        let mut cells: Vec<usize> = Vec::new();
        let columns = at
            .map(|unit| {
                let cell = domain.cell_at(unit);
                position(&mut cells, |known| *known == cell, || cell)
            })
            .collect();
        // Sorting finds equal kernels, of which a lattice has many.
        let mut order: Vec<u32> = (0..normal.centres.len() as u32).collect();
        let kernel = |index: u32| (normal.centres[index as usize], normal.inverse_widths[index as usize]);
        order.sort_unstable_by(|a, b| {
            let ((a, p), (b, q)) = (kernel(*a), kernel(*b));
            a.total_cmp(&b).then(p.total_cmp(&q))
        });
        let mut rows = vec![0; order.len()];
        let (mut logs, mut last) = (Vec::new(), None);
        for index in order {
            let (centre, inverse) = kernel(index);
            if last != Some((centre, inverse)) {
                last = Some((centre, inverse));
                logs.extend(cells.iter().map(|cell| {
                    let (left, right) = domain.cell(*cell);
                    mass((left - centre) * inverse, (right - centre) * inverse).max(f64::MIN_POSITIVE).ln()
                }));
            }
            rows[index as usize] = (logs.len() / cells.len().max(1)).saturating_sub(1) as u32;
        }
        Self { rows, columns, width: cells.len(), logs }
    }

    fn add(&self, point: usize, tile: &std::ops::Range<usize>, terms: &mut [f64]) {
        let column = self.columns.get(point).map_or(0, |column| *column as usize);
        for (term, row) in terms.iter_mut().zip(&self.rows[tile.clone()]) {
            *term += self.logs[*row as usize * self.width + column];
        }
    }
}

/// Position of the first that fits, or of one that is added.
fn position<T>(known: &mut Vec<T>, fits: impl FnMut(&T) -> bool, new: impl FnOnce() -> T) -> u32 {
    known.iter().position(fits).unwrap_or_else(|| {
        known.push(new());
        known.len() - 1
    }) as u32
}
