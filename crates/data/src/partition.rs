//! Cutting rows into sides of given fractions: at random, by class, or by group.

use rand_chacha::ChaCha8Rng;

use crate::config::SplitKind;
use crate::{DataError, Labelled, Result, seed};

/// Cuts `rows` into one side per fraction, each ascending. A fraction of 0 is an empty side; no
/// other side is empty. The fractions add up to 1.
pub(crate) fn cut(
    data: &Labelled,
    rows: &[usize],
    fractions: &[f64],
    kind: SplitKind,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<Vec<usize>>> {
    let wanted = fractions.iter().filter(|&&fraction| fraction > 0.0).count();
    if rows.len() < wanted {
        let problem = format!("{} rows are too few for {wanted} sides", rows.len());
        return Err(DataError::split(&data.name, problem));
    }
    let mut sides = match kind {
        SplitKind::Random | SplitKind::Given => random(rows, fractions, rng),
        SplitKind::Stratified => stratified(data, rows, fractions, wanted, rng)?,
        SplitKind::Grouped => grouped(data, rows, fractions, wanted, rng)?,
    };
    sides.iter_mut().for_each(|side| side.sort_unstable());
    Ok(sides)
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
    fractions: &[f64],
    wanted: usize,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<Vec<usize>>> {
    let mut sides = vec![Vec::new(); fractions.len()];
    // What rounding one class takes from a side, the next class gives back.
    let mut owed = vec![0.0; fractions.len()];
    for (class, mut members) in by_class(data, rows).into_iter().enumerate() {
        if members.is_empty() {
            continue;
        }
        if members.len() < wanted {
            let name = data.class_names().get(class).map_or("", String::as_str);
            let problem = format!(
                "the class `{name}` has {} of the rows, too few for {wanted} sides; \
                 use kind \"random\" or remove the class",
                members.len()
            );
            return Err(DataError::split(&data.name, problem));
        }
        seed::shuffle(&mut members, rng);
        let counts = round(members.len(), fractions, &mut owed);
        for (side, part) in sides.iter_mut().zip(deal(&members, &counts)) {
            side.extend(part);
        }
    }
    Ok(sides)
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
    let mut order = (0..counts.len()).filter(|&side| fractions[side] > 0.0).collect::<Vec<_>>();
    order.sort_by(|&a, &b| owed[b].total_cmp(&owed[a]));
    let left = total.saturating_sub(counts.iter().sum());
    for &side in order.iter().take(left) {
        counts[side] += 1;
        owed[side] -= 1.0;
    }
    for &side in &order {
        let largest = order.iter().copied().max_by_key(|&side| counts[side]).unwrap_or(side);
        if counts[side] == 0 && counts[largest] > 1 {
            counts[largest] -= 1;
            counts[side] += 1;
            owed[largest] += 1.0;
            owed[side] -= 1.0;
        }
    }
    counts
}

fn deal(rows: &[usize], counts: &[usize]) -> Vec<Vec<usize>> {
    let mut rows = rows.iter().copied();
    counts.iter().map(|&count| rows.by_ref().take(count).collect()).collect()
}

/// Whole groups, the largest first, each to the side that lacks most of the group's classes. So the sides come near
/// to the proportions of the classes, and a class of one group stays on the largest side, as a rule the first.
fn grouped(
    data: &Labelled,
    rows: &[usize],
    fractions: &[f64],
    wanted: usize,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<Vec<usize>>> {
    let groups = groups_by_size(data, rows, rng)?;
    if groups.len() < wanted {
        let problem = format!("{} groups are too few for {wanted} sides", groups.len());
        return Err(DataError::split(&data.name, problem));
    }
    let totals = data.class_counts(rows);
    let mut missing = fractions
        .iter()
        .map(|fraction| totals.iter().map(|&total| fraction * total as f64).collect::<Vec<_>>())
        .collect::<Vec<_>>();
    let mut sides = vec![Vec::new(); fractions.len()];
    let mut groups_left = groups.len();
    for group in groups {
        let used = (0..sides.len()).filter(|&side| fractions[side] > 0.0);
        let empty = used.clone().filter(|&side| sides[side].is_empty()).collect::<Vec<_>>();
        // The last groups go to the sides that have none yet.
        let candidates = if groups_left <= empty.len() { empty } else { used.collect() };
        let members = data.class_counts(&group);
        let need = |side: usize| {
            let lacks = members.iter().zip(&missing[side]).map(|(&members, lack)| members as f64 * lack);
            lacks.sum::<f64>()
        };
        if let Some(side) = candidates.into_iter().max_by(|&a, &b| need(a).total_cmp(&need(b))) {
            sides[side].extend(group);
            missing[side].iter_mut().zip(&members).for_each(|(lack, &members)| *lack -= members as f64);
        }
        groups_left -= 1;
    }
    Ok(sides)
}

/// The rows of each class, or of each quantile of the numbers to predict.
pub(crate) fn by_class(data: &Labelled, rows: &[usize]) -> Vec<Vec<usize>> {
    let (strata, count) = data.targets.strata(rows);
    let mut classes = vec![Vec::new(); count];
    for (&row, stratum) in rows.iter().zip(strata) {
        if let Some(members) = classes.get_mut(stratum as usize) {
            members.push(row);
        }
    }
    classes
}

/// The rows of each group that has any: large groups first, equal ones in random order.
pub(crate) fn groups_by_size(
    data: &Labelled,
    rows: &[usize],
    rng: &mut ChaCha8Rng,
) -> Result<Vec<Vec<usize>>> {
    let Some(ids) = &data.groups else {
        let problem = "kind \"grouped\" needs data with groups; name the column with the key group";
        return Err(DataError::split(&data.name, problem));
    };
    let mut groups = std::collections::BTreeMap::<u32, Vec<usize>>::new();
    for &row in rows {
        groups.entry(ids[row]).or_default().push(row);
    }
    let mut groups = groups.into_values().collect::<Vec<_>>();
    seed::shuffle(&mut groups, rng);
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    Ok(groups)
}

/// Keeps at most `limit` of the rows; of a stratified side, in the proportions of its classes.
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
        for members in by_class(data, rows) {
            let step = 1.0 / members.len() as f64;
            spread.extend((0_u32..).zip(members).map(|(k, row)| ((f64::from(k) + 0.5) * step, row)));
        }
        spread.sort_by(|a, b| a.0.total_cmp(&b.0));
        *rows = spread.into_iter().map(|(_, row)| row).collect();
    }
    rows.truncate(limit);
    rows.sort_unstable();
}
