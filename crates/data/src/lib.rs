#![doc = include_str!("../README.md")]

mod absent;
mod atomic;
pub mod augment;
mod batch;
mod buffer;
mod cache;
mod checked;
mod config;
mod decode;
mod encoder;
mod error;
mod expected;
#[cfg(feature = "fetch")]
pub mod fetch;
mod files;
mod fold_plan;
pub mod formats;
mod grouped;
mod gzip;
mod interner;

mod kfold;
mod labelled;
mod labels;
mod leaks;
mod limits;
mod load;
mod loader;
mod manifest;
mod memory;
mod ordered;
mod partition;
mod regular;
mod sample_names;
mod samples;
mod sampling;
mod scaler;
pub mod seed;
mod spill;
mod split;
mod stats;
mod stream;
mod targets;
#[cfg(test)]
mod testing;
mod warnings;
mod words;

pub use brasa_keys as keys;
pub use brasa_keys::{Location, kinds, table};

pub use absent::{AbsentClasses, absent_classes};
pub use atomic::{TEMPORARY, Unfinished, sync_folder, write_atomic, write_atomic_by};
pub use augment::{Augment, AugmentConfig};
pub use batch::{Batch, BatchInputs, BatchTargets};
pub use buffer::Buffer;
pub use checked::{CheckedData, CheckedScaling, CheckedSplit};
pub use config::{Resize, Scaling, SplitConfig, SplitKind, TaskKind, ValidFrom};
pub use encoder::LabelEncoder;
pub use error::{DataError, Result};
pub use expected::Expected;
#[cfg(feature = "fetch")]
pub use fetch::{FetchOptions, Fetched, Progress, RemoteFile, fetch, fetch_file, fetch_with};
pub use files::{FileContent, Files};
pub use fold_plan::{FoldPlan, FoldRows};
pub use formats::delimited::parse_delimiter;
pub use formats::idx::IdxConfig;
pub use formats::images::{Crop, ImageInput, ImagesConfig, ImagesFacts, is_archive};
pub use formats::pixels::PixelsConfig;
pub use formats::points::{PointShape, PointsConfig};
pub use formats::series::{SeriesConfig, SeriesInput, SeriesLabels};
pub use formats::table::{
    Charset, ColumnFacts, ColumnKind, ColumnUse, CsvConfig, Encoding, Notation, TableFacts, TableInput,
    TableWishes, TargetColumns, is_packed_table, scan_missing,
};
pub use formats::text::{
    Grams, PlainWords, TextConfig, TextFacts, TextFiles, TextInput, TextStats, tokenise,
};
pub use formats::{DataConfig, InputSpec, RawFile, RawFiles, RawInput, RawSamples, Source};
pub use formats::{SplitFiles, SplitNames};
pub use kfold::{Fold, k_fold, k_fold_of};
pub use labelled::{Item, Labelled, PlacedColumn, Role, SourceFile};
pub use leaks::{LeakReport, PairLeaks, SplitDuplicates, check_leaks};
pub use limits::{Limit, check_limits};
pub use load::load;
pub use loader::{Batches, Loader, LoaderConfig};
pub use manifest::{Manifest, ManifestFile, is_plain_name, sha256_hex};
pub use memory::available_memory;
pub use regular::{read_all, read_regular, read_stream};
pub use sample_names::SampleNames;
pub use samples::{Samples, Values};
pub use sampling::Sampling;
pub use scaler::{ColumnScale, PreparedScaler, Scaler, deviation};
pub use split::{Split, make_split};
pub use stats::{ColumnSpread, Description, FeatureStats, SplitStats, describe};
pub use targets::{ClassTargets, NumberTargets, Targets};
pub use warnings::Warning;
pub use words::name_list;
