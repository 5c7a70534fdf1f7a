//! `data fetch` from a mirror on this machine.

use brasa_tests::{FASHION_FILES, Home, Mirror, files_below, list, real_digits, real_fashion};

/// Size of the first file of the manifest.
const FIRST_BYTES: usize = 26_421_880;

/// Fetching from `mirror` fails in a message with all of `parts` and leaves no file.
fn fails(mirror: &Mirror, parts: &[&str]) {
    let home = Home::new();
    let finished = home.fashion("data fetch --to got --mirror").args([&mirror.url]).run();
    finished.fails(1, &[&[FASHION_FILES[0], mirror.url.as_str()], parts].concat());
    assert!(files_below(&home.path("got")).is_empty());
}

#[test]
fn content_with_another_checksum_is_refused() {
    fails(&Mirror::always("200 OK", vec![0; FIRST_BYTES]), &["sha256"]);
}

#[test]
fn a_longer_file_is_refused() {
    fails(&Mirror::always("200 OK", vec![0; FIRST_BYTES + 1]), &["expected 26421880 bytes, found 26421881"]);
}

#[test]
fn a_mirror_without_the_file_is_told() {
    let mirror = Mirror::always("404 Not Found", Vec::new());
    fails(&mirror, &["404 Not Found"]);
    assert_eq!(mirror.requests().len(), 1, "a file that is not there is not asked for again");
}

#[test]
fn a_shorter_file_is_told_and_has_no_final_name() {
    let home = Home::new();
    let mirror = Mirror::start(Box::new(|_, _| ("200 OK", vec![7; 1000], None)));
    let finished = home.fashion("data fetch --to got --mirror").args([&mirror.url]).run();
    finished.fails(1, &[FASHION_FILES[0], "1000"]);
    assert!(!home.path("got").join(FASHION_FILES[0]).exists());
}

#[test]
fn no_mirror_at_all_is_told() {
    let home = Home::new();
    let finished = home.fashion("data fetch --to got --mirror http://127.0.0.1:1").run();
    finished.fails(1, &[FASHION_FILES[0], "127.0.0.1:1"]);
    home.fashion("data fetch --to got --mirror ftp://example.org")
        .run()
        .fails(2, &["ftp://example.org", "http"]);
    home.fashion("data fetch --to got --mirror nonsense").run().fails(2, &["nonsense", "http"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let home = Home::new();
    home.write("taken", "a file");
    let finished = home.fashion("data fetch --to taken/below --mirror http://127.0.0.1:1").run();
    finished.fails(1, &["taken"]);
}

#[test]
fn iris_has_nothing_to_fetch() {
    let home = Home::new();
    let answer = home.iris("data fetch --json").run().succeeds().json();
    assert_eq!(answer.pointer("/shipped").and_then(serde_json::Value::as_bool), Some(true));
}

#[test]
fn real_files_are_fetched_across_a_broken_connection_checked_and_found_by_train() {
    let Some(folder) = real_fashion() else { return };
    let home = Home::new();
    let served = folder.clone();
    let mirror = Mirror::start(Box::new(move |path, start| {
        let body = std::fs::read(served.join(path)).unwrap_or_default();
        // The first answer breaks off on its way.
        let cut = (start == 0 && body.len() == FIRST_BYTES).then_some(9_000_000);
        ("200 OK", body, cut)
    }));
    let fetched = home.fashion("data fetch --json --mirror").args([&mirror.url]).run().succeeds();
    assert_eq!(list(&fetched.json(), "/files").len(), 4);
    for name in FASHION_FILES {
        let path = home.path("share/brasa/fashion-mnist").join(name);
        assert!(std::fs::read(path).unwrap() == std::fs::read(folder.join(name)).unwrap(), "{name}");
    }
    home.assert_nothing_unfinished();
    let of_first: Vec<usize> = mirror
        .requests()
        .into_iter()
        .filter(|(path, _)| path == FASHION_FILES[0])
        .map(|(_, start)| start)
        .collect();
    assert_eq!(of_first.len(), 2);
    assert!(of_first[0] == 0 && of_first[1] > 0, "resumed: {of_first:?}");

    let before = mirror.requests().len();
    let _ = home.fashion("data fetch --json --mirror").args([&mirror.url]).run().succeeds();
    assert_eq!(mirror.requests().len(), before, "whole files are not fetched again");
    let _ = home.fashion("data check --json").run().succeeds().json();
    let args = "train --json --recipe proper-split --set data.limit=500 --set training.epochs=1";
    let _ = home.fashion(args).run().succeeds().json();
}

#[test]
fn what_has_no_address_is_named_and_the_rest_is_fetched() {
    let Some(folder) = real_digits() else { return };
    let home = Home::new();
    std::fs::create_dir(home.path("got")).unwrap();
    for file in std::fs::read_dir(folder).unwrap().flatten().filter(|file| is_idx(&file.path())) {
        std::fs::copy(file.path(), home.path("got").join(file.file_name())).unwrap();
    }
    for verb in ["data fetch --to got --json", "data check --data got --json"] {
        let finished = home.command("mnist", verb).run().succeeds();
        let without_address = list(&finished.json(), "/without_address").to_vec();
        assert_eq!(without_address, ["mnist_png_small.zip"]);
        assert!(finished.stderr.contains("datasets/mnist/README.md"), "{finished}");
    }
}

fn is_idx(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

#[test]
fn a_data_set_that_is_nowhere_to_fetch_says_where_it_comes_from() {
    let home = Home::new();
    let finished = home.command("floor", "data fetch --to got").run();
    finished.fails(1, &["X_train_sample.csv", "https://www.kaggle.com/c/career-con-2019/data", "--data"]);
}
