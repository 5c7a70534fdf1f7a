//! Images whose pixels are text in a column of a CSV file.

mod config;
mod read;
mod rows;
#[cfg(test)]
mod tests;
mod text;
mod votes;

pub use config::PixelsConfig;

use serde::Serialize;

use crate::cache::{CacheKey, cached};
use crate::config::Resize;
use crate::files::FileContent;
use crate::formats::images::{Crop, ImageInput};
use crate::formats::table::check_classes;
use crate::formats::{Features, GivenSplit, Source, SplitColumn};
use crate::{
    DataError, Files, InputSpec, LabelEncoder, Labelled, Result, Samples, SourceFile, Values, stream,
};

/// Rises when the same file and settings come out otherwise.
const VERSION: u32 = 2;

/// A `[data.pixels]` table that has passed its check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PixelsSource {
    pub file: String,
    pub pixels: String,
    pub label: String,
    pub split: Option<SplitColumn>,
    pub size: [usize; 2],
    pub classes: Vec<String>,
    /// The file, and its columns by class.
    pub votes: Option<(String, Vec<String>)>,
}

impl Source for PixelsSource {
    fn name(&self) -> &'static str {
        "pixels"
    }

    fn file_names(&self) -> Vec<&str> {
        let votes = self.votes.iter().map(|(file, _)| file.as_str());
        std::iter::once(self.file.as_str()).chain(votes).collect()
    }

    fn features(&self) -> Features {
        Features::Pixels
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        InputSpec::Image(ImageInput::of(&data.samples, Resize::default(), Crop::default()))
    }

    fn classes(&self) -> Option<&[String]> {
        Some(&self.classes)
    }

    fn shape(&self) -> Option<Vec<usize>> {
        Some(vec![1, self.size[0], self.size[1]])
    }

    fn given_split(&self) -> GivenSplit {
        if self.split.is_some() { GivenSplit::Any } else { GivenSplit::None }
    }

    fn split_keys(&self) -> &'static [&'static str] {
        &["split"]
    }

    /// Reads the images `[1, height, width]`, from the cache where they are in it.
    fn read(&self, files: &Files) -> Result<Labelled> {
        let records = stream::records(files, &self.file_names())?;
        let key = CacheKey::new("pixels", VERSION, self, &records);
        cached(files, &key, || self.build(files, records.clone()))
    }
}

impl PixelsSource {
    fn build(&self, files: &Files, records: Vec<SourceFile>) -> Result<Labelled> {
        let FileContent { label, bytes } = files.read(&self.file)?;
        let (found, rows) =
            rayon::join(|| SourceFile::of(&self.file, &bytes), || read::read(self, &label, &bytes));
        let rows = rows?;
        if records.first() != Some(&found) {
            // Under the old checksum these faces would be taken for the old ones.
            let source = std::io::Error::other("the file changed while it was read");
            return Err(DataError::Io { action: "read", path: label.into(), source });
        }
        check_classes(&label, &LabelEncoder::with_classes(self.classes.clone()), &rows.labels)?;
        let votes = |(file, columns): &(String, Vec<String>)| {
            let file = files.read(file)?;
            votes::soft_labels(self, columns, &label, &rows, &file.label, &file.bytes)
        };
        let soft_labels = self.votes.as_ref().map(votes).transpose()?;
        let [height, width] = self.size;
        let samples = Samples::new(vec![1, height, width], Values::U8(rows.pixels.into()))?;
        let data = Labelled::new(self.file.clone(), samples, rows.labels, self.classes.clone());
        let roles = self.split.is_some().then_some(rows.roles);
        Ok(Labelled { roles, files: records, ..data.with_soft_labels(soft_labels) })
    }
}
