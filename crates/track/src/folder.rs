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
        RunStatus::Interrupted | RunStatus::Killed | RunStatus::Running => RemoteStatus::Killed,
    }
}

/// What a run or a study leaves in its folder.
const FILES: [&str; 12] = [
    "recipe.toml",
    "environment.json",
    "data.json",
    "metrics.jsonl",
    "run.json",
    "predictions.csv",
    "not-finite.json",
    "report.html",
    "study.jsonl",
    "model/embedding.safetensors",
    "model/model.json",
    "model/weights.safetensors",
];

/// The files that explain the run, with their names among its artifacts; those that are not there are left out. These are
/// those that a run makes, no others, and no links: a folder from elsewhere does not get at what lies beside it.
pub(crate) fn artifacts(folder: &RunFolder) -> Vec<(String, PathBuf)> {
    let root = folder.path();
    let mut names: Vec<String> = FILES.map(String::from).to_vec();
    let pictures = std::fs::read_dir(root.join("pictures")).into_iter().flatten().flatten();
    let mut pictures: Vec<String> =
        pictures.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    pictures.retain(|name| name.ends_with(".svg") || name.ends_with(".png"));
    pictures.sort();
    names.extend(pictures.into_iter().map(|name| format!("pictures/{name}")));
    let own = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_file());
    let linked = |name: &str| name.split_once('/').is_some_and(|(inner, _)| root.join(inner).is_symlink());
    let found = names.into_iter().map(|name| (root.join(&name), name));
    found.filter(|(path, name)| own(path) && !linked(name)).map(|(path, name)| (name, path)).collect()
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn links_and_what_no_run_makes_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        let (run, beside) = (root.path().join("run"), root.path().join("beside"));
        for folder in [&run.join("model"), &beside] {
            std::fs::create_dir_all(folder).unwrap();
        }
        for file in [
            run.join("run.json"),
            run.join("model/model.json"),
            run.join("model/.netrc"),
            beside.join("secret.svg"),
        ] {
            std::fs::write(file, "x").unwrap();
        }
        let link =
            |to: &str, name: &str| std::os::unix::fs::symlink(beside.join(to), run.join(name)).unwrap();
        link("secret.svg", "report.html");
        link("secret.svg", "model/weights.safetensors");
        link("", "pictures");
        let names: Vec<String> = artifacts(&RunFolder::at(run)).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["run.json", "model/model.json"]);
    }
}
