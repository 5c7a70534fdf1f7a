//! Images whose pixels are text in a column of a CSV file.

mod config;
mod read;
mod rows;
#[cfg(test)]
mod tests;
mod text;
mod votes;

pub use config::FacesConfig;

use serde::Serialize;

use crate::cache::{CacheKey, cached};
use crate::csv::check_classes;
use crate::files::FileContent;
use crate::{Files, LabelEncoder, Labelled, Result, Samples, SourceFile, Values};

/// Rises when the same file and settings come out otherwise.
const VERSION: u32 = 1;

/// A `[data.faces]` table that has passed its check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct FacesSource {
    pub file: String,
    pub pixels: String,
    pub label: String,
    pub side: Option<String>,
    pub size: [usize; 2],
    pub classes: Vec<String>,
    /// The file, and its columns by class.
    pub votes: Option<(String, Vec<String>)>,
}

impl FacesSource {
    /// The files that [`read`](Self::read) reads.
    pub(crate) fn file_names(&self) -> Vec<&str> {
        let votes = self.votes.iter().map(|(file, _)| file.as_str());
        std::iter::once(self.file.as_str()).chain(votes).collect()
    }

    /// Reads the images `[1, height, width]`, from the cache where they are in it.
    pub(crate) fn read(&self, files: &Files) -> Result<Labelled> {
        let names = self.file_names();
        let contents = names.iter().map(|name| files.read(name)).collect::<Result<Vec<_>>>()?;
        let each = names.iter().zip(&contents);
        let records = each.map(|(name, file)| SourceFile::of(name, &file.bytes)).collect::<Vec<_>>();
        let key = CacheKey::new("faces", VERSION, self, &records);
        cached(files, &key, || self.build(&contents, records))
    }

    fn build(&self, contents: &[FileContent], files: Vec<SourceFile>) -> Result<Labelled> {
        let (label, bytes) =
            contents.first().map_or(("", [].as_slice()), |file| (file.label.as_str(), &*file.bytes));
        let rows = read::read(self, label, bytes)?;
        check_classes(label, &LabelEncoder::with_classes(self.classes.clone()), &rows.labels)?;
        let soft_labels = match (&self.votes, contents.get(1)) {
            (Some((_, columns)), Some(file)) => {
                Some(votes::soft_labels(self, columns, label, &rows, &file.label, &file.bytes)?)
            }
            _ => None,
        };
        let [height, width] = self.size;
        Ok(Labelled {
            soft_labels,
            roles: self.side.is_some().then_some(rows.roles),
            files,
            ..Labelled::new(
                self.file.clone(),
                Samples::new(vec![1, height, width], Values::U8(rows.pixels))?,
                rows.labels,
                self.classes.clone(),
            )
        })
    }
}
