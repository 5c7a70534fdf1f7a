//! All runs of an app.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Result, RunError, RunFolder, RunRecord};

/// All runs of `app` below `root`, oldest first. Folders without a readable `run.json` are left out.
///
/// # Errors
/// [`RunError::BrokenRun`] where the folder exists but cannot be listed.
pub fn list_runs(root: &Path, app: &str) -> Result<Vec<(RunFolder, RunRecord)>> {
    let parent = root.join(app);
    let entries = match fs::read_dir(&parent) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(RunError::BrokenRun { path: parent, problem: format!("cannot be listed: {error}") });
        }
    };
    let folders = entries.flatten().map(|entry| RunFolder::at(entry.path()));
    let mut runs: Vec<_> =
        folders.filter_map(|folder| Some((folder.clone(), folder.record().ok()?))).collect();
    runs.sort_by(|(_, a), (_, b)| (&a.started, &a.id).cmp(&(&b.started, &b.id)));
    Ok(runs)
}

/// Folders of `app` below `root` whose `run.json` cannot be read, and why: [`list_runs`] leaves them out.
pub fn unreadable_runs(root: &Path, app: &str) -> Vec<(PathBuf, String)> {
    let Ok(entries) = fs::read_dir(root.join(app)) else { return Vec::new() };
    let folders = entries.flatten().map(|entry| RunFolder::at(entry.path()));
    let there = folders.filter(|folder| folder.path().join("run.json").symlink_metadata().is_ok());
    let broken =
        there.filter_map(|folder| Some((folder.path().to_owned(), folder.record().err()?.to_string())));
    let mut broken: Vec<(PathBuf, String)> = broken.collect();
    broken.sort();
    broken
}

/// The run called `name` (its id, the start of it if only one run has that, a path, or `latest`).
///
/// # Errors
/// [`RunError::NoRun`] with the nearest name, [`RunError::BrokenRun`] for a folder that is no readable run.
pub fn find_run(root: &Path, app: &str, name: &str) -> Result<(RunFolder, RunRecord)> {
    for path in [PathBuf::from(name), root.join(app).join(name)] {
        let folder = RunFolder::at(path);
        if folder.path().join("run.json").is_file() {
            let record = folder.record()?;
            return Ok((folder, record));
        }
        if folder.path().is_dir() && !name.is_empty() {
            return Err(no_run_folder(folder.path().to_owned()));
        }
    }
    let mut runs = list_runs(root, app)?;
    let position = match name {
        "latest" => runs.len().checked_sub(1),
        _ => runs.iter().position(|(_, record)| record.id == name).or_else(|| {
            let mut matching =
                (0..runs.len()).filter(|&i| runs.get(i).is_some_and(|(_, r)| r.id.starts_with(name)));
            matching.next().filter(|_| matching.next().is_none())
        }),
    };
    match position {
        Some(position) => Ok(runs.swap_remove(position)),
        None => {
            let likeness = |id: &str| strsim::jaro_winkler(name, id);
            let nearest = runs.iter().map(|(_, record)| record.id.clone());
            Err(RunError::NoRun {
                run: name.into(),
                folder: root.join(app),
                nearest: nearest.max_by(|a, b| likeness(a).total_cmp(&likeness(b))),
            })
        }
    }
}

/// As [`find_run`], of a run with a model: `latest` is the newest that has one, and those that were passed over are named.
///
/// # Errors
/// As there.
pub fn find_model_run(root: &Path, app: &str, name: &str) -> Result<(RunFolder, RunRecord, Vec<String>)> {
    if name == "latest" && !Path::new(name).join("run.json").is_file() {
        let mut runs = list_runs(root, app)?;
        let has_model = |(folder, _): &(RunFolder, RunRecord)| folder.model().join("model.json").is_file();
        if let Some(place) = runs.iter().rposition(has_model) {
            let newer = runs.split_off(place + 1);
            let passed_over = newer.into_iter().map(|(_, record)| record.id).collect();
            if let Some((folder, record)) = runs.pop() {
                return Ok((folder, record, passed_over));
            }
        }
    }
    let (folder, record) = find_run(root, app, name)?;
    Ok((folder, record, Vec::new()))
}

/// A folder without a record: another kind of folder of ours, or a stranger's.
fn no_run_folder(path: PathBuf) -> RunError {
    let problem = match path.join("cv.json").is_file() {
        true => "is a cross-validation, which keeps no model; its figures are in cv.json and report.html",
        false => "has no run.json, so it is not the folder of a run",
    };
    RunError::BrokenRun { path, problem: problem.into() }
}
