//! Images in a folder per class, or in a zip archive of such folders.

mod archive;
mod bad;
pub(crate) mod config;
pub(crate) mod decode;
mod facts;
pub(crate) mod fit;
mod input;
mod jpeg;
mod layout;
mod listing;
mod named;
mod store;

use std::collections::BTreeSet;

use rayon::prelude::*;

pub use config::{Crop, ImagesConfig};
pub(crate) use config::{ImagesSource, Place};
pub use facts::{ImagesFacts, is_archive};
pub(crate) use fit::planes;
pub use input::ImageInput;
pub(crate) use listing::{Listing, Names};
pub(crate) use store::Store;

use self::bad::Checked;
use self::decode::Header;
use self::fit::Fit;
use self::layout::{Layout, arrange};
use self::named::Named;
use crate::cache::{CacheKey, cached};
use crate::formats::{Features, GivenSplit, Groups, Source};
use crate::manifest::sha256_hex;
use crate::{DataError, Files, InputSpec, Labelled, Limit, Result, SampleNames, Samples, SourceFile, Values};

/// Rises when the same files and settings come out otherwise.
const VERSION: u32 = 2;

/// A folder around, the split, the class, and one level too many to say so.
const MAX_DEPTH: usize = 4;

impl Source for ImagesSource {
    fn name(&self) -> &'static str {
        "images"
    }

    fn file_names(&self) -> Vec<&str> {
        std::iter::once(self.place.name()).chain(self.settings.labels.as_deref()).collect()
    }

    fn features(&self) -> Features {
        Features::Pixels
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        InputSpec::Image(ImageInput::of(&data.samples, self.resize(), self.crop()))
    }

    fn classes(&self) -> Option<&[String]> {
        self.settings.classes.as_deref()
    }

    fn shape(&self) -> Option<Vec<usize>> {
        let (channels, [height, width]) = self.settings.channels.zip(self.settings.size)?;
        Some(vec![channels, height, width])
    }

    fn given_split(&self) -> GivenSplit {
        GivenSplit::Any
    }

    fn groups(&self) -> Groups {
        match (&self.settings.group, &self.settings.labels) {
            (Some(_), _) => Groups::Given,
            (None, Some(_)) => Groups::NoColumn,
            (None, None) => Groups::Never,
        }
    }

    /// Reads and decodes the images, or takes them from the cache.
    fn read(&self, files: &Files) -> Result<Labelled> {
        let labels = self.labels(files)?;
        let labels_record = |bytes: &[u8]| Some(SourceFile::of(self.settings.labels.as_deref()?, bytes));
        let labels_record = labels.as_deref().and_then(labels_record);
        let key = |records: &[SourceFile]| CacheKey::new("images", VERSION, &self.settings, records);
        match &self.place {
            Place::Folder(name) => {
                let (store, listing) = self.folder(name, files)?;
                // Looked at each time, as the record does not tell of folders without images.
                let images = listing.images.clone();
                let layout = self.arrange(&store, listing, labels.as_deref())?;
                let images = if labels.is_some() { layout.images.iter().cloned().collect() } else { images };
                let records =
                    Vec::from_iter([record(name, &store, &images)].into_iter().chain(labels_record));
                cached(files, &key(&records), || self.load(&store, layout, records))
            }
            Place::Archive(name) => {
                let content = files.read(name)?;
                let records = SourceFile::of(name, &content.bytes);
                let records = Vec::from_iter([records].into_iter().chain(labels_record));
                cached(files, &key(&records), || {
                    let (store, listing) = Store::of_archive(content)?;
                    let layout = self.arrange(&store, listing, labels.as_deref())?;
                    self.load(&store, layout, records)
                })
            }
        }
    }
}

impl ImagesSource {
    /// The bytes of the table that names the images, where there is one.
    fn labels(&self, files: &Files) -> Result<Option<Vec<u8>>> {
        let read = |name: &String| Ok(files.read(name)?.bytes.to_vec());
        self.settings.labels.as_ref().map(read).transpose()
    }

    /// A folder, and what is in it; of one whose images a table names, nothing is looked for.
    fn folder(&self, name: &str, files: &Files) -> Result<(Store, Listing)> {
        let folder = files.folder(name)?;
        match self.settings.labels {
            Some(_) => Ok((Store::Folder(folder), Listing::default())),
            None => Store::of_folder(&folder, MAX_DEPTH),
        }
    }

    fn arrange(&self, store: &Store, mut listing: Listing, labels: Option<&[u8]>) -> Result<Layout> {
        if let Some(named) = labels.and_then(|bytes| Named::of(&self.settings, bytes)) {
            return named.layout(store, &listing, self.place.name(), self.settings.classes.as_deref());
        }
        match listing.faults.is_empty() {
            true => arrange(listing, self.settings.classes.as_deref(), |path| store.label(path)),
            false => Err(listing.faults.swap_remove(0)),
        }
    }

