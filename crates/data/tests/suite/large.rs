//! Tables that are too large to be held as text, or to be read again for every run.

use std::path::Path;

use brasa_data::{
    CsvConfig, DataConfig, Files, Labelled, Result, TableFacts, TableWishes, TargetColumns, TaskKind, load,
};

const ROWS: usize = 50_000;
const NUMBERS: usize = 120;

/// 36 MB: a number of each kind per column, a town, and a target of classes or numbers.
fn text() -> String {
    let mut text = (0..NUMBERS).map(|column| format!("n{column},")).collect::<String>() + "town,y,z\n";
    for row in 0..ROWS {
        for column in 0..NUMBERS {
            text.push_str(&format!("{}.5,", (row * 31 + column * 7919) % 1009));
        }
        // The last row has a town of its own.
        let town = if row + 1 == ROWS { "Nice" } else { ["Rome", "\"Oslo, by the sea\"", "Lima"][row % 3] };
        text.push_str(&format!("{town},{},{row}\n", ["no", "yes"][row % 2]));
    }
    text
}

fn read(folder: &Path, cache: Option<&Path>, target: &str, task: TaskKind) -> Result<Labelled> {
    let features = (0..NUMBERS).map(|column| (format!("n{column}"), "number".to_owned().try_into().unwrap()));
    let columns = features.chain([("town".into(), "category".to_owned().try_into().unwrap())]).collect();
    let csv = CsvConfig {
        file: Some("x.csv".into()),
        target: Some(TargetColumns::from(target)),
        columns: Some(columns),
        ..CsvConfig::default()
    };
    let config = DataConfig { csv: Some(csv), task, ..DataConfig::default() };
    let files = Files::directory(folder);
    load(&config.check()?, &cache.map_or(files.clone(), |cache| files.cached_in(cache.to_owned())))
}

#[test]
fn the_numbers_of_a_large_table_lie_in_the_cache_and_are_the_same_as_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, cache) = (folder.path(), folder.path().join("cache"));
    std::fs::write(folder.join("x.csv"), text()).unwrap();
    let cached_files = || {
        let names = std::fs::read_dir(&cache).unwrap().map(|file| file.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect::<Vec<_>>()
    };
    for (target, task) in [("y", TaskKind::Classification), ("z", TaskKind::Regression)] {
        let held = read(folder, None, target, task).unwrap();
        assert!(!held.samples.values().is_mapped() && held.len() == ROWS);
        let mapped = read(folder, Some(&cache), target, task).unwrap();
        assert!(mapped.samples.values().is_mapped());
        assert_eq!(mapped, held);
        // The temporary file is gone, and the cache is what is mapped.
        let files = cached_files();
        assert!(files.iter().all(|name| name.starts_with("table-") && name.ends_with(".cache")), "{files:?}");
        let path = cache.join(&files[0]);
        let written = path.metadata().unwrap().modified().unwrap();
        assert_eq!(read(folder, Some(&cache), target, task).unwrap(), held);
        assert_eq!(path.metadata().unwrap().modified().unwrap(), written, "it is not read anew");
        // What is damaged is read anew.
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(read(folder, Some(&cache), target, task).unwrap(), held);
        std::fs::remove_dir_all(&cache).unwrap();
    }
    // A cache that cannot be written is no error.
    std::fs::write(&cache, "a file in the place of the folder").unwrap();
    assert!(read(folder, Some(&cache), "y", TaskKind::Classification).is_ok_and(|data| data.len() == ROWS));
}

#[test]
fn a_large_table_is_looked_at_as_a_small_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = text();
    std::fs::write(folder.path().join("x.csv"), &text).unwrap();
    let wishes = TableWishes { target: Some("y".into()), ..TableWishes::default() };
    let files = Files::directory(folder.path());
    let went_by = TableFacts::of_file("x.csv", &files, "x.csv", &wishes).unwrap();
    assert!(went_by.sampled.is_some_and(|rows| rows < ROWS), "{:?}", went_by.sampled);
    let held = TableFacts::of("x.csv", text.as_bytes(), &wishes).unwrap();
    // Which cells are examples depends on the rows at hand.
    let plain = |facts: &TableFacts| {
        let mut facts = TableFacts { sampled: None, ..facts.clone() };
        facts.columns.iter_mut().for_each(|column| column.examples.clear());
        facts
    };
    assert_eq!(plain(&went_by), plain(&held));
}
