//! Where a data set comes from, and how to know that it is the right one.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::expected::is_sha256;
use crate::{DataError, Expected, Result};

/// The description of a data set: a TOML file in the repository.
///
/// ```
/// use brasa_data::Manifest;
/// let manifest = Manifest::parse(r#"
///     name = "iris"
///     title = "Iris"
///     source = "https://archive.ics.uci.edu/dataset/53/iris"
///     licence = "CC BY 4.0"
///     description = "Four measures of 150 flowers of three species."
///
///     [[files]]
///     name = "iris.data"
///     bytes = 4551
///     sha256 = "6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0"
///     urls = ["https://archive.ics.uci.edu/ml/machine-learning-databases/iris/iris.data"]
/// "#)?;
/// assert_eq!(manifest.files[0].bytes, 4551);
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name of its folder.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The page of those who made it.
    pub source: String,
    /// What one may do with it.
    pub licence: String,
    /// What it holds.
    pub description: String,
    /// Its files.
    #[serde(default)]
    pub files: Vec<ManifestFile>,
}

/// One file of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Its name in the folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its checksum, in lower-case hexadecimal.
    pub sha256: String,
    /// Where it can be downloaded, best first.
    #[serde(default)]
    pub urls: Vec<String>,
    /// How to come by it where that is nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obtain: Option<String>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`DataError::Content`] when it is not TOML, a key is missing or unknown, a file's name is
    /// not a plain one, is there twice, or a checksum or address cannot be one.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Self =
            toml::from_str(text).map_err(|error| DataError::in_file("manifest", error.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Checks the rules of [`parse`](Self::parse) on a manifest made otherwise.
    ///
    /// # Errors
    /// [`DataError::Content`].
    pub fn check(&self) -> Result<()> {
        let wrong = |problem: String| Err(DataError::in_file("manifest", problem));
        for (place, file) in self.files.iter().enumerate() {
            let name = &file.name;
            if !is_plain_name(name) {
                return wrong(format!(
                    "`{name}` is not a plain file name of letters, digits, `.`, `-` and `_`"
                ));
            }
            if self.files.iter().take(place).any(|other| other.name == *name) {
                return wrong(format!("the file `{name}` is there twice"));
            }
            if !is_sha256(&file.sha256, 64) {
                return wrong(format!("`{name}`: sha256 is not 64 digits of 0-9 and a-f"));
            }
            let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
            if let Some(url) = file.urls.iter().find(|&url| !web(url)) {
                return wrong(format!("`{name}`: `{url}` is not an http or https address"));
            }
        }
        Ok(())
    }

    /// Checks that all files are in the folder, whole and unchanged. Answers with the files that are not there and that
    /// have no address, so that [`fetch`](fn@crate::fetch) could not bring them.
    ///
    /// # Errors
    /// Of the first other that is not: [`DataError::Missing`], [`DataError::Damaged`],
    /// [`DataError::Io`] or [`DataError::Io`].
    pub fn verify(&self, dir: impl AsRef<Path>) -> Result<Vec<&ManifestFile>> {
        let mut absent = Vec::new();
        for file in &self.files {
            match file.verify(&dir.as_ref().join(&file.name)) {
                Err(DataError::Missing { .. }) if file.urls.is_empty() => absent.push(file),
                verified => verified?,
            }
        }
        Ok(absent)
    }
}

impl ManifestFile {
    /// Checks size and checksum of the file at `path`.
    ///
    /// # Errors
    /// As [`Manifest::verify`].
    pub fn verify(&self, path: &Path) -> Result<()> {
        self.expected().verify(&self.name, path)
    }

    /// Its size and its checksum.
    pub(crate) fn expected(&self) -> Expected {
        Expected::of(self.bytes, &self.sha256)
    }
}

/// Whether `name` is the name of a file within a folder, which it cannot lead out of.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(plain)
}

/// The SHA-256 of some bytes, in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    // sha256sum of "abc", from FIPS 180-2.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn text(name: &str, sha256: &str, url: &str) -> String {
        format!(
            "name = 'a'\ntitle = 'A'\nsource = 's'\nlicence = 'l'\ndescription = 'd'\n[[files]]\n\
             name = '{name}'\nbytes = 3\nsha256 = '{sha256}'\nurls = ['{url}']\n"
        )
    }

    #[test]
    fn wrong_manifests_are_refused() {
        let long = "x".repeat(64);
        for (name, sha256, url, expected) in [
            ("../x", ABC, "https://a", "plain file name"),
            ("/etc/x", ABC, "https://a", "plain file name"),
            ("", ABC, "https://a", "plain file name"),
            (".hidden", ABC, "https://a", "plain file name"),
            ("x", "abc", "https://a", "64 digits"),
            ("x", long.as_str(), "https://a", "64 digits"),
            ("x", ABC, "file:///etc/passwd", "http or https"),
        ] {
            let message = Manifest::parse(&text(name, sha256, url)).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        let message = Manifest::parse("name = 'a'\ncolour = 1").unwrap_err().to_string();
        assert!(message.contains("colour"), "{message}");
    }

    #[test]
    fn a_file_without_an_address_may_be_absent_but_not_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = Manifest::parse(&text("x", ABC, "https://a")).unwrap();
        manifest.files[0].urls.clear();
        let absent: Vec<&str> =
            manifest.verify(&folder).unwrap().into_iter().map(|file| file.name.as_str()).collect();
        assert_eq!(absent, ["x"]);
        std::fs::write(folder.path().join("x"), "abd").unwrap();
        assert!(matches!(manifest.verify(&folder), Err(DataError::Damaged { .. })));
    }

    #[test]
    fn verify_finds_missing_short_and_changed_files() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = Manifest::parse(&text("x", ABC, "https://a")).unwrap();
        let path = folder.path().join("x");
        assert!(matches!(manifest.verify(&folder), Err(DataError::Missing { .. })));
        std::fs::write(&path, "ab").unwrap();
        assert!(matches!(manifest.verify(&folder), Err(DataError::Damaged { .. })));
        std::fs::write(&path, "abd").unwrap();
        assert!(matches!(manifest.verify(&folder), Err(DataError::Damaged { .. })));
        std::fs::write(&path, "abc").unwrap();
        assert!(manifest.verify(&folder).unwrap().is_empty());
    }
}
