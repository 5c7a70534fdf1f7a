//! Images in a folder per class, or in a zip archive of such folders.

mod archive;
pub(crate) mod config;
pub(crate) mod decode;
pub(crate) mod fit;
mod input;
mod layout;
mod listing;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use config::{Crop, ImagesConfig};
pub(crate) use config::{ImagesSource, Place};
pub use input::ImageInput;

use self::archive::Archive;
use self::decode::Header;
use self::fit::Fit;
use self::layout::{Layout, arrange};
use self::listing::{Listing, Names};
use crate::cache::{CacheKey, cached};
use crate::formats::{Features, GivenSplit, Source};
use crate::manifest::sha256_hex;
use crate::{DataError, Files, InputSpec, Labelled, Result, Samples, SourceFile, Values};

/// Rises when the same files and settings come out otherwise.
const VERSION: u32 = 1;

/// The most bytes that an archive may unpack to, and that all decoded images may take.
const MAX_TOTAL: u64 = 4 << 30;

/// Where encoded images are read from.
enum Store<'a> {
    Folder(&'a Path),
    Archive(Archive<'a>),
}

impl Store<'_> {
    fn label(&self, path: &[String]) -> String {
        match self {
            Self::Folder(folder) => below(folder, path).display().to_string(),
            Self::Archive(archive) => archive.label(path),
        }
    }

    fn read(&self, path: &[String]) -> Result<Vec<u8>> {
        match self {
            Self::Archive(archive) => archive.read(path),
            Self::Folder(folder) => {
                let path = below(folder, path);
                std::fs::read(&path).map_err(|source| DataError::Io { action: "read", path, source })
            }
        }
    }

    fn image_error(&self, path: &[String], problem: String) -> DataError {
        DataError::Image { label: self.label(path), problem }
    }
}

fn below(folder: &Path, path: &[String]) -> PathBuf {
    path.iter().fold(folder.to_owned(), |folder, name| folder.join(name))
}

impl Source for ImagesSource {
    fn name(&self) -> &'static str {
        "images"
    }

    fn file_names(&self) -> Vec<&str> {
        match &self.place {
            Place::Folder(name) | Place::Archive(name) => vec![name],
        }
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

    /// Reads and decodes the images, or takes them from the cache.
    fn read(&self, files: &Files) -> Result<Labelled> {
        match &self.place {
            Place::Folder(name) => {
                let folder = files.folder(name)?;
                let store = Store::Folder(&folder);
                let listing = Listing::of_folder(&folder)?;
                let record = record(name, &store, &listing)?;
                let key = CacheKey::new("images", VERSION, &self.settings, std::slice::from_ref(&record));
                // Looked at each time, as the record does not tell of folders without images.
                let layout = self.arrange(&store, listing)?;
                cached(files, &key, || self.load(&store, layout, record))
            }
            Place::Archive(name) => {
                let content = files.read(name)?;
                let record = SourceFile::of(name, &content.bytes);
                let key = CacheKey::new("images", VERSION, &self.settings, std::slice::from_ref(&record));
                cached(files, &key, || {
                    let (archive, listing) = Archive::open(&content)?;
                    let store = Store::Archive(archive);
                    let layout = self.arrange(&store, listing)?;
                    self.load(&store, layout, record)
                })
            }
        }
    }
}

impl ImagesSource {
    fn arrange(&self, store: &Store, listing: Listing) -> Result<Layout> {
        arrange(listing, self.settings.classes.as_deref(), |path| store.label(path))
    }

    fn load(&self, store: &Store, layout: Layout, record: SourceFile) -> Result<Labelled> {
        let fit = self.fit(store, &layout.images)?;
        let pixels = decode_all(store, &layout.images, &fit)?;
        let Layout { class_names, labels, roles, images } = layout;
        let sample_names = images.iter().map(|path| path.join("/")).collect();
        let samples = Samples::new(vec![fit.channels, fit.height, fit.width], Values::U8(pixels.into()))?;
        let labelled = Labelled::new(record.name.clone(), samples, labels, class_names);
        Ok(Labelled { roles, sample_names, files: vec![record], ..labelled })
    }

    /// The shape of the samples: as the settings say, and for the rest as all files agree.
    fn fit(&self, store: &Store, images: &[Names]) -> Result<Fit> {
        let settings = &self.settings;
        let (channels, [height, width]) = match (settings.channels, settings.size) {
            (Some(channels), Some(size)) => (channels, size),
            (channels, size) => {
                let headers = headers(store, images)?;
                let grey = headers.iter().all(|header| header.grey);
                let size = size.map_or_else(|| common_size(store, images, &headers), Ok)?;
                (channels.unwrap_or(if grey { 1 } else { 3 }), size)
            }
        };
        Ok(Fit { channels, height, width, resize: self.resize(), crop: self.crop() })
    }
}

fn headers(store: &Store, images: &[Names]) -> Result<Vec<Header>> {
    let header =
        |path: &Names| decode::header(&store.read(path)?).map_err(|problem| store.image_error(path, problem));
    // Collected before errors are looked at, so that the first file's is reported.
    images.par_iter().map(header).collect::<Vec<_>>().into_iter().collect()
}

fn common_size(store: &Store, images: &[Names], headers: &[Header]) -> Result<[usize; 2]> {
    let mut sizes = images.iter().zip(headers.iter().map(|header| [header.height, header.width]));
    let Some((first, first_size)) = sizes.next() else {
        return Err(DataError::NoRows { file: store.label(&[]) });
    };
    match sizes.find(|&(_, size)| size != first_size) {
        None => Ok(first_size),
        Some((second, second_size)) => Err(DataError::ImageSizes {
            first: store.label(first),
            first_size,
            second: store.label(second),
            second_size,
        }),
    }
}

fn decode_all(store: &Store, images: &[Names], fit: &Fit) -> Result<Vec<u8>> {
    let (count, height, width) = (images.len(), fit.height, fit.width);
    let sample_len = fit.sample_len().map_err(|problem| DataError::config("images.size", problem))?;
    let total = (sample_len as u64).saturating_mul(count as u64);
    if total > MAX_TOTAL {
        let problem = format!(
            "{count} images of {height} x {width} pixels take {total} bytes; expected at most {MAX_TOTAL}, \
             so give a smaller size"
        );
        return Err(DataError::config("images.size", problem));
    }
    let mut pixels = vec![0; total as usize];
    let decode = |(sample, path): (&mut [u8], &Names)| {
        let bytes = store.read(path)?;
        fit.decode_into(&bytes, sample).map_err(|problem| store.image_error(path, problem))
    };
    let samples = pixels.par_chunks_exact_mut(sample_len).zip(images);
    match samples.find_map_first(|sample| decode(sample).err()) {
        Some(error) => Err(error),
        None => Ok(pixels),
    }
}

/// One record for the whole folder: the checksum of the lines `CHECKSUM  PATH` of all files, sorted by path.
fn record(name: &str, store: &Store, listing: &Listing) -> Result<SourceFile> {
    let line = |path: &Names| {
        let bytes = store.read(path)?;
        Ok((bytes.len() as u64, format!("{}  {}\n", sha256_hex(&bytes), path.join("/"))))
    };
    let lines = listing.images.par_iter().map(line).collect::<Result<Vec<_>>>()?;
    let bytes = lines.iter().map(|(len, _)| len).sum();
    let text = lines.into_iter().map(|(_, line)| line).collect::<String>();
    Ok(SourceFile { name: name.to_owned(), bytes, sha256: sha256_hex(text.as_bytes()) })
}
