//! Whole groups, dealt so that each part gets its share of every class.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;

use crate::partition::Parts;
use crate::{DataError, Labelled, Result, seed};

/// The rows of one group.
#[derive(Default)]
struct Group {
    rows: Vec<usize>,
    /// How many rows it has of each class that it has.
    classes: BTreeMap<u32, f64>,
}

/// What a part still lacks of its share.
struct Lack {
    classes: Vec<f64>,
    rows: f64,
}

/// Whole groups, the largest first, equal ones in random order, each to the part that lacks most of the group's
/// classes, a class counting by its share of the class's rows; where several lack the same, to the one that lacks most
/// rows. So the parts come near to the proportions of the classes, as scikit-learn's `StratifiedGroupKFold` brings them,
/// and a class of one group stays in the largest part, which is training. Of numbers to predict, quantiles are the
/// classes.
pub(crate) fn grouped(
    data: &Labelled,
    rows: &[usize],
    parts: &Parts,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<Vec<usize>>> {
    let (strata, count) = data.targets.strata(rows);
    let groups = by_size(data, rows, &strata, rng)?;
    if groups.len() < parts.wanted() {
        return Err(parts.too_few(data, &format!("{} groups", groups.len())));
    }
    let mut totals = vec![0.0_f64; count];
    strata.iter().for_each(|&stratum| totals[stratum as usize] += 1.0);
    let lack = |&fraction: &f64| Lack {
        classes: totals.iter().map(|total| fraction * total).collect(),
        rows: fraction * rows.len() as f64,
    };
    let mut lacks = parts.fractions.iter().map(lack).collect::<Vec<_>>();
    let mut dealt = vec![Vec::new(); lacks.len()];
    let mut groups_left = groups.len();
    for group in groups {
        let used = (0..dealt.len()).filter(|&part| parts.fractions[part] > 0.0);
        let empty = used.clone().filter(|&part| dealt[part].is_empty()).collect::<Vec<_>>();
        // The last groups go to the parts that have none yet.
        let candidates = if groups_left <= empty.len() { empty } else { used.collect() };
        let need = |part: usize| {
            let of = |(&class, members): (&u32, &f64)| {
                let class = class as usize;
                members * lacks[part].classes[class] / (totals[class] * totals[class])
            };
            (group.classes.iter().map(of).sum::<f64>(), lacks[part].rows)
        };
        let more = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        let best = candidates.into_iter().max_by(|&a, &b| more(&need(a), &need(b)));
        if let Some(part) = best {
            let lack = &mut lacks[part];
            group.classes.iter().for_each(|(&class, members)| lack.classes[class as usize] -= members);
            lack.rows -= group.rows.len() as f64;
            dealt[part].extend(group.rows);
        }
        groups_left -= 1;
    }
    Ok(dealt)
}

fn by_size(data: &Labelled, rows: &[usize], strata: &[u32], rng: &mut ChaCha8Rng) -> Result<Vec<Group>> {
    let Some(ids) = &data.groups else {
        let problem = "kind \"grouped\" needs data with groups; name the column with the key group";
        return Err(DataError::split(&data.name, problem));
    };
    let mut groups = BTreeMap::<u32, Group>::new();
    for (&row, &stratum) in rows.iter().zip(strata) {
        let group = groups.entry(ids[row]).or_default();
        group.rows.push(row);
        *group.classes.entry(stratum).or_default() += 1.0;
    }
    let mut groups = groups.into_values().collect::<Vec<_>>();
    seed::shuffle(&mut groups, rng);
    groups.sort_by_key(|group| std::cmp::Reverse(group.rows.len()));
    Ok(groups)
}
