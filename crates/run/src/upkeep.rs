//! Whether the files of a run are whole, and what of them nobody needs.

use std::fs;
use std::path::PathBuf;

use brasa_predict::SavedModel;
use brasa_train::damaged_checkpoints;
use burn::tensor::Device;

use crate::resume::leftovers;
use crate::{Result, RunFolder, RunStatus};

/// What [`RunFolder::clean`] has removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl RunFolder {
    /// What is wrong with the run's files, a sentence each: what cannot be read, checkpoints whose checksum is another, a model
    /// that cannot be used, and what killed writers left.
    pub fn problems(&self, device: &Device) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        found.extend(self.record().err().map(|error| error.to_string()));
        found.extend(self.recipe().err().map(|error| error.to_string()));
        if self.model().exists() {
            found.extend(SavedModel::load(&self.model(), device).err().map(|error| error.to_string()));
        }
        for folder in self.checkpoint_folders() {
            let damaged = damaged_checkpoints(&folder).into_iter();
            found.extend(damaged.map(|(path, problem)| format!("{} {problem}", path.display())));
        }
        if !self.is_locked() {
            let left = leftovers(self.path()).into_iter();
            found.extend(left.map(|path| format!("{} was left by a writer that was killed", path.display())));
        }
        found
    }

    /// Removes what killed writers left, and with `checkpoints` those of a run that is finished, which then cannot go on with
    /// more epochs but from its beginning. A run that a process trains is left alone.
    ///
    /// # Errors
    /// [`RunError::Write`](crate::RunError::Write) where something cannot be removed.
    pub fn clean(&self, checkpoints: bool) -> Result<Cleaned> {
        let mut cleaned = Cleaned::default();
        if self.is_locked() {
            return Ok(cleaned);
        }
        let _lock = self.lock()?;
        let mut paths = leftovers(self.path());
        paths.extend(self.unused_reserve());
        if checkpoints && self.record().is_ok_and(|record| record.status == RunStatus::Finished) {
            for folder in self.checkpoint_folders() {
                let files = fs::read_dir(folder).into_iter().flatten().flatten();
                paths.extend(
                    files
                        .map(|file| file.path())
                        .filter(|path| path.extension().is_some_and(|e| e == "ckpt")),
                );
            }
        }
        for path in paths {
            let bytes = path.symlink_metadata().map_or(0, |file| file.len());
            fs::remove_file(&path).map_err(crate::files::failed(&path))?;
            cleaned.files += 1;
            cleaned.bytes += bytes;
        }
        Ok(cleaned)
    }

    /// The folder of checkpoints, and those of the members of a bag. Links are not followed.
    fn checkpoint_folders(&self) -> Vec<PathBuf> {
        let folder = self.checkpoints();
        if folder.is_symlink() {
            return Vec::new();
        }
        let members = fs::read_dir(&folder).into_iter().flatten().flatten();
        let members = members.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut folders: Vec<PathBuf> = members.map(|member| member.path()).collect();
        folders.sort();
        folders.insert(0, folder);
        folders
    }
}
