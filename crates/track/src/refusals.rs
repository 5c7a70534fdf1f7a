//! What a server will never take does not keep it from the rest.

use brasa_run::RunFolder;

use crate::client::{Client, RemoteRun};
use crate::entry::{PARAMS_PER_CALL, Pair};
use crate::folder::artifacts;
use crate::{Result, TrackError};

/// The first thing that the server refused for good.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Option<TrackError>);

impl Refusals {
    /// The first one, since the last call.
    pub(crate) fn take(&mut self) -> Option<TrackError> {
        self.0.take()
    }

    pub(crate) fn add(&mut self, error: TrackError) {
        self.0.get_or_insert(error);
    }

    /// Lets errors through that pass by; remembers those that do not.
    pub(crate) fn tolerate(&mut self, outcome: Result<()>) -> Result<()> {
        match outcome {
            Err(error) if error.is_final() => {
                self.add(error);
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// One parameter that the server refuses does not take the others with it.
    pub(crate) fn send_params(&mut self, client: &Client, run_id: &str, params: &[Pair]) -> Result<()> {
        for part in params.chunks(PARAMS_PER_CALL) {
            match client.log_params(run_id, part) {
                Err(error) if error.is_final() && part.len() > 1 => {
                    for param in part {
                        self.tolerate(client.log_params(run_id, std::slice::from_ref(param)))?;
                    }
                }
                outcome => self.tolerate(outcome)?,
            }
        }
        Ok(())
    }

    /// The files of a run's folder. A server that keeps files where only its own clients can put them is asked once.
    pub(crate) fn send_files(&mut self, client: &Client, run: &RemoteRun, folder: &RunFolder) -> Result<()> {
        for (name, path) in artifacts(folder) {
            match client.upload(run, &name, &path) {
                Err(error @ TrackError::NoProxy { .. }) => {
                    self.add(error);
                    break;
                }
                outcome => self.tolerate(outcome)?,
            }
        }
        Ok(())
    }
}
