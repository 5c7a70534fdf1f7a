//! Files that nobody means as data: what operating systems leave in folders and archives, and notes beside images.

/// Files and folders of systems, in lower case: Windows, macOS, Synology and QNAP, Linux.
const SYSTEMS: [&str; 12] = [
    "thumbs.db",
    "ehthumbs.db",
    "ehthumbs_vista.db",
    "desktop.ini",
    "$recycle.bin",
    "system volume information",
    "__macosx",
    "icon\r",
    "@eadir",
    "#recycle",
    "@recycle",
    "lost+found",
];

/// How notes are called that have no ending, or that of a text.
const NOTES: [&str; 5] = ["readme", "license", "licence", "copying", "changelog"];

/// Endings of files that say something of images and are none.
const TEXTS: [&str; 13] =
    ["txt", "md", "rst", "csv", "tsv", "json", "jsonl", "xml", "yaml", "yml", "toml", "html", "log"];

/// Whether a system left a file or folder of this name; hidden ones count.
///
/// ```
/// # use brasa_data::formats::is_left_behind;
/// assert!(["Thumbs.db", ".DS_Store", "._cat.png", "@eaDir", "$RECYCLE.BIN"].map(is_left_behind).iter().all(|left| *left));
/// assert!(!is_left_behind("icon.png"));
/// ```
#[must_use]
pub fn is_left_behind(name: &str) -> bool {
    name.starts_with('.') || SYSTEMS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a file of this name lies beside images to say something of them: a README, a licence, a list of labels.
pub(crate) fn is_note(name: &str) -> bool {
    match name.rsplit_once('.') {
        Some((_, ending)) => TEXTS.iter().any(|text| ending.eq_ignore_ascii_case(text)),
        None => {
            let name = name.to_ascii_lowercase();
            NOTES.iter().any(|note| name.starts_with(note))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systems_leave_in_whatever_case() {
        for name in [
            "@eaDir",
            "ehthumbs.db",
            "Icon\r",
            "$RECYCLE.BIN",
            ".DS_Store",
            "THUMBS.DB",
            "Desktop.ini",
            "._x.png",
            "System Volume Information",
            "__MACOSX",
        ] {
            assert!(is_left_behind(name), "{name:?}");
        }
        for name in ["icon", "Icon.png", "eaDir", "thumbs.png", "x.db", "recycle"] {
            assert!(!is_left_behind(name), "{name:?}");
        }
    }

    #[test]
    fn notes_are_told_from_images_that_are_called_alike() {
        for name in ["README", "Readme.md", "LICENSE-MIT", "labels.csv", "a.JSON", "notes.txt", "COPYING"] {
            assert!(is_note(name), "{name:?}");
        }
        for name in ["license_plate.jpg", "readme.png", "a", "b.gif", "csv", "cat.txt.png"] {
            assert!(!is_note(name), "{name:?}");
        }
    }
}
