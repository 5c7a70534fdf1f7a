//! A whole data set as it was parsed or decoded, kept in one file beside the next run.
//!
//! A file is [`MAGIC`], the length of the header, the header's SHA-256, the header as JSON, then the bare
//! values, targets, groups and splits in the machine's own byte order. What does not add up is not there: it
//! is read anew from its source and written again.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytemuck::Pod;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::manifest::sha256_hex;
use crate::{
    Buffer, ClassTargets, Encoding, Files, Labelled, NumberTargets, Result, Role, SampleNames, Samples,
    SourceFile, TEMPORARY, Targets, TextFacts, Values,
};

/// The first bytes of a file; the last is the version of its layout.
const MAGIC: [u8; 8] = *b"brasa\0c\x04";

/// The header's length is a multiple of it, so that a map of the values is aligned.
const ALIGNMENT: usize = 64;

/// What a cached data set was made from: sources, settings and the version of the code that reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CacheKey {
    format: &'static str,
    digest: String,
}

impl CacheKey {
    /// `version` is the format's own and rises when the same sources and settings come out otherwise.
    pub fn new(format: &'static str, version: u32, settings: &impl Serialize, files: &[SourceFile]) -> Self {
        // Settings that have no JSON form never match, which costs time only.
        let digest = match serde_json::to_vec(&(format, version, settings, files)) {
            Ok(json) => sha256_hex(&json),
            Err(_) => String::new(),
        };
        Self { format, digest }
    }

    fn path(&self, folder: &Path) -> Option<PathBuf> {
        let short = self.digest.get(..32)?;
        Some(folder.join(format!("{}-{short}.cache", self.format)))
    }
}

/// All of a data set but its numbers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    key: String,
    name: String,
    shape: Vec<usize>,
    value_kind: ValueKind,
    values: usize,
    samples: usize,
    /// Of classes, or of the numbers to predict.
    target_names: Vec<String>,
    has_numbers: bool,
    feature_names: Vec<String>,
    levels: Vec<Vec<String>>,
    columns: Vec<(String, Encoding)>,
    has_soft_labels: bool,
    has_groups: bool,
    group_names: Vec<String>,
    has_roles: bool,
    files: Vec<SourceFile>,
    text: Option<TextFacts>,
    sample_names: Option<SampleNames>,
    warnings: Vec<String>,
    /// CRC-32 of everything after the header.
    body_crc: u32,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ValueKind {
    F64,
    F32,
    U8,
    U32,
}

/// The data set of that key from the cache folder of `files`, or else what `build` makes, which is then
/// kept there. A cache that cannot be read or written is no error.
pub(crate) fn cached(
    files: &Files,
    key: &CacheKey,
    build: impl FnOnce() -> Result<Labelled>,
) -> Result<Labelled> {
    let Some((folder, path)) = files.cache().and_then(|folder| Some((folder, key.path(folder)?))) else {
        return build();
    };
    if let Some(data) = read(&path, key) {
        return Ok(data);
    }
    let data = build()?;
    // Without a cache the next run is slower, and nothing else.
    let written = write(folder, &path, key, &data);
    // What lies in a file of its own need not lie in two.
    match data.samples.values().is_mapped() && matches!(written, Ok(true)) {
        true => Ok(read(&path, key).unwrap_or(data)),
        false => Ok(data),
    }
}

