//! From the names of folders to classes and splits.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::images::listing::{Listing, Names};
use crate::{DataError, LabelEncoder, Result, Role};

/// Images with what their folders say of them, by split, class and path.
#[derive(Debug)]
pub(super) struct Layout {
    pub class_names: Vec<String>,
    pub images: Vec<Names>,
    pub labels: Vec<u32>,
    /// `None` when the folders name no splits.
    pub roles: Option<Vec<Role>>,
    /// The number of each image's group, and what the groups are called; where a table says so.
    pub groups: Option<(Vec<u32>, Vec<String>)>,
}

impl Layout {
    /// Leaves out images that are not good.
    ///
    /// # Errors
    /// A class of which no image is left.
    pub fn keep(&mut self, good: &[bool], named: bool, label: impl Fn(&[String]) -> String) -> Result<()> {
        let folders = |images: &[Names]| {
            let folders = images.iter().filter_map(|image| image.split_last());
            folders.map(|(_, folder)| folder.to_vec()).collect::<BTreeSet<_>>()
        };
        let before = folders(&self.images);
        retain(&mut self.images, good);
        retain(&mut self.labels, good);
        if let Some(roles) = &mut self.roles {
            retain(roles, good);
        }
        if let Some((groups, _)) = &mut self.groups {
            retain(groups, good);
        }
        if named {
            // The folders say nothing of the classes.
            let left: BTreeSet<u32> = self.labels.iter().copied().collect();
            let empty = self.class_names.iter().zip(0..).find(|(_, class)| !left.contains(class));
            return match empty {
                None => Ok(()),
                Some((class, _)) => Err(DataError::in_file(
                    label(&[]),
                    format!("expected images of the class `{class}` that can be read, found none"),
                )),
            };
        }
        match before.difference(&folders(&self.images)).next() {
            None => Ok(()),
            Some(empty) => Err(DataError::in_file(
                label(empty),
                "expected images of a class that can be read, found none",
            )),
        }
    }
}

fn retain<T>(items: &mut Vec<T>, good: &[bool]) {
    let mut good = good.iter();
    items.retain(|_| good.next().copied().unwrap_or(true));
}

/// Where folders of classes are.
struct Shape {
    /// Names above the class, the split's among them.
    class_at: usize,
    /// The folder of each split, by its role.
    splits: BTreeMap<Role, String>,
}

/// `label` names a path in messages; `classes` is the wanted order, sorted when absent.
pub(super) fn arrange(
    listing: Listing,
    classes: Option<&[String]>,
    label: impl Fn(&[String]) -> String,
) -> Result<Layout> {
    let unexpected = |path: &[String], expected: &str, found: &str| {
        DataError::in_file(label(path), format!("expected {expected}, found {found}"))
    };
    let Listing { images, folders, .. } = listing;
    let shape = Shape::of(&images, &folders, &unexpected)?;

    if let Some(image) = images.iter().find(|image| image.len() != shape.class_at + 2) {
        let found = match image.len() < shape.class_at + 2 {
            true => "a file outside of one",
            false => "a folder within one",
        };
        return Err(unexpected(image, "a folder per class that holds its images and no more", found));
    }

    let class_folders =
        folders.iter().filter(|folder| folder.len() == shape.class_at + 1).collect::<BTreeSet<_>>();
    let filled = images.iter().filter_map(|image| image.get(..=shape.class_at));
    let filled = filled.collect::<BTreeSet<_>>();
    if let Some(folder) = class_folders.iter().find(|folder| !filled.contains(folder.as_slice())) {
        return Err(unexpected(folder, "PNG or JPEG images of a class", "none"));
    }
    let found = || class_folders.iter().filter_map(|folder| folder.last()).map(String::as_str);
    let encoder = match classes {
        Some(classes) => LabelEncoder::with_classes(classes.to_vec()),
        None => LabelEncoder::fit(found()),
    };
    let root = shape.root(&images);
    if class_folders.is_empty() {
        return Err(unexpected(root, "a folder of PNG or JPEG images per class", "none"));
    }
    if let Some(unknown) = class_folders.iter().find(|folder| encode(&encoder, folder.last()).is_none()) {
        let expected = format!("one of the classes {}", encoder.classes().join(", "));
        return Err(unexpected(unknown, &expected, "another"));
    }
    if let [class] = encoder.classes() {
        return Err(DataError::one_class(label(root), class.clone()));
    }
    let tops = match shape.splits.is_empty() {
        true => vec![root.to_vec()],
        false => shape.splits.values().map(|split| [root, std::slice::from_ref(split)].concat()).collect(),
    };
    // By class and not by name: two spellings of a folder may be one class.
    let found: BTreeSet<_> = filled
        .iter()
        .filter_map(|folder| Some((&folder[..folder.len() - 1], encode(&encoder, folder.last())?)))
        .collect();
    for top in tops {
        for (number, class) in encoder.classes().iter().enumerate() {
            if !found.contains(&(top.as_slice(), number as u32)) {
                let found = format!("none for `{class}`");
                return Err(unexpected(&top, "a folder of images for every class in every split", &found));
            }
        }
    }
    Ok(shape.sort(images, &encoder))
}

