//! Pixels of a chart: its own SVG, drawn by [`resvg`] with the fonts that this crate carries.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::error::{PlotError, Result};
use crate::png::encode_rgb;

/// Longest side of a PNG that common viewers open.
pub(crate) const LONGEST_SIDE: u64 = 32_768;

/// Pixels per SVG pixel where a chart makes a PNG of itself: sharp on dense screens and in print.
pub(crate) const SHARP: f64 = 2.0;

/// One opaque picture: three bytes (red, green, blue) per pixel, rows from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RgbFrame {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height * 3` bytes.
    pub pixels: Vec<u8>,
}

impl RgbFrame {
    /// Draws any SVG of this crate (or another with text in "sans-serif") on white, `scale` pixels per SVG
    /// pixel. The same input gives the same pixels on every machine.
    ///
    /// ```
    /// use brasa_plot::{RgbFrame, Scatter};
    ///
    /// let svg = Scatter { title: "Petals".into(), ..Scatter::default() }.to_svg()?;
    /// let picture = RgbFrame::from_svg(&svg, 1.0)?;
    /// assert_eq!((picture.width, picture.height), (480, 320));
    /// # Ok::<(), brasa_plot::PlotError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`] for what is not an SVG, [`PlotError::TooLarge`] if a side would pass 32 768 pixels
    /// or be empty.
    pub fn from_svg(svg: &str, scale: f64) -> Result<Self> {
        let options = Options { fontdb: fonts(), font_family: "DejaVu Sans".into(), ..Options::default() };
        let tree = Tree::from_str(svg, &options)
            .map_err(|error| PlotError::Draw { chart: "SVG".into(), reason: error.to_string() })?;
        let side = |length: f32| (f64::from(length) * scale).ceil() as u64;
        let (width, height) = (side(tree.size().width()), side(tree.size().height()));
        let too_large = || PlotError::TooLarge { width, height };
        if width > LONGEST_SIDE || height > LONGEST_SIDE {
            return Err(too_large());
        }
        let (width, height) = (width as u32, height as u32);
        let mut pixmap = Pixmap::new(width, height).ok_or_else(too_large)?;
        pixmap.fill(resvg::tiny_skia::Color::WHITE);
        resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixmap.as_mut());
        // On white everything is opaque, so premultiplied colours are the colours.
        let pixels = pixmap.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
        Ok(Self { width, height, pixels })
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    ///
    /// [`PlotError::FrameSize`] if the bytes do not fill the size.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.check(0)?;
        encode_rgb(&self.pixels, self.width, self.height)
    }

    /// Whether the bytes fill the size; `frame` is the index that an error names.
    pub(crate) fn check(&self, frame: usize) -> Result<()> {
        let &Self { width, height, .. } = self;
        let expected = u64::from(width).saturating_mul(u64::from(height)).saturating_mul(3);
        if expected == 0 || self.pixels.len() as u64 != expected {
            return Err(PlotError::FrameSize { frame, width, height, found: self.pixels.len() });
        }
        Ok(())
    }
}

fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    FONTS
        .get_or_init(|| {
            let mut fonts = fontdb::Database::new();
            fonts.load_font_data(include_bytes!("../fonts/DejaVuSans.ttf").to_vec());
            fonts.load_font_data(include_bytes!("../fonts/DejaVuSans-Bold.ttf").to_vec());
            fonts.set_sans_serif_family("DejaVu Sans");
            Arc::new(fonts)
        })
        .clone()
}
