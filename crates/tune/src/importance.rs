//! Which keys mattered: see [`importance`].

use serde::Serialize;

use crate::normal::mass;
use crate::space::{Dimension, Domain, Shape};
use crate::study::Study;
use crate::{Space, Values};

/// Share of the trials that count as good.
const GOOD: f64 = 0.1;
/// Points that a range is divided into.
const STEPS: usize = 50;

/// How much a key mattered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Importance {
    /// The key.
    pub key: String,
    /// Its share of the importance of all; they sum to 1.
    pub share: f64,
}

/// How much each key mattered for being among the best tenth of the trials with a result, the most important first: PED-ANOVA
/// (Watanabe, Bansal and Hutter, 2023), with keys that have a value in some trials alone as in its conditional form (2026).
///
/// With fewer than some fifty trials, expect little of it. With fewer than 2, or where nothing differs, all keys share equally.
#[must_use]
pub fn importance(study: &Study) -> Vec<Importance> {
    let direction = study.header().metric.direction;
    let results = study.trials().iter().filter_map(|trial| {
        let (_, value) = study.result(trial)?;
        Some((&trial.values, direction.loss(value)))
    });
    of_results(&study.header().space, &results.collect::<Vec<_>>())
}

/// The same of values and losses.
fn of_results(space: &Space, results: &[(&Values, f64)]) -> Vec<Importance> {
    let mut losses: Vec<f64> = results.iter().map(|(_, loss)| *loss).collect();
    losses.sort_unstable_by(f64::total_cmp);
    let last = ((GOOD * losses.len() as f64).ceil() as usize).saturating_sub(1);
    let cutoff = losses.get(last).copied().unwrap_or(f64::NEG_INFINITY);
    let all: Vec<&Values> = results.iter().map(|(values, _)| *values).collect();
    let good: Vec<&Values> =
        results.iter().filter(|(_, loss)| *loss <= cutoff).map(|(values, _)| *values).collect();
    let raw: Vec<f64> = space.dimensions().iter().map(|dimension| raw(dimension, &good, &all)).collect();
    let sum: f64 = raw.iter().sum();
    let share = |raw: f64| if sum > 0.0 { raw / sum } else { 1.0 / space.dimensions().len() as f64 };
    let keys = space.dimensions().iter().map(|dimension| dimension.key.clone());
    let mut shares: Vec<_> = keys.zip(raw).map(|(key, raw)| Importance { key, share: share(raw) }).collect();
    shares.sort_by(|a, b| b.share.total_cmp(&a.share));
    shares
}

/// Importance of one key, but for a factor that all have.
fn raw(dimension: &Dimension, good: &[&Values], all: &[&Values]) -> f64 {
    let grid = Grid::new(&dimension.domain);
    let place = |values: &&Values| grid.place(&dimension.domain, values.get(&dimension.key)?);
    let good_there: Vec<usize> = good.iter().filter_map(place).collect();
    let all_there: Vec<usize> = all.iter().filter_map(place).collect();
    if all.len() < 2 || all_there.len() < 2 || good_there.is_empty() || grid.count < 2 {
        return 0.0;
    }
    // How often the key has a value in good trials, and in all.
    let (among_good, among_all) =
        (good_there.len() as f64 / good.len() as f64, all_there.len() as f64 / all.len() as f64);
    let (top, base) = (grid.density(&good_there), grid.density(&all_there));
    let divergence: f64 = top.iter().zip(&base).map(|(top, base)| base * (top / base - 1.0).powi(2)).sum();
    among_good * among_good / among_all * divergence
}

/// Points that stand for a key's values.
struct Grid {
    count: usize,
    ordered: bool,
}

impl Grid {
    fn new(domain: &Domain) -> Self {
        match domain.shape() {
            Shape::Category(count) => Self { count, ordered: false },
            Shape::Interval => Self { count: STEPS, ordered: true },
            // A logarithm leaves few points to small numbers.
            Shape::Lattice(count) if matches!(domain, Domain::LogRandInt { .. }) => {
                Self { count: ((count as f64).log2().ceil() as usize + 1).min(STEPS), ordered: true }
            }
            Shape::Lattice(count) => Self { count: count.min(STEPS), ordered: true },
        }
    }

