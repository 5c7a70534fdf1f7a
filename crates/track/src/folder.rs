//! What a server is told of a run besides its figures, read from the run's folder.

use std::path::{Path, PathBuf};

use brasa_data::SourceFile;
use brasa_run::{Environment, RunFolder, RunRecord, RunStatus};
use serde_json::json;

use crate::Result;
use crate::client::RemoteStatus;
use crate::entry::{Dataset, Pair};
use crate::journal::Destination;

/// Tag that tells a run from all others.
pub(crate) const KEY_TAG: &str = "brasa.key";

/// The resolved recipe.
pub(crate) fn params(folder: &RunFolder) -> Result<Vec<Pair>> {
    let flat = folder.recipe()?.flat().map_err(brasa_run::RunError::from)?;
    Ok(flat.iter().map(|(key, value)| Pair::value(key, value)).collect())
}

/// The files that the run was made from.
pub(crate) fn datasets(folder: &RunFolder) -> Result<Vec<Dataset>> {
    let facts = folder.data_facts()?;
    let dataset = |file: &SourceFile| {
        let profile = json!({
            "bytes": file.bytes,
            "classes": facts.classes,
            "class_counts": facts.class_counts,
            "sample_shape": facts.sample_shape,
        });
        Dataset::file(&file.name, &file.sha256, &profile)
    };
    Ok(facts.files.iter().map(dataset).collect())
}

/// Tag of a run that is a part of another one.
pub(crate) const PARENT_TAG: &str = "mlflow.parentRunId";

/// What the run is made of, under MLflow's own names where it has some.
pub(crate) fn tags(
    folder: &RunFolder,
    (app, recipe): (&str, &str),
    destination: &Destination,
) -> Result<Vec<Pair>> {
    let environment = folder.environment()?;
    let Environment { brasa, burn, device, platform, processor, git_commit, .. } = environment;
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let description = Some(folder.recipe()?.description).filter(|text| !text.is_empty());
    let tags = [
        (KEY_TAG, Some(destination.key.clone())),
        (PARENT_TAG, destination.parent.clone()),
        ("mlflow.source.name", Some(app.into())),
        ("mlflow.source.type", Some("LOCAL".into())),
        ("mlflow.source.git.commit", git_commit),
        ("mlflow.user", user.filter(|user| !user.is_empty())),
        ("mlflow.note.content", description),
        ("brasa.version", Some(brasa)),
        ("brasa.recipe", Some(recipe.into())),
        ("brasa.device", Some(device)),
        ("brasa.platform", Some(platform)),
        ("brasa.processor", processor),
        ("burn.version", Some(burn)),
    ];
    Ok(tags.into_iter().filter_map(|(name, value)| Some(Pair::tag(name, &value?))).collect())
}

/// What is known of the run at its end only.
pub(crate) fn closing_tags(record: &RunRecord) -> Vec<Pair> {
    let tags = [
        ("brasa.stop", record.stop.as_ref().map(ToString::to_string)),
        ("brasa.best_epoch", record.best_epoch.map(|epoch| epoch.to_string())),
        ("brasa.error", record.error.clone()),
    ];
    tags.into_iter().filter_map(|(name, value)| Some(Pair::tag(name, &value?))).collect()
}

/// `running` is what a process leaves that was killed.
pub(crate) fn status_of(status: RunStatus) -> RemoteStatus {
    match status {
        RunStatus::Finished => RemoteStatus::Finished,
        RunStatus::Failed => RemoteStatus::Failed,
        RunStatus::Interrupted | RunStatus::Running => RemoteStatus::Killed,
    }
}

/// The files that explain the run, with their names among its artifacts; those that are not there are left out.
pub(crate) fn artifacts(folder: &RunFolder) -> Vec<(String, PathBuf)> {
    let root = folder.path();
    let single = [
        "recipe.toml",
        "environment.json",
        "data.json",
        "metrics.jsonl",
        "run.json",
        "predictions.csv",
        "report.html",
        "study.jsonl",
    ];
    let mut files: Vec<PathBuf> =
        single.iter().map(|name| root.join(name)).filter(|path| path.is_file()).collect();
    for name in ["model", "pictures"] {
        files_below(&root.join(name), &mut files);
    }
    let name = |path: &Path| {
        let parts = path.strip_prefix(root).unwrap_or(path).components();
        parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    files.into_iter().map(|path| (name(&path), path)).collect()
}

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => files_below(&path, into),
            false => into.push(path),
        }
    }
}
