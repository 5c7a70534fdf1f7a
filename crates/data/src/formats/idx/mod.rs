//! The IDX files of MNIST and its kin: big-endian headers and unsigned bytes.
//!
//! <https://yann.lecun.org/exdb/mnist/> describes the format. Only labels (one dimension) and
//! images (three) of the type "unsigned byte" are read.

use std::borrow::Cow;
use std::io::Read;

mod config;

pub use config::IdxConfig;
pub(crate) use config::IdxSource;

use crate::files::FileContent;
use crate::formats::images::{Crop, ImageInput};
use crate::formats::{Features, GivenSplit, Source};
use crate::gzip::Gunzip;
use crate::limits::check_ratio;
use crate::{DataError, Files, InputSpec, Labelled, Limit, Result, Role, Samples, SourceFile, Values};

/// Deflate cannot shrink more than this, so a longer promise is a lie, found before memory is
/// set aside for it.
const MAX_DEFLATE_RATIO: u64 = 1_032;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Labels,
    Images,
}

impl Kind {
    fn magic(self) -> u32 {
        match self {
            Self::Labels => 0x0801,
            Self::Images => 0x0803,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Labels => "unsigned bytes, 1 dimension: labels",
            Self::Images => "unsigned bytes, 3 dimensions: images",
        }
    }

    fn header_len(self) -> usize {
        match self {
            Self::Labels => 8,
            Self::Images => 16,
        }
    }
}

/// A file whose header has been read.
struct IdxFile<'a> {
    label: &'a str,
    bytes: &'a [u8],
    kind: Kind,
    /// The number of samples, then the shape of one.
    dims: Vec<usize>,
    data_len: usize,
}

impl<'a> IdxFile<'a> {
    fn open(label: &'a str, bytes: &'a [u8], kind: Kind) -> Result<Self> {
        let mut header = [0; 16];
        let header = &mut header[..kind.header_len()];
        let found = Body::new(label, bytes).fill(header)?;
        let (words, _) = header[..found].as_chunks::<4>();
        let mut words = words.iter().map(|word| u32::from_be_bytes(*word));
        let short = |found: usize| size(label, kind.header_len() as u64, &found.to_string());
        let magic = words.next().ok_or_else(|| short(found))?;
        if magic != kind.magic() {
            let (what, expected, meaning) = (kind.what(), kind.magic(), meaning(magic));
            let problem = format!(
                "expected the IDX magic number {expected:#010x} ({what}), found {magic:#010x}{meaning}"
            );
            return Err(DataError::in_file(label, problem));
        }
        if found < kind.header_len() {
            return Err(short(found));
        }
        let dims = words.map(|dim| dim as usize).collect::<Vec<_>>();
        if dims.first() == Some(&0) {
            return Err(DataError::no_rows(label));
        }
        let promised = dims.iter().fold(1_u64, |len, &dim| len.saturating_mul(dim as u64));
        let file = Self { label, bytes, kind, dims, data_len: promised as usize };
        let most = match is_gzip(bytes) {
            true => (bytes.len() as u64).saturating_mul(MAX_DEFLATE_RATIO),
            false => (bytes.len() - found) as u64,
        };
        match promised > most {
            true => Err(file.size_error(match is_gzip(bytes) {
                true => format!("at most {}", most.saturating_add(found as u64)),
                false => bytes.len().to_string(),
            })),
            false => {
                if is_gzip(bytes) {
                    let ratio = check_ratio(bytes.len() as u64, promised);
                    ratio.map_err(|problem| DataError::in_file(label, problem))?;
                }
                Ok(file)
            }
        }
    }

    fn size_error(&self, found: String) -> DataError {
        size(self.label, (self.data_len as u64).saturating_add(self.kind.header_len() as u64), &found)
    }

