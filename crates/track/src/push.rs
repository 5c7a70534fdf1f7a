//! Sends what earlier runs and searches could not.

use std::path::{Path, PathBuf};

use brasa_run::list_runs;
use serde::Serialize;

use crate::client::Client;
use crate::delivery::Delivery;
use crate::journal::{JOURNAL, Journal};
use crate::search::push_search;
use crate::{Ending, Result, Target};

/// A run, or a search, of which something had not been sent.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Pushed {
    /// Its name.
    pub run: String,
    /// What became of it.
    #[serde(flatten)]
    pub ending: Ending,
}

/// Sends what is pending of the runs of `app` below `runs` to `server`, or without one each to the server that it was tracked
/// on. Runs that are still training are left alone; one that was killed is ended as such. `variable` reads the
/// environment, as in [`Target::choose`]; the credentials there go to `server`, or to the one that `MLFLOW_TRACKING_URI` names,
/// not to an address that stands in a folder alone.
///
/// # Errors
/// [`TrackError::Run`](crate::TrackError::Run) where the folder of runs cannot be listed; what goes wrong with a single run is
/// told in its [`Ending`].
pub fn push(
    runs: &Path,
    app: &str,
    server: Option<&Target>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Vec<Pushed>> {
    let server_for = |url: &str| match server {
        Some(server) => Ok(Some(server.clone())),
        None => Target::remembered(url, &variable).map(Some),
    };
    send(runs, app, server_for, || true)
}

/// As [`push`], of runs that were tracked on `target` itself, while it may `go_on` to the next.
pub(crate) fn push_to(
    runs: &Path,
    app: &str,
    target: &Target,
    go_on: impl Fn() -> bool,
) -> Result<Vec<Pushed>> {
    send(runs, app, |url| Ok((url == target.url()).then(|| target.clone())), go_on)
}

/// `server_for` answers where to send a run that was tracked on a URL, and `None` to leave it alone.
fn send(
    runs: &Path,
    app: &str,
    server_for: impl Fn(&str) -> Result<Option<Target>>,
    go_on: impl Fn() -> bool,
) -> Result<Vec<Pushed>> {
    let mut pushed = Vec::new();
    for (folder, record) in list_runs(runs, app)? {
        if !go_on() {
            break;
        }
        let path = folder.path().join(JOURNAL);
        let outcome = Journal::resume(folder.path()).and_then(|journal| {
            let Some(journal) = journal else { return Ok(None) };
            let server = server_for(&journal.destination().url)?;
            Ok(server.map(|server| (journal, server)))
        });
        let ending = match outcome {
            Ok(None) => continue,
            Ok(Some((journal, server))) => {
                let client = Client::new(server);
                let mut delivery = Delivery::resumed(&client, folder, journal);
                Ending::of(delivery.close(), delivery.refusal(), path)
            }
            Err(error) => Ending::Pending { path, reason: error.to_string() },
        };
        pushed.push(Pushed { run: record.id, ending });
    }
    for folder in folders_of(runs, app) {
        if !go_on() {
            break;
        }
        let run = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        pushed.extend(push_search(folder, &server_for).map(|ending| Pushed { run, ending }));
    }
    Ok(pushed)
}

/// All folders of an app, in the order of their names; searches are among them.
fn folders_of(runs: &Path, app: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(runs.join(app)).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
