//! The random and the grouped score side by side, in every report.

use brasa_cli::{Extras, table};
use brasa_data::SplitKind;
use brasa_run::report::{Report, Section};
use brasa_run::{FinishedRun, RunFolder, RunObserver, RunRecord, RunScores, RunStatus, list_runs};
use brasa_train::metrics::{ACCURACY, Figures, Metrics};
use brasa_train::{Callback, GroupOverlap, Recipe};
use serde::Serialize;
use serde_json::{Value, json};

use crate::leak::{JudgedSplit, reading};

/// Puts a run beside the newest one of the same recipe under the other split.
#[derive(Debug, Default)]
pub(crate) struct Splits {
    runs: Vec<Judged>,
    sentences: Vec<String>,
}

/// A run and how it was judged.
#[derive(Debug, Clone, Serialize)]
struct Judged {
    run: String,
    recipe: String,
    split: SplitKind,
    /// `train_accuracy`, `valid_accuracy` and every figure of an epoch of the test split.
    #[serde(flatten)]
    figures: Figures,
    #[serde(skip)]
    interval: Option<(f64, f64)>,
    overlap: Option<GroupOverlap>,
}

impl Judged {
    fn new(record: &RunRecord, split: SplitKind, overlap: Option<GroupOverlap>) -> Option<Self> {
        let scores = record.scores.as_ref()?;
        let test = scores.test.as_ref();
        Some(Self {
            run: record.id.clone(),
            recipe: record.recipe.clone(),
            split,
            figures: figures(scores),
            interval: test.and_then(|test| test.interval(ACCURACY)),
            overlap,
        })
    }

    fn split(&self) -> JudgedSplit<'_> {
        let (accuracy, interval) = (self.figures.get("test_accuracy"), self.interval);
        JudgedSplit { recipe: &self.recipe, accuracy, interval, overlap: self.overlap }
    }

    fn cells(&self) -> Vec<String> {
        let kind = if self.split == SplitKind::Grouped { "grouped" } else { "random" };
        let score = |score: Option<f64>| score.map_or_else(|| "-".into(), |score| format!("{score:.4}"));
        let known = self.overlap.map_or_else(|| "-".into(), |o| format!("{} of {}", o.known_rows, o.rows));
        let mut cells = vec![kind.into(), self.recipe.clone()];
        cells.extend(FIGURES.map(|name| score(self.figures.get(name))));
        cells.push(known);
        cells
    }
}

const FIGURES: [&str; 3] = ["train_accuracy", "valid_accuracy", "test_accuracy"];

const HEADER: [&str; 6] =
    ["split", "recipe", "train accuracy", "valid accuracy", "test accuracy", "test rows of known groups"];

fn figures(scores: &RunScores) -> Figures {
    let mut figures: Figures =
        [("train_accuracy", scores.train.value(ACCURACY)), ("valid_accuracy", scores.valid.value(ACCURACY))]
            .into_iter()
            .collect();
    if let Some(test) = &scores.test {
        for name in Metrics::epoch_columns(test.task()) {
            figures.set(format!("test_{name}"), test.value(name));
        }
    }
    figures
}

/// All but the split and what follows from it.
fn apart_from_split(mut recipe: Recipe) -> Recipe {
    recipe.description.clear();
    recipe.data.split = Default::default();
    // Its steps are those of the training split.
    recipe.schedule = Default::default();
    recipe
}

/// The newest finished run of the same recipe on the same files under another kind of split.
fn counterpart(run: &FinishedRun, own: &Recipe) -> Option<Judged> {
    let root = run.folder.path().parent()?.parent()?;
    let same = |folder: &RunFolder| -> Option<(Recipe, Option<GroupOverlap>)> {
        let recipe = folder.recipe().ok()?;
        let files = folder.data_facts().ok()?.files;
        let wanted = (recipe.data.split.kind == SplitKind::Grouped)
            != (own.data.split.kind == SplitKind::Grouped)
            && files == run.prepared.data.files
            && apart_from_split(recipe.clone()) == apart_from_split(own.clone());
        let checked = wanted.then(|| recipe.clone().check().ok()).flatten()?;
        let split = brasa_data::make_split(&run.prepared.data, checked.data().split()).ok()?;
        let data = run.prepared.data.clone();
        let no_files = brasa_data::Files::default();
        let overlap =
            brasa_train::Prepared::from_split(&checked, data, split, &no_files).ok()?.group_overlap();
        Some((recipe, overlap))
    };
    let runs = list_runs(root, &run.record.app).ok()?;
    let finished = runs.iter().rev().filter(|(_, record)| record.status == RunStatus::Finished);
    finished.into_iter().find_map(|(folder, record)| {
        let (recipe, overlap) = same(folder)?;
        Judged::new(record, recipe.data.split.kind, overlap)
    })
}

impl Callback for Splits {}

impl RunObserver for Splits {
    fn on_report(&mut self, run: &FinishedRun, report: &mut Report) -> brasa_run::Result<()> {
        let recipe = run.folder.recipe()?;
        let own = Judged::new(&run.record, recipe.data.split.kind, run.prepared.group_overlap());
        self.runs = own.into_iter().chain(counterpart(run, &recipe)).collect();
        self.runs.sort_by_key(|run| run.split == SplitKind::Grouped);
        self.sentences = match self.runs.as_slice() {
            [random, grouped] => reading(&random.split(), &grouped.split()).into(),
            _ => vec![alone(recipe.data.split.kind, run.prepared.group_overlap())],
        };
        report.sections.push(Section {
            heading: "Random split or whole recordings".into(),
            sentences: self.sentences.clone(),
            columns: HEADER.map(String::from).into(),
            rows: self.runs.iter().map(Judged::cells).collect(),
            ..Section::default()
        });
        Ok(())
    }
}

/// What is to be said of a run that has nothing to stand beside.
fn alone(kind: SplitKind, overlap: Option<GroupOverlap>) -> String {
    match (kind, overlap) {
        (SplitKind::Grouped, _) => "No recording is in two splits, so the test score is one for recordings that are new to \
             the network. Train the same recipe with --set data.split.kind=random to see what a random split makes of it."
            .into(),
        (_, Some(overlap)) => format!(
            "{} of the {} test series are windows of recordings that training saw, too: the score says less about new \
             recordings than it seems to. Train the same recipe with --set data.split.kind=grouped to see them apart.",
            overlap.known_rows, overlap.rows
        ),
        (_, None) => "The data name no recordings, or there is no test split.".into(),
    }
}

impl Extras for Splits {
    fn text(&self) -> String {
        if self.runs.is_empty() {
            return String::new();
        }
        let rows: Vec<Vec<String>> = self.runs.iter().map(Judged::cells).collect();
        format!(
            "random split or whole recordings\n{}\n\n{}",
            table(&HEADER, &rows),
            self.sentences.join("\n")
        )
    }

    fn json(&self) -> Value {
        json!({ "splits": self.runs, "sentences": self.sentences })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_alone_says_what_its_split_is_worth() {
        let overlap = GroupOverlap { rows: 31, known_rows: 25, groups: 24, known_groups: 20 };
        assert!(alone(SplitKind::Random, Some(overlap)).starts_with("25 of the 31 test series are windows"));
        assert!(alone(SplitKind::Grouped, Some(overlap)).starts_with("No recording is in two splits"));
    }
}
