//! What an `[data.images]` table must and must not say.

use brasa_data::{Crop, DataError, Files, ImagesConfig, Resize};

fn check(text: &str) -> String {
    let config: ImagesConfig = toml::from_str(text).unwrap();
    match config.read(&Files::default()) {
        // Only a table that makes sense gets as far as its files.
        Err(DataError::Missing { .. }) | Ok(_) => "ok".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn exactly_one_place() {
    assert_eq!(
        check(""),
        "[data] `images.folder`: missing; name a folder here, or a zip archive with the key `archive`"
    );
    assert_eq!(
        check("folder = \"a\"\narchive = \"a.zip\""),
        "[data] `images.archive`: `folder` is there, too; keep one of them"
    );
    assert_eq!(check("archive = \"a.zip\""), "ok");
}

#[test]
fn values_out_of_range() {
    for (line, problem) in [
        ("channels = 2", "`images.channels`: expected 1 (grey) or 3 (red, green, blue), found 2"),
        ("size = [0, 3]", "`images.size`: expected a height and width of 1 to 67108864 pixels, found 0 x 3"),
        (
            "size = [99999, 99999]",
            "`images.size`: expected a height and width of 1 to 67108864 pixels, found 99999 x 99999",
        ),
        ("classes = [\"a\"]", "`images.classes`: expected at least two names"),
        ("classes = [\"a\", \"b\", \"a\"]", "`images.classes`: names `a` twice"),
    ] {
        assert_eq!(check(&format!("folder = \"a\"\n{line}")), format!("[data] {problem}"));
    }
}

#[test]
fn a_table_reads_back_as_it_was_written() {
    let text = "archive = \"a.zip\"\nchannels = 3\nsize = [4, 5]\nresize = \"area\"\ncrop = \"center\"\n";
    let config: ImagesConfig = toml::from_str(text).unwrap();
    assert_eq!(toml::to_string(&config).unwrap(), text);
    assert_eq!((config.resize, config.crop), (Some(Resize::Area), Some(Crop::Center)));
    let message = toml::from_str::<ImagesConfig>("folders = \"a\"").unwrap_err().to_string();
    assert!(message.contains("unknown field"), "{message}");
}