    /// The point nearest to a value.
    fn place(&self, domain: &Domain, value: &serde_json::Value) -> Option<usize> {
        if !self.ordered {
            return domain.index(value);
        }
        let from_low = match (domain, domain.count()) {
            (Domain::LogRandInt { low, high }, _) => {
                (value.as_f64()? / *low as f64).ln() / (*high as f64 / *low as f64).ln()
            }
            (_, Some(count)) => domain.index(value)? as f64 / (count - 1).max(1) as f64,
            (_, None) => domain.unit(value)?,
        };
        let last = self.count - 1;
        // Halves go down; what rounding adds to one does not send it up.
        Some(((from_low * last as f64 - 0.5 - 1e-12).ceil().max(0.0) as usize).min(last))
    }

    /// Density over the points: a kernel around each that was met, and one that covers all.
    fn density(&self, places: &[usize]) -> Vec<f64> {
        let mut counts = vec![0_usize; self.count];
        places.iter().for_each(|place| counts[*place] += 1);
        let met: Vec<(usize, f64)> =
            counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(place, n)| (place, *n as f64)).collect();
        let total = places.len() as f64 + 1.0;
        let kernel = if self.ordered { self.normal(&met) } else { self.category(met.len()) };
        let prior = if self.ordered {
            self.normal_at((self.count - 1) as f64 / 2.0, self.count as f64)
        } else {
            vec![1.0 / self.count as f64; self.count]
        };
        let mut density: Vec<f64> = prior.iter().map(|p| p / total + 1e-12).collect();
        for (place, weight) in met {
            for (sum, p) in density.iter_mut().zip(kernel(place)) {
                *sum += weight / total * p;
            }
        }
        density
    }

    fn category(&self, met: usize) -> Box<dyn Fn(usize) -> Vec<f64> + '_> {
        let lent = 1.0 / (met + 1) as f64;
        let sum = 1.0 + lent * self.count as f64;
        Box::new(move |own| (0..self.count).map(|k| (lent + f64::from(u8::from(k == own))) / sum).collect())
    }

    /// Normal kernels whose width follows Scott's rule.
    fn normal(&self, met: &[(usize, f64)]) -> Box<dyn Fn(usize) -> Vec<f64> + '_> {
        let sum: f64 = met.iter().map(|(_, weight)| weight).sum();
        let mean = met.iter().map(|(place, weight)| *place as f64 * weight).sum::<f64>() / sum;
        let squares: f64 = met.iter().map(|(place, weight)| (*place as f64 - mean).powi(2) * weight).sum();
        let deviation = (squares / (sum - 1.0).max(1.0)).sqrt();
        let mut reached = 0.0;
        let sums: Vec<f64> = met
            .iter()
            .map(|(_, weight)| {
                reached += weight;
                reached
            })
            .collect();
        let first = sums.partition_point(|s| *s < (sum / 4.0).floor());
        let third = sums.partition_point(|s| *s <= (sum * 3.0 / 4.0).floor()).min(met.len() - 1);
        let quartiles = (met[third].0 - met[first].0) as f64;
        let width = 1.059 * (quartiles / 1.34).min(deviation) * sum.powf(-0.2);
        let width = width.max(0.5 / 1.64);
        Box::new(move |place| self.normal_at(place as f64, width))
    }

    /// A normal density around a point, integrated around each point and cut off at the ends.
    fn normal_at(&self, centre: f64, width: f64) -> Vec<f64> {
        let between = |a: f64, b: f64| mass((a - centre) / width, (b - centre) / width);
        let inside = between(-0.5, self.count as f64 - 0.5);
        (0..self.count).map(|k| between(k as f64 - 0.5, k as f64 + 0.5) / inside).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    #[derive(serde::Deserialize)]
    struct Case {
        space: Map<String, Value>,
        trials: Vec<(Values, f64)>,
        importance: Map<String, Value>,
    }

    #[test]
    fn shares_are_those_of_optuna() {
        // tests/fixtures/importance.py
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../tests/fixtures/importance.json")).unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let space = Space::from_json(&case.space).unwrap();
            let results: Vec<_> = case.trials.iter().map(|(values, loss)| (values, *loss)).collect();
            let got = of_results(&space, &results);
            assert_eq!(got.len(), case.importance.len());
            for Importance { key, share } in got {
                let expected = case.importance[&key].as_f64().unwrap();
                assert!((share - expected).abs() < 1e-9, "{key}: {share} instead of {expected}");
            }
        }
    }

    #[test]
    fn without_results_all_keys_share_equally() {
        let table = serde_json::json!({"a": {"uniform": [0, 1]}, "b": {"choice": [1, 2]}});
        let space = Space::from_json(table.as_object().unwrap()).unwrap();
        let shares: Vec<f64> = of_results(&space, &[]).iter().map(|i| i.share).collect();
        assert_eq!(shares, [0.5, 0.5]);
    }
}
