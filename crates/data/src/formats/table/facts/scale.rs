//! Names that stand in an order.

use std::collections::BTreeSet;

use super::span;

/// Fewer levels are a category as well.
const FEWEST: usize = 3;

/// Levels in their order, as they are used in surveys and for sizes; those of one place mean the same.
const SCALES: [&[&[&str]]; 9] = [
    &[
        &["very easy", "beginner"],
        &["easy"],
        &["medium", "moderate", "intermediate"],
        &["hard", "difficult", "advanced"],
        &["very hard", "expert"],
    ],
    &[
        &["none"],
        &["extremely low", "lowest"],
        &["very low"],
        &["low"],
        &["medium low", "low medium"],
        &["medium", "moderate", "mid", "middle", "normal", "average"],
        &["medium high", "high medium"],
        &["high"],
        &["very high"],
        &["extremely high", "highest", "extreme", "critical"],
    ],
    &[
        &["very poor", "very bad", "terrible"],
        &["poor", "bad"],
        &["fair"],
        &["below average"],
        &["average", "typical", "ok", "okay"],
        &["above average"],
        &["good"],
        &["very good"],
        &["excellent"],
        &["very excellent", "outstanding"],
    ],
    &[
        &["never"],
        &["almost never"],
        &["rarely", "seldom"],
        &["occasionally"],
        &["sometimes"],
        &["often", "frequently"],
        &["usually", "very often", "very frequently"],
        &["almost always"],
        &["always"],
    ],
    &[
        &["strongly disagree"],
        &["disagree"],
        &["somewhat disagree", "slightly disagree"],
        &["neutral", "neither agree nor disagree", "undecided"],
        &["somewhat agree", "slightly agree"],
        &["agree"],
        &["strongly agree"],
    ],
    &[
        &["very dissatisfied"],
        &["dissatisfied", "unsatisfied"],
        &["somewhat dissatisfied"],
        &["neutral"],
        &["somewhat satisfied"],
        &["satisfied"],
        &["very satisfied"],
    ],
    &[
        &["none"],
        &["minimal", "very mild"],
        &["mild", "slight", "minor"],
        &["moderate"],
        &["severe", "serious", "major"],
        &["very severe", "critical"],
        &["fatal"],
    ],
    &[
        &["xxxs"],
        &["xxs", "2xs"],
        &["xs", "extra small", "tiny"],
        &["s", "small"],
        &["m", "medium"],
        &["l", "large", "big"],
        &["xl", "extra large", "huge"],
        &["xxl", "2xl"],
        &["xxxl", "3xl"],
        &["4xl"],
        &["5xl"],
    ],
    &[
        &["very unlikely"],
        &["unlikely"],
        &["somewhat unlikely"],
        &["neutral", "possible"],
        &["somewhat likely"],
        &["likely"],
        &["very likely", "almost certain"],
        &["certain"],
    ],
];

/// The cells that differ, in their order, where they stand in one: those of a scale, numbers of an order (`1st`), or spans of
/// numbers (`18-24`, `65+`).
pub(super) fn order(there: &[&str]) -> Option<Vec<String>> {
    let levels: BTreeSet<&str> = there.iter().copied().collect();
    if levels.len() < FEWEST {
        return None;
    }
    let of_scale = SCALES.iter().find_map(|scale| sorted(&levels, |level| place(level, scale)));
    of_scale.or_else(|| sorted(&levels, nth)).or_else(|| span::order(&levels))
}

/// Levels by their places, of which each must have one of its own.
fn sorted(levels: &BTreeSet<&str>, place: impl Fn(&str) -> Option<usize>) -> Option<Vec<String>> {
    let mut placed = levels.iter().map(|level| Some((place(level)?, *level))).collect::<Option<Vec<_>>>()?;
    placed.sort_unstable();
    let distinct = placed.iter().zip(placed.iter().skip(1)).all(|((before, _), (after, _))| before != after);
    distinct.then(|| placed.into_iter().map(|(_, level)| level.to_owned()).collect())
}

fn place(level: &str, scale: &[&[&str]]) -> Option<usize> {
    let words = level.to_lowercase().replace(['_', '-'], " ");
    scale.iter().position(|names| names.contains(&words.trim()))
}

/// The number of `1st`, `2nd`, `3rd`.
fn nth(level: &str) -> Option<usize> {
    let lower = level.to_lowercase();
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| lower.strip_suffix(ending))?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_stand_in_the_order_that_people_mean() {
        for ordered in [
            &["Low", "Medium", "High", "Very_High"][..],
            &["S", "M", "L", "XL"],
            &["small", "medium", "large"],
            &["Never", "Sometimes", "Often", "Always"],
            &["strongly disagree", "disagree", "neutral", "agree"],
            &["Poor", "Fair", "Typical", "Good", "Excellent"],
            &["mild", "moderate", "severe"],
            &["None", "Low", "High"],
            &["1st", "2nd", "3rd", "10th"],
            &["Easy", "Medium", "Hard"],
            &["Low", "Medium", "High", "Critical"],
            &["18-24", "25-34", "65+"],
        ] {
            let mut cells = ordered.to_vec();
            cells.reverse();
            assert_eq!(
                order(&cells).as_deref(),
                Some(ordered.iter().map(|&level| level.into()).collect::<Vec<String>>().as_slice())
            );
        }
    }

    #[test]
    fn names_without_an_order_have_none() {
        for names in [
            &["low", "high"][..],
            &["low", "medium", "green"],
            &["low", "Low", "high"],
            &["medium", "moderate", "high"],
            &["1", "2", "3"],
            &["Fair", "Good", "Premium"],
        ] {
            assert_eq!(order(names), None, "{names:?}");
        }
    }
}
