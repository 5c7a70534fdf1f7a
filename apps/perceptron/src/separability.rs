//! Whether one straight line can part two classes: decided exactly, not by trying.

use brasa_data::{Labelled, Samples};
use robust::{Coord, orient2d};

#[cfg(test)]
mod tests;

/// Whether a hyperplane has all points of one class on one side and all of the other on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separability {
    /// One has.
    Separable,
    /// None has.
    NotSeparable,
    /// Not decided: this takes two classes of samples of one or two numbers.
    Unknown,
}

/// Whether the given rows can be separated by class. Two classes can exactly where their convex hulls do not touch;
/// the hulls are compared by predicates without rounding error
/// ([Shewchuk 1997](https://doi.org/10.1007/PL00009321)).
pub(crate) fn separability(data: &Labelled, rows: &[usize]) -> Separability {
    if data.class_count() != 2 || data.samples.sample_len() > 2 {
        return Separability::Unknown;
    }
    let of_class =
        |class: usize| data.of_class(class, rows).map(|row| point(&data.samples, row)).collect::<Vec<_>>();
    let (first, second) = (Hull::of(of_class(0)), Hull::of(of_class(1)));
    match first.touches(&second) {
        true => Separability::NotSeparable,
        false => Separability::Separable,
    }
}

/// A sample as a point; one of a single number lies on the first axis.
fn point(samples: &Samples, row: usize) -> Coord<f64> {
    let values = samples.row_f32(row);
    // A negative zero becomes a plain one, which sorts as it compares.
    let at = |axis: usize| f64::from(values.get(axis).copied().unwrap_or(0.0)) + 0.0;
    Coord { x: at(0), y: at(1) }
}

/// The corners of a convex hull, counter-clockwise: none, one, the two ends of a stretch, or more.
struct Hull(Vec<Coord<f64>>);

impl Hull {
    /// By Andrew's monotone chain (1979).
    fn of(mut points: Vec<Coord<f64>>) -> Self {
        points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
        points.dedup();
        if points.len() < 3 {
            return Self(points);
        }
        let mut corners = half(points.iter().copied());
        let upper = half(points.iter().rev().copied());
        corners.pop();
        corners.extend(upper);
        corners.pop();
        Self(corners)
    }

    /// Whether the two share a point.
    fn touches(&self, other: &Self) -> bool {
        if self.0.is_empty() || other.0.is_empty() {
            return false;
        }
        if self.parts(other) || other.parts(self) {
            return false;
        }
        // Disjoint hulls that no edge parts lie on one line, where the order of the points is that along the line.
        match on_one_line(&self.0, &other.0) {
            true => overlap(&self.0, &other.0),
            false => true,
        }
    }

    /// Whether all of `other` is strictly outside one of the edges.
    fn parts(&self, other: &Self) -> bool {
        let edges = self.0.iter().zip(self.0.iter().cycle().skip(1));
        edges
            .filter(|_| self.0.len() > 1)
            .any(|(&from, &to)| other.0.iter().all(|&point| orient2d(from, to, point) < 0.0))
    }
}

/// The lower half of a hull from points sorted from left to right, the upper from right to left.
fn half(points: impl Iterator<Item = Coord<f64>>) -> Vec<Coord<f64>> {
    let mut chain: Vec<Coord<f64>> = Vec::new();
    for point in points {
        while let [.., before, last] = chain[..]
            && orient2d(before, last, point) <= 0.0
        {
            chain.pop();
        }
        chain.push(point);
    }
    chain
}

fn on_one_line(a: &[Coord<f64>], b: &[Coord<f64>]) -> bool {
    let all = || a.iter().chain(b).copied();
    let Some(first) = all().next() else { return true };
    match all().find(|&point| point != first) {
        Some(second) => all().all(|point| orient2d(first, second, point) == 0.0),
        None => true,
    }
}

/// Whether two stretches of one line share a point.
fn overlap(a: &[Coord<f64>], b: &[Coord<f64>]) -> bool {
    let key = |point: &Coord<f64>| (point.x, point.y);
    let ends = |points: &[Coord<f64>]| {
        let keys = points.iter().map(key);
        let low = keys.clone().min_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        let high = keys.max_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        (low, high)
    };
    let ((a_low, a_high), (b_low, b_high)) = (ends(a), ends(b));
    a_low <= b_high && b_low <= a_high
}
