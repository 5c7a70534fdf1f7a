use crate::error::{PlotError, Result};
use crate::raster::RgbFrame;

/// Pictures shown one after another, for ever: how a decision line moves from epoch to epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Animation {
    /// The pictures, all of one size.
    pub frames: Vec<RgbFrame>,
    /// How long each but the last is shown.
    pub milliseconds_each: u16,
    /// How long the last is shown before the first comes again.
    pub last_milliseconds: u16,
}

impl Animation {
    /// The animation as an APNG file (PNG, third edition: W3C 2025), which every browser plays.
    ///
    /// APNG and not GIF: text and light region colours keep their true colour, where GIF has 256 to choose
    /// from. A viewer that cannot animate shows the last picture, the one that holds the result, because it is
    /// also the file's default image.
    ///
    /// ```
    /// use brasa_plot::{Animation, RgbFrame};
    ///
    /// let frame = |grey| RgbFrame { width: 2, height: 1, pixels: vec![grey; 6] };
    /// let animation =
    ///     Animation { frames: vec![frame(0), frame(255)], milliseconds_each: 250, last_milliseconds: 2000 };
    /// assert!(animation.to_apng()?.starts_with(b"\x89PNG"));
    /// # Ok::<(), brasa_plot::PlotError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PlotError::NoPictures`] without frames, [`PlotError::FrameSize`] for one whose bytes do not fill its
    /// size, [`PlotError::FrameDiffers`] for one of another size than the first.
    pub fn to_apng(&self) -> Result<Vec<u8>> {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else {
            return Err(PlotError::NoPictures);
        };
        for (index, frame) in self.frames.iter().enumerate() {
            frame.check(index)?;
            if (frame.width, frame.height) != (first.width, first.height) {
                return Err(PlotError::FrameDiffers {
                    frame: index,
                    width: frame.width,
                    height: frame.height,
                    first_width: first.width,
                    first_height: first.height,
                });
            }
        }
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, first.width, first.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        // `High` takes four times as long for three percent less.
        encoder.set_compression(png::Compression::Balanced);
        encoder.set_animated(self.frames.len() as u32, 0)?;
        encoder.set_sep_def_img(true)?;
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&last.pixels)?;
        for (index, frame) in self.frames.iter().enumerate() {
            let is_last = index + 1 == self.frames.len();
            let shown = if is_last { self.last_milliseconds } else { self.milliseconds_each };
            writer.set_frame_delay(shown, 1000)?;
            writer.write_image_data(&frame.pixels)?;
        }
        writer.finish()?;
        Ok(file)
    }
}
