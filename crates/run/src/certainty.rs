//! How often intervals and sets of classes that are to hold the truth do hold it.

use brasa_data::{Role, Targets};
use brasa_predict::{Certainty, Coverage, HeldOut, ModelCard, Prediction};
use brasa_train::Prepared;
use serde::{Deserialize, Serialize};

use crate::predictions::of_role;
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
        let (rows, said) = of_role(outputs, Role::Valid).filter(|(rows, _)| !rows.is_empty())?;
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
        let covered = of_role(outputs, Role::Test).map_or_else(Vec::new, |(rows, said)| {
            let width = (said.len() / rows.len().max(1)).max(1);
            let predictions = said.chunks(width).map(|outputs| card.read(outputs));
            covered(&held_out, prepared, rows, predictions)
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

/// What comes of the usual coverages, those that there are margins for. Each row is answered once, and not kept.
fn covered(
    held_out: &HeldOut,
    prepared: &Prepared,
    rows: &[usize],
    predictions: impl Iterator<Item = Prediction>,
) -> Vec<Covered> {
    let numbers = prepared.data.numbers().map_or(1, |numbers| numbers.names.len());
    let most = held_out.most();
    let nothing = |asked| Covered { asked, held: vec![0.0; numbers], size: vec![0.0; numbers] };
    let usual = Coverage::USUAL.into_iter().filter(|asked| most.is_some_and(|most| most >= *asked));
    let mut all: Vec<Covered> = usual.map(nothing).collect();
    for (&row, prediction) in rows.iter().zip(predictions) {
        for covered in &mut all {
            // An answer that is none holds nothing.
            let Some(certainty) = held_out.certainty(&prediction, covered.asked) else { continue };
            covered.add(&certainty, &prepared.data.targets, row);
        }
    }
    for Covered { held, size, .. } in &mut all {
        held.iter_mut().chain(size).for_each(|sum| *sum /= rows.len().max(1) as f64);
    }
    all
}

impl Covered {
    /// Counts a row; the figures are sums until all are.
    fn add(&mut self, certainty: &Certainty, targets: &Targets, row: usize) {
        let places = self.held.iter_mut().zip(&mut self.size);
        match (certainty, targets) {
            (Certainty::Classes(set), Targets::Classes(classes)) => places.for_each(|(held, size)| {
                let within = classes.labels.get(row).is_some_and(|label| set.contains(label));
                *held += f64::from(u8::from(within));
                *size += set.len() as f64;
            }),
            (Certainty::Intervals(intervals), Targets::Numbers(numbers)) => {
                for (((held, size), [from, to]), truth) in places.zip(intervals).zip(numbers.row(row)) {
                    *held += f64::from(u8::from((from..=to).contains(&truth)));
                    *size += to - from;
                }
            }
            _ => {}
        }
    }
}