fn encode(encoder: &LabelEncoder, name: Option<&String>) -> Option<u32> {
    encoder.encode(name?).ok()
}

impl Shape {
    fn of(
        images: &BTreeSet<Names>,
        folders: &BTreeSet<Names>,
        unexpected: &impl Fn(&[String], &str, &str) -> DataError,
    ) -> Result<Self> {
        let at_top = |depth: usize| {
            images.iter().chain(folders).filter_map(|path| path.get(depth)).collect::<BTreeSet<_>>()
        };
        // Whether a folder at that depth holds folders.
        let nested = |depth: usize, name: &String| {
            folders.iter().any(|path| path.len() > depth + 1 && path.get(depth) == Some(name))
        };
        let mut depth = 0;
        let mut tops = at_top(0);
        if let Some(only) = tops.first().filter(|_| tops.len() == 1)
            && nested(0, only)
        {
            depth = 1;
            tops = at_top(1);
        }
        if !tops.iter().any(|name| role(name).is_some() && nested(depth, name)) {
            return Ok(Self { class_at: depth, splits: BTreeMap::new() });
        }
        let mut splits = BTreeMap::new();
        for name in tops {
            let above = folders.first().and_then(|path| path.get(..depth)).unwrap_or_default();
            let path = [above, std::slice::from_ref(name)].concat();
            let Some(role) = role(name) else {
                return Err(unexpected(&path, "only the folders train, valid and test here", "another"));
            };
            if let Some(other) = splits.insert(role, name.clone()) {
                let found = format!("`{other}` and `{name}`");
                return Err(unexpected(&path, &format!("one folder for the {role} split"), &found));
            }
        }
        if !splits.contains_key(&Role::Train) {
            let found = splits.values().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
            return Err(unexpected(&[], "a folder `train` beside the others", &format!("only {found}")));
        }
        Ok(Self { class_at: depth + 1, splits })
    }

    /// The path above classes and splits.
    fn root<'a>(&self, images: &'a BTreeSet<Names>) -> &'a [String] {
        let len = self.class_at - usize::from(!self.splits.is_empty());
        images.first().and_then(|image| image.get(..len)).unwrap_or_default()
    }

    fn sort(&self, images: BTreeSet<Names>, encoder: &LabelEncoder) -> Layout {
        let named = images.into_iter().filter_map(|image| {
            let label = encode(encoder, image.get(self.class_at))?;
            let split = self.class_at.checked_sub(1).and_then(|at| image.get(at));
            let split = split.filter(|_| !self.splits.is_empty()).and_then(|name| role(name));
            Some((split, label, image))
        });
        let mut named = named.collect::<Vec<_>>();
        // Stable, so that paths stay in order.
        named.sort_by_key(|&(split, label, _)| (split, label));
        let roles = named.iter().map(|&(split, ..)| split).collect::<Option<Vec<_>>>();
        Layout {
            class_names: encoder.classes().to_vec(),
            labels: named.iter().map(|&(_, label, _)| label).collect(),
            roles: roles.filter(|_| !self.splits.is_empty()),
            groups: None,
            images: named.into_iter().map(|(.., image)| image).collect(),
        }
    }
}

/// The split that a folder of that name holds.
fn role(name: &str) -> Option<Role> {
    match name.to_lowercase().as_str() {
        "train" | "training" => Some(Role::Train),
        "valid" | "validation" | "val" => Some(Role::Valid),
        "test" | "testing" => Some(Role::Test),
        _ => None,
    }
}