    /// Reads the data, all of them and nothing after, into `data` of the promised length.
    fn read_into(&self, data: &mut [u8]) -> Result<()> {
        let mut body = Body::new(self.label, self.bytes);
        let mut header = [0; 16];
        let header_len = body.fill(&mut header[..self.kind.header_len()])?;
        let found = body.fill(data)?;
        if found < data.len() {
            return Err(self.size_error((header_len + found).to_string()));
        }
        // One byte more, which also makes the gzip decoder verify its checksum.
        match body.fill(&mut [0])? {
            0 => Ok(()),
            _ => Err(self.size_error(format!("more than {}", header_len + found))),
        }
    }
}

/// What a magic number that is not the expected one says of its file, as far as it says anything.
fn meaning(magic: u32) -> String {
    let kinds = [Kind::Labels, Kind::Images];
    if kinds.iter().any(|kind| kind.magic().swap_bytes() == magic) {
        return "; the numbers of the header are little-endian, IDX has them big-endian: write the file again that way"
            .into();
    }
    let [0, 0, values, dims] = magic.to_be_bytes() else { return "; this is no IDX file".into() };
    let values = match values {
        0x08 => "unsigned bytes",
        0x09 => "signed bytes",
        0x0B => "16-bit integers",
        0x0C => "32-bit integers",
        0x0D => "32-bit floats",
        0x0E => "64-bit floats",
        _ => return "; IDX knows no such type of values".into(),
    };
    format!(" ({values}, {dims} dimension{})", if dims == 1 { "" } else { "s" })
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B])
}

/// The bytes of a file after decompression, if there is any.
struct Body<'a> {
    label: &'a str,
    reader: Box<dyn Read + 'a>,
    decoded: u64,
}

impl<'a> Body<'a> {
    fn new(label: &'a str, bytes: &'a [u8]) -> Self {
        let reader: Box<dyn Read + 'a> = match is_gzip(bytes) {
            true => Box::new(Gunzip::new(bytes, Some(bytes.len() as u64))),
            false => Box::new(bytes),
        };
        Self { label, reader, decoded: 0 }
    }

    /// Fills as much of `buffer` as there is; how much that was.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.reader.read(rest) {
                Ok(0) => break,
                Ok(read) => {
                    filled += read;
                    self.decoded += read as u64;
                }
                Err(error) => {
                    return Err(gzip_error(self.label, self.decoded, &error));
                }
            }
        }
        Ok(filled)
    }
}

/// What broke after `decoded` bytes came out.
pub(crate) fn gzip_error(label: &str, decoded: u64, error: &std::io::Error) -> DataError {
    let problem = match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "the file is cut short".to_owned(),
        _ => error.to_string(),
    };
    DataError::gzip(label, decoded, problem)
}

/// The header and the length of a file disagree; `found` bytes are exact, or "more than N", "at most N".
fn size(label: &str, promised: u64, found: &str) -> DataError {
    DataError::in_file(label, format!("the header promises {promised} bytes, the file has {found}"))
}

/// Images of one file: the shape `[1, height, width]` and the pixels.
///
/// # Errors
/// As [`load`](crate::load) of the format "idx".
pub fn parse_images(label: &str, bytes: &[u8]) -> Result<Samples> {
    let file = IdxFile::open(label, bytes, Kind::Images)?;
    let mut pixels = vec![0; file.data_len];
    file.read_into(&mut pixels)?;
    Samples::new(image_shape(&file), Values::U8(pixels.into()))
}

/// Labels of one file.
///
/// # Errors
/// As [`load`](crate::load) of the format "idx".
pub fn parse_labels(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let file = IdxFile::open(label, bytes, Kind::Labels)?;
    let mut labels = vec![0; file.data_len];
    file.read_into(&mut labels)?;
    Ok(labels)
}

fn image_shape(file: &IdxFile<'_>) -> Vec<usize> {
    let mut shape = file.dims.clone();
    if let Some(channels) = shape.first_mut() {
        *channels = 1;
    }
    shape
}

