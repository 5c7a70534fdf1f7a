//! What the perceptron was after every epoch, for the terminal, the JSON answer and the report.

use brasa_cli::{Extras, table};
use brasa_data::Role;
use brasa_models::{Network, PerceptronWeights};
use brasa_run::report::{Report, Section};
use brasa_run::{FinishedRun, RunFolder, RunObserver, RunRecord};
use brasa_train::metrics::ACCURACY;
use brasa_train::{Callback, Control, EpochRecord, Plan, Result, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::pictures;
use crate::reading::Reading;

/// Rows of a longer table that are shown from its start, and as many from its end.
const ENDS: usize = 20;

/// The file of a run that keeps the epochs, so that one that goes on has all of them.
const FILE: &str = "perceptron.jsonl";

/// One epoch.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Epoch {
    pub(crate) number: usize,
    pub(crate) weights: PerceptronWeights,
    /// Points that were wrong when their turn came, each of which moved the line.
    pub(crate) corrections: usize,
    /// Training points that are wrong by the weights at the end of the epoch.
    #[serde(skip)]
    pub(crate) errors: usize,
}

/// Watches a perceptron learn. Of another network it says nothing.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    rows: usize,
    epochs: Vec<Epoch>,
    features: Vec<String>,
    reading: Option<Reading>,
    folder: Option<RunFolder>,
    /// Whether the run had epochs before, whose weights nobody has.
    incomplete: bool,
}

impl Callback for Trace {
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        self.rows = plan.train_rows;
        let behind = plan.resumed.as_ref().map_or(0, |resumed| resumed.history.len());
        let kept = self.folder.as_ref().filter(|_| behind > 0).map(|folder| folder.lines(FILE));
        self.epochs = kept.and_then(brasa_run::Result::ok).unwrap_or_default();
        // Those after the checkpoint come again; a file that was lost in between begins later than with the first.
        let whole = self.epochs.iter().zip(1..).take_while(|(epoch, number)| epoch.number == *number).count();
        self.epochs.truncate(whole.min(behind));
        self.incomplete = self.epochs.len() < behind;
        match &self.folder {
            Some(folder) if folder.path().join(FILE).exists() => Ok(folder.write_lines(FILE, &self.epochs)?),
            _ => Ok(()),
        }
    }

    fn on_snapshot(&mut self, epoch: usize, model: &dyn Snapshot) -> Result<()> {
        if let Some(Network::Perceptron(perceptron)) = model.as_any().downcast_ref() {
            let weights = perceptron.weights()?;
            self.epochs.push(Epoch { number: epoch, weights, corrections: 0, errors: 0 });
        }
        Ok(())
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        if let Some(epoch) = self.epochs.last_mut() {
            epoch.corrections = ((1.0 - record.train.value(ACCURACY)) * self.rows as f64).round() as usize;
            self.write_down()?;
        }
        Ok(Control::Continue)
    }
}

impl RunObserver for Trace {
    fn on_folder(&mut self, folder: &RunFolder, _: &RunRecord) -> brasa_run::Result<()> {
        self.folder = Some(folder.clone());
        Ok(())
    }

    fn on_report(&mut self, run: &FinishedRun, report: &mut Report) -> brasa_run::Result<()> {
        // What is said of a run is said of all of its epochs.
        if self.epochs.is_empty() || self.incomplete {
            return Ok(());
        }
        let prepared = &run.prepared;
        self.features = prepared.data.feature_names.clone();
        self.count_errors(run)?;
        let reading = Reading::of(&self.epochs, prepared);
        let (header, rows) = self.cells();
        let mut section = Section {
            heading: "The decision line, epoch by epoch".into(),
            sentences: reading.sentences.clone(),
            columns: header,
            rows,
            ..Section::default()
        };
        pictures::add(&mut section, &self.epochs, prepared)?;
        report.sections.push(section);
        self.reading = Some(reading);
        Ok(())
    }
}

impl Trace {
    /// Writes the last epoch into the run's folder.
    fn write_down(&self) -> Result<()> {
        let (Some(folder), Some(new)) = (&self.folder, self.epochs.last()) else { return Ok(()) };
        let written = match folder.path().join(FILE).exists() {
            true => folder.append(FILE, new),
            false => folder.write_lines(FILE, std::slice::from_ref(new)),
        };
        Ok(written?)
    }

    fn count_errors(&mut self, run: &FinishedRun) -> Result<()> {
        let data = &run.prepared.data;
        let scaler = run.prepared.scaler.prepare(data.samples.shape())?;
        let mut row = vec![0.0; data.samples.sample_len()];
        for &index in run.prepared.split.rows(Role::Train) {
            scaler.transform_into(&data.samples, index, &mut row);
            let label = data.labels().get(index);
            for epoch in &mut self.epochs {
                epoch.errors += usize::from(Some(&epoch.weights.predict(&row)) != label);
            }
        }
        Ok(())
    }

    /// Header and rows of the table of weights.
    fn cells(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let mut header: Vec<String> = ["epoch", "bias"].map(String::from).into();
        header.extend(self.features.iter().map(|name| format!("w({name})")));
        header.extend(["corrections", "errors left"].map(String::from));
        let row = |epoch: &Epoch| {
            let numbers = std::iter::once(&epoch.weights.bias).chain(&epoch.weights.weight);
            let mut cells = vec![epoch.number.to_string()];
            cells.extend(numbers.map(|number| format!("{number:.4}")));
            cells.extend([epoch.corrections.to_string(), epoch.errors.to_string()]);
            cells
        };
        (header, self.epochs.iter().map(row).collect())
    }
}

impl Extras for Trace {
    fn text(&self) -> String {
        let Some(reading) = &self.reading else { return String::new() };
        let (header, mut rows) = self.cells();
        if rows.len() > 2 * ENDS + 1 {
            rows.splice(ENDS..rows.len() - ENDS, [vec!["...".to_string()]]);
        }
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        format!("weights after each epoch\n{}\n\n{}", table(&header, &rows), reading.sentences.join("\n"))
    }

    fn json(&self) -> Value {
        let Some(reading) = &self.reading else { return Value::Null };
        let epoch = |epoch: &Epoch| {
            json!({
                "epoch": epoch.number,
                "bias": epoch.weights.bias,
                "weights": epoch.weights.weight,
                "corrections": epoch.corrections,
                "errors": epoch.errors,
            })
        };
        json!({
            "features": self.features,
            "separable": reading.separable,
            "separated_after": reading.separated_after,
            "sentences": reading.sentences,
            "epochs": self.epochs.iter().map(epoch).collect::<Vec<_>>(),
        })
    }
}
