//! Reading the reference fixtures in tests.
#![allow(clippy::unwrap_used)]

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The cases of a file in `tests/fixtures`.
pub(crate) fn cases<T: DeserializeOwned>(file: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct Fixture<T> {
        cases: Vec<T>,
    }
    // Asked when it runs: a cached test binary may come from a clone that is gone.
    let path = format!("{}/../../tests/fixtures/{file}", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let fixture: Fixture<T> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    fixture.cases
}
