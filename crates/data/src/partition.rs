//! Cutting rows into parts: the splits of a data set, the folds of a cross-validation, validation rows out of training
//! rows. One implementation for all of them.

use rand_chacha::ChaCha8Rng;

use crate::config::SplitKind;
use crate::grouped::grouped;
use crate::ordered::cut_in_order;
use crate::{DataError, Labelled, Result, Targets, seed};

/// What rows are cut into: a part per fraction; the fractions add up to 1.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub fractions: Vec<f64>,
    /// What the parts are called in messages, and what helps where a class is too small.
    noun: &'static str,
    help: &'static str,
}

impl Parts {
    pub fn splits(fractions: &[f64]) -> Self {
        Self {
            fractions: fractions.to_vec(),
            noun: "splits",
            help: "use kind \"random\" or remove the class",
        }
    }

    pub fn folds(k: usize) -> Self {
        Self {
            fractions: vec![1.0 / k as f64; k],
            noun: "folds",
            help: "use fewer folds or remove the class",
        }
    }

    /// How many parts get rows.
    pub fn wanted(&self) -> usize {
        self.fractions.iter().filter(|&&fraction| fraction > 0.0).count()
    }

    pub fn too_few(&self, data: &Labelled, found: &str) -> DataError {
        let problem = format!("{found} are too few for {} {}", self.wanted(), self.noun);
        DataError::split(&data.name, problem)
    }
}