    fn load(&self, store: &Store, mut layout: Layout, records: Vec<SourceFile>) -> Result<Labelled> {
        let mut checked = Checked::new(layout.images.len(), self.settings.skip_bad.unwrap_or(0));
        let fit = match self.fit(store, &layout.images, &mut checked) {
            Ok(fit) => fit,
            // Without the sizes of all images that are left, what is wrong with the others comes first.
            Err(error) => return checked.finish(store).and(Err(error)),
        };
        let mut pixels = decode_all(store, &layout.images, &fit, &mut checked)?;
        let (good, skipped) = checked.finish(store)?;
        if skipped.is_some() {
            layout.keep(&good, self.settings.labels.is_some(), |path| store.label(path))?;
            keep_pixels(&mut pixels, &good);
        }
        let Layout { class_names, labels, roles, images, groups } = layout;
        let (groups, group_names) =
            groups.map_or((None, Vec::new()), |(groups, names)| (Some(groups), names));
        let warnings = Vec::from_iter(skipped);
        let samples = Samples::new(vec![fit.channels, fit.height, fit.width], Values::U8(pixels.into()))?;
        let sample_names = images.iter().map(|path| path.join("/")).collect::<SampleNames>();
        let labelled = Labelled::new(self.place.name(), samples, labels, class_names);
        let sample_names = Some(sample_names);
        Ok(Labelled { roles, groups, group_names, files: records, sample_names, warnings, ..labelled })
    }

    /// The shape of the samples: as the settings say, and for the rest as all files agree.
    fn fit(&self, store: &Store, images: &[Names], checked: &mut Checked) -> Result<Fit> {
        let settings = &self.settings;
        let (channels, [height, width]) = match (settings.channels, settings.size) {
            (Some(channels), Some(size)) => (channels, size),
            (channels, size) => {
                let headers = headers(store, images, checked);
                let grey = headers.iter().all(|header| header.grey);
                let size = size.map_or_else(|| common_size(store, checked.good(images), &headers), Ok)?;
                (channels.unwrap_or(if grey { 1 } else { 3 }), size)
            }
        };
        Ok(Fit { channels, height, width, resize: self.resize(), crop: self.crop() })
    }
}

/// What the good images say of themselves; the faults of the others are noted.
fn headers(store: &Store, images: &[Names], checked: &mut Checked) -> Vec<Header> {
    let header = |(fault, path): (&mut Option<DataError>, &Names)| match store.decode(path, decode::header) {
        Ok(header) => Some(header),
        Err(error) => {
            *fault = Some(error);
            None
        }
    };
    checked.faults().par_iter_mut().zip(images).filter_map(header).collect()
}

fn common_size<'a>(
    store: &Store,
    images: impl Iterator<Item = &'a Names>,
    headers: &[Header],
) -> Result<[usize; 2]> {
    let mut sizes = images.zip(headers.iter().map(|header| [header.height, header.width]));
    let Some((first, first_size)) = sizes.next() else {
        return Err(DataError::no_rows(store.label(&[])));
    };
    match sizes.find(|&(_, size)| size != first_size) {
        None => Ok(first_size),
        Some((second, second_size)) => {
            let [[height, width], [other_height, other_width]] = [first_size, second_size];
            let problem = format!(
                "expected {height} x {width} pixels (height x width) as in {}, found {other_height} x {other_width}; give \
                 `size = [height, width]` in [data.images]",
                store.label(first)
            );
            Err(DataError::in_file(store.label(second), problem))
        }
    }
}

/// The pixels of all images, those of bad ones being left black and their faults noted.
fn decode_all(store: &Store, images: &[Names], fit: &Fit, checked: &mut Checked) -> Result<Vec<u8>> {
    let (count, height, width) = (images.len(), fit.height, fit.width);
    let sample_len = fit.sample_len().map_err(|problem| DataError::config("images.size", problem))?;
    let total = (sample_len as u64).saturating_mul(count as u64);
    let most = Limit::Data.room();
    if total > most {
        let problem = format!(
            "{count} images of {height} x {width} pixels take {total} bytes; there is room for {most}, \
             so give a smaller size"
        );
        return Err(DataError::config("images.size", problem));
    }
    let mut pixels = vec![0; total as usize];
    let decode = |((sample, fault), path): ((&mut [u8], &mut Option<DataError>), &Names)| {
        if fault.is_none() {
            *fault = store.decode(path, |bytes| fit.decode_into(bytes, sample)).err();
        }
    };
    pixels.par_chunks_exact_mut(sample_len).zip(checked.faults()).zip(images).for_each(decode);
    Ok(pixels)
}

/// Moves the samples of good images together.
fn keep_pixels(pixels: &mut Vec<u8>, good: &[bool]) {
    let len = pixels.len() / good.len().max(1);
    let mut kept = 0;
    for row in (0..good.len()).filter(|&row| good.get(row) == Some(&true)) {
        pixels.copy_within(row * len..(row + 1) * len, kept * len);
        kept += 1;
    }
    pixels.truncate(kept * len);
}

/// One record for the whole folder: the checksum of the lines `CHECKSUM  PATH` of all files, sorted by path. A file that
/// cannot be opened has the word `unreadable` in place of a checksum.
fn record(name: &str, store: &Store, images: &BTreeSet<Names>) -> SourceFile {
    let line = |path: &Names| {
        let content = store.read(path).ok();
        let checksum = content.as_deref().map_or("unreadable".to_owned(), sha256_hex);
        (content.map_or(0, |bytes| bytes.len() as u64), format!("{checksum}  {}\n", path.join("/")))
    };
    let lines = images.par_iter().map(line).collect::<Vec<_>>();
    let bytes = lines.iter().map(|(len, _)| len).sum();
    let text = lines.into_iter().map(|(_, line)| line).collect::<String>();
    SourceFile { name: name.to_owned(), bytes, sha256: sha256_hex(text.as_bytes()) }
}
