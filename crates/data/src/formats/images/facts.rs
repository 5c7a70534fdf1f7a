//! What images are, before it is decided how they are read.

use std::path::Path;

use serde::Serialize;

use super::bad::Checked;
use super::{ImagesConfig, Layout, Place, Store, headers};
use crate::{DataError, Files, Result, Role};

/// A folder or an archive of images, looked at: of each image its first bytes alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImagesFacts {
    /// The classes in order, with the images of each.
    pub classes: Vec<(String, usize)>,
    /// Images that can be read.
    pub images: usize,
    /// Images of each split, where the folders name splits.
    pub splits: Option<Vec<(Role, usize)>>,
    /// Whether all are stored as grey.
    pub grey: bool,
    /// Height and width: the least, the middle one and the greatest of each.
    pub heights: [usize; 3],
    /// As `heights`.
    pub widths: [usize; 3],
    /// Whether all have one ratio of their sides, to a fiftieth.
    pub one_ratio: bool,
    /// Images that cannot be read.
    pub bad: usize,
    /// What is wrong with the first of these.
    pub first_bad: Option<String>,
}

impl ImagesFacts {
    /// Looks at what the table names.
    ///
    /// # Errors
    /// [`DataError`] for what is no folder of classes with images, and where none of them can be read.
    pub fn of(config: &ImagesConfig, files: &Files) -> Result<Self> {
        let source = config.check()?;
        let (store, listing) = match &source.place {
            Place::Folder(name) => source.folder(name, files)?,
            Place::Archive(name) => Store::of_archive(files.read(name)?)?,
        };
        let labels = source.labels(files)?;
        let layout = source.arrange(&store, listing, labels.as_deref())?;
        Self::of_layout(&store, &layout)
    }

    fn of_layout(store: &Store, layout: &Layout) -> Result<Self> {
        let mut checked = Checked::new(layout.images.len(), usize::MAX);
        let headers = headers(store, &layout.images, &mut checked);
        let faults = checked.faults().iter().flatten();
        let (bad, first_bad) = (faults.clone().count(), faults.map(ToString::to_string).next());
        let spread = |mut sides: Vec<usize>| {
            sides.sort_unstable();
            let middle = sides.get(sides.len() / 2).copied();
            Some([sides.first().copied()?, middle?, sides.last().copied()?])
        };
        let heights = spread(headers.iter().map(|header| header.height).collect());
        let widths = spread(headers.iter().map(|header| header.width).collect());
        let (Some(heights), Some(widths)) = (heights, widths) else {
            let problem = first_bad.unwrap_or_else(|| "expected images, found none".into());
            return Err(DataError::in_file(store.label(&[]), problem));
        };
        let ratios = || headers.iter().map(|header| header.width as f64 / header.height.max(1) as f64);
        let (narrow, wide) =
            ratios().fold((f64::MAX, 0.0_f64), |(low, high), ratio| (low.min(ratio), high.max(ratio)));
        let count = |class: usize| layout.labels.iter().filter(|&&label| label as usize == class).count();
        let classes = layout.class_names.iter().enumerate().map(|(class, name)| (name.clone(), count(class)));
        let splits = layout.roles.as_ref().map(|roles| {
            let of = |role: Role| (role, roles.iter().filter(|&&own| own == role).count());
            Role::ALL.into_iter().map(of).filter(|(_, count)| *count > 0).collect()
        });
        Ok(Self {
            classes: classes.collect(),
            images: headers.len(),
            splits,
            grey: headers.iter().all(|header| header.grey),
            heights,
            widths,
            one_ratio: wide <= narrow * 1.02,
            bad,
            first_bad,
        })
    }
}

impl ImagesConfig {
    /// The table for a folder, or for a zip archive, called `name`.
    #[must_use]
    pub fn at(name: &str, is_folder: bool) -> Self {
        let name = Some(name.to_owned());
        match is_folder {
            true => Self { folder: name, ..Self::default() },
            false => Self { archive: name, ..Self::default() },
        }
    }
}

/// Whether a file is a zip archive by its name.
pub fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}
