//! Sends what earlier runs could not.

use std::path::Path;

use brasa_train::run::list_runs;

use crate::client::Client;
use crate::delivery::Delivery;
use crate::journal::{JOURNAL, Journal};
use crate::{Ending, Result, Target};

/// A run of which something had not been sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Pushed {
    /// Its name.
    pub run: String,
    /// What became of it.
    pub ending: Ending,
}

/// Sends what is pending of the runs of `app` below `runs`, each to the server that it was tracked on, or to `moved_to` where the
/// server has another address now. Runs that are still training are left alone; one that was killed is ended as such.
/// `visitor` introduces us: its credentials are used on every server.
///
/// # Errors
/// [`TrackError::Run`](crate::TrackError::Run) where the folder of runs cannot be listed; what goes wrong with a single run is
/// told in its [`Ending`].
pub fn push(runs: &Path, app: &str, visitor: &Target, moved_to: Option<&str>) -> Result<Vec<Pushed>> {
    send(runs, app, visitor, moved_to, |_| true)
}

/// As [`push`], of runs that were tracked on `target` itself.
pub(crate) fn push_to(runs: &Path, app: &str, target: &Target) -> Result<Vec<Pushed>> {
    send(runs, app, target, None, |url| url == target.url())
}

fn send(
    runs: &Path,
    app: &str,
    visitor: &Target,
    moved_to: Option<&str>,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Pushed>> {
    let mut pushed = Vec::new();
    for (folder, record) in list_runs(runs, app)? {
        let path = folder.path().join(JOURNAL);
        let ending = match Journal::resume(folder.path()) {
            Ok(None) => continue,
            Ok(Some(journal)) if !wanted(&journal.destination().url) => continue,
            Ok(Some(journal)) => {
                let url = moved_to.unwrap_or(&journal.destination().url);
                let client = Client::new(visitor.moved_to(url));
                let mut delivery = Delivery::resumed(&client, folder, journal);
                Ending::of(delivery.close(), delivery.refusal(), path)
            }
            Err(error) => Ending::Pending { path, reason: error.to_string() },
        };
        pushed.push(Pushed { run: record.id, ending });
    }
    Ok(pushed)
}
