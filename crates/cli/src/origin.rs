//! Which version wrote a run that cannot be read, and what to do.

use std::path::Path;

use brasa_predict::PredictError;
use brasa_run::RunError;

use crate::app::App;
use crate::error::CliError;

/// The same error; of a run that cannot be read, it also says who wrote it and what to do.
pub(crate) fn explained(app: &App, error: CliError) -> CliError {
    let (path, problem) = match error {
        CliError::Run(
            RunError::BrokenRun { path, problem } | RunError::Predict(PredictError::Broken { path, problem }),
        ) => (path, problem),
        other => return other,
    };
    let advice = advice(app.name, &path, env!("CARGO_PKG_VERSION"));
    RunError::BrokenRun { problem: format!("{problem}. {advice}"), path }.into()
}

/// What to do about a broken file of a run, by who wrote it.
fn advice(app: &str, broken: &Path, this: &str) -> String {
    let folder = broken.ancestors().take(3).find(|folder| folder.join("environment.json").is_file());
    let writer = folder.and_then(written_by);
    let recipe = folder.map(|folder| folder.join("recipe.toml"));
    let again = match recipe.filter(|recipe| recipe.is_file() && recipe != broken) {
        Some(recipe) => format!("train again with `{app} train --recipe {}`", recipe.display()),
        None => format!("train again with `{app} train`"),
    };
    match writer {
        Some(writer) if writer != this => {
            format!("It was written by brasa {writer}, this is brasa {this}: use that version, or {again}")
        }
        Some(_) => {
            format!("It was written by this version, brasa {this}, and changed or cut off since: {again}")
        }
        None => format!(
            "Nothing tells which version wrote it (this is brasa {this}): choose another run, or {again}"
        ),
    }
}

/// The version in `environment.json`, whatever else stands there.
fn written_by(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("environment.json")).ok()?;
    let environment: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(environment.get("brasa")?.as_str()?.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_is_looked_for_above_the_broken_file() {
        let root = tempfile::tempdir().unwrap();
        let run = root.path().join("run");
        std::fs::create_dir_all(run.join("model")).unwrap();
        let card = run.join("model/model.json");
        assert!(advice("iris", &card, "0.2.0").starts_with("Nothing tells which version wrote it"));

        std::fs::write(run.join("environment.json"), r#"{"brasa": "0.1.0", "later": []}"#).unwrap();
        let old = advice("iris", &card, "0.2.0");
        assert!(
            old.starts_with("It was written by brasa 0.1.0, this is brasa 0.2.0: use that version"),
            "{old}"
        );
        assert!(old.ends_with("train again with `iris train`"), "{old}");
        std::fs::write(run.join("recipe.toml"), "").unwrap();
        let same = advice("iris", &card, "0.1.0");
        assert!(same.contains("by this version") && same.contains("run/recipe.toml`"), "{same}");
        let recipe = advice("iris", &run.join("recipe.toml"), "0.1.0");
        assert!(!recipe.contains("--recipe"), "a broken recipe is not one to train by: {recipe}");
    }
}