fn read(path: &Path, key: &CacheKey) -> Option<Labelled> {
    let mut file = File::open(path).ok()?;
    let file_len = file.metadata().ok()?.len();
    let mut prefix = [0; MAGIC.len() + size_of::<u64>() + 32];
    file.read_exact(&mut prefix).ok()?;
    let (magic, rest) = prefix.split_first_chunk()?;
    let (header_len, checksum) = rest.split_first_chunk()?;
    let header_len = u64::from_ne_bytes(*header_len);
    let body_len = file_len.checked_sub(prefix.len() as u64)?.checked_sub(header_len)?;
    if *magic != MAGIC {
        return None;
    }
    let mut header = vec![0; usize::try_from(header_len).ok()?];
    file.read_exact(&mut header).ok()?;
    if Sha256::digest(&header)[..] != *checksum {
        return None;
    }
    let header = serde_json::from_slice::<Header>(&header).ok()?;
    if header.key != key.digest || header.body_len()? != body_len {
        return None;
    }

    let start = prefix.len() as u64 + header_len;
    let mut body = Body { file, crc: crc32fast::Hasher::new() };
    let values = match header.value_kind {
        ValueKind::F64 => Values::F64(body.map(start, header.values)?),
        ValueKind::F32 => Values::F32(body.read(header.values)?),
        ValueKind::U8 => Values::U8(body.map(start, header.values)?),
        ValueKind::U32 => Values::U32(body.map(start, header.values)?),
    };
    let targets = match header.has_numbers {
        true => {
            let values = body.read(header.samples.checked_mul(header.target_names.len())?)?;
            Targets::Numbers(NumberTargets { values, names: header.target_names })
        }
        false => {
            let labels = body.read(header.samples)?;
            let soft = match header.has_soft_labels {
                true => Some(body.read(header.samples * header.target_names.len())?),
                false => None,
            };
            Targets::Classes(ClassTargets { labels, names: header.target_names, soft })
        }
    };
    let groups = if header.has_groups { Some(body.read(header.samples)?) } else { None };
    let roles = if header.has_roles { Some(body.read::<u8>(header.samples)?) } else { None };
    if body.crc.finalize() != header.body_crc {
        return None;
    }
    let role = |number: &u8| Role::ALL.get(usize::from(*number)).copied();
    let roles = match roles {
        Some(roles) => Some(roles.iter().map(role).collect::<Option<Vec<_>>>()?),
        None => None,
    };
    let data = Labelled {
        name: header.name,
        samples: Samples::new(header.shape, values).ok()?,
        targets,
        feature_names: header.feature_names,
        levels: header.levels,
        columns: header.columns,
        groups,
        group_names: header.group_names,
        roles,
        lengths: None,
        files: header.files,
        text: header.text,
        sample_names: header.sample_names,
        warnings: header.warnings,
    };
    data.check().ok()?;
    Some(data)
}

impl Header {
    fn body_len(&self) -> Option<u64> {
        let value_len = match self.value_kind {
            ValueKind::F32 | ValueKind::U32 => size_of::<u32>(),
            ValueKind::F64 => size_of::<f64>(),
            ValueKind::U8 => 1,
        };
        let targets = self.target_names.len();
        let per_sample =
            if self.has_numbers { size_of::<f64>().checked_mul(targets)? } else { size_of::<u32>() }
                + if self.has_soft_labels { size_of::<f32>().checked_mul(targets)? } else { 0 }
                + if self.has_groups { size_of::<u32>() } else { 0 }
                + if self.has_roles { 1 } else { 0 };
        let rest = self.samples.checked_mul(per_sample)?;
        Some(self.values.checked_mul(value_len)?.checked_add(rest)? as u64)
    }
}

struct Body {
    file: File,
    crc: crc32fast::Hasher,
}

impl Body {
    fn read<T: Pod>(&mut self, count: usize) -> Option<Vec<T>> {
        let mut values = vec![T::zeroed(); count];
        let bytes = bytemuck::cast_slice_mut(&mut values);
        self.file.read_exact(bytes).ok()?;
        self.crc.update(bytes);
        Some(values)
    }

    /// Maps the next values, which begin at byte `start`. They are checked in pieces, so that they are not held twice.
    fn map<T: Pod>(&mut self, start: u64, count: usize) -> Option<Buffer<T>> {
        let bytes = count.checked_mul(size_of::<T>())?;
        let mut chunk = vec![0; bytes.min(1 << 18)];
        let mut left = bytes;
        while left > 0 {
            let part = chunk.get_mut(..left.min(1 << 18))?;
            self.file.read_exact(part).ok()?;
            self.crc.update(part);
            left -= part.len();
        }
        Buffer::map(&self.file, start, count).ok()
    }
}

