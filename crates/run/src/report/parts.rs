use brasa_train::metrics::Figures;

/// A part of the page that an app adds: sentences, a table, pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// Its heading; nothing is shown of a section without sentences, rows and pictures.
    pub heading: String,
    /// Plain sentences.
    pub sentences: Vec<String>,
    /// Pictures that the page carries.
    pub pictures: Vec<Picture>,
    /// Names of the table's columns; the first is a heading to its row, the others are numbers.
    pub columns: Vec<String>,
    /// Cells of the table.
    pub rows: Vec<Vec<String>>,
    /// Further files for the run's folder of pictures, with their names; the page does not show them.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A picture of a [`Section`], which is also a file in the run's folder of pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Name of its file.
    pub name: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// The file: a PNG, animated or not, or by the ending of its name an SVG of `brasa-plot`.
    pub bytes: Vec<u8>,
}

/// One value per epoch of everything that is drawn as a curve.
///
/// A vector that is shorter than `epochs` simply ends early, an empty one draws no curve, and NaN (an epoch
/// that was not evaluated, a loss that diverged) leaves a gap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curves {
    /// The number of each epoch, from 1.
    pub epochs: Vec<usize>,
    /// The figures, in the order in which they should be read.
    pub figures: Vec<FigureCurve>,
    /// Learning rate at the end of the epoch.
    pub lr: Vec<f64>,
    /// The epoch whose weights were kept, as it is numbered in `epochs`.
    pub best_epoch: Option<usize>,
}

/// A figure of the training and of the validation split, epoch by epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FigureCurve {
    /// What it is called, for example `Macro F1`.
    pub name: String,
    /// What stands at its axis, for example `cross-entropy (nats)`.
    pub axis: String,
    /// The values of the training split.
    pub train: Vec<f64>,
    /// The values of the validation split.
    pub valid: Vec<f64>,
}

/// The scores of one split, each from all of its rows at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SplitScores {
    /// `train`, `valid`, `test`, or for example `test without duplicates`.
    pub name: String,
    /// Rows that were scored.
    pub rows: usize,
    /// Each figure by what it is called; NaN, and one that other splits have, is shown as a dash.
    pub figures: Figures,
}

/// A confusion matrix of raw counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Name of each class.
    pub class_names: Vec<String>,
    /// `counts[t][p]`: rows of true class `t` that were predicted as `p`.
    pub counts: Vec<Vec<u64>>,
    /// Which split was counted, for example `test`.
    pub split: String,
}

/// The scores of one class; NaN is shown as a dash.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClassRow {
    /// Name of the class.
    pub name: String,
    /// Share of the rows predicted as this class that are of it.
    pub precision: f64,
    /// Share of the rows of this class that were predicted as it.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Rows of this class.
    pub support: u64,
}

/// How many rows of each class the splits hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassCounts {
    /// Name of each class.
    pub class_names: Vec<String>,
    /// One histogram per split.
    pub splits: Vec<SplitCounts>,
}

/// The class histogram of one split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitCounts {
    /// Name of the split.
    pub name: String,
    /// Rows of each class, in the order of [`ClassCounts::class_names`].
    pub counts: Vec<u64>,
}

/// One layer of the model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerRow {
    /// Name and kind, for example `Linear(4 -> 64)`.
    pub layer: String,
    /// Shape of its output for one batch, for example `[batch, 64]`.
    pub output_shape: String,
    /// The sum that gives its size, `(W-F+2P)/S+1` with its numbers; empty where no window moves.
    pub size: String,
    /// Learned numbers.
    pub parameters: u64,
    /// Floating-point operations for one row; `None` where they were not counted.
    pub flops: Option<u64>,
}

/// A wrongly predicted picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mistake {
    /// Rows from top to bottom, channels innermost; `width * height * channels` bytes.
    pub pixels: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// 1 (grey) or 3 (RGB).
    pub channels: u8,
    /// Name of its file, where the data know it.
    pub name: String,
    /// Name of the true class.
    pub true_class: String,
    /// Name of the predicted class.
    pub predicted: String,
    /// Probability that the model gave to its prediction, 0 to 1.
    pub probability: f64,
}
