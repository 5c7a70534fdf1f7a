//! One array: its header by `npyz`, its numbers by their type.

use std::io::{Cursor, Read};

use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};
use zip::ZipArchive;

use crate::{DataError, Result};

/// The most bytes that an array may take: a header's promise is checked before memory is set aside for it.
const MOST_BYTES: u64 = 1 << 34;

/// An `.npz` archive.
pub(super) struct Archive<'a> {
    label: &'a str,
    bytes: &'a [u8],
    names: Vec<String>,
}

impl<'a> Archive<'a> {
    pub fn open(label: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            DataError::in_file(label, format!("expected an .npz archive of NumPy arrays: {error}"))
        })?;
        let entries = archive.file_names().flatten().map(|name| name.into_owned());
        let names = entries.filter_map(|name| name.strip_suffix(".npy").map(String::from)).collect();
        Ok(Self { label, bytes, names })
    }

    pub fn read(&self, array: &str) -> Result<Array<'a>> {
        let fault = |problem: String| DataError::in_file(self.label, format!("array `{array}`: {problem}"));
        if !self.names.iter().any(|name| name == array) {
            let problem = format!("there is no array `{array}`; it has {}", crate::name_list(&self.names));
            return Err(DataError::in_file(self.label, problem));
        }
        let mut archive =
            ZipArchive::new(Cursor::new(self.bytes)).map_err(|error| fault(error.to_string()))?;
        let entry = archive.by_name(&format!("{array}.npy")).map_err(|error| fault(error.to_string()))?;
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
    pub fn finite(&self) -> Result<Vec<f64>> {
        let values: Vec<f64> = match &self.numbers {
            Numbers::Bytes(values) => values.iter().map(|&value| value.into()).collect(),
            Numbers::Whole(values) => values.iter().map(|&value| value as f64).collect(),
            Numbers::Real(values) => values.clone(),
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

/// Reads an `.npy` file; `name` is what the array is called in messages.
pub(super) fn read_npy<'a>(label: &'a str, name: &str, mut file: impl Read) -> Result<Array<'a>> {
    let fault = |problem: String| DataError::in_file(label, format!("array `{name}`: {problem}"));
    let header = NpyHeader::from_reader(&mut file).map_err(|error| fault(error.to_string()))?;
    let DType::Plain(kind) = header.dtype() else {
        return Err(fault("expected numbers or text, found records".into()));
    };
    let size = kind.num_bytes().unwrap_or_default();
    let too_large = || fault(format!("{:?} values of {size} bytes are too many", header.shape()));
    let shape =
        header.shape().iter().map(|&axis| usize::try_from(axis)).collect::<std::result::Result<Vec<_>, _>>();
    let shape = shape.map_err(|_| too_large())?;
    let count =
        shape.iter().try_fold(1_usize, |count, &axis| count.checked_mul(axis)).ok_or_else(too_large)?;
    let bytes = count.checked_mul(size).filter(|&bytes| bytes as u64 <= MOST_BYTES).ok_or_else(too_large)?;
    if header.order() == Order::Fortran && shape.len() > 1 {
        return Err(fault("it is in Fortran's order; save it with numpy.ascontiguousarray".into()));
    }
    let mut data = Vec::new();
    let read = file.take(bytes as u64).read_to_end(&mut data).map_err(|error| fault(error.to_string()))?;
    if read < bytes {
        return Err(fault(format!("the header promises {bytes} bytes, the file has {read}")));
    }
    let big = kind.endianness() == Endianness::Big;
    let numbers = match (kind.type_char(), size) {
        (TypeChar::Uint | TypeChar::Bool, 1) => Numbers::Bytes(data),
        (TypeChar::Int, 1) => {
            Numbers::Whole(data.iter().map(|&byte| i64::from(byte.cast_signed())).collect())
        }
        (TypeChar::Int, 2) => {
            Numbers::Whole(words(&data, big).map(|word| i64::from(i16::from_le_bytes(word))).collect())
        }
        (TypeChar::Int, 4) => {
            Numbers::Whole(words(&data, big).map(|word| i64::from(i32::from_le_bytes(word))).collect())
        }
        (TypeChar::Int, 8) => Numbers::Whole(words(&data, big).map(i64::from_le_bytes).collect()),
        (TypeChar::Uint, 2) => {
            Numbers::Whole(words(&data, big).map(|word| i64::from(u16::from_le_bytes(word))).collect())
        }
        (TypeChar::Uint, 4) => {
            Numbers::Whole(words(&data, big).map(|word| i64::from(u32::from_le_bytes(word))).collect())
        }
        (TypeChar::Uint, 8) => {
            let whole = words(&data, big).map(|word| i64::try_from(u64::from_le_bytes(word)));
            Numbers::Whole(
                whole
                    .collect::<std::result::Result<_, _>>()
                    .map_err(|_| fault("expected numbers below 2^63".into()))?,
            )
        }
        (TypeChar::Float, 4) => {
            Numbers::Real(words(&data, big).map(|word| f64::from(f32::from_le_bytes(word))).collect())
        }
        (TypeChar::Float, 8) => Numbers::Real(words(&data, big).map(f64::from_le_bytes).collect()),
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
        (TypeChar::Object, _) => {
            return Err(fault("it holds Python objects, which are not read; save numbers or text".into()));
        }
        _ => {
            return Err(fault(format!(
                "expected whole numbers, numbers with fractions or text, found the type `{kind}`"
            )));
        }
    };
    Ok(Array { label, name: name.to_owned(), shape, numbers })
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