/// Whether it is of a kind that is kept.
fn write(folder: &Path, path: &Path, key: &CacheKey, data: &Labelled) -> std::io::Result<bool> {
    // All fields by name, so that a new one cannot be forgotten here.
    let Labelled {
        name,
        samples,
        targets,
        feature_names,
        levels,
        columns,
        groups,
        group_names,
        roles,
        lengths,
        files,
        text,
        sample_names,
        warnings,
    } = data;
    // Series are read anew, of which those that were padded have their lengths.
    if lengths.is_some() {
        return Ok(false);
    }
    let (target_values, soft_labels, target_names): (&[u8], _, _) = match targets {
        Targets::Classes(ClassTargets { labels, names, soft }) => {
            (bytemuck::cast_slice(labels), soft.as_deref(), names)
        }
        Targets::Numbers(NumberTargets { values, names }) => (bytemuck::cast_slice(values), None, names),
    };
    let (value_kind, values) = match samples.values() {
        Values::F64(values) => (ValueKind::F64, bytemuck::cast_slice(values)),
        Values::F32(values) => (ValueKind::F32, bytemuck::cast_slice(values)),
        Values::U8(values) => (ValueKind::U8, &**values),
        Values::U32(values) => (ValueKind::U32, bytemuck::cast_slice(values)),
    };
    let role_numbers = roles.as_ref().map(|roles| roles.iter().map(|&role| role as u8).collect::<Vec<_>>());
    let parts = [
        values,
        target_values,
        soft_labels.map_or(&[], bytemuck::cast_slice),
        groups.as_deref().map_or(&[], bytemuck::cast_slice),
        role_numbers.as_deref().unwrap_or_default(),
    ];
    let mut crc = crc32fast::Hasher::new();
    parts.iter().for_each(|part| crc.update(part));
    let mut header = serde_json::to_vec(&Header {
        key: key.digest.clone(),
        name: name.clone(),
        shape: samples.shape().to_vec(),
        value_kind,
        values: samples.values().len(),
        samples: samples.len(),
        target_names: target_names.clone(),
        has_numbers: matches!(targets, Targets::Numbers(_)),
        feature_names: feature_names.clone(),
        levels: levels.clone(),
        columns: columns.clone(),
        has_soft_labels: soft_labels.is_some(),
        has_groups: groups.is_some(),
        group_names: group_names.clone(),
        has_roles: roles.is_some(),
        files: files.clone(),
        text: text.clone(),
        sample_names: sample_names.clone(),
        warnings: warnings.clone(),
        body_crc: crc.finalize(),
    })?;
    // JSON ends in as much blank space as one likes.
    let used = MAGIC.len() + size_of::<u64>() + 32 + header.len();
    header.resize(header.len() + used.next_multiple_of(ALIGNMENT) - used, b' ');

    std::fs::create_dir_all(folder)?;
    // Written beside and renamed over, so that no one reads half of it.
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
    file.write_all(&MAGIC)?;
    file.write_all(&(header.len() as u64).to_ne_bytes())?;
    file.write_all(&Sha256::digest(&header))?;
    file.write_all(&header)?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.persist(path)?;
    keep_newest(folder, key.format);
    Ok(true)
}

/// Data sets of a format that are kept: each change of a recipe's columns makes another.
const KEPT: usize = 12;

/// What nobody can be writing any more.
const OLD: Duration = Duration::from_secs(24 * 3_600);

/// Removes all but the newest data sets of a format, and what killed programs left unfinished.
fn keep_newest(folder: &Path, format: &str) {
    let beginning = format!("{format}-");
    let own = |name: &str| name.starts_with(&beginning) && name.ends_with(".cache");
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let Ok(time) = file.metadata().and_then(|metadata| metadata.modified()) else { continue };
        if own(&name) {
            kept.push((time, file.path()));
        } else if name.starts_with(TEMPORARY) && time.elapsed().is_ok_and(|age| age > OLD) {
            gone.push(file.path());
        }
    }
    kept.sort();
    gone.extend(kept.into_iter().rev().skip(KEPT).map(|(_, path)| path));
    for path in gone {
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests;
