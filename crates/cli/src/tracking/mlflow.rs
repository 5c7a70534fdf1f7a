//! `--track`: trainings that a server follows.

use brasa_run::{RunFolder, RunObserver, RunStatus};
pub(crate) use brasa_track::{Ending, Target, Teller};
use brasa_track::{SearchTracker, Tracker};

use brasa_tune::executor::Progress;

use crate::app::App;
use crate::args::TrackArgs;
use crate::error::{CliError, Result};
use crate::output::{Screen, note};

/// MLflow's own environment variables apply.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl TrackArgs {
    /// The server that the flag, or else the environment, asks for.
    pub(crate) fn target(&self) -> Result<Option<Target>> {
        Ok(Target::choose(self.track.as_deref(), variable)?)
    }
}

/// One training, followed or not.
pub(crate) struct Tracking {
    tracker: Option<Tracker>,
}

impl Tracking {
    /// Follows the next training where there is a server for it.
    pub(crate) fn new(target: Option<&Target>, teller: Teller) -> Self {
        Self { tracker: target.map(|target| Tracker::new(target.clone(), teller)) }
    }

    /// What the training needs for it.
    pub(crate) fn callback(&mut self) -> Option<&mut dyn RunObserver> {
        self.tracker.as_mut().map(|tracker| -> &mut dyn RunObserver { tracker })
    }

    /// Sends the end of the training and answers what became of it; of a training that failed, a person is told here.
    pub(crate) fn finish<T>(self, app: &App, outcome: Result<T>) -> Result<(T, Option<Ending>)> {
        with_ending(app, outcome, self.tracker.and_then(Tracker::finish))
    }
}

/// One search, followed or not.
pub(crate) struct SearchTracking {
    followed: Option<(SearchTracker, Target)>,
}

impl SearchTracking {
    /// Follows a study where there is a server for it.
    pub(crate) fn new(
        target: Option<&Target>,
        folder: &RunFolder,
        app: &App,
        recipe: &str,
        teller: Teller,
    ) -> Self {
        let follow = |target: &Target| match SearchTracker::new(
            target.clone(),
            folder.clone(),
            app.name,
            recipe,
            teller.clone(),
        ) {
            Ok(tracker) => Some((tracker, target.clone())),
            Err(error) => {
                teller(&format!("not tracked: {error}"));
                None
            }
        };
        Self { followed: target.and_then(follow) }
    }

    /// Hears what happens in the study.
    pub(crate) fn observe(&self, step: &Progress<'_>) {
        let Some((tracker, _)) = &self.followed else { return };
        match step {
            Progress::Started(job) => tracker.started(job.trial),
            Progress::Left { .. } => tracker.news(),
            _ => {}
        }
    }

    /// Follows the training of the best trial, below the search.
    pub(crate) fn of_best(&self, teller: Teller) -> Tracking {
        let below = |(tracker, target): &(SearchTracker, Target)| {
            Tracker::new(target.clone(), teller).below(tracker.run())
        };
        Tracking { tracker: self.followed.as_ref().map(below) }
    }

    /// As [`Tracking::finish`].
    pub(crate) fn finish<T>(self, app: &App, outcome: Result<T>) -> Result<(T, Option<Ending>)> {
        let status = match &outcome {
            Ok(_) => RunStatus::Finished,
            Err(CliError::Stopped { .. } | CliError::Interrupted { .. }) => RunStatus::Interrupted,
            Err(_) => RunStatus::Failed,
        };
        with_ending(app, outcome, self.followed.and_then(|(tracker, _)| tracker.finish(status)))
    }
}

fn with_ending<T>(app: &App, outcome: Result<T>, ending: Option<Ending>) -> Result<(T, Option<Ending>)> {
    match outcome {
        Ok(value) => Ok((value, ending)),
        Err(error) => {
            ending.iter().for_each(|ending| note(tracked_line(app, ending)));
            Err(error)
        }
    }
}

/// Tells of a run within a search what of it is not on the server.
pub(crate) fn tell_what_is_left(app: &App, ending: &Ending) {
    if !matches!(ending, Ending::Sent { refused: None, .. }) {
        note(tracked_line(app, ending));
    }
}

/// Tells where a run is tracked; beside a JSON object, which has that too, only where something is left to do.
pub(crate) fn tell(app: &App, ending: &Ending, screen: Screen) {
    let line = tracked_line(app, ending);
    match (screen.is_json(), ending) {
        (false, _) => screen.say(line),
        (true, Ending::Sent { .. }) => {}
        (true, Ending::Pending { .. } | Ending::Off { .. }) => note(line),
    }
}

/// Where a run is tracked, for a person.
pub(crate) fn tracked_line(app: &App, ending: &Ending) -> String {
    match ending {
        Ending::Pending { .. } => {
            format!("tracked  {ending}\n         send it with `{} runs push`", app.name)
        }
        _ => format!("tracked  {ending}"),
    }
}
