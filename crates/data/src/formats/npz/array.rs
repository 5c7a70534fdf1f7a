//! One array: its header by `npyz`, its numbers by their type.

use std::io::{Cursor, Read};

use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};
use zip::ZipArchive;

use crate::limits::check_ratio;
use crate::{DataError, Limit, Result};

/// The longest header: NumPy's own have a few hundred bytes.
const MOST_HEADER: usize = 1 << 16;

/// Brackets within brackets: a header has two, of records with axes of their own four. The parser tries what is within each in several ways,
/// so that its time doubles and more with every further one.
const MOST_DEPTH: usize = 5;

/// Brackets of a header, at most: one, and another for each field of records.
const MOST_BRACKETS: usize = 64;

/// An `.npz` archive.
pub(super) struct Archive<'a> {
    label: &'a str,
    /// Of all of it.
    bytes: u64,
    zip: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Archive<'a> {
    pub fn open(label: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            DataError::in_file(label, format!("expected an .npz archive of NumPy arrays: {error}"))
        })?;
        Ok(Self { label, bytes: bytes.len() as u64, zip })
    }

    pub fn read(&mut self, array: &str) -> Result<Array<'a>> {
        let file = format!("{array}.npy");
        if self.zip.index_for_name(&file).is_none() {
            let entries = self.zip.file_names().flatten().map(|name| name.into_owned());
            let names: Vec<String> =
                entries.filter_map(|name| name.strip_suffix(".npy").map(String::from)).collect();
            let problem = format!("there is no array `{array}`; it has {}", crate::name_list(&names));
            return Err(DataError::in_file(self.label, problem));
        }
        let entry = self
            .zip
            .by_name(&file)
            .map_err(|error| DataError::in_file(self.label, format!("array `{array}`: {error}")))?;
        check_ratio(entry.compressed_size().min(self.bytes), entry.size())
            .map_err(|problem| DataError::in_file(self.label, format!("array `{array}`: {problem}")))?;
        read_npy(self.label, array, entry)
    }
}

/// The numbers or texts of an array, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Numbers {
    Bytes(Vec<u8>),
    Whole(Vec<i64>),
    Real(Vec<f64>),
    Text(Vec<String>),
}

pub(super) struct Array<'a> {
    label: &'a str,
    name: String,
    pub shape: Vec<usize>,
    pub numbers: Numbers,
}

impl Array<'_> {
    /// The file that it is from.
    pub fn label(&self) -> &str {
        self.label
    }

    /// Its first axis.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or_default()
    }

    /// Numbers in a row of an array that has one of these numbers of axes.
    pub fn row_len(&self, ranks: &[usize]) -> Result<usize> {
        match ranks.contains(&self.shape.len()) {
            true => Ok(self.shape.iter().skip(1).product()),
            false => Err(self.wrong(&format!(
                "{} axes",
                ranks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
            ))),
        }
    }

    /// All numbers, of which each must be finite.
    pub fn finite(mut self) -> Result<Vec<f64>> {
        let values: Vec<f64> = match &mut self.numbers {
            Numbers::Bytes(values) => values.iter().map(|&value| f64::from(value)).collect(),
            Numbers::Whole(values) => values.iter().map(|&value| value as f64).collect(),
            Numbers::Real(values) => std::mem::take(values),
            Numbers::Text(_) => return Err(self.wrong("numbers")),
        };
        match values.iter().position(|value| !value.is_finite()) {
            Some(place) => {
                let width = self.shape.iter().skip(1).product::<usize>().max(1);
                let found = values.get(place).copied().unwrap_or_default().to_string();
                Err(self.wrong_at(place / width, "finite numbers", &found))
            }
            None => Ok(values),
        }
    }

    /// What stands in it as the name of a class.
    pub fn names(&self) -> Result<Vec<String>> {
        Ok(match &self.numbers {
            Numbers::Bytes(values) => values.iter().map(ToString::to_string).collect(),
            Numbers::Whole(values) => values.iter().map(ToString::to_string).collect(),
            Numbers::Text(values) => values.clone(),
            Numbers::Real(_) => {
                return Err(self
                    .wrong("whole numbers or text as labels (data.task = \"regression\" predicts numbers)"));
            }
        })
    }

    pub fn wrong(&self, expected: &str) -> DataError {
        let what = match self.numbers {
            Numbers::Bytes(_) => "unsigned bytes",
            Numbers::Whole(_) => "whole numbers",
            Numbers::Real(_) => "numbers with fractions",
            Numbers::Text(_) => "text",
        };
        let Self { label, name, shape, .. } = self;
        DataError::in_file(
            *label,
            format!("array `{name}`: expected {expected}, found {what} of the shape {shape:?}"),
        )
    }

    pub fn wrong_at(&self, row: usize, expected: &str, found: &str) -> DataError {
        let Self { label, name, .. } = self;
        DataError::in_file(*label, format!("array `{name}`, row {row}: expected {expected}, found {found}"))
    }
}

