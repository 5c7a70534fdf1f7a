//! Rows in the order of time: what is earlier trains, what is later judges.

use crate::partition::Parts;
use crate::{DataError, Labelled, Result};

/// Cuts `rows` into the parts, one after another: in the order of the column `order`, or in that of the data. Rows that are equal in
/// the column are in one part, the earlier one.
///
/// # Errors
/// [`DataError::Refused`] for a column that is not there, that holds no numbers or dates, or in which a row has none; and where a part would
/// be empty.
pub(crate) fn cut_in_order(
    data: &Labelled,
    rows: &[usize],
    parts: &Parts,
    order: Option<&str>,
) -> Result<Vec<Vec<usize>>> {
    let place = order.map(|column| place_of(data, column)).transpose()?;
    let value = |row: usize| place.map_or(row as f64, |place| data.samples.exact(row, place));
    if let (Some(row), Some(column)) = (rows.iter().find(|row| value(**row).is_nan()), order) {
        let problem = format!("row {} has nothing in `{column}`, by which the rows are split", row + 1);
        return Err(DataError::split(&data.name, problem));
    }
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
    let (mut cut, mut first, mut share) = (Vec::new(), 0, 0.0);
    for fraction in &parts.fractions {
        share += fraction;
        let wanted = (share * rows.len() as f64).round() as usize;
        let same = |end: usize| match (end.checked_sub(1).and_then(|last| rows.get(last)), rows.get(end)) {
            (Some(before), Some(next)) => value(*before) == value(*next),
            _ => false,
        };
        let end = (wanted.max(first)..rows.len()).find(|end| !same(*end)).unwrap_or(rows.len());
        let end = if *fraction > 0.0 { end } else { first };
        let mut part = rows.get(first..end).unwrap_or_default().to_vec();
        if part.is_empty() && *fraction > 0.0 {
            return Err(parts.too_few(data, &format!("{} rows in their order", rows.len())));
        }
        part.sort_unstable();
        cut.push(part);
        first = end;
    }
    Ok(cut)
}

/// The place in a sample of what orders the rows.
fn place_of(data: &Labelled, column: &str) -> Result<usize> {
    let refused = |problem: String| Err(DataError::split(&data.name, problem));
    match data.placed_columns().into_iter().find(|own| own.name == column) {
        Some(own) if own.is_number || own.is_date => Ok(own.from),
        Some(_) => {
            refused(format!("`{column}`, by which the rows are to be split, holds neither numbers nor dates"))
        }
        None => refused(format!(
            "there is no column `{column}` among the features, by which the rows are to be split"
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Samples, Values};

    fn data(values: Vec<f64>) -> Labelled {
        let rows = values.len();
        let samples = Samples::new(vec![1], Values::F64(values.into())).unwrap();
        let labels = (0..rows as u32).map(|row| row % 2).collect();
        let data = Labelled::new("t", samples, labels, vec!["a".into(), "b".into()]);
        Labelled { feature_names: vec!["day".into()], ..data }
    }

    proptest! {
        #[test]
        fn no_row_of_a_part_is_later_than_one_of_the_next(
            values in prop::collection::vec(0_u8..40, 12..80),
            by_column in any::<bool>(),
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let data = data(values.clone());
            let rows: Vec<usize> = (0..values.len()).collect();
            let order = by_column.then_some("day");
            let Ok(cut) = cut_in_order(&data, &rows, &Parts::splits(&[0.6, 0.2, 0.2]), order) else { return Ok(()) };
            let mut all = cut.concat();
            all.sort_unstable();
            prop_assert_eq!(all, rows);
            let time = |row: &usize| if by_column { values[*row] } else { *row as f64 };
            for pair in cut.windows(2) {
                let latest = pair[0].iter().map(time).fold(f64::MIN, f64::max);
                prop_assert!(pair[1].iter().map(time).all(|later| later > latest));
            }
        }
    }

    #[test]
    fn what_cannot_order_rows_is_refused() {
        let rows: Vec<usize> = (0..10).collect();
        let message = |values: Vec<f64>, order| {
            cut_in_order(&data(values), &rows, &Parts::splits(&[0.6, 0.2, 0.2]), Some(order))
                .unwrap_err()
                .to_string()
        };
        let days: Vec<f64> = (0..10).map(f64::from).collect();
        assert!(message(days.clone(), "week").contains("there is no column `week` among the features"));
        assert!(message(vec![1.0; 10], "day").contains("too few"));
        let mut gap = days;
        gap[3] = f64::NAN;
        assert!(message(gap, "day").contains("row 4 has nothing in `day`"));
    }
}
