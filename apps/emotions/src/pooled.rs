//! The tutorial's own figure: public and private test faces counted together.

use brasa_cli::Extras;
use brasa_run::report::{Report, Section};
use brasa_run::{FinishedRun, RunObserver, RunScores};
use brasa_train::Callback;
use brasa_train::metrics::ACCURACY;
use serde::Serialize;
use serde_json::Value;

/// What the tutorial reports for both splits together.
const TUTORIAL: f64 = 0.6213;

/// Adds the accuracy over both splits to a run's report and answer.
#[derive(Debug, Default)]
pub(crate) struct Pooled(Option<Accuracies>);

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Accuracies {
    public: f64,
    private: f64,
    public_and_private: f64,
    text: f64,
}

impl Accuracies {
    /// `None` without a test split.
    fn new(scores: &RunScores) -> Option<Self> {
        let (valid, test) = (&scores.valid, scores.test.as_ref()?);
        let rows = (valid.rows + test.rows) as f64;
        let (public, private) = (valid.value(ACCURACY), test.value(ACCURACY));
        let right = public * valid.rows as f64 + private * test.rows as f64;
        Some(Self { public, private, public_and_private: right / rows, text: TUTORIAL })
    }

    fn sentences(&self) -> Vec<String> {
        vec![
            format!(
                "Public and private test faces together, as the tutorial counts them: {:.4} (the tutorial: {TUTORIAL}).",
                self.public_and_private
            ),
            format!(
                "The public faces chose the epoch, so the figure for faces that had no say is that of the private split: {:.4}.",
                self.private
            ),
        ]
    }
}

impl Callback for Pooled {}

impl RunObserver for Pooled {
    fn on_report(&mut self, run: &FinishedRun, report: &mut Report) -> brasa_run::Result<()> {
        // Other data have other splits.
        self.0 = run.prepared.data.roles.as_ref().and_then(|_| Accuracies::new(&run.scores));
        if let Some(accuracies) = &self.0 {
            report.sections.push(Section {
                heading: "Public and private test".into(),
                sentences: accuracies.sentences(),
                ..Section::default()
            });
        }
        Ok(())
    }
}

impl Extras for Pooled {
    fn text(&self) -> String {
        self.0.map_or_else(String::new, |accuracies| accuracies.sentences().join("\n"))
    }

    fn json(&self) -> Value {
        // Numbers serialise.
        self.0.map_or(Value::Null, |accuracies| serde_json::to_value(accuracies).unwrap_or_default())
    }
}
