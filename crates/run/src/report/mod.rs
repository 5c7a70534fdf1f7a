//! The report of a run: one self-contained HTML file, and every picture in it as a file of its own.
//!
//! A [`Report`] is plain data, filled by whoever ran the training. The page needs no script, no network and
//! no other file; it reads on a phone, on a wide screen, in the dark and on paper.

mod calibration;
pub(crate) mod charts;
mod classes;
mod error;
mod facts;
mod folds;
pub(crate) mod html;
pub(crate) mod page;
mod parts;
mod regression;
mod scores;
mod section;
#[cfg(test)]
mod tests;

pub use brasa_plot::ReliabilityBin;
pub use calibration::Calibration;
pub use charts::mistake_sheet;
pub use error::ReportError;
pub use folds::{FoldFigure, Folds};
pub use parts::{
    ClassCounts, ClassRow, Confusion, Curves, FigureCurve, LayerRow, Mistake, Picture, Section, SplitCounts,
    SplitScores,
};
pub use regression::Regression;

/// Everything that the report of one run shows; empty parts are left out of the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Heading of the page, for example `Iris: a small network`.
    pub title: String,
    /// Name of the app that was run, for example `iris`.
    pub app: String,
    /// Identifier of the run: the name of its folder.
    pub run: String,
    /// When the run finished, as it should be printed.
    pub created: String,
    /// The few figures that matter, shown large: what it is, and its value. A remark in parentheses at the
    /// end of the value, such as ` (95 % CI 0.83 to 0.99)`, is shown small.
    pub headline: Vec<(String, String)>,
    /// Plain sentences: which epoch was kept and why, why training stopped, what was put right on the way.
    pub notes: Vec<String>,
    /// What happened epoch by epoch.
    pub curves: Curves,
    /// Scores of each split, in the order in which they should be read.
    pub splits: Vec<SplitScores>,
    /// The confusion matrix of one split.
    pub confusion: Option<Confusion>,
    /// Precision, recall and F1 of each class, on the split of [`Report::confusion`].
    pub per_class: Vec<ClassRow>,
    /// True and predicted numbers, one entry per target; empty for classes.
    pub regression: Vec<Regression>,
    /// How far the probabilities of a classifier can be believed.
    pub calibration: Option<Calibration>,
    /// What is known of the data: source, licence, rows, features, how it was split.
    pub data_facts: Vec<(String, String)>,
    /// How many rows of each class every split holds.
    pub class_counts: Option<ClassCounts>,
    /// What the leak check found, one sentence per finding (also where nothing was found).
    pub leaks: Vec<String>,
    /// Whether the leak check found nothing.
    pub leaks_clean: bool,
    /// The data files that were read: name, size in bytes, SHA-256 in hexadecimal.
    pub files: Vec<(String, u64, String)>,
    /// The layers of the model, from input to output.
    pub model: Vec<LayerRow>,
    /// The resolved recipe, as TOML.
    pub recipe_toml: String,
    /// Versions, device, commit, threads.
    pub environment: Vec<(String, String)>,
    /// Wrongly predicted test pictures, worst first; empty for data that cannot be shown as a picture.
    pub mistakes: Vec<Mistake>,
    /// What cross-validation found over its folds.
    pub folds: Option<Folds>,
    /// What the app adds, shown between the training and the scores.
    pub sections: Vec<Section>,
}

impl Report {
    /// Every picture of the report as a file for the run folder: name (`loss.svg`, `mistakes.png`, ...) and
    /// bytes. Charts without data are left out.
    ///
    /// # Errors
    ///
    /// [`ReportError::Picture`] names the picture that could not be drawn.
    pub fn pictures(&self) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
        let mut files: Vec<(String, Vec<u8>)> = charts::all(self)?
            .into_iter()
            .map(|chart| (format!("{}.svg", chart.name), chart.svg.into_bytes()))
            .collect();
        files.extend(charts::mistake_sheets(self)?);
        files.extend(section::files(self));
        Ok(files)
    }

    /// The whole page as HTML.
    ///
    /// # Errors
    ///
    /// [`ReportError::Picture`] names the picture that could not be drawn.
    pub fn to_html(&self) -> Result<String, ReportError> {
        page::render(self)
    }
}
