#![doc = include_str!("../README.md")]

mod bounds;
mod entries;
mod fault;
mod kinds;
mod location;
mod table;
mod words;

pub use bounds::{Bounds, Numbers};
pub use entries::Entries;
pub use fault::{Fault, Problem, nearest};
pub use kinds::{KindFacts, no_such_kind, take_kind};
pub use location::Location;
pub use table::{Key, Table, check_range, shown};
pub use words::{described, read_value, unknown_name};

#[doc(hidden)]
pub mod private {
    //! What the macros need wherever they are used.
    pub use serde;
    pub use toml;
}
