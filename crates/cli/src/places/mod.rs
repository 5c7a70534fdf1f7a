//! Where the trials of a search and the folds of a cross-validation run: in processes of this machine, or on a Ray cluster.

mod processes;
mod ray;

use std::time::Duration;

use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::own_processes::OwnProcesses;
use crate::trial::{Line, Said, TrialJob};

/// How often it is looked whether this process is to end.
const LOOK: Duration = Duration::from_millis(200);

/// Places that do jobs.
pub(crate) trait Places {
    /// Starts a job. From then on, and until its [`Line::Ended`], it takes a place.
    fn start(&mut self, job: TrialJob) -> Result<()>;

    /// Waits for the next line of any job; none where this process is asked to end.
    fn next(&mut self) -> Result<Option<Line>>;

    /// Answers a job's last report.
    fn answer(&mut self, trial: usize, said: Said);

    /// Ends a job now.
    fn stop(&mut self, trial: usize);
}

/// Where they are, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Local,
    /// On the Ray of this address; `auto` is the one of this machine, `local` one that ends with the work.
    Ray(String),
}

impl Place {
    /// Opens so many places as `processes` has; `left` says what is to be done where all of them are lost.
    pub(crate) fn open(&self, processes: &OwnProcesses, left: &'static str) -> Result<Box<dyn Places>> {
        Ok(match self {
            Self::Local => Box::new(processes::Processes::new(processes.clone())),
            Self::Ray(address) => Box::new(ray::Ray::connect(address, processes.clone(), left)?),
        })
    }
}

/// Reads what is typed.
pub(crate) fn place(text: &str) -> Result<Place, String> {
    match text.split_once('=') {
        None if text == "local" => Ok(Place::Local),
        None if text == "ray" => Ok(Place::Ray("auto".into())),
        Some(("ray", address)) if !address.is_empty() => Ok(Place::Ray(address.into())),
        _ => Err("expected local, ray, or ray=ADDRESS".into()),
    }
}

/// Whether this process is asked to end, too, now or in a moment.
fn asked_soon() -> bool {
    (0..20).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        Interrupt::asked()
    })
}
