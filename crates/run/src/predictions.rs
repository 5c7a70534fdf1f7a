//! What a run's model said of the rows that it was chosen and judged by.

use brasa_data::{Role, Targets};
use brasa_predict::ModelCard;
use brasa_train::Prepared;

use crate::look::probability;

/// With more classes, only the probability of the right one is written beside that of the predicted one.
const MOST_CLASSES: usize = 50;

/// The rows of a split, and the outputs for them.
pub(crate) fn of_role<'a>(
    outputs: &[(Role, &'a [usize], &'a [f32])],
    role: Role,
) -> Option<(&'a [usize], &'a [f32])> {
    outputs.iter().find(|(own, ..)| *own == role).map(|(_, rows, outputs)| (*rows, *outputs))
}

/// Writes a table of text with a row for each row of `splits`, whose outputs are row-major: its place in the data from 0, its
/// split, what was right and what the saved model of `card` answers. For classes the probabilities stand behind.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write_predictions(
    card: &ModelCard,
    prepared: &Prepared,
    splits: &[(Role, &[usize], &[f32])],
    file: &mut impl std::io::Write,
) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(file);
    let head = ["row".to_owned(), "split".into()];
    writer.write_record(head.into_iter().chain(columns(prepared)))?;
    for (role, rows, outputs) in splits {
        let width = outputs.len() / rows.len().max(1);
        for (&row, outputs) in rows.iter().zip(outputs.chunks(width.max(1))) {
            let place = [row.to_string(), role.to_string()];
            writer.write_record(place.into_iter().chain(cells(card, prepared, row, outputs)))?;
        }
    }
    writer.flush()
}

fn columns(prepared: &Prepared) -> Vec<String> {
    match &prepared.data.targets {
        Targets::Classes(classes) => {
            let own = ["true", "predicted", "probability", "probability of true"].map(str::to_owned);
            let all = classes.names.iter().filter(|_| classes.names.len() <= MOST_CLASSES);
            own.into_iter().chain(all.map(|name| format!("probability of {name}"))).collect()
        }
        Targets::Numbers(numbers) => number_columns(&numbers.names),
    }
}

/// What was right and what was said of each number to predict, by the names of these.
pub(crate) fn number_columns<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    match names {
        [_] => ["true", "predicted"].map(str::to_owned).to_vec(),
        names => names
            .iter()
            .flat_map(|name| ["true", "predicted"].map(|what| format!("{what} {}", name.as_ref())))
            .collect(),
    }
}

fn cells(card: &ModelCard, prepared: &Prepared, row: usize, outputs: &[f32]) -> Vec<String> {
    match &prepared.data.targets {
        Targets::Classes(classes) => {
            let name = |class: Option<u32>| {
                class.and_then(|class| classes.names.get(class as usize)).cloned().unwrap_or_default()
            };
            let chance = |class: Option<u32>| {
                let chance = class.map_or(f64::NAN, |class| probability(outputs, class));
                if chance.is_finite() { chance.to_string() } else { String::new() }
            };
            let said = card.read(outputs).class().map(|answer| answer.index);
            let right = classes.labels.get(row).copied();
            let own = [name(right), name(said), chance(said), chance(right)];
            let all = (0..classes.names.len() as u32).filter(|_| classes.names.len() <= MOST_CLASSES);
            own.into_iter().chain(all.map(|class| chance(Some(class)))).collect()
        }
        Targets::Numbers(numbers) => {
            let said = prepared.target_scale.restore(outputs);
            numbers
                .row(row)
                .iter()
                .zip(said)
                .flat_map(|(right, said)| [right.to_string(), said.to_string()])
                .collect()
        }
    }
}
