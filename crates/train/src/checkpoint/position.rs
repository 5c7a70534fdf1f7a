//! Where in a training a checkpoint stands, and the files of a folder.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// How far a training has come. Later ones are greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Epochs that are behind, with their validation.
    pub epochs: usize,
    /// Steps of the epoch after them.
    pub steps: usize,
}

impl Position {
    /// Between two epochs.
    pub fn after_epoch(epochs: usize) -> Self {
        Self { epochs, steps: 0 }
    }

    /// The checkpoint's file in `folder`.
    pub(super) fn file(self, folder: &Path) -> PathBuf {
        let Self { epochs, steps } = self;
        folder.join(if steps == 0 {
            format!("epoch-{epochs}.ckpt")
        } else {
            format!("epoch-{epochs}+{steps}.ckpt")
        })
    }
}

impl fmt::Display for Position {
    /// In words: `epoch 3`, or `epoch 3, step 20`, which is a step of the epoch that is not over.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self { epochs, steps: 0 } => write!(f, "epoch {epochs}"),
            Self { epochs, steps } => write!(f, "epoch {}, step {steps}", epochs + 1),
        }
    }
}

impl FromStr for Position {
    type Err = ();

    /// From the name of a checkpoint's file, as it is written alone.
    fn from_str(name: &str) -> Result<Self, ()> {
        let number =
            |text: &str| text.parse().ok().filter(|number: &usize| number.to_string() == text).ok_or(());
        let place = name.strip_prefix("epoch-").and_then(|name| name.strip_suffix(".ckpt")).ok_or(())?;
        match place.split_once('+') {
            None => Ok(Self::after_epoch(number(place)?)),
            Some((epochs, steps)) => Ok(Self { epochs: number(epochs)?, steps: number(steps)? }),
        }
    }
}

/// The checkpoints of a folder, the newest first.
pub(super) fn all(folder: &Path) -> Vec<Position> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut found: Vec<Position> =
        files.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}

/// The checkpoints of a folder that are not whole, and what is wrong with each.
pub fn damaged_checkpoints(folder: &Path) -> Vec<(PathBuf, String)> {
    let paths = all(folder).into_iter().map(|position| position.file(folder));
    paths.filter_map(|path| Some((path.clone(), super::file::check(&path).err()?))).collect()
}

/// The newest checkpoint of a folder.
///
/// ```
/// assert_eq!(brasa_train::latest_checkpoint(std::path::Path::new("no/such/folder")), None);
/// ```
pub fn latest_checkpoint(folder: &Path) -> Option<Position> {
    all(folder).first().copied()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_not_ours() {
        for (epochs, steps) in [(0, 1), (3, 0), (12, 340)] {
            let position = Position { epochs, steps };
            let file = position.file(Path::new("x"));
            assert_eq!(file.file_name().unwrap().to_str().unwrap().parse(), Ok(position));
        }
        for name in
            ["epoch-3", "epoch-03.ckpt", "epoch-+3.ckpt", "epoch-3+x.ckpt", ".epoch-3.ckpt", "epoch--1.ckpt"]
        {
            assert_eq!(name.parse::<Position>(), Err(()), "{name}");
        }
    }

    #[test]
    fn the_newest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["epoch-9.ckpt", "epoch-10.ckpt", "epoch-10+2.ckpt", "epoch-10+11.ckpt", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found: Vec<String> = all(folder.path()).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["epoch 11, step 11", "epoch 11, step 2", "epoch 10", "epoch 9"]);
        assert_eq!(latest_checkpoint(folder.path()), Some(Position { epochs: 10, steps: 11 }));
    }
}