/// Reads the four files for [`load`](crate::load), in parallel.
impl Source for IdxSource {
    fn name(&self) -> &'static str {
        "idx"
    }

    fn file_names(&self) -> Vec<&str> {
        vec![&self.train_images, &self.train_labels, &self.test_images, &self.test_labels]
    }

    fn read(&self, files: &Files) -> Result<Labelled> {
        read(self, files)
    }

    fn features(&self) -> Features {
        Features::Pixels
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        InputSpec::Image(ImageInput::of(&data.samples, self.resize, Crop::default()))
    }

    fn classes(&self) -> Option<&[String]> {
        Some(&self.classes)
    }

    fn given_split(&self) -> GivenSplit {
        GivenSplit::Test
    }
}

fn read(source: &IdxSource, files: &Files) -> Result<Labelled> {
    let names = [&source.train_images, &source.train_labels, &source.test_images, &source.test_labels];
    let [train_images, train_labels, test_images, test_labels] = names.map(|name| files.read(name));
    let contents = [train_images?, train_labels?, test_images?, test_labels?];
    let [train_images, train_labels, test_images, test_labels] = &contents;

    let train = IdxFile::open(&train_images.label, &train_images.bytes, Kind::Images)?;
    let test = IdxFile::open(&test_images.label, &test_images.bytes, Kind::Images)?;
    let shape = image_shape(&train);
    if image_shape(&test) != shape {
        let (file, found) = (test_images.label.clone(), image_shape(&test));
        return Err(DataError::in_file(
            file,
            format!("expected samples of the shape {shape:?}, found {found:?}"),
        ));
    }
    let promised = train.data_len.saturating_add(test.data_len) as u64;
    let most = Limit::Data.room();
    if promised > most {
        let problem =
            format!("its images and those of the other part take {promised} bytes; there is room for {most}");
        return Err(DataError::in_file(train_images.label.clone(), problem));
    }
    // Both parts are decoded straight into the one block that the data set keeps.
    let mut pixels = vec![0; train.data_len + test.data_len];
    let (train_pixels, test_pixels) = pixels.split_at_mut(train.data_len);
    let (train_read, rest) = rayon::join(
        || train.read_into(train_pixels),
        || {
            rayon::join(
                || contents.iter().zip(names).map(record).collect::<Vec<_>>(),
                || {
                    let labels = [train_labels, test_labels];
                    let labels = labels.map(|file| parse_labels(&file.label, &file.bytes));
                    (test.read_into(test_pixels), labels)
                },
            )
        },
    );
    let (records, (test_read, [train_classes, test_classes])) = rest;
    train_read?;
    test_read?;

    let parts = [
        (&train, train_labels, train_classes?, Role::Train),
        (&test, test_labels, test_classes?, Role::Test),
    ];
    let (mut labels, mut roles) = (Vec::new(), Vec::new());
    for (images, label_file, classes, role) in parts {
        check_part(images, label_file, &classes, source.classes.len())?;
        roles.resize(roles.len() + classes.len(), role);
        labels.extend(classes.into_iter().map(u32::from));
    }
    Ok(Labelled {
        roles: Some(roles),
        files: records,
        ..Labelled::new(
            source.train_images.clone(),
            Samples::new(shape, Values::U8(pixels.into()))?,
            labels,
            source.classes.clone(),
        )
    })
}

fn record((content, name): (&FileContent, &String)) -> SourceFile {
    let bytes: &Cow<'_, [u8]> = &content.bytes;
    SourceFile::of(name, bytes)
}

fn check_part(images: &IdxFile<'_>, file: &FileContent, labels: &[u8], classes: usize) -> Result<()> {
    let image_count = images.dims.first().copied().unwrap_or_default();
    if image_count != labels.len() {
        return Err(DataError::count_mismatch(images.label, image_count, &file.label, labels.len()));
    }
    match labels.iter().enumerate().find(|&(_, &label)| usize::from(label) >= classes) {
        Some((row, &label)) => Err(DataError::label_range(&file.label, row, u32::from(label), classes)),
        None => Ok(()),
    }
}
