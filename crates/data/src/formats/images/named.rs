//! Images whose classes a table names.

use std::collections::BTreeMap;

use super::layout::Layout;
use super::listing::{Listing, Names};
use super::store::below;
use super::{ImagesConfig, Store};
use crate::formats::delimited::{BadRows, Expected};
use crate::formats::table::{ColumnFacts, Table, TableFacts, unpack};
use crate::{DataError, Files, LabelEncoder, Result};

/// Endings that a table may leave out.
const ENDINGS: [&str; 3] = ["jpg", "jpeg", "png"];

/// A table that names the images and their classes: its name, its bytes, and its columns.
pub(super) struct Named<'a> {
    pub file: &'a str,
    pub bytes: &'a [u8],
    pub path: &'a str,
    pub target: &'a str,
    pub group: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// Where the settings name a table, whose `bytes` were read.
    pub fn of(settings: &'a ImagesConfig, bytes: &'a [u8]) -> Option<Self> {
        let (file, path, target) =
            (settings.labels.as_ref()?, settings.path.as_ref()?, settings.target.as_ref()?);
        Some(Self { file, bytes, path, target, group: settings.group.as_deref() })
    }

    /// The images that it names, in the order of their classes and paths. Whether they are there, their reading tells. `known` are the images of an
    /// archive, or of a folder; `root` is what the folder is called.
    pub fn layout(
        &self,
        store: &Store,
        known: &Listing,
        root: &str,
        classes: Option<&[String]>,
    ) -> Result<Layout> {
        let unpacked = unpack::text(self.file, self.bytes, None)?;
        let columns = [self.path, self.target].into_iter().chain(self.group).collect();
        let expected = Expected { columns, ..Expected::default() };
        let dialect = unpacked.dialect(&expected);
        let table = Table::read(self.file, &unpacked.text, dialect, &|_| true, &mut BadRows::default())?;
        let (path, target) = (table.column(self.path)?, table.column(self.target)?);
        let names = table.names(target)?;
        let encoder = match classes {
            Some(classes) => LabelEncoder::with_classes(classes.to_vec()),
            None => LabelEncoder::fit(names.iter().copied()),
        };
        let groups = self.group.map(|group| table.names(table.column(group)?)).transpose()?;
        let group_names = LabelEncoder::fit(groups.iter().flatten().copied());
        let mut images: BTreeMap<Names, (u32, u32)> = BTreeMap::new();
        for (row, (record, class)) in table.rows.iter().zip(names).enumerate() {
            let fault = |column: &str, expected: String, found: &str| {
                DataError::cell(self.file, table.line(record), column, expected, format!("`{found}`"))
            };
            let cell = table.name(record, path)?;
            let label = encoder.encode(class);
            let label = label.map_err(|_| {
                fault(self.target, format!("one of the classes {}", encoder.classes().join(", ")), class)
            })?;
            let below = || "the path of an image below the folder, or in the archive".to_owned();
            let names = below_root(cell).ok_or_else(|| fault(self.path, below(), cell))?;
            let image = found(store, known, root, &names).unwrap_or(names);
            let group = groups.as_ref().and_then(|groups| groups.get(row));
            let group = group.map_or(Ok(0), |group| group_names.encode(group))?;
            if images.insert(image, (label, group)).is_some() {
                return Err(fault(self.path, "each image once".into(), cell));
            }
        }
        if let [class] = encoder.classes() {
            return Err(DataError::one_class(self.file, class.clone()));
        }
        let mut images: Vec<(Names, (u32, u32))> = images.into_iter().collect();
        // Stable, so that paths stay in order.
        images.sort_by_key(|(_, (label, _))| *label);
        let (images, numbers): (_, Vec<(u32, u32)>) = images.into_iter().unzip();
        let (labels, of_images): (_, Vec<u32>) = numbers.into_iter().unzip();
        Ok(Layout {
            class_names: encoder.classes().to_vec(),
            images,
            labels,
            roles: None,
            groups: groups.map(|_| (of_images, group_names.classes().to_vec())),
        })
    }
}

/// The names in a path; `None` for one that leads out of the folder.
fn below_root(path: &str) -> Option<Names> {
    let names = path.split(['/', '\\']).filter(|name| !name.is_empty() && *name != ".");
    let names: Names = names.map(str::to_owned).collect();
    // On Windows, a drive.
    let drive = |name: &String| cfg!(windows) && name.contains(':');
    let leads_out = path.starts_with(['/', '\\']) || names.iter().any(|name| name == ".." || drive(name));
    (!leads_out && !names.is_empty()).then_some(names)
}

