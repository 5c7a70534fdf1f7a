//! How much of what a file claims is believed.

use std::sync::LazyLock;

use crate::memory;

/// The variable that sets limits.
const VARIABLE: &str = "BRASA_LIMITS";

/// Writes [`Limit`]: each with its name in `BRASA_LIMITS`, what it is before that says otherwise, and what it counts.
macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal, $unit:ident, $most:expr;)*) => {
        /// A size beyond which readers refuse a file, before memory is set aside for it. `BRASA_LIMITS` sets any of them for a
        /// process and those that it starts, as `row=128MiB,pixels=200000000`; the variable is read once.
        ///
        /// ```
        /// assert_eq!(brasa_data::Limit::Row.most(), 64 << 20);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Limit {
            $($(#[doc = $doc])+ $kind,)*
        }

        impl Limit {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// What it is called in `BRASA_LIMITS`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// What it is where nothing else is said.
            #[must_use]
            pub fn default_most(self) -> u64 {
                match self {
                    $(Self::$kind => $most,)*
                }
            }

            /// What is limited, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!($($doc),+).trim_ascii(),)*
                }
            }

            fn unit(self) -> Unit {
                match self {
                    $(Self::$kind => Unit::$unit,)*
                }
            }
        }
    };
}

limits! {
    /// Memory that the program may take in all; what the system gives where it is not set.
    Memory = "memory", Bytes, u64::MAX;
    /// What the samples of a data set, or an array of them, take in memory.
    Data = "data", Bytes, 8 << 30;
    /// What a compressed file that is held whole, a table in an archive, or all images of one are unpacked to; spreadsheets a quarter of it.
    Unpacked = "unpacked", Bytes, 4 << 30;
    /// How many times its size a file is unpacked to, where that is more than 64 MiB (images in archives: 1 MiB).
    Ratio = "ratio", Count, 200;
    /// What is read from a pipe or a device.
    Stream = "stream", Bytes, 256 << 20;
    /// A row of a table, a time series in a line.
    Row = "row", Bytes, 64 << 20;
    /// A text of a data set of texts.
    Text = "text", Bytes, 64 << 10;
    /// Columns of a table.
    Columns = "columns", Count, 200_000;
    /// Cells of a table that is made of a spreadsheet, a Parquet file or lines of JSON.
    Cells = "cells", Count, 200_000_000;
    /// Pixels of an image, its height by its width.
    Pixels = "pixels", Count, 64 << 20;
    /// A file of weights that a training begins with.
    Weights = "weights", Bytes, 4 << 30;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Bytes,
    Count,
}

impl Limit {
    /// What is taken at most.
    #[must_use]
    pub fn most(self) -> u64 {
        // A variable that says nothing sensible is for who starts the program to refuse.
        static SET: LazyLock<Set> = LazyLock::new(|| from_variable().unwrap_or_default());
        SET.iter()
            .rev()
            .find(|(limit, _)| *limit == self)
            .map_or_else(|| self.default_most(), |(_, most)| *most)
    }

    /// What is taken at most, and there is memory for.
    #[must_use]
    pub fn room(self) -> u64 {
        memory::available_memory().map_or(self.most(), |available| self.most().min(available as u64))
    }

    /// As [`most`](Self::most), for lengths: what a buffer of bytes can hold, at most.
    #[must_use]
    pub fn most_len(self) -> usize {
        usize::try_from(self.most()).unwrap_or(usize::MAX).min(isize::MAX as usize - 1)
    }

    /// How to go beyond `room`, which [`room`](Self::room) has answered.
    #[must_use]
    pub fn hint_beyond(self, room: u64) -> String {
        match room < self.most() {
            true => "there is no memory for more".into(),
            false => self.hint(),
        }
    }

    /// How to raise it, for the end of a message.
    #[must_use]
    pub fn hint(self) -> String {
        format!(
            "{VARIABLE}={}={} takes more",
            self.name(),
            match self.unit() {
                Unit::Bytes => "SIZE",
                Unit::Count => "NUMBER",
            }
        )
    }
}

/// So much comes out of any file, however small.
const OF_ANY_FILE: u64 = 64 << 20;

/// Refuses a file of `packed` bytes that is unpacked to `unpacked`, where that is beyond [`Limit::Ratio`].
///
/// # Errors
/// What is too much, and how to allow it.
pub(crate) fn check_ratio(packed: u64, unpacked: u64) -> Result<(), String> {
    check_ratio_from(OF_ANY_FILE, packed, unpacked)
}

