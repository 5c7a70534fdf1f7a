//! How often intervals and sets of classes that are to hold the truth do hold it.

use brasa_data::{Role, Targets};
use brasa_predict::{Certainty, Coverage, HeldOut, ModelCard, Prediction};
use brasa_train::Prepared;
use serde::{Deserialize, Serialize};

use crate::report::Section;

/// What comes of a coverage on the test split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covered {
    /// The share of rows that was asked for.
    pub asked: Coverage,
    /// The share of the test rows whose truth was within: of each number that is predicted, or of the class.
    pub held: Vec<f64>,
    /// Mean number of classes in a set, or the width of the interval of each number.
    pub size: Vec<f64>,
}

/// How far off the model is on the validation rows, and whether that holds on the test rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sureness {
    pub(crate) held_out: HeldOut,
    pub(crate) covered: Vec<Covered>,
}

impl Sureness {
    /// Of the outputs for the validation and the test split. `card` says what outputs mean.
    pub(crate) fn of(
        card: &ModelCard,
        prepared: &Prepared,
        outputs: &[(Role, &[usize], &[f32])],
    ) -> Option<Self> {
        let of = |role: Role| {
            outputs.iter().find(|(own, ..)| *own == role).map(|(_, rows, outputs)| (*rows, *outputs))
        };
        let (rows, said) = of(Role::Valid).filter(|(rows, _)| !rows.is_empty())?;
        let held_out = match &prepared.data.targets {
            Targets::Classes(classes) => {
                let labels: Vec<u32> =
                    rows.iter().filter_map(|&row| classes.labels.get(row).copied()).collect();
                HeldOut::of_classes(said, &labels)
            }
            Targets::Numbers(numbers) => {
                let truth: Vec<f64> = rows.iter().flat_map(|&row| numbers.row(row)).copied().collect();
                HeldOut::of_numbers(&prepared.target_scale.restore(said), &truth, numbers.names.len())
            }
        };
        let covered = of(Role::Test).map_or_else(Vec::new, |(rows, said)| {
            let width = (said.len() / rows.len().max(1)).max(1);
            // Made anew for each coverage: of many rows and classes they are not all in memory at once.
            let predictions =
                || rows.iter().copied().zip(said.chunks(width).map(|outputs| card.read(outputs)));
            let covered = |asked| covered(&held_out, prepared, rows.len(), predictions(), asked);
            Coverage::USUAL.into_iter().filter_map(covered).collect()
        });
        Some(Self { held_out, covered })
    }

    /// What the report says of it.
    pub(crate) fn section(&self, names: &[String]) -> Section {
        let classes = names.is_empty();
        let what = if classes { "sets of classes" } else { "intervals" };
        let mut sentences = vec![format!(
            "`predict --coverage 0.9` answers with {what} that hold the truth of nine rows of ten, by how far off the model was on the {} \
             validation rows. That goes for rows of the same kind, from the same sources, at the same time; and since the validation rows have \
             chosen the weights as well, it is approximate.",
            self.held_out.rows
        )];
        if self.covered.is_empty() {
            let most = self.held_out.most();
            sentences.push(match most.filter(|most| *most >= Coverage::USUAL[0]) {
                Some(_) => "There is no test split to see on how often they do.".to_owned(),
                None => format!(
                    "There are too few of these rows for the usual coverages; the largest is {}.",
                    most.map_or_else(|| "none".to_owned(), |most| most.to_string())
                ),
            });
        }
        let size = if classes { "classes in a set" } else { "width of the interval" };
        let mut columns = vec!["asked for".to_owned()];
        let of: Vec<String> = match names {
            [] | [_] => vec![String::new()],
            names => names.iter().map(|name| format!(" {name}")).collect(),
        };
        for name in &of {
            columns.extend([format!("held on test{name}"), format!("{size}{name}")]);
        }
        let row = |covered: &Covered| {
            let cells = covered.held.iter().zip(&covered.size);
            let cells =
                cells.flat_map(|(held, size)| [format!("{:.1} %", held * 100.0), format!("{size:.4}")]);
            std::iter::once(covered.asked.to_string()).chain(cells).collect()
        };
        Section {
            heading: "How far an answer can be trusted".into(),
            sentences,
            columns: if self.covered.is_empty() { Vec::new() } else { columns },
            rows: self.covered.iter().map(row).collect(),
            ..Section::default()
        }
    }
}

fn covered(
    held_out: &HeldOut,
    prepared: &Prepared,
    rows: usize,
    predictions: impl Iterator<Item = (usize, Prediction)>,
    asked: Coverage,
) -> Option<Covered> {
    let width = prepared.data.numbers().map_or(1, |numbers| numbers.names.len());
    let (mut held, mut size) = (vec![0.0; width], vec![0.0; width]);
    if held_out.most().is_none_or(|most| most < asked) {
        return None;
    }
    for (row, prediction) in predictions {
        // An answer that is none holds nothing.
        let Some(certainty) = held_out.certainty(&prediction, asked) else { continue };
        match (certainty, &prepared.data.targets) {
            (Certainty::Classes(set), Targets::Classes(classes)) => {
                let within = classes.labels.get(row).is_some_and(|label| set.contains(label));
                held.iter_mut().for_each(|held| *held += f64::from(u8::from(within)));
                size.iter_mut().for_each(|size| *size += set.len() as f64);
            }
            (Certainty::Intervals(intervals), Targets::Numbers(numbers)) => {
                let places = held.iter_mut().zip(&mut size).zip(&intervals).zip(numbers.row(row));
                for (((held, size), [from, to]), truth) in places {
                    *held += f64::from(u8::from((from..=to).contains(&truth)));
                    *size += to - from;
                }
            }
            _ => return None,
        }
    }
    let mean = |sums: Vec<f64>| sums.into_iter().map(|sum| sum / rows.max(1) as f64).collect();
    Some(Covered { asked, held: mean(held), size: mean(size) })
}
