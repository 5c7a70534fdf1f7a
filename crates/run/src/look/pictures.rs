//! Samples as pictures.

use brasa_data::{Labelled, Samples};
use brasa_plot::{ImageSheet, SheetImage};

/// Pictures of a class in a row of the sample sheet.
const PER_CLASS: usize = 8;

/// Row `row` of image samples of bytes, without a caption; `None` for other samples.
pub fn picture(samples: &Samples, row: usize) -> Option<SheetImage> {
    let &[channels, height, width] = samples.shape() else { return None };
    Some(SheetImage {
        pixels: interleaved(samples.u8_row(row)?, channels),
        width: width as u32,
        height: height as u32,
        channels: channels as u8,
        caption: Vec::new(),
    })
}

/// The first of `rows` of each class, in class order; none of a class without any.
pub fn first_of_each_class(data: &Labelled, rows: &[usize]) -> Vec<usize> {
    (0..data.class_count()).filter_map(|class| data.of_class(class, rows).next()).collect()
}

/// The first pictures of each class among `rows`, a line of the sheet per class; `None` where the samples are no
/// pictures.
pub fn sample_sheet(data: &Labelled, rows: &[usize]) -> Option<ImageSheet> {
    picture(&data.samples, 0)?;
    let captioned = |class: usize, row: usize| {
        let caption = vec![data.class_names().get(class).cloned().unwrap_or_default()];
        picture(&data.samples, row).map(|picture| SheetImage { caption, ..picture })
    };
    let images = (0..data.class_count())
        .flat_map(|class| {
            data.of_class(class, rows).take(PER_CLASS).filter_map(move |row| captioned(class, row))
        })
        .collect();
    Some(ImageSheet { images, columns: PER_CLASS, scale: 2, note: String::new() })
}

/// `[channels, height, width]` to `[height, width, channels]`.
pub(super) fn interleaved(planes: &[u8], channels: usize) -> Vec<u8> {
    let size = planes.len() / channels.max(1);
    (0..size)
        .flat_map(|pixel| {
            (0..channels).filter_map(move |channel| planes.get(channel * size + pixel).copied())
        })
        .collect()
}