/// The same, where it is more than `few`.
///
/// # Errors
/// As there.
pub(crate) fn check_ratio_from(few: u64, packed: u64, unpacked: u64) -> Result<(), String> {
    let most = Limit::Ratio.most();
    match unpacked > few && unpacked > packed.saturating_mul(most) {
        true => Err(format!(
            "it is unpacked to {unpacked} bytes, more than {most} times its {packed}; {}",
            Limit::Ratio.hint()
        )),
        false => Ok(()),
    }
}

/// Refuses what takes more memory than there is.
///
/// # Errors
/// How much it takes, and how much there is.
pub(crate) fn check_memory(need: u64) -> Result<(), String> {
    match memory::available_memory() {
        Some(available) if need as f64 > available => Err(format!(
            "it takes some {need} bytes of memory once it is read; there is room for {}",
            available.max(0.0) as u64
        )),
        _ => Ok(()),
    }
}

/// Limits that were set, the last of a name counting.
type Set = Vec<(Limit, u64)>;

/// Whether `BRASA_LIMITS` says what it may.
///
/// # Errors
/// What was expected and what it says.
pub fn check_limits() -> Result<(), String> {
    from_variable().map(drop)
}

fn from_variable() -> Result<Set, String> {
    match std::env::var(VARIABLE) {
        Ok(text) => parse(&text).map_err(|problem| format!("{VARIABLE}: {problem}")),
        Err(std::env::VarError::NotPresent) => Ok(Set::new()),
        Err(error) => Err(format!("{VARIABLE}: {error}")),
    }
}

fn parse(text: &str) -> Result<Set, String> {
    text.split(',').filter(|part| !part.trim().is_empty()).map(one).collect()
}

fn one(part: &str) -> Result<(Limit, u64), String> {
    let (name, size) = part
        .split_once('=')
        .ok_or_else(|| format!("expected NAME=SIZE, as row=128MiB, found `{}`", part.trim()))?;
    let name = name.trim();
    let limit = Limit::ALL.iter().find(|limit| limit.name() == name).ok_or_else(|| {
        let names: Vec<&str> = Limit::ALL.iter().map(|limit| limit.name()).collect();
        format!("`{name}` is no limit; there are {}", names.join(", "))
    })?;
    let size = size.trim();
    let most = number(size, limit.unit()).filter(|most| *most > 0);
    let most = most.ok_or_else(|| {
        let expected = match limit.unit() {
            Unit::Bytes => "a size above 0, as 500MB or 2GiB",
            Unit::Count => "a whole number above 0",
        };
        format!("expected {expected}, for {name}, found `{size}`")
    })?;
    Ok((*limit, most))
}

fn number(text: &str, unit: Unit) -> Option<u64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, ending) = text.split_at_checked(digits)?;
    let factor: u64 = match (ending.trim(), unit) {
        ("", _) => 1,
        (_, Unit::Count) => return None,
        ("B", _) => 1,
        ("kB", _) => 1_000,
        ("MB", _) => 1_000_000,
        ("GB", _) => 1_000_000_000,
        ("KiB", _) => 1 << 10,
        ("MiB", _) => 1 << 20,
        ("GiB", _) => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units_and_the_last_of_a_name_counts() {
        let set = parse(" row=128MiB, pixels=7,memory = 2 GB ,row=5kB,").unwrap();
        let expected = [
            (Limit::Row, 128 << 20),
            (Limit::Pixels, 7),
            (Limit::Memory, 2_000_000_000),
            (Limit::Row, 5_000),
        ];
        assert_eq!(set, expected);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn what_is_no_limit_is_refused_with_what_is() {
        for (text, part) in [
            ("row", "expected NAME=SIZE, as row=128MiB, found `row`"),
            ("rows=5", "`rows` is no limit; there are memory, data, unpacked"),
            ("row=much", "expected a size above 0, as 500MB or 2GiB, for row, found `much`"),
            ("row=0", "found `0`"),
            ("row=-1", "found `-1`"),
            ("row=18446744073709551615GiB", "expected a size above 0"),
            ("ratio=5MiB", "expected a whole number above 0, for ratio, found `5MiB`"),
        ] {
            assert!(parse(text).unwrap_err().contains(part), "{text}: {}", parse(text).unwrap_err());
        }
    }

    #[test]
    fn what_shrinks_very_far_is_refused_where_it_is_large() {
        assert!(check_ratio(1, 64 << 20).is_ok() && check_ratio(1 << 20, 200 << 20).is_ok());
        let refused = check_ratio(1 << 20, (200 << 20) + 1).unwrap_err();
        assert!(
            refused.contains("more than 200 times")
                && refused.ends_with("BRASA_LIMITS=ratio=NUMBER takes more")
        );
    }

    #[test]
    fn every_limit_says_what_it_counts() {
        for limit in Limit::ALL {
            assert!(limit.about().ends_with('.') && limit.most() > 0, "{}", limit.name());
        }
    }
}
