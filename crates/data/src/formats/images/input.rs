//! Image files for a saved model.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::config::Crop;
use super::fit::Fit;
use crate::config::Resize;
use crate::formats::{RawFiles, RawInput, RawSamples};
use crate::{DataError, Result, Samples, Values};

/// Images, as a model takes them that was trained on images of any format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageInput {
    /// 1 for grey, 3 for red, green, blue.
    pub channels: usize,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
    /// How other sizes are brought to this one.
    pub resize: Resize,
    /// What becomes of other proportions.
    #[serde(default, skip_serializing_if = "Crop::is_none")]
    pub crop: Crop,
}

impl ImageInput {
    /// The input of a model that was trained on samples `[channels, height, width]`; samples of another rank have no
    /// pixels.
    #[must_use]
    pub fn of(samples: &Samples, resize: Resize, crop: Crop) -> Self {
        let (channels, height, width) = match *samples.shape() {
            [channels, height, width] => (channels, height, width),
            _ => (0, 0, 0),
        };
        Self { channels, height, width, resize, crop }
    }

    /// Decodes a PNG or JPEG file of any size to one sample of bytes, `[channels, height, width]`.
    ///
    /// This is what data sets of images go through, too: the orientation that a camera noted is applied,
    /// colours become grey where the model takes grey (ITU-R BT.601, to the bit as Pillow does it),
    /// transparency is dropped, then the size is changed.
    ///
    /// # Errors
    /// [`DataError::Content`] for bytes that are no such image, that are animated, have 16 bits per channel or
    /// the colours of inks (CMYK), or over 64 megapixels.
    pub fn decode(&self, label: &str, bytes: &[u8]) -> Result<Samples> {
        let Self { channels, height, width, resize, crop } = *self;
        let fit = Fit { channels, height, width, resize, crop };
        let decoded = fit.sample_len().and_then(|len| {
            let mut sample = vec![0; len];
            fit.decode_into(bytes, &mut sample)?;
            Ok(sample)
        });
        let sample = decoded.map_err(|problem| DataError::in_file(label, problem))?;
        Samples::new(vec![channels, height, width], Values::U8(sample.into()))
    }
}

impl RawInput for ImageInput {
    const WHAT: &'static str = "images, not rows of a table";
    const ENDINGS: &'static [&'static str] = &["png", "jpg", "jpeg"];

    fn shape(&self) -> Vec<usize> {
        vec![self.channels, self.height, self.width]
    }

    fn read(&self, label: &str, bytes: &[u8], _delimiter: Option<u8>) -> Result<RawSamples> {
        let samples = self.decode(label, bytes)?;
        Ok(RawSamples::named(vec![label.to_owned()], samples))
    }

    /// The image, or all images of a folder or a zip archive; whatever their names end in.
    fn files(&self, path: &Path) -> Result<RawFiles> {
        RawFiles::of_images(path)
    }
}
