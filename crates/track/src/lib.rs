#![doc = include_str!("../README.md")]

mod client;
mod delivery;
mod ending;
mod entry;
mod error;
mod figures;
mod folder;
mod journal;
mod push;
mod refusals;
mod search;
#[cfg(test)]
mod server;
mod signal;
mod target;
#[cfg(test)]
mod tests;
mod tracker;

pub use ending::Ending;
pub use error::{Result, TrackError};
pub use push::{Pushed, push};
pub use search::SearchTracker;
pub use target::Target;
pub use tracker::{Teller, Tracker};