/// The image that is meant: as it is written, without the folder's own name before it, or with one of the usual endings behind it.
fn found(store: &Store, known: &Listing, root: &str, names: &Names) -> Option<Names> {
    let is_there = |names: &Names| match store {
        Store::Folder(folder) => below(folder, names).is_file(),
        Store::Archive(_) => known.images.contains(names),
    };
    let mut ways = vec![names.clone()];
    ways.extend(
        names
            .split_first()
            .filter(|(first, rest)| *first == root && !rest.is_empty())
            .map(|(_, rest)| rest.to_vec()),
    );
    for way in ways {
        if is_there(&way) {
            return Some(way);
        }
        let Some((last, folders)) = way.split_last() else { continue };
        for ending in ENDINGS {
            let ended = [folders, &[format!("{last}.{ending}")]].concat();
            if is_there(&ended) {
                return Some(ended);
            }
        }
    }
    None
}

impl ImagesConfig {
    /// The column of a table most of whose examples are paths of images in the folder, or the archive, of this configuration.
    ///
    /// # Errors
    /// As of reading it.
    pub fn path_column(&self, files: &Files, table: &TableFacts) -> Result<Option<String>> {
        let (store, known, root) = match (&self.folder, &self.archive) {
            (Some(folder), _) => (Store::Folder(files.folder(folder)?), Listing::default(), folder.as_str()),
            (None, Some(archive)) => {
                let (store, known) = Store::of_archive(files.read(archive)?)?;
                (store, known, archive.as_str())
            }
            (None, None) => return Ok(None),
        };
        let is_image =
            |cell: &&String| below_root(cell).and_then(|names| found(&store, &known, root, &names)).is_some();
        let holds_paths = |column: &&ColumnFacts| {
            let images = column.examples.iter().filter(is_image).count();
            images > 0 && 2 * images >= column.examples.len()
        };
        // Of several, that which tells most rows apart: a class `7` may be an image `7.png` as well.
        let column = table.columns.iter().filter(holds_paths).max_by_key(|column| column.distinct);
        Ok(column.map(|column| column.name.clone()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_table_names_images_by_their_paths_with_or_without_ending_and_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        for name in ["a/1.png", "2.jpg", "3.png", "4.png"] {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        let (store, known) = Store::of_folder(folder.path(), 4).unwrap();
        let layout = |text: &str| {
            let bytes = text.as_bytes();
            let group = text.starts_with("kind,id,place").then_some("place");
            let named = Named { file: "labels.csv", bytes, path: "id", target: "kind", group };
            named.layout(&store, &known, "photos", None).map_err(|error| error.to_string())
        };
        let found = layout("kind,id\ncat,photos/3.png\ndog,a\\1.png\ncat,2\ndog,./gone.png\n").unwrap();
        let images: Vec<String> = found.images.iter().map(|image| image.join("/")).collect();
        assert_eq!(images, ["2.jpg", "3.png", "a/1.png", "gone.png"]);
        assert_eq!((found.labels, found.class_names), (vec![0, 0, 1, 1], vec!["cat".into(), "dog".into()]));
        let grouped = layout("kind,id,place\ncat,3,sea\ndog,2,lake\ncat,4,lake\n").unwrap();
        assert_eq!(grouped.groups, Some((vec![1, 0, 0], vec!["lake".into(), "sea".into()])));
        for (text, message) in [
            (
                "kind,id,place\ncat,2,a\ndog,3,\n",
                "labels.csv: line 3, column `place`: expected a name, found nothing",
            ),
            (
                "kind,id\ncat,../4.png\ndog,2\n",
                "labels.csv: line 2, column `id`: expected the path of an image below the folder, or in the archive, found `../4.png`",
            ),
            (
                "kind,id\ncat,2\ndog,2.jpg\n",
                "labels.csv: line 3, column `id`: expected each image once, found `2.jpg`",
            ),
            ("kind,id\ncat,2\ndog,\n", "labels.csv: line 3, column `id`: expected a name, found nothing"),
        ] {
            assert_eq!(layout(text).unwrap_err(), message);
        }
    }
}
