//! `study`: the searches so far.

use std::path::PathBuf;

use brasa_tune::importance;
use brasa_tune::study::{State, Study as TuneStudy};
use clap::{Args, Subcommand};
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::Common;
use crate::error::{CliError, Result};
use crate::output::Screen;
use crate::studies::{self, STUDY};
use crate::table::{figure, table};

/// List or show searches; their best trial, and which keys mattered
#[derive(Debug, Args)]
pub(crate) struct Study {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// All studies, oldest first
    List,
    /// One study with its trials, best first
    Show(Which),
    /// The best trial, as overrides of the recipe
    Best(Which),
    /// How much each key mattered for being among the best tenth (PED-ANOVA)
    Importance(Which),
    /// All trials as a CSV file
    Export {
        #[command(flatten)]
        which: Which,
        /// File to write [default: stdout]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
struct Which {
    /// A study's name or the start of it, its folder, or "latest"
    #[arg(default_value = "latest")]
    study: String,
}

impl Verb for Study {
    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let read = |which: &Which| -> Result<(brasa_run::RunFolder, TuneStudy)> {
            let folder = studies::find(&common.runs, app.name, &which.study)?;
            let study = TuneStudy::read(&folder.path().join(STUDY))?;
            Ok((folder, study))
        };
        match &self.action {
            Action::List => list(app, common, screen),
            Action::Show(which) => {
                let (folder, study) = read(which)?;
                let mut object = studies::object(&study);
                object["study"] = json!(folder.path().display().to_string());
                screen.object(&object)?;
                screen.say(studies::table_of(&study, usize::MAX));
                for trial in study.trials() {
                    if let State::Failed(message) = &trial.state {
                        screen.say(format!("trial {}: {message}", trial.number));
                    }
                }
                screen.say(format!("\nfolder   {}", folder.path().display()));
                Ok(())
            }
            Action::Best(which) => best(&read(which)?.1, screen),
            Action::Importance(which) => {
                let shares = importance(&read(which)?.1);
                screen.object(&json!({ "importance": shares }))?;
                let rows = shares.iter().map(|own| vec![own.key.clone(), figure(Some(own.share))]);
                screen.say(table(&["key", "share"], &rows.collect::<Vec<_>>()));
                Ok(())
            }
            Action::Export { which, out } => export(&read(which)?.1, out.as_ref(), screen),
        }
    }
}

fn list(app: &App, common: &Common, screen: Screen) -> Result<()> {
    let mut rows = Vec::new();
    let mut objects = Vec::new();
    for folder in studies::all(&common.runs, app.name) {
        let name =
            folder.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Ok(study) = TuneStudy::read(&folder.path().join(STUDY)) else {
            rows.push(vec![name.clone(), "-".into(), "-".into(), "damaged".into()]);
            objects.push(json!({ "study": name, "damaged": true }));
            continue;
        };
        let best = study.best().and_then(|best| study.result(best)).map(|(_, value)| value);
        let metric = study.header().metric.name.clone();
        objects
            .push(json!({ "study": name, "trials": study.trials().len(), "metric": metric, "best": best }));
        rows.push(vec![name, format!("{} of {}", study.trials().len(), study.total()), figure(best), metric]);
    }
    screen.object(&json!({ "app": app.name, "studies": objects }))?;
    match rows.is_empty() {
        true => screen.say(format!("no studies in {}", common.runs.join(app.name).display())),
        false => screen.say(table(&["study", "trials", "best", "metric"], &rows)),
    }
    Ok(())
}

fn best(study: &TuneStudy, screen: Screen) -> Result<()> {
    let Some(best) = study.best() else {
        return Err(CliError::Usage("no trial of this study has a result yet".into()));
    };
    let object = studies::object(study);
    screen.object(&json!({ "best": object["best"] }))?;
    for value in crate::search::overrides(&best.values) {
        screen.say(format!("--set '{value}'"));
    }
    Ok(())
}

fn export(study: &TuneStudy, out: Option<&PathBuf>, screen: Screen) -> Result<()> {
    let keys: Vec<&str> =
        study.header().space.dimensions().iter().map(|dimension| dimension.key.as_str()).collect();
    let failed =
        |error: &dyn std::fmt::Display| CliError::Failure(format!("cannot write the trials: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = ["number", "state", "epochs", &study.header().metric.name];
    writer.write_record(columns.iter().chain(&keys)).map_err(|error| failed(&error))?;
    for trial in study.trials() {
        let value = study.result(trial).map(|(_, value)| value.to_string()).unwrap_or_default();
        let mut cells =
            vec![trial.number.to_string(), trial.state.name().into(), trial.epochs().to_string(), value];
        cells.extend(keys.iter().map(|key| match trial.values.get(*key) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        }));
        writer.write_record(&cells).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    let text = String::from_utf8_lossy(&bytes);
    match out {
        Some(path) => {
            brasa_run::write_atomic(path, text.as_bytes())?;
            screen.object(&json!({ "file": path.display().to_string(), "trials": study.trials().len() }))?;
            screen.say(format!("{} trials in {}", study.trials().len(), path.display()));
        }
        None => {
            screen.object(&json!({ "csv": text }))?;
            screen.say(text.trim_end());
        }
    }
    Ok(())
}
