//! Images in a zip archive, read where they lie.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;

use zip::ZipArchive;
use zip::read::{ZipArchiveMetadata, ZipFileEntry, ZipReadOptions};
use zip::result::ZipError;

use crate::files::FileContent;
use crate::formats::images::listing::{Listing, Names, is_passed_over};
use crate::limits::check_ratio_from;
use crate::{DataError, Limit, Result};

/// An entry of more bytes may not be compressed beyond the limit. Images are compressed already, and one
/// of a single colour that shrinks further is smaller than that before.
const RATIO_FROM: u64 = 1 << 20;

#[derive(Debug)]
pub(crate) struct Archive {
    content: FileContent,
    directory: Arc<ZipArchiveMetadata>,
    /// The place in the directory of each image.
    places: BTreeMap<Names, usize>,
}

impl Archive {
    /// Opens an archive in which no entry leads out of it, needs a password or is a bomb, and lists it.
    pub fn open(content: FileContent) -> Result<(Self, Listing)> {
        let fault = |problem: String| DataError::in_file(&content.label, problem);
        let archive = ZipArchive::new(Cursor::new(&*content.bytes))
            .map_err(|error| fault(format!("expected a zip archive: {error}")))?;
        if archive.has_duplicate_names() {
            return Err(fault("two entries have one name; pack it again".into()));
        }
        let directory = archive.metadata();
        let mut archive = Self { content, directory, places: BTreeMap::new() };
        let listing = archive.list()?;
        Ok((archive, listing))
    }

    fn list(&mut self) -> Result<Listing> {
        let mut listing = Listing::default();
        let (mut total, mut packed) = (0_u64, 0_u64);
        let directory = Arc::clone(&self.directory);
        for index in 0..directory.len() {
            let entry = directory.entry(index).map_err(|error| self.error("directory", &error))?;
            // Names that are not UTF-8 are in code page 437, as the format has it; the accents of others come out as
            // other letters, which are names as well.
            let name = entry.name().map_err(|error| self.error("directory", &error))?.into_owned();
            let path = self.components(&name, std::str::from_utf8(entry.name_raw()).is_ok())?;
            if path.is_empty() || is_passed_over(&path, entry.is_dir()) {
                continue;
            }
            if entry.is_dir() {
                listing.folders.insert(path);
                continue;
            }
            total = total.saturating_add(entry.size());
            packed = packed.saturating_add(entry.compressed_size());
            self.check(&name, &entry, total)?;
            listing.add(path.clone());
            if self.places.insert(path, index).is_some() {
                return Err(self.refusal(&name, "is there twice; pack the archive again"));
            }
        }
        if packed > self.content.bytes.len() as u64 {
            let problem = "its entries share their contents: they are longer than the archive; pack it again";
            return Err(DataError::in_file(&self.content.label, problem));
        }
        Ok(listing)
    }

    /// Refuses what needs a password or unpacks to more than images do; `total` is what all entries so far do.
    fn check(&self, name: &str, entry: &ZipFileEntry, total: u64) -> Result<()> {
        if entry.encrypted() {
            return Err(self.refusal(name, "needs a password; pack the archive again without one"));
        }
        let (size, packed) = (entry.size(), entry.compressed_size());
        // No image that is allowed takes more, encoded.
        let most = Limit::Pixels.most().saturating_mul(8);
        if size > most {
            let hint = Limit::Pixels.hint();
            return Err(self.refusal(name, format!("expected at most {most} bytes, found {size}; {hint}")));
        }
        check_ratio_from(RATIO_FROM, packed, size).map_err(|problem| self.refusal(name, problem))?;
        let most = Limit::Unpacked.most();
        if total > most {
            let hint = Limit::Unpacked.hint();
            let problem =
                format!("expected at most {most} bytes in all entries, found {total} up to here; {hint}");
            return Err(self.refusal(name, problem));
        }
        Ok(())
    }

    /// The content of an image, of exactly the promised length.
    pub fn read(&self, path: &[String]) -> Result<Vec<u8>> {
        let name = path.join("/");
        let fault = |error: &ZipError| self.error(&name, error);
        let index = *self.places.get(path).ok_or(ZipError::FileNotFound).map_err(|error| fault(&error))?;
        let entry = self.directory.entry(index).map_err(|error| fault(&error))?;
        let size = entry.size();
        let mut reader = Cursor::new(&*self.content.bytes);
        let content = entry.with_reader(&mut reader, ZipReadOptions::new()).map_err(|error| fault(&error))?;
        let mut bytes = Vec::new();
        // Not more than the directory promised, on which the limits above rest.
        let read = content.take(size.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| fault(&error.into()))?;
        match bytes.len() as u64 == size {
            true => Ok(bytes),
            false => {
                Err(self.refusal(&name, format!("expected {size} bytes unpacked, found {}", bytes.len())))
            }
        }
    }

    pub fn label(&self, path: &[String]) -> String {
        match path {
            [] => self.content.label.clone(),
            _ => format!("{}: {}", self.content.label, path.join("/")),
        }
    }

    fn components(&self, name: &str, utf8: bool) -> Result<Names> {
        // Some programs on Windows pack names with the separator of that system. In the encodings of East Asia, that
        // byte is also the second half of a letter.
        let plain = if utf8 || !name.contains('/') { name.replace('\\', "/") } else { name.to_owned() };
        let drive = plain.as_bytes().get(1) == Some(&b':');
        if plain.starts_with('/') || drive || plain.split('/').any(|part| part == "..") {
            let problem = "expected a path within the archive, found one that leads out of it";
            return Err(self.refusal(name, problem));
        }
        Ok(plain.split('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_owned).collect())
    }

    fn error(&self, entry: &str, error: &ZipError) -> DataError {
        self.refusal(entry, format!("cannot be unpacked: {error}"))
    }

    fn refusal(&self, entry: &str, problem: impl std::fmt::Display) -> DataError {
        DataError::in_file(&self.content.label, format!("`{entry}`: {problem}"))
    }
}
