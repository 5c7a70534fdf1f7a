use crate::canvas::{Anchor, FAINT_INK, Font, draw_svg};
use crate::cells::{Cells, GAP, check_settings};
use crate::error::{PlotError, Result};
use crate::frame::{EDGE, LABEL};
use crate::png::{data_uri, encode_rgb};
use crate::raster::LONGEST_SIDE;
use crate::text::wrap;

const NOTE: f64 = 12.5;
const NOTE_ROW: f64 = 16.0;
const MOST_NOTE_LINES: usize = 8;

/// One picture with the lines of text under it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetImage {
    /// Rows from top to bottom, pixels from left to right, channels innermost; 0 is black.
    pub pixels: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// 1 (grey) or 3 (RGB).
    pub channels: u8,
    /// Lines of text under the picture.
    pub caption: Vec<String>,
}

/// Pictures in a grid, for looking at data, augmentations, filters and mistakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSheet {
    /// The pictures, row by row.
    pub images: Vec<SheetImage>,
    /// Pictures per row, at least 1.
    pub columns: usize,
    /// Every pixel is drawn as a square of this many pixels, at least 1.
    pub scale: u32,
    /// What colours or marks of the pictures mean, in words below them all; may be empty. A PNG does not show it.
    pub note: String,
}

impl SheetImage {
    /// The picture alone as a PNG file, each pixel enlarged to a square of `scale` pixels.
    ///
    /// # Errors
    ///
    /// As [`ImageSheet::to_png`].
    pub fn to_png(&self, scale: u32) -> Result<Vec<u8>> {
        let sheet = ImageSheet { images: vec![self.clone()], columns: 1, scale, note: String::new() };
        sheet.to_png()
    }

    /// The picture in its own size as a `data:image/png` URI, for the `src` of an `img` element.
    ///
    /// # Errors
    ///
    /// As [`ImageSheet::to_png`].
    pub fn to_data_uri(&self) -> Result<String> {
        Ok(data_uri(&self.to_png(1)?))
    }

    pub(crate) fn check(&self, picture: usize) -> Result<()> {
        let &Self { width, height, channels, .. } = self;
        if channels != 1 && channels != 3 {
            return Err(PlotError::Channels { picture, found: channels });
        }
        if width == 0 || height == 0 {
            return Err(PlotError::EmptyPicture { picture, width, height });
        }
        let expected = u64::from(width).saturating_mul(u64::from(height)).saturating_mul(u64::from(channels));
        if self.pixels.len() as u64 != expected {
            let found = self.pixels.len();
            return Err(PlotError::PixelCount { picture, width, height, channels, expected, found });
        }
        Ok(())
    }

    /// Colour of one pixel; white outside.
    pub(crate) fn rgb(&self, x: u32, y: u32) -> [u8; 3] {
        let channels = usize::from(self.channels);
        let start = (y as usize * self.width as usize + x as usize) * channels;
        match self.pixels.get(start..start + channels) {
            Some(&[grey]) => [grey; 3],
            Some(&[r, g, b]) => [r, g, b],
            _ => [255; 3],
        }
    }
}

impl ImageSheet {
    /// The sheet with captions; the pictures are embedded, so the file stands alone.
    ///
    /// A sheet without pictures says "no pictures".
    ///
    /// # Errors
    ///
    /// A [`PlotError`] that names the first picture whose bytes do not fit its shape, or the setting that is
    /// zero.
    pub fn to_svg(&self) -> Result<String> {
        self.check()?;
        let scale = f64::from(self.scale);
        let (widest, tallest) = self.largest();
        let captions: Vec<&[String]> = self.images.iter().map(|image| image.caption.as_slice()).collect();
        let largest = (f64::from(widest) * scale, f64::from(tallest) * scale);
        let cells = Cells::new(&captions, self.columns, largest, 0.0);
        let page_width = cells.area.0.max(120.0);
        let note = wrap(&self.note, NOTE, page_width - 2.0 * EDGE, MOST_NOTE_LINES);
        let below = cells.area.1.max(40.0);
        let page = (page_width, below + note.len() as f64 * NOTE_ROW);
        let label = format!("Sheet of {} pictures", self.images.len());
        draw_svg(&label, page, |canvas| {
            if self.images.is_empty() {
                let font = Font::new(LABEL, FAINT_INK, Anchor::Middle);
                return canvas.text("no pictures", (page.0 / 2.0, below / 2.0), font);
            }
            for (index, image) in self.images.iter().enumerate() {
                let size = (f64::from(image.width) * scale, f64::from(image.height) * scale);
                let (from, to) = cells.place(index, size);
                canvas.picture(from, to, &image.to_png(1)?);
                cells.caption(canvas, index, &image.caption)?;
            }
            for (row, line) in note.iter().enumerate() {
                let y = below + NOTE_ROW * (row as f64 + 0.5) - GAP / 2.0;
                canvas.text(line, (GAP, y), Font::new(NOTE, FAINT_INK, Anchor::Start))?;
            }
            Ok(())
        })
    }

    /// The pictures alone on white as one PNG file, two pixels apart.
    ///
    /// # Errors
    ///
    /// As [`ImageSheet::to_svg`]; also [`PlotError::NoPictures`] for an empty sheet and
    /// [`PlotError::TooLarge`] if a side would pass 32 768 pixels.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.check()?;
        if self.images.is_empty() {
            return Err(PlotError::NoPictures);
        }
        let (widest, tallest) = self.largest();
        let (scale, gap) = (u64::from(self.scale), 2);
        let columns = self.columns.min(self.images.len());
        let rows = self.images.len().div_ceil(columns);
        let side = |cells: usize, pixels: u32| {
            let cell = u64::from(pixels).saturating_mul(scale).saturating_add(gap);
            (cells as u64).saturating_mul(cell).saturating_sub(gap)
        };
        let (width, height) = (side(columns, widest), side(rows, tallest));
        if width > LONGEST_SIDE || height > LONGEST_SIDE {
            return Err(PlotError::TooLarge { width, height });
        }
        let mut sheet = image::RgbImage::from_pixel(width as u32, height as u32, image::Rgb([255; 3]));
        for (index, picture) in self.images.iter().enumerate() {
            let left =
                side(index % columns, widest) as u32 + if index % columns > 0 { gap as u32 } else { 0 };
            let top =
                side(index / columns, tallest) as u32 + if index / columns > 0 { gap as u32 } else { 0 };
            for y in 0..picture.height * self.scale {
                for x in 0..picture.width * self.scale {
                    let colour = picture.rgb(x / self.scale, y / self.scale);
                    sheet.put_pixel(left + x, top + y, image::Rgb(colour));
                }
            }
        }
        encode_rgb(sheet.as_raw(), width as u32, height as u32)
    }

    fn check(&self) -> Result<()> {
        check_settings(self.columns, self.scale)?;
        self.images.iter().enumerate().try_for_each(|(index, image)| image.check(index))
    }

    fn largest(&self) -> (u32, u32) {
        let widest = self.images.iter().map(|image| image.width).max().unwrap_or(0);
        let tallest = self.images.iter().map(|image| image.height).max().unwrap_or(0);
        (widest, tallest)
    }
}
