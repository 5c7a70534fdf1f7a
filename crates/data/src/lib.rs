#![doc = include_str!("../README.md")]

mod cache;
mod checked;
mod config;
pub mod csv;
mod encoder;
mod error;
#[cfg(feature = "fetch")]
pub mod fetch;
mod files;
pub mod idx;
mod input;
mod kfold;
mod labelled;
mod leaks;
mod load;
mod loader;
mod manifest;
mod partition;
mod samples;
mod scaler;
pub mod seed;
mod split;
mod stats;
mod stream;
#[cfg(test)]
mod testing;
mod titles;
mod token_ids;

pub use checked::{CheckedData, CheckedScaling, CheckedSplit};
pub use config::{DataConfig, Format, Resize, Scaling, SplitConfig, SplitKind, ValidFrom};
pub use csv::scan_missing;
pub use encoder::LabelEncoder;
pub use error::{DataError, Result};
#[cfg(feature = "fetch")]
pub use fetch::{FetchOptions, Progress, fetch, fetch_with};
pub use files::{FileContent, Files};
pub use input::InputSpec;
pub use kfold::{Fold, k_fold, k_fold_of};
pub use labelled::{Item, Labelled, Role, SourceFile};
pub use leaks::{LeakReport, PairLeaks, SideDuplicates, check_leaks};
pub use load::load;
pub use loader::{Batch, Batches, Loader, LoaderConfig};
pub use manifest::{Manifest, ManifestFile};
pub use samples::{Samples, Values};
pub use scaler::{PreparedScaler, Scaler};
pub use split::{Split, make_split};
pub use stats::{Description, FeatureStats, SideStats, describe};
pub use titles::{TextFacts, Titles, TitlesConfig, synthetic_titles, tokenise};
pub use token_ids::TokenIds;
