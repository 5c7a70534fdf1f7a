//! `runs verify` and `runs clean`.

use std::path::Path;

use brasa_models::select_device;
use brasa_run::{Cleaned, RunFolder, find_run, list_runs, unreadable_runs};
use serde_json::json;

use crate::app::App;
use crate::error::{CliError, Result};
use crate::output::Screen;

/// The runs called `names`, or all, those that cannot be read among them.
fn chosen(app: &App, runs: &Path, names: &[String]) -> Result<Vec<RunFolder>> {
    if !names.is_empty() {
        let found = names.iter().map(|name| Ok(find_run(runs, app.name, name)?.0));
        return found.collect();
    }
    let mut folders: Vec<RunFolder> =
        list_runs(runs, app.name)?.into_iter().map(|(folder, _)| folder).collect();
    folders.extend(unreadable_runs(runs, app.name).into_iter().map(|(path, _)| RunFolder::at(path)));
    Ok(folders)
}

pub(super) fn verify(app: &App, runs: &Path, names: &[String], screen: Screen) -> Result<()> {
    let device = select_device("flex")
        .or_else(|_| select_device(brasa_models::backends().first().unwrap_or(&"flex")))?;
    let folders = chosen(app, runs, names)?;
    let found: Vec<(&RunFolder, Vec<String>)> =
        folders.iter().map(|folder| (folder, folder.problems(&device))).collect();
    let damaged = found.iter().filter(|(_, problems)| !problems.is_empty()).count();
    let objects = found.iter().map(
        |(folder, problems)| json!({ "run": folder.path().display().to_string(), "problems": problems }),
    );
    screen.object(&json!({ "app": app.name, "runs": objects.collect::<Vec<_>>() }))?;
    for (folder, problems) in &found {
        let name = folder.path().display();
        screen.say(if problems.is_empty() { format!("{name}  whole") } else { format!("{name}") });
        problems.iter().for_each(|problem| screen.say(format!("  {problem}")));
    }
    if found.is_empty() {
        screen.say(format!("no runs in {}", runs.join(app.name).display()));
    }
    match damaged {
        0 => Ok(()),
        _ => Err(CliError::Failure(format!("{damaged} of {} runs are not whole", found.len()))),
    }
}

pub(super) fn clean(
    app: &App,
    runs: &Path,
    names: &[String],
    checkpoints: bool,
    screen: Screen,
) -> Result<()> {
    let mut all = Cleaned::default();
    for folder in chosen(app, runs, names)? {
        let Cleaned { files, bytes } = folder.clean(checkpoints)?;
        all = Cleaned { files: all.files + files, bytes: all.bytes + bytes };
    }
    screen.object(&json!({ "app": app.name, "files": all.files, "bytes": all.bytes }))?;
    screen.say(format!("removed {} files of {:.1} MB", all.files, all.bytes as f64 / 1e6));
    Ok(())
}