/// Cuts `rows` into the parts, each ascending. A fraction of 0 is an empty part; no other part is empty.
///
/// Sizes follow the fractions within one row; in stratified parts so does the count of each class. Grouped parts
/// hold whole groups and come as near to the fractions of each class as the groups allow.
pub(crate) fn cut(
    data: &Labelled,
    rows: &[usize],
    parts: &Parts,
    kind: SplitKind,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<Vec<usize>>> {
    if rows.len() < parts.wanted() {
        return Err(parts.too_few(data, &format!("{} rows", rows.len())));
    }
    let mut dealt = match kind {
        SplitKind::Random | SplitKind::Given => random(rows, &parts.fractions, rng),
        SplitKind::Stratified => stratified(data, rows, parts, rng)?,
        SplitKind::Grouped => grouped(data, rows, parts, rng)?,
        SplitKind::Ordered => cut_in_order(data, rows, parts, None)?,
    };
    dealt.iter_mut().for_each(|part| part.sort_unstable());
    Ok(dealt)
}

fn random(rows: &[usize], fractions: &[f64], rng: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
    let mut rows = rows.to_vec();
    seed::shuffle(&mut rows, rng);
    let counts = round(rows.len(), fractions, &mut vec![0.0; fractions.len()]);
    deal(&rows, &counts)
}

fn stratified(
    data: &Labelled,
    rows: &[usize],
    parts: &Parts,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<Vec<usize>>> {
    let (fractions, wanted) = (&parts.fractions, parts.wanted());
    let mut dealt = vec![Vec::new(); fractions.len()];
    // What rounding one class takes from a part, the next class gives back.
    let mut owed = vec![0.0; fractions.len()];
    for (class, mut members) in by_class(data, rows, wanted).into_iter().enumerate() {
        if members.is_empty() {
            continue;
        }
        if members.len() < wanted {
            let name = data.class_names().get(class).map_or("", String::as_str);
            let problem = format!(
                "the class `{name}` has {} of the rows, too few for {wanted} {}; {}",
                members.len(),
                parts.noun,
                parts.help
            );
            return Err(DataError::split(&data.name, problem));
        }
        seed::shuffle(&mut members, rng);
        let counts = round(members.len(), fractions, &mut owed);
        for (part, members) in dealt.iter_mut().zip(deal(&members, &counts)) {
            part.extend(members);
        }
    }
    Ok(dealt)
}

/// Whole numbers near `total * fraction` that add up to `total`: each within one, unless a
/// non-zero fraction would get none. `owed` carries the rounding over to the next call.
fn round(total: usize, fractions: &[f64], owed: &mut [f64]) -> Vec<usize> {
    let quotas = fractions.iter().map(|fraction| fraction * total as f64).collect::<Vec<_>>();
    // The small number undoes floating-point noise such as 0.6000000000000001 * 50.
    let mut counts = quotas.iter().map(|quota| (quota + 1e-9) as usize).collect::<Vec<_>>();
    for ((owed, quota), &count) in owed.iter_mut().zip(&quotas).zip(&counts) {
        *owed += quota - count as f64;
    }
    let mut order = (0..counts.len()).filter(|&part| fractions[part] > 0.0).collect::<Vec<_>>();
    order.sort_by(|&a, &b| owed[b].total_cmp(&owed[a]));
    let left = total.saturating_sub(counts.iter().sum());
    for &part in order.iter().take(left) {
        counts[part] += 1;
        owed[part] -= 1.0;
    }
    for &part in &order {
        let largest = order.iter().copied().max_by_key(|&part| counts[part]).unwrap_or(part);
        if counts[part] == 0 && counts[largest] > 1 {
            counts[largest] -= 1;
            counts[part] += 1;
            owed[largest] += 1.0;
            owed[part] -= 1.0;
        }
    }
    counts
}

fn deal(rows: &[usize], counts: &[usize]) -> Vec<Vec<usize>> {
    let mut rows = rows.iter().copied();
    counts.iter().map(|&count| rows.by_ref().take(count).collect()).collect()
}

/// The rows of each class. Of numbers to predict, those of each quantile, with at least `least` rows in each as far as
/// there are so many: a quantile is a means, not something that the data name.
pub(crate) fn by_class(data: &Labelled, rows: &[usize], least: usize) -> Vec<Vec<usize>> {
    let (strata, count) = data.targets.strata(rows);
    let mut classes = vec![Vec::new(); count];
    for (&row, stratum) in rows.iter().zip(strata) {
        if let Some(members) = classes.get_mut(stratum as usize) {
            members.push(row);
        }
    }
    match data.targets {
        Targets::Classes(_) => classes,
        Targets::Numbers(_) => merge(classes, least),
    }
}

/// Joins neighbours until each has at least `least` rows.
fn merge(strata: Vec<Vec<usize>>, least: usize) -> Vec<Vec<usize>> {
    let mut merged: Vec<Vec<usize>> = Vec::new();
    for stratum in strata {
        match merged.last_mut() {
            Some(last) if last.len() < least => last.extend(stratum),
            _ => merged.push(stratum),
        }
    }
    if merged.len() > 1 && merged.last().is_some_and(|last| last.len() < least) {
        let rest = merged.pop().unwrap_or_default();
        merged.last_mut().into_iter().for_each(|last| last.extend(&rest));
    }
    merged
}

/// Keeps at most `limit` of the rows; of a stratified split, in the proportions of its classes.
pub(crate) fn thin(
    data: &Labelled,
    rows: &mut Vec<usize>,
    limit: usize,
    kind: SplitKind,
    rng: &mut ChaCha8Rng,
) {
    if rows.len() <= limit {
        return;
    }
    seed::shuffle(rows, rng);
    if kind == SplitKind::Stratified {
        // Each class spreads its rows evenly over 0..1, and the lowest are kept.
        let mut spread = Vec::with_capacity(rows.len());
        for members in by_class(data, rows, 1) {
            let step = 1.0 / members.len() as f64;
            spread.extend((0_u32..).zip(members).map(|(k, row)| ((f64::from(k) + 0.5) * step, row)));
        }
        spread.sort_by(|a, b| a.0.total_cmp(&b.0));
        *rows = spread.into_iter().map(|(_, row)| row).collect();
    }
    rows.truncate(limit);
    rows.sort_unstable();
}
