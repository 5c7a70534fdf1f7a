//! `weights fetch`: the file of one, downloaded and checked.

use std::path::PathBuf;

use brasa_data::{DataError, FetchOptions, RemoteFile, fetch_file};
use brasa_train::KnownWeights;

use super::{checked, verified};
use crate::context::weights_folder;
use crate::error::{CliError, Result};
use crate::fetch_bar::FetchBar;
use crate::output::{Screen, note};

/// Downloads the file of `entry`, to the user's folder of weights where no other is said.
pub(super) fn fetch(
    entry: &KnownWeights,
    to: Option<PathBuf>,
    mirror: Option<&str>,
    screen: Screen,
) -> Result<()> {
    let folder = to.or_else(weights_folder).ok_or_else(|| {
        CliError::Usage("this system names no folder for the user's data: say one with --data DIR".into())
    })?;
    let urls = match mirror {
        Some(mirror) => vec![of_mirror(mirror, entry)?],
        None => entry.address.iter().cloned().collect(),
    };
    let expected = entry.expected()?;
    let there = folder.join(&entry.file);
    if urls.is_empty() && expected.verify(&entry.file, &there).is_err() {
        let what = format!("`{}` has no address to fetch {} from", entry.name, entry.file);
        let place = format!("where it is beside the data, or in {}, training finds it", folder.display());
        return Err(DataError::Download { what, answers: vec![entry.how_to_obtain(), place] }.into());
    }
    let remote = RemoteFile { name: &entry.file, urls: &urls, expected: &expected };
    let mut bar = FetchBar::new();
    let fetched = fetch_file(remote, &folder, FetchOptions::default(), &mut |progress| bar.show(progress));
    bar.finish();
    let path = fetched?;
    screen.object(&verified(entry, &path))?;
    screen.say(format!("{}: whole, by {}", path.display(), checked(entry)));
    screen.say(format!("licence  {}\n\nin a recipe:\n\n{}", entry.licence, entry.recipe()?));
    entry.note.iter().for_each(|text| note(format!("{}: {text}", entry.name)));
    Ok(())
}

/// The file's address on another server.
fn of_mirror(mirror: &str, entry: &KnownWeights) -> Result<String> {
    match mirror.starts_with("https://") || mirror.starts_with("http://") {
        true => Ok(format!("{}/{}", mirror.trim_end_matches('/'), entry.file)),
        false => Err(CliError::Usage(format!("--mirror {mirror}: expected an http or https address"))),
    }
}
