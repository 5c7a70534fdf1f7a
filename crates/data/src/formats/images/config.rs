//! The `[data.images]` table.

use serde::{Deserialize, Serialize};

use crate::checked::class_names;
use crate::config::Resize;
use crate::config::TaskKind;
use crate::formats::{FormatConfig, Source};
use crate::{DataError, Files, Labelled, Limit, Result};

/// What becomes of an image whose sides have another ratio than the wanted size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Crop {
    /// It is stretched.
    #[default]
    None,
    /// It is resized, in proportion, until it just covers the wanted size, and its centre is cut out; as
    /// torchvision's `Resize` and `CenterCrop` do.
    Center,
}

impl Crop {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// PNG and JPEG images in a folder per class, or in folders `train`, `valid` and `test` (or a longer form of
/// these) that each hold one folder per class.
///
/// The format is told by content, not by a file's extension. What systems leave behind is passed over (hidden files,
/// `Thumbs.db`, `desktop.ini`, `__MACOSX`, `@eaDir` and the like), so are notes (`README`, `labels.csv`, files that end
/// in .txt, .md, .json, .xml and the like), and so is one folder that everything else lies in.
///
/// ```
/// use brasa_data::{Crop, ImagesConfig, Resize};
/// let config: ImagesConfig = toml::from_str("folder = \"photos\"\nsize = [32, 48]\ncrop = \"center\"")?;
/// assert_eq!((config.size, config.crop), (Some([32, 48]), Some(Crop::Center)));
/// assert_eq!(config.resize.unwrap_or_default(), Resize::Bilinear);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImagesConfig {
    /// The folder; exactly one of `folder` and `archive` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// A .zip file with the same layout, which is not unpacked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
    /// A table beside the folder or the archive that names the images and their classes, in the place of a folder per class; others are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// `labels`: the column with the path of each image below the folder; its ending may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `labels`: the column with the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `labels`: the column with the group of each image: the patient, the camera, the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// 1 for grey, 3 for red, green, blue. When absent 1 if all images are stored as grey (with or without
    /// transparency, which is dropped), and else 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<usize>,
    /// Height and width in pixels. When absent, all images must have one size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// How other sizes are brought to this one, here and when predicting; bilinear when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resize: Option<Resize>,
    /// What becomes of other proportions, likewise; they are stretched when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<Crop>,
    /// The classes in order, which are the names of the folders; sorted when absent, integers as numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// How many images that cannot be read may be passed over; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_bad: Option<usize>,
}

/// Where the images are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    Folder(String),
    Archive(String),
}

impl Place {
    /// What the folder, or the archive, is called.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Folder(name) | Self::Archive(name) => name,
        }
    }
}

/// An `[data.images]` table that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImagesSource {
    pub place: Place,
    /// As it was written: what a cached form depends on.
    pub settings: ImagesConfig,
}

impl ImagesConfig {
    /// Reads the images as [`load`](crate::load) does, for those who need no recipe.
    ///
    /// # Errors
    /// What is wrong with a key, a folder or a file, and where; see [`DataError`].
    pub fn read(&self, files: &Files) -> Result<Labelled> {
        let data = Source::read(&self.check()?, files)?;
        data.check()?;
        Ok(data)
    }

    pub(crate) fn check(&self) -> Result<ImagesSource> {
        let place = match (&self.folder, &self.archive) {
            (Some(folder), None) => Place::Folder(folder.clone()),
            (None, Some(archive)) => Place::Archive(archive.clone()),
            (None, None) => {
                let problem = "missing; name a folder here, or a zip archive with the key `archive`";
                return Err(DataError::config("images.folder", problem));
            }
            (Some(_), Some(_)) => {
                return Err(DataError::config("images.archive", "`folder` is there, too; keep one of them"));
            }
        };
        let columns = [("path", &self.path), ("target", &self.target), ("group", &self.group)];
        match &self.labels {
            Some(_) => {
                if let Some((key, _)) = columns.iter().take(2).find(|(_, column)| column.is_none()) {
                    let problem = "missing; `labels` needs the column of it";
                    return Err(DataError::config(&format!("images.{key}"), problem));
                }
                if self.group.is_some() && [&self.path, &self.target].contains(&&self.group) {
                    return Err(DataError::config("images.group", "is the column of another key already"));
                }
            }
            None => {
                if let Some((key, _)) = columns.iter().find(|(_, column)| column.is_some()) {
                    let problem = "is a column of `labels`, which is missing";
                    return Err(DataError::config(&format!("images.{key}"), problem));
                }
            }
        }
        if let Some(channels) = self.channels.filter(|channels| ![1, 3].contains(channels)) {
            let problem = format!("expected 1 (grey) or 3 (red, green, blue), found {channels}");
            return Err(DataError::config("images.channels", problem));
        }
        if let Some([height, width]) = self.size {
            let pixels = (height as u64).saturating_mul(width as u64);
            let most = Limit::Pixels.most();
            if pixels == 0 || pixels > most {
                let problem =
                    format!("expected a height and width of 1 to {most} pixels, found {height} x {width}");
                return Err(DataError::config("images.size", problem));
            }
        }
        if let Some(classes) = &self.classes {
            class_names("images.classes", classes)?;
        }
        Ok(ImagesSource { place, settings: self.clone() })
    }
}

impl FormatConfig for ImagesConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        task.only_classes("images")?;
        Ok(Box::new(self.check()?))
    }
}

impl ImagesSource {
    /// How images of other sizes are brought to the one of the data.
    pub fn resize(&self) -> Resize {
        self.settings.resize.unwrap_or_default()
    }

    /// What becomes of images of other proportions.
    pub fn crop(&self) -> Crop {
        self.settings.crop.unwrap_or_default()
    }
}
