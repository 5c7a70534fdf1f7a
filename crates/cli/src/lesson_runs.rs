//! Which runs a lesson has begun, so that it can go on after an end.

use std::path::{Path, PathBuf};

use brasa_run::{RunError, RunFolder, RunObserver, RunRecord, write_atomic};
use brasa_train::Callback;
use serde::{Deserialize, Serialize};

use crate::args::{ChangeArgs, DataArgs, DeviceArgs};
use crate::context::absolute;
use crate::error::{CliError, Result};

/// What a lesson was begun with, and its runs so far.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    source: Option<String>,
    overrides: Vec<String>,
    seed: Option<u64>,
    data: Option<PathBuf>,
    device: String,
    /// By recipe, in the lesson's order.
    runs: Vec<(String, String)>,
}

/// The file that remembers the runs of a lesson, beside its page.
#[derive(Debug)]
pub(crate) struct LessonRuns {
    path: PathBuf,
    begun: Begun,
}

impl LessonRuns {
    fn path(folder: &Path, lesson: &str) -> PathBuf {
        folder.join(format!("{lesson}.json"))
    }

    /// Of a lesson that begins.
    pub(crate) fn new(
        folder: &Path,
        lesson: &str,
        changes: &ChangeArgs,
        data: &DataArgs,
        device: &DeviceArgs,
    ) -> Self {
        let begun = Begun {
            source: changes.source.clone(),
            overrides: changes.overrides.clone(),
            seed: changes.seed,
            data: data.data.as_deref().map(absolute),
            device: device.device.clone(),
            runs: Vec::new(),
        };
        let path = Self::path(folder, lesson);
        // What was begun before is not gone on with, wherever this ends.
        let _ = std::fs::remove_file(&path);
        Self { path, begun }
    }

    /// Of a lesson that goes on.
    pub(crate) fn read(folder: &Path, lesson: &str) -> Result<Self> {
        let path = Self::path(folder, lesson);
        let wrong = |problem: String| CliError::Input { path: path.clone(), problem };
        if !path.exists() {
            return Err(wrong("--resume: this lesson was not begun here; leave the option out".into()));
        }
        let text = brasa_data::read_regular(&path, 1 << 20).map_err(|error| wrong(error.to_string()))?;
        let begun = serde_json::from_slice(&text).map_err(|error| wrong(format!("is damaged: {error}")))?;
        Ok(Self { path, begun })
    }

    /// What the recipes were changed by when it began.
    pub(crate) fn changes(&self) -> ChangeArgs {
        let Begun { source, overrides, seed, .. } = &self.begun;
        ChangeArgs {
            source: source.clone(),
            overrides: overrides.clone(),
            seed: *seed,
            ..ChangeArgs::default()
        }
    }

    /// The folder that it was given data in, and the device that it began on.
    pub(crate) fn given(&self) -> (DataArgs, DeviceArgs) {
        let Begun { data, device, .. } = &self.begun;
        (DataArgs { data: data.clone() }, DeviceArgs { device: device.clone() })
    }

    /// The run of a recipe, if it was begun.
    pub(crate) fn run_of(&self, recipe: &str) -> Option<&str> {
        self.begun.runs.iter().find(|(of, _)| of == recipe).map(|(_, run)| run.as_str())
    }
}

impl Callback for LessonRuns {}

impl RunObserver for LessonRuns {
    fn on_folder(&mut self, _: &RunFolder, record: &RunRecord) -> brasa_run::Result<()> {
        let own = (record.recipe.clone(), record.id.clone());
        if !self.begun.runs.contains(&own) {
            self.begun.runs.push(own);
        }
        let failed = |source| RunError::Write { path: self.path.clone(), source };
        self.path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
        let text = serde_json::to_vec_pretty(&self.begun).map_err(|error| failed(error.into()))?;
        write_atomic(&self.path, &text)
    }
}
