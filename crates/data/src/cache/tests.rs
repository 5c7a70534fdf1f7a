#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::testing::table;
use crate::{DataError, LabelEncoder};

fn key(settings: &str) -> CacheKey {
    CacheKey::new("test", 1, &settings, &[SourceFile::of("a", b"content")])
}

fn full() -> Labelled {
    let soft = Some(vec![0.25, 0.75, 1.0, 0.0, 0.5, 0.5]);
    Labelled {
        groups: Some(vec![1, 0, 1]),
        group_names: vec!["g".into(), "h".into()],
        roles: Some(vec![Role::Test, Role::Train, Role::Valid]),
        files: vec![SourceFile::of("a", b"content")],
        sample_names: Some(["a/1.png", "b/2.png", ""].iter().collect()),
        warnings: vec!["one image was passed over".into()],
        ..table(&[1.5, -0.0, f32::MIN_POSITIVE], &[1, 0, 1]).with_soft_labels(soft)
    }
}

fn images() -> Labelled {
    let samples = Samples::new(vec![1, 1, 2], Values::U8(vec![0, 255, 7, 8, 9, 10].into())).unwrap();
    Labelled { samples, feature_names: Vec::new(), ..table(&[1.0, 2.0, 3.0], &[1, 0, 1]) }
}

fn titles() -> Labelled {
    let samples = Samples::new(vec![2], Values::U32(vec![1, 2, 1, 0, 2, 0].into())).unwrap();
    let text = TextFacts {
        vocabulary: vec!["caf\u{e9}".into(), "x".into()],
        counts: vec![2, 2],
        ..TextFacts::default()
    };
    Labelled { samples, feature_names: Vec::new(), text: Some(text), ..table(&[1.0, 2.0, 3.0], &[1, 0, 1]) }
}

fn numbers() -> Labelled {
    let samples = Samples::new(vec![2], Values::F64(vec![0.1, 1.0, -0.0, 2.0, 1e300, 0.0].into())).unwrap();
    let levels = LabelEncoder::with_classes(vec!["b".into(), "a".into()]);
    let columns = vec![
        ("size".to_owned(), Encoding::Number { optional: false }),
        ("town".to_owned(), Encoding::Category { levels }),
    ];
    let values = vec![1.5, 2.5, 3.5, -1.0, 0.0, 1.0];
    Labelled {
        samples,
        columns,
        levels: vec![Vec::new(), vec!["b".into(), "a".into()]],
        feature_names: vec!["size".into(), "town".into()],
        ..table(&[1.0, 2.0, 3.0], &[1, 0, 1])
    }
    .with_numbers(NumberTargets { values, names: vec!["x".into(), "y".into()] })
}

fn not_built() -> Result<Labelled> {
    Err(DataError::no_rows("built again"))
}

#[test]
fn the_newest_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::default().cached_in(folder.path().to_owned());
    for number in 0..KEPT + 3 {
        cached(&files, &key(&number.to_string()), || Ok(images())).unwrap();
        let path = key(&number.to_string()).path(folder.path()).unwrap();
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000 + number as u64);
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }
    std::fs::write(folder.path().join("test-notes.txt"), "not ours").unwrap();
    let unfinished = [folder.path().join(".brasa-old"), folder.path().join(".brasa-new")];
    unfinished.iter().for_each(|path| std::fs::write(path, "half").unwrap());
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    File::options().write(true).open(&unfinished[0]).unwrap().set_modified(long_ago).unwrap();
    cached(&files, &key("one more"), || Ok(images())).unwrap();
    assert!(!unfinished[0].exists() && unfinished[1].exists());
    let left = |number: usize| key(&number.to_string()).path(folder.path()).unwrap().exists();
    assert!(!left(0) && !left(3) && left(4) && left(KEPT + 2));
    assert_eq!(cache_files(folder.path()).len(), KEPT + 2);
}

fn cache_files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn what_was_built_comes_back_without_building() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::default().cached_in(folder.path().join("made/when/needed"));
    for (settings, data) in
        [("table", full()), ("numbers", numbers()), ("images", images()), ("titles", titles())]
    {
        assert_eq!(cached(&files, &key(settings), || Ok(data.clone())).unwrap(), data);
        assert_eq!(cached(&files, &key(settings), not_built).unwrap(), data);
    }
    assert_eq!(cache_files(files.cache().unwrap()).len(), 4);
    let again = |settings| cached(&files, &key(settings), not_built).unwrap();
    assert!(matches!(again("numbers").samples.values(), Values::F64(numbers) if numbers.is_mapped()));
    assert!(matches!(again("titles").samples.values(), Values::U32(ids) if ids.is_mapped()));
    assert!(matches!(again("images").samples.values(), Values::U8(pixels) if pixels.is_mapped()));
}

#[test]
fn other_settings_sources_and_versions_are_other_data() {
    let a = [SourceFile::of("a", b"content")];
    let keys = [
        CacheKey::new("test", 1, &"x", &a),
        CacheKey::new("test", 1, &"y", &a),
        CacheKey::new("test", 2, &"x", &a),
        CacheKey::new("other", 1, &"x", &a),
        CacheKey::new("test", 1, &"x", &[SourceFile::of("a", b"changed")]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let files = Files::default().cached_in(folder.path().to_owned());
    for (label, key) in keys.iter().enumerate() {
        cached(&files, key, || Ok(table(&[1.0], &[label as u32]))).unwrap();
    }
    for (label, key) in keys.iter().enumerate() {
        assert_eq!(cached(&files, key, not_built).unwrap().labels(), [label as u32]);
    }
}

#[test]
fn a_damaged_file_is_built_again_whatever_byte_is_wrong() {
    for data in [full(), images(), titles()] {
        every_damage_is_noticed(&data);
    }
}

fn every_damage_is_noticed(data: &Labelled) {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::default().cached_in(folder.path().to_owned());
    cached(&files, &key("x"), || Ok(data.clone())).unwrap();
    let path = cache_files(folder.path()).remove(0);
    let good = std::fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        std::fs::write(&path, &bad).unwrap();
        assert!(cached(&files, &key("x"), not_built).is_err(), "byte {at}");
    }
    for len in [0, 7, 40, good.len() / 2, good.len() - 1] {
        std::fs::write(&path, &good[..len]).unwrap();
        assert!(cached(&files, &key("x"), not_built).is_err(), "{len} bytes");
    }
    std::fs::write(&path, [&good[..], b"!"].concat()).unwrap();
    assert!(cached(&files, &key("x"), not_built).is_err());
    cached(&files, &key("x"), || Ok(data.clone())).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), good);
}

#[test]
fn the_file_of_another_key_under_this_name_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::default().cached_in(folder.path().to_owned());
    cached(&files, &key("x"), || Ok(full())).unwrap();
    let other = key("y");
    std::fs::rename(cache_files(folder.path()).remove(0), other.path(folder.path()).unwrap()).unwrap();
    assert!(cached(&files, &other, not_built).is_err());
}

#[test]
fn without_a_folder_or_with_one_that_cannot_be_made_data_are_built() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "").unwrap();
    for files in [Files::default(), Files::default().cached_in(blocked.join("cache"))] {
        assert_eq!(cached(&files, &key("x"), || Ok(full())).unwrap(), full());
        assert!(cached(&files, &key("x"), not_built).is_err());
    }
}
