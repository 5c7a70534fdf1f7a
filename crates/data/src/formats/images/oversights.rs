//! Names of class folders that look like an oversight.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

/// Folders whose names a person may have meant to be one, or not to be as they are.
pub(super) fn oversights<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut alike = BTreeMap::<String, BTreeSet<&str>>::new();
    for name in names {
        let plain = name.trim();
        if alike.entry(plain.nfc().collect::<String>().to_lowercase()).or_default().insert(name)
            && plain != name
        {
            warnings.push(format!("the name of the class folder {name:?} begins or ends with a space"));
        }
    }
    for twins in alike.into_values().filter(|twins| twins.len() > 1) {
        let twins = twins.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" and ");
        warnings.push(format!(
            "the class folders {twins} differ only in capitals, spaces or the form of accents; they are classes of \
             their own, rename them if one class was meant"
        ));
    }
    warnings
}
