//! Columns of a table that hold more than numbers: what they hold, and how their cells become numbers.
//!
//! A recipe names the [kind](ColumnKind) of each column. With the file at hand, a kind becomes an [`Encoding`], which reads every
//! cell of the column, in training and at prediction.

mod date;
mod encoding;
mod kind;
mod notation;
mod text;
mod yes_no;

pub(crate) use date::{DATE_FORMS, hours, parse as parse_date};
pub use encoding::Encoding;
pub(crate) use encoding::level;
pub use kind::ColumnKind;
pub use notation::Notation;
pub(crate) use yes_no::{LANGUAGES, lower, yes_or_no};
