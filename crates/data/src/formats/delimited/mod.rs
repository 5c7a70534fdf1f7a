//! What all readers of delimited text have in common: how a file is laid out, its quotes, its numbers, its bad rows.

mod bad_rows;
mod characters;
mod dialect;
mod number;
mod quotes;
#[cfg(test)]
mod tests;

pub(crate) use bad_rows::BadRows;
pub(crate) use characters::{not_utf8, shown, text_of};
pub use dialect::parse_delimiter;
pub(crate) use dialect::{Dialect, Expected};
pub(crate) use number::{NotNumber, is_missing, looks_numeric, no_number, not_finite, number};
pub(crate) use quotes::{OPEN_QUOTE, open_quote};
