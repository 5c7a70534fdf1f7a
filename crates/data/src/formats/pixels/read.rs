use super::PixelsSource;
use super::rows::{Columns, Rows};
use super::text::{block_fault, with_text};
use crate::formats::records::{Header, parse_blocks};
use crate::{DataError, Result};

/// The images of the file, in its order. In memory at once are the compressed file, a few blocks of text, and the images.
pub(super) fn read(source: &PixelsSource, file: &str, bytes: &[u8]) -> Result<Rows> {
    let columns = |header: &Header| {
        Ok(Columns {
            count: header.columns.len(),
            pixels: header.column(&source.pixels)?,
            label: header.column(&source.label)?,
            split: match &source.split {
                Some(split) => Some((header.column(&split.column)?, split.clone())),
                None => None,
            },
            image_len: source.size.iter().product(),
            classes: source.classes.len(),
        })
    };
    let mut all = Rows::default();
    parse_blocks(
        file,
        |feed| {
            with_text(file, bytes, |text| {
                feed.take(text, |error, line| block_fault(file, bytes, line, error))
            })
        },
        columns,
        |_, mut rows, _| {
            all.labels.append(&mut rows.labels);
            all.roles.append(&mut rows.roles);
            all.pixels.append(&mut rows.pixels);
            Ok(())
        },
    )?;
    match all.labels.is_empty() {
        true => Err(DataError::NoRows { file: file.to_owned() }),
        false => Ok(all),
    }
}
