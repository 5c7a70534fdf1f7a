#![doc = include_str!("../README.md")]

pub mod augment;
mod cache;
mod checked;
mod config;
pub mod csv;
mod encoder;
mod error;
#[cfg(feature = "fetch")]
pub mod fetch;
mod files;
mod fold_plan;
pub mod idx;
mod images;
mod input;
mod kfold;
mod labelled;
mod leaks;
mod load;
mod loader;
mod manifest;
mod partition;
mod points;
mod samples;
mod sampling;
mod scaler;
pub mod seed;
mod separability;
mod source;
mod split;
mod stats;
#[cfg(test)]
mod testing;

pub use augment::{Augment, AugmentConfig};
pub use checked::{CheckedData, CheckedScaling, CheckedSplit};
pub use config::{DataConfig, Resize, Scaling, SplitConfig, SplitKind, ValidFrom};
pub use csv::{CsvConfig, scan_missing};
pub use encoder::LabelEncoder;
pub use error::{DataError, Result};
#[cfg(feature = "fetch")]
pub use fetch::{FetchOptions, Progress, fetch, fetch_with};
pub use files::{FileContent, Files};
pub use fold_plan::FoldPlan;
pub use idx::IdxConfig;
pub use images::{Crop, ImagesConfig};
pub use input::InputSpec;
pub use kfold::{Fold, k_fold, k_fold_of};
pub use labelled::{Item, Labelled, Role, SourceFile};
pub use leaks::{LeakReport, PairLeaks, SideDuplicates, check_leaks};
pub use load::load;
pub use loader::{Batch, Batches, Loader, LoaderConfig};
pub use manifest::{Manifest, ManifestFile};
pub use points::{PointShape, PointsConfig};
pub use samples::{Samples, Values};
pub use sampling::Sampling;
pub use scaler::{PreparedScaler, Scaler};
pub use separability::{Separability, separability};
pub use split::{Split, make_split};
pub use stats::{Description, FeatureStats, SideStats, describe};