/// The header of an `.npy` file, of which no more is taken than may be: its length is the file's own word.
fn header(mut file: impl Read) -> std::io::Result<NpyHeader> {
    let broken = |words: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, words.to_owned());
    let mut start = [0; 8];
    file.read_exact(&mut start).map_err(|_| broken("expected an .npy file of NumPy"))?;
    let mut head = start.to_vec();
    let [b'\x93', b'N', b'U', b'M', b'P', b'Y', version, _] = start else {
        return Err(broken("expected an .npy file of NumPy"));
    };
    let mut length = vec![0; if version == 1 { 2 } else { 4 }];
    file.read_exact(&mut length)?;
    let bytes = length.iter().rev().fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte));
    head.extend(&length);
    if bytes > MOST_HEADER {
        return Err(broken("its header is too long"));
    }
    let mut text = vec![0; bytes];
    file.read_exact(&mut text)?;
    let brackets = text.iter().filter(|byte| b"([{".contains(byte)).count();
    if depth(&text) > MOST_DEPTH || brackets > MOST_BRACKETS {
        return Err(broken("its header is nested too deep"));
    }
    if most_values(&text).is_none() {
        return Err(broken("its shape has more values than can be"));
    }
    head.extend(text);
    NpyHeader::from_reader(head.as_slice())
}

/// Brackets that are open at once, at most.
fn depth(header: &[u8]) -> usize {
    let mut open = 0_usize;
    let depths = header.iter().map(|byte| {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open
    });
    depths.max().unwrap_or(0)
}

