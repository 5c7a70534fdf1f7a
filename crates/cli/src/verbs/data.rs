//! `data`: where the files come from, fetching and checking them.

use std::path::{Path, PathBuf};

use brasa_data::{Fetched, Manifest, ManifestFile, SourceFile, fetch};
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{Common, DataArgs, seed};
use crate::context::{candidate_folders, fetched_folder, manifest};
use crate::error::{CliError, Result};
use crate::fetch_bar::FetchBar;
use crate::output::{Screen, note};
use crate::table::{bytes, table};
use clap::{Args, Subcommand};

/// Fetch or check the data files
#[derive(Debug, Args)]
pub(crate) struct Data {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Where the data come from: source, licence, files
    Show,
    /// Download the files, or what is missing of them
    Fetch {
        /// Folder to put them in [default: the user's data folder]
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Server to use instead of the manifest's mirrors; the file names are put after it
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
    },
    /// Make up data of the same form, to measure speed and memory with
    Synth {
        /// Folder to write the files to
        dir: PathBuf,
        /// Samples [default: as many as the full-size set]
        #[arg(long, value_name = "N")]
        samples: Option<usize>,
        /// What every number derives from
        #[arg(long, value_name = "N", default_value_t = 42, value_parser = seed)]
        seed: u64,
    },
    /// Check the files against the manifest's checksums
    Check {
        #[command(flatten)]
        data: DataArgs,
    },
}

impl Verb for Data {
    fn belongs_to(app: &App) -> bool {
        !app.manifest.is_empty()
    }

    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        let manifest = manifest(app)?;
        match &self.action {
            Action::Fetch { .. } | Action::Check { .. } if manifest.files.is_empty() => {
                screen.object(&json!({ "files": [], "generated": true }))?;
                screen.say("no file is needed: the data are made from the recipe");
                Ok(())
            }
            Action::Synth { dir, samples, seed } => synth(app, dir, *samples, *seed, screen),
            Action::Show => show(app, &manifest, screen),
            Action::Fetch { to, mirror } => fetch_files(app, manifest, to.clone(), mirror.as_deref(), screen),
            Action::Check { data } => check(app, &manifest, data, screen),
        }
    }
}

fn show(app: &App, manifest: &Manifest, screen: Screen) -> Result<()> {
    screen.object(&json!({ "manifest": manifest, "fetched_to": fetched_folder(app).map(|folder| folder.display().to_string()), "shipped": !app.embedded.is_empty() }))?;
    screen.say(format!("{}\n{}\n", manifest.title, manifest.description));
    screen.say(format!("source   {}\nlicence  {}\n", manifest.source, manifest.licence));
    let rows: Vec<Vec<String>> = manifest
        .files
        .iter()
        .map(|file| vec![file.name.clone(), bytes(file.bytes), file.sha256.clone()])
        .collect();
    if !rows.is_empty() {
        screen.say(table(&["file", "size", "sha256"], &rows));
    }
    if !app.embedded.is_empty() {
        screen.say("\nthe files are part of this binary");
    }
    Ok(())
}

fn synth(app: &App, folder: &Path, samples: Option<usize>, seed: u64, screen: Screen) -> Result<()> {
    let Some(synthetic) = &app.synthetic else {
        return Err(CliError::Usage(format!("{} makes up no data", app.name)));
    };
    let samples = samples.unwrap_or(synthetic.samples);
    if samples == 0 {
        return Err(CliError::Usage("--samples 0: make at least 1".into()));
    }
    (synthetic.write)(folder, samples, seed)?;
    let folder = folder.display().to_string();
    screen
        .object(&json!({ "folder": folder, "samples": samples, "seed": seed, "about": synthetic.about }))?;
    screen.say(format!("{samples} made-up {} in {folder}", synthetic.about));
    Ok(())
}

fn target(app: &App, to: Option<PathBuf>) -> Result<PathBuf> {
    to.or_else(|| fetched_folder(app)).ok_or_else(|| {
        CliError::Usage("this system names no folder for the user's data: say one with --to DIR".into())
    })
}

fn fetch_files(
    app: &App,
    mut manifest: Manifest,
    to: Option<PathBuf>,
    mirror: Option<&str>,
    screen: Screen,
) -> Result<()> {
    if !app.embedded.is_empty() {
        screen.object(&json!({ "files": [], "shipped": true }))?;
        screen.say("nothing to fetch: the files are part of this binary");
        return Ok(());
    }
    let folder = target(app, to)?;
    if let Some(mirror) = mirror {
        let base = mirror.trim_end_matches('/');
        for file in &mut manifest.files {
            file.urls = vec![format!("{base}/{}", file.name)];
        }
    }
    let mut bar = FetchBar::new();
    let fetched = fetch(&manifest, &folder, &mut |progress| bar.show(progress));
    bar.finish();
    let Fetched { paths, without_address } = fetched?;
    let names: Vec<&str> = without_address.iter().map(|file| file.name.as_str()).collect();
    screen.object(&json!({
        "folder": folder.display().to_string(),
        "files": paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "without_address": names,
    }))?;
    screen.say(format!("{} files in {}", paths.len(), folder.display()));
    for file in &without_address {
        note(format!("{} has no address to fetch it from: {}", file.name, how_to_obtain(file, &manifest)));
    }
    Ok(())
}

fn how_to_obtain(file: &ManifestFile, manifest: &Manifest) -> String {
    file.obtain.clone().unwrap_or_else(|| format!("see {}", manifest.source))
}

fn check(app: &App, manifest: &Manifest, data: &DataArgs, screen: Screen) -> Result<()> {
    let names = manifest.files.iter().map(|file| file.name.clone());
    let first = manifest.files.first().map(|file| file.name.clone()).unwrap_or_default();
    let folder = candidate_folders(app, data).into_iter().find(|folder| folder.join(&first).exists());
    let Some(folder) = folder else {
        if !app.embedded.is_empty() && data.data.is_none() {
            return check_embedded(app, manifest, screen);
        }
        return Err(CliError::NoData { app: app.name, files: names.collect() });
    };
    let absent = manifest.verify(&folder)?;
    let whole = manifest.files.len() - absent.len();
    let names: Vec<&str> = absent.iter().map(|file| file.name.as_str()).collect();
    screen.object(&json!({
        "folder": folder.display().to_string(), "files": whole, "without_address": names, "intact": true,
    }))?;
    screen.say(format!("all {whole} files in {} are whole and unchanged", folder.display()));
    for file in absent {
        note(format!("{} is not there: {}", file.name, how_to_obtain(file, manifest)));
    }
    Ok(())
}

fn check_embedded(app: &App, manifest: &Manifest, screen: Screen) -> Result<()> {
    for file in &manifest.files {
        let carried = app.embedded.iter().find(|(name, _)| *name == file.name);
        let intact = carried.is_some_and(|(name, bytes)| SourceFile::of(name, bytes).sha256 == file.sha256);
        if !intact {
            return Err(CliError::Failure(format!(
                "the binary's own {} is not what its manifest says",
                file.name
            )));
        }
    }
    screen
        .object(&json!({ "folder": null, "files": manifest.files.len(), "intact": true, "shipped": true }))?;
    screen.say(format!("all {} files are part of this binary, whole and unchanged", manifest.files.len()));
    Ok(())
}
