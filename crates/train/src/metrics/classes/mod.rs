//! Metrics of a classifier: one file each, one line in the list below.

mod accuracy;
mod average_precision;
mod balanced_accuracy;
mod brier;
mod calibration;
mod cohen_kappa;
mod f1;
mod jaccard;
mod log_loss;
mod mcc;
mod precision;
mod recall;
mod roc_auc;
mod threshold_curve;
mod top_k;

pub use accuracy::{ACCURACY, Accuracy};
pub use average_precision::AveragePrecision;
pub use balanced_accuracy::BalancedAccuracy;
pub use brier::Brier;
pub use calibration::{CalibrationError, ReliabilityBin, reliability};
pub use cohen_kappa::CohenKappa;
pub use f1::F1;
pub use jaccard::Jaccard;
pub use log_loss::LogLoss;
pub use mcc::Mcc;
pub use precision::Precision;
pub use recall::Recall;
pub use roc_auc::RocAuc;
pub use threshold_curve::{ThresholdCurve, ThresholdStep};
pub use top_k::TopKAccuracy;

use super::{Average, Metric};

/// Every metric of a classifier, in the order in which figures are read.
pub(super) const REGISTRY: &[&dyn Metric] = &[
    &LogLoss,
    &Accuracy,
    &Precision(Average::Macro),
    &Recall(Average::Macro),
    &F1(Average::Macro),
    &Precision(Average::Micro),
    &Recall(Average::Micro),
    &F1(Average::Micro),
    &Precision(Average::Weighted),
    &Recall(Average::Weighted),
    &F1(Average::Weighted),
    &BalancedAccuracy,
    &Mcc,
    &CohenKappa,
    &Jaccard,
    &RocAuc::Macro,
    &RocAuc::Weighted,
    &AveragePrecision,
    &Brier,
    &CalibrationError,
];

/// Computed after each epoch, whatever is monitored.
pub(super) const EPOCH_COLUMNS: &[&str] = &["loss", "accuracy", "f1_macro"];

/// Shown of kept weights.
pub(super) const TABLE_COLUMNS: &[&str] =
    &["loss", "accuracy", "top_k_accuracy", "precision_macro", "recall_macro", "f1_macro"];
