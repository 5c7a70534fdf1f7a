//! What the tests share: the real binaries, started in an empty home with an empty working folder.
//!
//! Four variables change what runs:
//! - `BRASA_BIN_DIR`: folder with ready-built binaries; without it the tests build them first, in their own
//!   profile.
//! - `BRASA_DATA`: folder with the real data; without it the tests that need them say so and pass.
//! - `BRASA_CI_CACHE`: folder that the tests of MLflow and Ray install them in (default: the user's cache folder).
//! - `CARGO`: the cargo that builds, set by cargo itself.

// A test ends by a panic; so does a helper that cannot go on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod binaries;
mod digits;
mod finished;
mod home;
mod idx;
mod invocation;
mod mirror;
mod mlflow;
mod python;

pub use digits::{DIGITS_ARCHIVE, digit_files, png, write_digits, zip};
pub use finished::Finished;
pub use home::{Home, files_below, read_json, read_json_lines};
pub use idx::{FASHION_FILES, Idx, gzip, write_fashion};
pub use invocation::{Invocation, Running};
pub use mirror::Mirror;
pub use mlflow::MlflowServer;
pub use python::{python_with, wheel};

/// The examples of the guide: a package that is published may include no file from outside.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/src/library.md")]
mod guide {}

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder with the four real Fashion-MNIST files, or `None` and a note on stderr.
#[must_use]
pub fn real_fashion() -> Option<PathBuf> {
    real(&["fashion-mnist"], &FASHION_FILES)
}

/// The folder with the real 900 PNG files of MNIST in their archive, or `None` and a note on stderr.
#[must_use]
pub fn real_digits() -> Option<PathBuf> {
    real(&["mnist"], &[DIGITS_ARCHIVE])
}

/// The folder with FER2013, or `None` and a note on stderr.
#[must_use]
pub fn real_faces() -> Option<PathBuf> {
    real(&["emotions", "fer2013"], &["fer2013.csv.gz"])
}

/// The folder with the real sample of the floor's series, or `None` and a note on stderr.
#[must_use]
pub fn real_series() -> Option<PathBuf> {
    real(&["floor", "careercon-2019"], &["X_train_sample.csv", "y_train_sample.csv"])
}

/// The folder with the real weights of networks for CIFAR-10, or `None` and a note on stderr.
#[must_use]
pub fn real_cifar_weights() -> Option<PathBuf> {
    real(
        &["cifar10-resnet-weights"],
        &["resnet20-12fca82f.th", "resnet32-d509ac18.th", "resnet56-4bfd9763.th"],
    )
}

/// The folder with the real `files`, which may have any of these names.
fn real(names: &[&str], files: &[&str]) -> Option<PathBuf> {
    let root = std::env::var_os("BRASA_DATA").map(PathBuf::from);
    let folders = root.iter().flat_map(|root| names.iter().map(|name| root.join(name)).chain([root.clone()]));
    let found = folders.into_iter().find(|folder| files.iter().all(|name| folder.join(name).is_file()));
    if found.is_none() {
        // Past the test harness, which would keep it to itself.
        let wanted = files.join(", ");
        let _ = writeln!(std::io::stderr(), "skipped: BRASA_DATA names no folder with {wanted}");
    }
    found
}

/// The number at a path such as `/test/accuracy`.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn number(value: &Value, pointer: &str) -> f64 {
    value
        .pointer(pointer)
        .and_then(Value::as_f64)
        .unwrap_or_else(|| panic!("no number at {pointer} of {value}"))
}

/// The text at a path such as `/run`.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer} of {value}"))
}

/// The list at a path such as `/predictions`.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.unwrap_or_else(|| panic!("no list at {pointer} of {value}"))
}

/// The tensors that a run keeps: the names with types, shapes and places, and the numbers as bytes. What the writer
/// says of itself is left out.
///
/// # Panics
/// Where the run has no readable weights.
#[must_use]
pub fn weights(run: &Path) -> (Value, Vec<u8>) {
    let bytes = std::fs::read(run.join("model/weights.safetensors")).unwrap();
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let (header, tensors) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let mut header: Value = serde_json::from_slice(header).unwrap();
    header.as_object_mut().unwrap().remove("__metadata__");
    (header, tensors.into())
}
