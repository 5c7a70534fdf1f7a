use crate::canvas::{Anchor, FAINT_INK, Font, draw_svg};
use crate::error::{PlotError, Result};
use crate::frame::LABEL;
use crate::png::{data_uri, encode_rgb};
use crate::raster::LONGEST_SIDE;
use crate::text::{fit, width};

const CAPTION: f64 = 12.5;
const CAPTION_ROW: f64 = 15.0;
const WIDEST_CAPTION: f64 = 150.0;
const GAP: f64 = 12.0;

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
}

impl SheetImage {
    /// The picture alone as a PNG file, each pixel enlarged to a square of `scale` pixels.
    ///
    /// # Errors
    ///
    /// As [`ImageSheet::to_png`].
    pub fn to_png(&self, scale: u32) -> Result<Vec<u8>> {
        let sheet = ImageSheet { images: vec![self.clone()], columns: 1, scale };
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

    fn check(&self, picture: usize) -> Result<()> {
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

    fn rgb(&self, x: u32, y: u32) -> [u8; 3] {
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
        let captions = self.images.iter().flat_map(|image| &image.caption);
        let caption_width = captions.map(|line| width(line, CAPTION)).fold(0.0, f64::max);
        let rows_of_text = self.images.iter().map(|image| image.caption.len()).max().unwrap_or(0) as f64;
        let cell_width = (f64::from(widest) * scale).max(caption_width.min(WIDEST_CAPTION));
        let picture_height = f64::from(tallest) * scale;
        let cell_height = picture_height + rows_of_text * CAPTION_ROW + 4.0;
        let columns = self.columns.min(self.images.len().max(1));
        let rows = self.images.len().div_ceil(columns).max(1);
        let page_width = (GAP + columns as f64 * (cell_width + GAP)).max(120.0);
        let page_height = (GAP + rows as f64 * (cell_height + GAP)).max(40.0);

        let place = |index: usize| {
            let (row, column) = ((index / columns) as f64, (index % columns) as f64);
            (GAP + column * (cell_width + GAP), GAP + row * (cell_height + GAP))
        };
        let label = format!("Sheet of {} pictures", self.images.len());
        draw_svg(&label, (page_width, page_height), |canvas| {
            let font = Font::new(CAPTION, FAINT_INK, Anchor::Middle);
            if self.images.is_empty() {
                let font = Font::new(LABEL, FAINT_INK, Anchor::Middle);
                return canvas.text("no pictures", (page_width / 2.0, page_height / 2.0), font);
            }
            for (index, image) in self.images.iter().enumerate() {
                let (left, top) = place(index);
                let (wide, tall) = (f64::from(image.width) * scale, f64::from(image.height) * scale);
                let x = left + (cell_width - wide) / 2.0;
                let y = top + (picture_height - tall) / 2.0;
                canvas.picture((x, y), (x + wide, y + tall), &image.to_png(1)?);
                for (row, line) in image.caption.iter().enumerate() {
                    let y = top + picture_height + 4.0 + CAPTION_ROW * (row as f64 + 0.5);
                    let line = fit(line, CAPTION, cell_width + GAP / 2.0);
                    canvas.text(&line, (left + cell_width / 2.0, y), font)?;
                }
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
        for (setting, zero) in [("columns", self.columns == 0), ("scale", self.scale == 0)] {
            if zero {
                return Err(PlotError::ZeroSetting { setting });
            }
        }
        self.images.iter().enumerate().try_for_each(|(index, image)| image.check(index))
    }

    fn largest(&self) -> (u32, u32) {
        let widest = self.images.iter().map(|image| image.width).max().unwrap_or(0);
        let tallest = self.images.iter().map(|image| image.height).max().unwrap_or(0);
        (widest, tallest)
    }
}
