//! The binaries under test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The path of the binary called `name`, which is built first where need be.
pub(crate) fn binary(name: &str) -> PathBuf {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    if let Some(folder) = std::env::var_os("BRASA_BIN_DIR") {
        let file = PathBuf::from(&folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        assert!(file.is_file(), "BRASA_BIN_DIR holds no {name}: {}", file.display());
        return file.canonicalize().unwrap();
    }
    BUILT.get_or_init(build).get(name).unwrap_or_else(|| panic!("no binary {name}")).clone()
}

/// Cargo tells a package's own tests alone where its binaries are, so these ask it.
fn build() -> BTreeMap<String, PathBuf> {
    let this = std::env::current_exe().unwrap();
    // <target>/<profile>/deps/<test>
    let profile_folder = this.ancestors().nth(2).expect("tests run from cargo's target folder");
    let profile = match profile_folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // What cargo says of this package is nothing that a build script elsewhere should see: ring's would run again, and all that
    // stands on it be compiled again, now and by the next cargo.
    for (name, _) in std::env::vars_os() {
        let of_package = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_"];
        if name.to_str().is_some_and(|name| of_package.iter().any(|start| name.starts_with(start))) {
            command.env_remove(name);
        }
    }
    let output = command
        // The whole workspace, so that features are those of the tests' own build and Burn is compiled once.
        .args(["build", "--quiet", "--message-format=json-render-diagnostics", "--workspace", "--bins"])
        .args(["--profile", profile, "--target-dir"])
        .arg(profile_folder.parent().unwrap_or(Path::new("target")))
        .current_dir(
            Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".into())).join(".."),
        )
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "the binaries do not build");
    let messages = String::from_utf8(output.stdout).unwrap();
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let built = messages.filter_map(|message| {
        let path = message.pointer("/executable")?.as_str()?.into();
        Some((message.pointer("/target/name")?.as_str()?.to_string(), path))
    });
    built.collect()
}
