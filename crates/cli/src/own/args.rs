//! From what was typed to data that were looked at.

use std::path::{Path, PathBuf};

use brasa_data::{DataError, Files, TableFacts, TableWishes, TaskKind, is_archive, is_packed_table};

use super::Own;
use super::images::OwnImages;
use super::series::OwnSeries;
use super::table::OwnTable;
use super::text::OwnText;
use super::ts::{OwnTs, is_ts};
use crate::args::{OwnArgs, OwnTask};
use crate::context;
use crate::error::{CliError, Result};

/// The flags that every kind of data takes.
const ALL: [&str; 2] = ["--effort", "--time"];

impl OwnArgs {
    /// The data that were named; `None` for a recipe or nothing.
    pub(crate) fn data(&self) -> Option<&Path> {
        self.file.as_deref().filter(|file| !is_recipe(file))
    }

    /// The recipe that was named in the place of data.
    pub(crate) fn recipe(&self) -> Option<&Path> {
        self.file.as_deref().filter(|file| is_recipe(file))
    }

    /// Whether what was typed goes together; `recipe` is what `--recipe` names.
    pub(crate) fn check(&self, recipe: Option<&str>) -> Result<()> {
        if let (Some(file), Some(recipe)) = (self.recipe(), recipe) {
            let problem = format!("--recipe {recipe}: {} is a recipe, too; give one of them", file.display());
            return Err(CliError::Usage(problem));
        }
        match self.given().next() {
            Some(flag) if self.data().is_none() => Err(CliError::Usage(format!(
                "{flag} goes with data of your own, for which a recipe is written; a recipe says it itself: change it there, or \
                 with --set"
            ))),
            _ => Ok(()),
        }
    }

    /// The flags that were typed.
    fn given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("--target", self.target.is_some()),
            ("--task", self.task.is_some()),
            ("--group", self.group.is_some()),
            ("--order", self.order.is_some()),
            ("--drop", !self.drop.is_empty()),
            ("--missing", !self.missing.is_empty()),
            ("--text", self.text.is_some()),
            ("--series", self.series.is_some()),
            ("--step", self.step.is_some()),
            ("--labels", self.labels.is_some()),
            ("--test", self.test.is_some()),
            ("--effort", self.effort.is_some()),
            ("--time", self.time.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag)
    }

    /// Looks at the data.
    ///
    /// # Errors
    /// Data that cannot be read, and flags that do not go with their kind.
    pub(crate) fn look(&self, path: &Path) -> Result<Box<dyn Own>> {
        if !path.exists() {
            return Err(CliError::Input { path: path.into(), problem: "no such file or folder".into() });
        }
        let is_table = || {
            let (name, files) = place(path);
            files.read(&name).is_ok_and(|file| is_packed_table(&file.bytes))
        };
        if path.is_dir() || is_archive(path) && !is_table() {
            self.takes("images", &["--labels", "--target", "--group"])?;
            return Ok(Box::new(OwnImages::look(self, path)?));
        }
        if is_ts(path) {
            self.takes("series in the form .ts", &["--test"])?;
            return Ok(Box::new(OwnTs::look(self, path)?));
        }
        if self.series.is_some() || self.step.is_some() || self.labels.is_some() {
            self.takes(
                "series",
                &["--target", "--task", "--group", "--drop", "--series", "--step", "--labels"],
            )?;
            return Ok(Box::new(OwnSeries::look(self, path)?));
        }
        if self.text.is_some() {
            self.takes("texts", &["--target", "--text", "--test"])?;
            return Ok(Box::new(OwnText::look(self, path)?));
        }
        if let Some(images) = OwnImages::named_in(self, path)? {
            self.takes("images that a table names", &["--target", "--group"])?;
            return Ok(Box::new(images));
        }
        self.takes("tables", &["--target", "--task", "--group", "--order", "--drop", "--missing", "--test"])?;
        Ok(Box::new(OwnTable::look(self, path)?))
    }

    fn takes(&self, kind: &str, flags: &[&str]) -> Result<()> {
        match self.given().find(|flag| !flags.contains(flag) && !ALL.contains(flag)) {
            Some(flag) => {
                let flags = flags.iter().chain(&ALL).copied().collect::<Vec<_>>().join(", ");
                Err(CliError::Usage(format!("{flag} does not go with {kind}; these take {flags}")))
            }
            None => Ok(()),
        }
    }

    /// What is to be predicted, as it was typed.
    pub(super) fn wished_task(&self) -> Option<TaskKind> {
        self.task.map(|task| match task {
            OwnTask::Classes => TaskKind::Classification,
            OwnTask::Numbers => TaskKind::Regression,
        })
    }

    /// The name of `--test`'s file beside `path`.
    pub(super) fn test_file(&self, path: &Path) -> Result<Option<String>> {
        self.test.as_deref().map(|test| beside(test, path, "--test")).transpose()
    }
}

/// The name of `other` in the folder of `path`.
pub(super) fn beside(other: &Path, path: &Path, flag: &str) -> Result<String> {
    let ((folder, _), (theirs, name)) = (context::parts(path), context::parts(other));
    if !other.is_file() {
        let problem = if other.exists() { "is no file" } else { "no such file" };
        return Err(CliError::Input { path: other.into(), problem: problem.into() });
    }
    let same = |a: &PathBuf, b: &PathBuf| a == b || a.canonicalize().ok() == b.canonicalize().ok();
    match same(&folder, &theirs) {
        true => Ok(name),
        false => Err(CliError::Usage(format!(
            "{flag} {}: lies in another folder than {}; put them in one",
            other.display(),
            path.display()
        ))),
    }
}

/// The folder of the data, their name in it, and the folder as a place of files.
pub(super) fn place(path: &Path) -> (String, Files) {
    let (folder, name) = context::parts(path);
    (name, Files::directory(folder))
}

/// An error of reading `path`, which says it in fewer words where it is not there.
pub(super) fn reading(path: &Path) -> impl Fn(DataError) -> CliError {
    move |error| match error {
        DataError::Missing { .. } => CliError::Input { path: path.into(), problem: "no such file".into() },
        other => other.into(),
    }
}

/// What is in the table of text at `path`.
pub(super) fn table_facts(path: &Path, wishes: &TableWishes) -> Result<TableFacts> {
    let (name, files) = place(path);
    TableFacts::of_file(&path.display().to_string(), &files, &name, wishes).map_err(reading(path))
}

/// A name as a shell takes it for one word.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    if name.chars().all(plain) { name.into() } else { format!("'{}'", name.replace('\'', "'\\''")) }
}

fn is_recipe(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}
