use super::PixelsSource;
use super::rows::{Columns, Rows};
use super::text::with_text;
use crate::formats::delimited::Expected;
use crate::formats::records::{Header, Layout, parse_blocks};
use crate::{DataError, Result};

/// The images of the file, in its order. In memory at once are the compressed file, a few blocks of text, and the images.
pub(super) fn read(source: &PixelsSource, file: &str, bytes: &[u8]) -> Result<Rows> {
    let columns = |header: &Header| {
        Ok(Columns {
            count: header.columns.len(),
            delimiter: header.delimiter,
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
    let split = source.split.as_ref().map(|split| &split.column);
    let names = [Some(&source.pixels), Some(&source.label), split];
    let columns_named = names.into_iter().flatten().map(String::as_str).collect();
    let expected = Expected { columns: columns_named, ..Expected::default() };
    let mut all = Rows::default();
    parse_blocks(
        file,
        &Layout::of(&expected),
        |feed| with_text(file, bytes, |text| feed.take(text)),
        columns,
        |_, mut rows, _| {
            all.labels.append(&mut rows.labels);
            all.roles.append(&mut rows.roles);
            all.pixels.append(&mut rows.pixels);
            Ok(())
        },
    )?;
    match all.labels.is_empty() {
        true => Err(DataError::no_rows(file)),
        false => Ok(all),
    }
}
