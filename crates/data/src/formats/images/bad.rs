//! Images that cannot be read: all of them are found before any is reported.

use super::listing::Names;
use super::store::Store;
use crate::{DataError, Result};

/// What is wrong with each image; nothing, for most.
pub(super) struct Checked {
    faults: Vec<Option<DataError>>,
    allowed: usize,
}

impl Checked {
    /// `count` images that nothing is known against; up to `allowed` bad ones may be passed over.
    pub fn new(count: usize, allowed: usize) -> Self {
        Self { faults: (0..count).map(|_| None).collect(), allowed }
    }

    /// Per image: what is wrong with it, to be filled in.
    pub fn faults(&mut self) -> &mut [Option<DataError>] {
        &mut self.faults
    }

    /// The images that nothing is wrong with so far.
    pub fn good<'a>(&'a self, images: &'a [Names]) -> impl Iterator<Item = &'a Names> + 'a {
        images.iter().zip(&self.faults).filter_map(|(image, fault)| fault.is_none().then_some(image))
    }

    /// Which images are good, and a warning where some are not.
    ///
    /// # Errors
    /// The one bad image, or [`DataError::Content`] with the first of them, where there are more than allowed or
    /// nothing else is left.
    pub fn finish(self, store: &Store) -> Result<(Vec<bool>, Option<String>)> {
        let Self { faults, allowed } = self;
        let total = faults.len();
        let good = faults.iter().map(Option::is_none).collect::<Vec<_>>();
        let mut bad = faults.into_iter().flatten().collect::<Vec<_>>();
        let Some(first) = bad.first() else { return Ok((good, None)) };
        if bad.len() <= allowed && bad.len() < total {
            let warning = format!(
                "{} of {total} images cannot be read and were passed over, as skip_bad = {allowed} allows; the first: \
                 {first}",
                bad.len()
            );
            return Ok((good, Some(warning)));
        }
        match (bad.len(), allowed) {
            (1, 0) => Err(bad.remove(0)),
            (count, _) => {
                let first = bad.iter().take(10).map(ToString::to_string).collect::<Vec<_>>();
                Err(DataError::in_file(store.label(&[]), sentence(count, total, allowed, &first)))
            }
        }
    }
}

/// One line per image, and how to go on.
fn sentence(count: usize, total: usize, allowed: usize, first: &[String]) -> String {
    let limit = if allowed > 0 { format!(", and skip_bad allows {allowed}") } else { String::new() };
    let mut lines = vec![format!("{count} of {total} images cannot be read{limit}:")];
    lines.extend(first.iter().map(|fault| format!("  {fault}")));
    if count > first.len() {
        lines.push(format!("  and {} more", count - first.len()));
    }
    lines.push(match count < total {
        true => {
            format!("mend or remove them, or write `skip_bad = {count}` in [data.images] to pass over them")
        }
        false => "mend them".to_owned(),
    });
    lines.join("\n")
}