/// The product of the numbers in brackets, of which the shape is one, without those that are 0: the parser multiplies them
/// without a check, however the shape's key is written. None where it is too large, or not written in digits.
fn most_values(header: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(header);
    let bracketed = text.split(['(', '[']).skip(1).filter_map(|rest| rest.split([')', ']']).next());
    let words = bracketed.flat_map(|inner| inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let axes = words.filter(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    // Python 2 wrote its long numbers with an L.
    axes.map(|axis| axis.trim_end_matches('L').parse::<u64>()).try_fold(1_u64, |product, axis| {
        product.checked_mul(axis.ok()?.max(1)).filter(|product| *product < 1 << 40)
    })
}

/// Reads an `.npy` file; `name` is what the array is called in messages.
pub(super) fn read_npy<'a>(label: &'a str, name: &str, mut file: impl Read) -> Result<Array<'a>> {
    let fault = |problem: String| DataError::in_file(label, format!("array `{name}`: {problem}"));
    let header = header(&mut file).map_err(|error| fault(error.to_string()))?;
    let DType::Plain(kind) = header.dtype() else {
        return Err(fault("expected numbers or text, found records".into()));
    };
    if kind.type_char() == TypeChar::Object {
        return Err(fault("it holds Python objects, which are not read; save numbers or text".into()));
    }
    let size = kind.num_bytes().unwrap_or_default();
    let room = Limit::Data.room();
    let hint = Limit::Data.hint_beyond(room);
    let too_large = || fault(format!("{:?} values of {size} bytes are too many; {hint}", header.shape()));
    let shape =
        header.shape().iter().map(|&axis| usize::try_from(axis)).collect::<std::result::Result<Vec<_>, _>>();
    let shape = shape.map_err(|_| too_large())?;
    let count =
        shape.iter().try_fold(1_usize, |count, &axis| count.checked_mul(axis)).ok_or_else(too_large)?;
    let bytes = count
        .checked_mul(size)
        .filter(|&bytes| {
            // As it is read and, beside it, as wide as it is kept: a header's promise is checked before memory is set aside for it.
            let kept = count.saturating_mul(widened(kind.type_char(), size));
            let both = if kept == bytes { bytes } else { bytes.saturating_add(kept) };
            both as u64 <= room
        })
        .ok_or_else(too_large)?;
    if header.order() == Order::Fortran && shape.len() > 1 {
        return Err(fault("it is in Fortran's order; save it with numpy.ascontiguousarray".into()));
    }
    let mut data = Vec::new();
    // One byte more, so that a longer file is told, and the archive's checksum is looked at.
    let read =
        file.take(bytes as u64 + 1).read_to_end(&mut data).map_err(|error| fault(error.to_string()))?;
    if read != bytes {
        let found = if read > bytes { format!("more than {bytes}") } else { read.to_string() };
        return Err(fault(format!("the header promises {bytes} bytes, the file has {found}")));
    }
    if let Some(axis) = shape.iter().position(|&axis| axis == 0) {
        return Err(match axis {
            0 => DataError::no_rows(label),
            _ => fault(format!("its shape {shape:?} holds nothing")),
        });
    }
    let big = kind.endianness() == Endianness::Big;
    let numbers = match (kind.type_char(), size) {
        (TypeChar::Uint | TypeChar::Bool, 1) => Numbers::Bytes(data),
        (TypeChar::Int, 1) => {
            Numbers::Whole(data.iter().map(|&byte| i64::from(byte.cast_signed())).collect())
        }
        (TypeChar::Int, 2) => Numbers::Whole(each(&data, big, |word| i16::from_le_bytes(word).into())),
        (TypeChar::Int, 4) => Numbers::Whole(each(&data, big, |word| i32::from_le_bytes(word).into())),
        (TypeChar::Int, 8) => Numbers::Whole(each(&data, big, i64::from_le_bytes)),
        (TypeChar::Uint, 2) => Numbers::Whole(each(&data, big, |word| u16::from_le_bytes(word).into())),
        (TypeChar::Uint, 4) => Numbers::Whole(each(&data, big, |word| u32::from_le_bytes(word).into())),
        (TypeChar::Uint, 8) => {
            let whole = words(&data, big).map(|word| i64::try_from(u64::from_le_bytes(word)));
            Numbers::Whole(
                whole
                    .collect::<std::result::Result<_, _>>()
                    .map_err(|_| fault("expected numbers below 2^63".into()))?,
            )
        }
        (TypeChar::Float, 4) => Numbers::Real(each(&data, big, |word| f32::from_le_bytes(word).into())),
        (TypeChar::Float, 8) => Numbers::Real(each(&data, big, f64::from_le_bytes)),
        (TypeChar::ByteStr, 1..) => Numbers::Text(
            data.chunks(size)
                .map(|text| String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
                .collect(),
        ),
        (TypeChar::UnicodeStr, 1..) => Numbers::Text(
            data.chunks(size)
                .map(|text| {
                    let letters = words::<4>(text, big)
                        .map(|word| char::from_u32(u32::from_le_bytes(word)).unwrap_or('\u{fffd}'));
                    letters.collect::<String>().trim_end_matches('\0').to_owned()
                })
                .collect(),
        ),
        _ => {
            return Err(fault(format!(
                "expected whole numbers, numbers with fractions or text, found the type `{kind}`"
            )));
        }
    };
    Ok(Array { label, name: name.to_owned(), shape, numbers })
}

/// Bytes that a value takes when it is read.
fn widened(kind: TypeChar, size: usize) -> usize {
    match (kind, size) {
        (TypeChar::Uint | TypeChar::Bool, 1) => 1,
        (TypeChar::Int | TypeChar::Uint | TypeChar::Float, _) => 8,
        _ => size.saturating_add(24),
    }
}

/// What `read` makes of each word of `N` bytes.
fn each<const N: usize, T>(data: &[u8], big: bool, read: impl Fn([u8; N]) -> T) -> Vec<T> {
    words(data, big).map(read).collect()
}

/// The words of `N` bytes, the least significant byte first.
fn words<const N: usize>(data: &[u8], big: bool) -> impl Iterator<Item = [u8; N]> {
    data.as_chunks::<N>().0.iter().map(move |&(mut word)| {
        if big {
            word.reverse();
        }
        word
    })
}
