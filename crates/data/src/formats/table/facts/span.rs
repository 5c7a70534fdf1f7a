//! Names that say spans of numbers: `18-24`, `65+`, `< 1 year`.

use std::collections::BTreeSet;

/// Words at an end that are no unit.
const NO_UNITS: [&str; 7] = ["more", "over", "above", "older", "less", "under", "younger"];

/// Levels by their spans, one behind another and none over another; single numbers may be among them.
pub(super) fn order(levels: &BTreeSet<&str>) -> Option<Vec<String>> {
    let parts: Vec<(String, Option<String>)> = levels.iter().map(|level| without_unit(level)).collect();
    let units: BTreeSet<&str> = parts.iter().filter_map(|(_, unit)| unit.as_deref()).collect();
    if units.len() > 1 {
        return None;
    }
    let found = parts.iter().zip(levels).map(|((text, _), level)| Some((span(text)?, *level)));
    let mut found = found.collect::<Option<Vec<_>>>()?;
    found.sort_by(|((a, _), _), ((b, _), _)| a.total_cmp(b));
    let pairs: Vec<_> =
        found.iter().map(|(span, _)| *span).zip(found.iter().skip(1).map(|(span, _)| *span)).collect();
    let parted = pairs.iter().all(|((a, most), (b, _))| a < b && most <= b);
    let spans = found.iter().any(|((least, most), _)| least != most);
    // Codes such as `12-34` and `60-99` leave gaps; spans touch, or one has no end.
    let open = found.iter().any(|((least, most), _)| !least.is_finite() || !most.is_finite());
    let touch = pairs.iter().all(|((_, most), (least, _))| least - most <= 1.0);
    let ordered = parted && spans && (open || touch);
    ordered.then(|| found.into_iter().map(|(_, level)| level.to_owned()).collect())
}

/// A level without signs of money and per cent, and the unit at its end, in the singular.
fn without_unit(level: &str) -> (String, Option<String>) {
    let plain = level.to_lowercase().replace(['$', '€', '£', '%', ','], "");
    let plain = plain.trim();
    match plain.rsplit_once(' ') {
        Some((rest, unit)) if unit.chars().all(char::is_alphabetic) && !NO_UNITS.contains(&unit) => {
            (rest.trim().to_owned(), Some(unit.trim_end_matches('s').to_owned()))
        }
        _ => (plain.to_owned(), None),
    }
}

/// From the least to the greatest number.
fn span(text: &str) -> Option<(f64, f64)> {
    let from = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| number(text.strip_prefix(prefix)?));
    let until = |endings: &[&str]| endings.iter().find_map(|ending| number(text.strip_suffix(ending)?));
    let most = from(&["<=", "<", "≤", "under ", "below ", "less than ", "up to "])
        .or_else(|| until(&[" or less", " and under", " or younger"]));
    if let Some(most) = most {
        return Some((f64::NEG_INFINITY, most));
    }
    let least = from(&[">=", ">", "≥", "over ", "above ", "more than "]).or_else(|| {
        until(&["+", " or more", " and over", " and more", " or over", " and above", " or older"])
    });
    if let Some(least) = least {
        return Some((least, f64::INFINITY));
    }
    let Some((least, most)) = [" to ", "–", "-"].iter().find_map(|between| text.split_once(between)) else {
        return number(text).map(|number| (number, number));
    };
    let (least, most) = (number(least)?, number(most)?);
    (least < most).then_some((least, most))
}

/// A number without a sign, `k` behind it for thousands.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let (digits, times) = text.strip_suffix('k').map_or((text, 1.0), |digits| (digits, 1_000.0));
    let plain = digits.starts_with(|c: char| c.is_ascii_digit());
    digits.parse::<f64>().ok().filter(|_| plain).map(|number| number * times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_put_one_behind_another() {
        for ordered in [
            &["<18", "18-24", "25-34", "35-64", "65+"][..],
            &["0 to 9", "10 to 19", "20 or more"],
            &["under 5", "5-10", "over 10"],
            &["$0-$10,000", "$10,000-$25,000", "$25k+"],
            &["1-5", "6-10", "11-20"],
            &["0", "1", "2", "3+"],
            &["< 1 year", "1 year", "2 years", "10+ years"],
            &["0-10%", "10-20%", "20-100%"],
        ] {
            let expected: Vec<String> = ordered.iter().map(|&level| level.to_owned()).collect();
            assert_eq!(order(&ordered.iter().copied().collect()), Some(expected));
        }
    }

    #[test]
    fn codes_scores_and_numbers_are_no_spans() {
        for names in [
            &["12-34", "12-57", "13-01"][..],
            &["12-34", "35-57", "60-99"],
            &["-1--5", "2-3", "3-4"],
            &["a-b", "c-d", "e-f"],
            &["1", "2", "3"],
            &["1 year", "2 months", "3+ days"],
            &["2 doors", "4 doors", "5 doors"],
            &["3", "3+", "4"],
            &["<5", "1", "2"],
        ] {
            assert_eq!(order(&names.iter().copied().collect()), None, "{names:?}");
        }
    }
}
