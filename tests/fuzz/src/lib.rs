//! What the targets share: bytes as a file, and readers that are to answer, whatever the bytes are.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use brasa_data::{DataConfig, Files};

/// A folder of this process, in memory where the system has such a place.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let shared = Path::new("/dev/shm");
        let parent = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
        let folder = parent.join(format!("brasa-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    })
}

/// The bytes as a file.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, bytes).expect("a file");
    path
}

/// Reads the files of a `[data]` table, which has to be right, and splits what comes of it.
pub fn load(table: &str, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        file(name, bytes);
    }
    let text = format!("{table}\nmodel.hidden = [2]\n");
    let recipe = brasa_train::Recipe::parse("fuzz", &text, &[]).expect("a recipe");
    let data: &DataConfig = &recipe.data;
    let Ok(checked) = data.check() else { panic!("the table is wrong: {table}") };
    let files = Files::directory(folder());
    if let Ok(data) = brasa_data::load(&checked, &files) {
        let _ = brasa_data::make_split(&data, checked.split());
        // What was read is what a saved model reads: nothing in between may fail.
        let _ = checked.input_of(&data);
    }
}

/// The bytes in two parts, at the first of a mark.
pub fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let place = bytes.iter().position(|byte| *byte == 0xff).unwrap_or(bytes.len());
    (&bytes[..place], bytes.get(place + 1..).unwrap_or_default())
}
