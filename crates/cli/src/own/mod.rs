//! A data file of a person's own in the place of a recipe.

mod recipe;
mod show;
#[cfg(test)]
mod tests;

use std::path::Path;

use brasa_data::{DataError, Files, TableFacts, TableWishes, TaskKind};
use clap::{Args, Command, FromArgMatches};

use crate::app::App;
use crate::args::{OwnArgs, OwnTask};
use crate::context;
use crate::error::{CliError, Result};
use crate::short_flags::to_verbs_with_changes;
use crate::verbs::Verbs;

pub(crate) use recipe::recipe;
pub(crate) use show::{columns, show};

/// The command with the arguments for a file of one's own, where the app takes such.
pub(crate) fn declare(app: &App, command: Command) -> Command {
    match app.own_data {
        true => to_verbs_with_changes(command, OwnArgs::augment_args),
        false => command,
    }
}

/// Hands on what was typed of them.
pub(crate) fn apply(
    app: &App,
    matches: &clap::ArgMatches,
    verb: &mut Verbs,
) -> std::result::Result<(), clap::Error> {
    if let (true, Some((_, matches)), Some(changes)) = (app.own_data, matches.subcommand(), verb.changes()) {
        changes.own = OwnArgs::from_arg_matches(matches)?;
    }
    Ok(())
}

/// A table of a person's own, looked at.
pub(crate) struct OwnTable {
    /// Its name in its folder.
    pub(crate) file: String,
    pub(crate) facts: TableFacts,
    pub(crate) wishes: TableWishes,
}

impl OwnArgs {
    /// The table that was named; `None` for a recipe or nothing.
    pub(crate) fn table(&self) -> Option<&Path> {
        self.file.as_deref().filter(|file| !is_recipe(file))
    }

    /// The recipe that was named in the place of a table.
    pub(crate) fn recipe(&self) -> Option<&Path> {
        self.file.as_deref().filter(|file| is_recipe(file))
    }

    /// Whether what was typed goes together; `recipe` is what `--recipe` names.
    pub(crate) fn check(&self, recipe: Option<&str>) -> Result<()> {
        if let (Some(file), Some(recipe)) = (self.recipe(), recipe) {
            let problem = format!("--recipe {recipe}: {} is a recipe, too; give one of them", file.display());
            return Err(CliError::Usage(problem));
        }
        if self.table().is_some() {
            return Ok(());
        }
        let given = [
            ("--target", self.target.is_some()),
            ("--task", self.task.is_some()),
            ("--group", self.group.is_some()),
            ("--drop", !self.drop.is_empty()),
            ("--missing", !self.missing.is_empty()),
            ("--effort", self.effort.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(CliError::Usage(format!(
                "{flag} goes with a table, for which a recipe is written; a recipe says it itself: change it there, or with --set"
            ))),
            None => Ok(()),
        }
    }

    /// Looks at the table.
    pub(crate) fn look(&self, path: &Path) -> Result<OwnTable> {
        let (folder, file) = context::parts(path);
        let wishes = TableWishes {
            target: self.target.clone(),
            task: self.task.map(|task| match task {
                OwnTask::Classes => TaskKind::Classification,
                OwnTask::Numbers => TaskKind::Regression,
            }),
            group: self.group.clone(),
            drop: self.drop.clone(),
            missing: self.missing.clone(),
        };
        if path.is_dir() {
            let problem = "is a folder; name a table in it, or write a recipe for images: see the guide";
            return Err(CliError::Input { path: path.into(), problem: problem.into() });
        }
        let content = Files::directory(&folder).read(&file).map_err(|error| match error {
            DataError::Missing { .. } => {
                CliError::Input { path: path.into(), problem: "no such file".into() }
            }
            other => other.into(),
        })?;
        let facts = TableFacts::of(&path.display().to_string(), &content.bytes, &wishes)?;
        Ok(OwnTable { file, facts, wishes })
    }
}

fn is_recipe(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

impl OwnTable {
    /// The target, or what to say where none was named.
    pub(crate) fn target(&self) -> Result<&str> {
        self.wishes.target.as_deref().ok_or_else(|| {
            let choices = self.facts.targets();
            let choices =
                choices.iter().take(8).map(|(name, why)| format!("\n  --target {}  {why}", quoted(name)));
            CliError::Usage(format!(
                "--target is missing: which column of {} is to be predicted?{}",
                self.file,
                choices.collect::<String>()
            ))
        })
    }
}

/// A name as a shell takes it for one word.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    if name.chars().all(plain) { name.into() } else { format!("'{}'", name.replace('\'', "'\\\''")) }
}
