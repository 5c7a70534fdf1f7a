//! What stands in the place of tracking in a binary without it: nothing is followed, nothing is told.

use std::sync::Arc;

use brasa_run::{RunFolder, RunObserver};
use brasa_tune::executor::Progress;
use serde::Serialize;

use crate::app::App;
use crate::args::TrackArgs;
use crate::error::Result;
use crate::output::Screen;

/// Tells a person something while a run is tracked.
pub(crate) type Teller = Arc<dyn Fn(&str) + Send + Sync>;

/// What became of a run's tracking: there is none.
#[derive(Debug, Clone, Serialize)]
pub(crate) enum Ending {}

/// A server: there is none.
#[derive(Debug)]
pub(crate) enum Target {}

impl TrackArgs {
    pub(crate) fn target(&self) -> Result<Option<Target>> {
        Ok(None)
    }
}

pub(crate) struct Tracking;

impl Tracking {
    pub(crate) fn new(_: Option<&Target>, _: Teller) -> Self {
        Self
    }

    pub(crate) fn callback(&mut self) -> Option<&mut dyn RunObserver> {
        None
    }

    pub(crate) fn finish<T>(self, _: &App, outcome: Result<T>) -> Result<(T, Option<Ending>)> {
        Ok((outcome?, None))
    }
}

pub(crate) struct SearchTracking;

impl SearchTracking {
    pub(crate) fn new(_: Option<&Target>, _: &RunFolder, _: &App, _: &str, _: Teller) -> Self {
        Self
    }

    pub(crate) fn observe(&self, _: &Progress<'_>) {}

    pub(crate) fn of_best(&self, _: Teller) -> Tracking {
        Tracking
    }

    pub(crate) fn finish<T>(self, _: &App, outcome: Result<T>) -> Result<(T, Option<Ending>)> {
        Ok((outcome?, None))
    }
}

pub(crate) fn tell(_: &App, ending: &Ending, _: Screen) {
    match *ending {}
}

pub(crate) fn tell_what_is_left(_: &App, ending: &Ending) {
    match *ending {}
}

pub(crate) fn tracked_line(_: &App, ending: &Ending) -> String {
    match *ending {}
}
