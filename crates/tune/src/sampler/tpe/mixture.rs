//! A density over the values of a group: one product of kernels around each of some trials, and one that covers all.

use super::group::{Column, Group};
use crate::normal::mass;
use crate::space::Shape;

/// The density. Its kernels stand in the order of the trials; the last one is the prior.
#[derive(Debug, Default)]
pub(super) struct Mixture {
    /// Logarithm of each kernel's weight and of all that does not depend on the point.
    pub(super) constants: Vec<f64>,
    /// Weights, which sum to 1.
    pub(super) weights: Vec<f64>,
    pub(super) marginals: Vec<Marginal>,
    /// Of each member the position of its kernel; `NONE` for those without.
    slots: Vec<u32>,
    /// Of each kernel but the prior its member.
    members: Vec<u32>,
}

const NONE: u32 = u32::MAX;

/// The kernels of one key.
#[derive(Debug)]
pub(super) enum Marginal {
    /// Normal densities, cut off at 0 and 1, and integrated over the cells of a lattice.
    Normal(Normal),
    /// Of each kernel its category, one that none has for the prior; the logarithm of how much more likely it is, and
    /// of how likely the others are.
    Category {
        /// The categories.
        indices: Vec<u32>,
        /// Logarithm of the ratio of the own category's probability to another's.
        bonus: f64,
        /// Probability of the own category beyond that of any other.
        excess: f64,
    },
}

/// Kernels of one key with an order.
#[derive(Debug, Default)]
pub(super) struct Normal {
    pub(super) centres: Vec<f64>,
    pub(super) inverse_widths: Vec<f64>,
    /// Of each member, kernel or not, the width that it had last, and what was computed of it.
    known: Vec<Known>,
    /// Few members, sorted.
    few: Vec<(f64, u32)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    width: f64,
    inverse: f64,
    /// Minus the logarithm of the integral of the kernel.
    constant: f64,
}

impl Known {
    fn new(centre: f64, width: f64, shape: Shape) -> Self {
        let inverse = 1.0 / width;
        let inside = mass(-centre * inverse, (1.0 - centre) * inverse);
        // The integral over a cell is divided by the mass alone; a density by the width, too.
        let scale = if shape == Shape::Interval { width * inside } else { inside };
        Self { width, inverse, constant: -scale.ln() }
    }
}

impl Mixture {
    /// Lays the kernels around those members of the group that are `chosen`.
    pub(super) fn fit(&mut self, group: &Group, chosen: impl Iterator<Item = bool>) {
        self.slots.clear();
        self.members.clear();
        for (member, chosen) in (0..).zip(chosen) {
            self.slots.push(if chosen { self.members.len() as u32 } else { NONE });
            if chosen {
                self.members.push(member);
            }
        }
        let kernels = self.members.len();
        self.weigh(kernels);
        self.constants.clear();
        self.constants.extend(self.weights.iter().map(|weight| weight.ln()));
        if self.marginals.is_empty() {
            self.marginals.extend(group.columns.iter().map(|column| Marginal::new(column.shape)));
        }
        for (marginal, column) in self.marginals.iter_mut().zip(&group.columns) {
            match marginal {
                Marginal::Normal(normal) => {
                    normal.fit(column, &self.slots, &self.members, &mut self.constants)
                }
                Marginal::Category { indices, bonus, excess } => {
                    let chosen = column.units.iter().zip(&self.slots).filter(|(_, slot)| **slot != NONE);
                    indices.clear();
                    indices.extend(chosen.map(|(unit, _)| *unit as u32));
                    indices.push(NONE);
                    let count = match column.shape {
                        Shape::Category(count) => count as f64,
                        _ => 1.0,
                    };
                    // The prior lends each category the weight of one kernel.
                    let lent = 1.0 / (kernels + 1) as f64;
                    *bonus = ((1.0 + lent) / lent).ln();
                    *excess = 1.0 / (1.0 + count * lent);
                    let others = (lent / (1.0 + count * lent)).ln();
                    for (slot, constant) in self.constants.iter_mut().enumerate() {
                        *constant += if slot < kernels { others } else { -count.ln() };
                    }
                }
            }
        }
    }

    /// Recent trials count fully, the oldest of more than 25 the least; the prior counts as one.
    fn weigh(&mut self, kernels: usize) {
        let ramp = kernels.saturating_sub(if kernels < 25 { kernels } else { 25 });
        let step = (1.0 - 1.0 / kernels as f64) / ramp.saturating_sub(1).max(1) as f64;
        let weight = |kernel: usize| {
            if kernel < ramp { 1.0 / kernels as f64 + kernel as f64 * step } else { 1.0 }
        };
        let sum: f64 = (0..=kernels).map(weight).sum();
        self.weights.clear();
        self.weights.extend((0..=kernels).map(|kernel| weight(kernel) / sum));
    }
}

impl Marginal {
    fn new(shape: Shape) -> Self {
        match shape {
            Shape::Category(_) => Self::Category { indices: Vec::new(), bonus: 0.0, excess: 0.0 },
            _ => Self::Normal(Normal::default()),
        }
    }
}

impl Normal {
    /// A kernel is as wide as the gap to its farther neighbour, within bounds.
    fn fit(&mut self, column: &Column, slots: &[u32], members: &[u32], constants: &mut [f64]) {
        let kernels = members.len();
        let least = 1.0 / (kernels as f64 + 2.0).min(100.0);
        self.known.resize(column.units.len(), Known::default());
        self.centres.clear();
        self.centres.resize(kernels + 1, 0.5);
        self.inverse_widths.clear();
        self.inverse_widths.resize(kernels + 1, 1.0);
        if let Some(constant) = constants.last_mut() {
            *constant += Known::new(0.5, 1.0, column.shape).constant;
        }
        // A few are sorted faster than they are found among all.
        let order = if 16 * kernels < column.units.len() {
            let unit = |member: &u32| column.units.get(*member as usize).copied().unwrap_or(0.5);
            self.few.clear();
            self.few.extend(members.iter().map(|member| (unit(member), *member)));
            self.few.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            &self.few
        } else {
            &column.sorted
        };
        let mut chosen =
            order.iter().filter(|(_, member)| slots.get(*member as usize).is_some_and(|slot| *slot != NONE));
        let mut before = None;
        let mut here = chosen.next();
        while let Some(&(centre, member)) = here {
            let after = chosen.next();
            let gap = match (before, after.map(|(unit, _)| *unit)) {
                (Some(left), Some(right)) => f64::max(centre - left, right - centre),
                // The ends of the range count as neighbours of an only one.
                (None, None) => f64::max(centre, 1.0 - centre),
                (Some(left), None) => centre - left,
                (None, Some(right)) => right - centre,
            };
            let width = gap.clamp(least, 1.0);
            (before, here) = (Some(centre), after);
            let Some(known) = self.known.get_mut(member as usize) else { continue };
            if known.width != width {
                *known = Known::new(centre, width, column.shape);
            }
            let slot = slots[member as usize] as usize;
            self.centres[slot] = centre;
            self.inverse_widths[slot] = known.inverse;
            constants[slot] += known.constant;
        }
    }
}
