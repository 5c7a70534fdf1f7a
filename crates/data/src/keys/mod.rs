//! Tables of a recipe that say once what they are: keys, defaults, ranges and what each means.
//!
//! [`table!`](crate::table) makes a struct of a list of keys; reading, the message for a wrong key, the check of the ranges,
//! what is written back and what the documentation says all come from that list. [`kinds!`](crate::kinds) makes an enum of such
//! tables, told apart by their key `kind`.
//!
//! ```
//! use brasa_data::keys::{Bounds, Entries, Table};
//!
//! brasa_data::table! {
//!     /// A ball that is thrown.
//!     pub struct Ball = "ball" {
//!         /// Metres per second.
//!         speed: f64 = 10.0, Bounds::above(0.0);
//!         /// Where it starts, metres.
//!         height: f64;
//!     }
//! }
//! brasa_data::table! {
//!     /// A stone that falls.
//!     pub struct Stone = "stone" {
//!         /// Where it starts, metres.
//!         height: f64 = 1.0;
//!     }
//! }
//!
//! /// What every kind can do.
//! pub trait Thrown {
//!     /// Metres above the ground after `seconds`.
//!     fn at(&self, seconds: f64) -> f64;
//! }
//! impl Thrown for Ball {
//!     fn at(&self, seconds: f64) -> f64 {
//!         self.height + self.speed * seconds - 4.9 * seconds * seconds
//!     }
//! }
//! impl Thrown for Stone {
//!     fn at(&self, seconds: f64) -> f64 {
//!         self.height - 4.9 * seconds * seconds
//!     }
//! }
//!
//! brasa_data::kinds! {
//!     /// What is thrown.
//!     pub enum Throw: pub Thrown, default Stone {
//!         Ball(Ball),
//!         Stone(Stone),
//!     }
//! }
//!
//! let throw: Throw = toml::from_str("kind = 'ball'\nheight = 2")?;
//! assert_eq!(throw.kind().at(0.0), 2.0);
//! let wrong = toml::from_str::<Throw>("kind = 'ball'\nheigth = 2").unwrap_err().to_string();
//! assert!(wrong.contains("`heigth` is not a key of `ball`; did you mean `height`? It has speed, height"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bounds;
mod entries;
mod fault;
mod kinds;
mod table;
mod words;

pub use bounds::{Bounds, Numbers};
pub use entries::Entries;
pub use fault::{Fault, Problem, nearest};
pub use kinds::{KindFacts, no_such_kind, take_kind};
pub use table::{Key, Table, check_range, shown};
pub use words::{described, read_value, unknown_name};

#[doc(hidden)]
pub mod private {
    //! What the macros need wherever they are used.
    pub use serde;
    pub use toml;
}
