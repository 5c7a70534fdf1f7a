//! The real Fashion-MNIST, where it is at hand.

use brasa_tests::{Home, number, read_json, real_fashion};

#[test]
fn two_epochs_of_the_proper_split_learn_most_of_it() {
    let Some(folder) = real_fashion() else { return };
    let home = Home::new();
    let args = "train --json --recipe proper-split --set training.epochs=2 --data";
    let answer = home.fashion(args).args([&folder]).run().succeeds().json();
    assert!(number(&answer, "/valid/accuracy") > 0.80, "{}", number(&answer, "/valid/accuracy"));
    assert!(number(&answer, "/test/accuracy") > 0.78, "{}", number(&answer, "/test/accuracy"));
    let rows = ["train", "valid", "test"].map(|split| number(&answer, &format!("/{split}/rows")));
    assert_eq!(rows, [48_000.0, 12_000.0, 10_000.0]);
    assert!(answer.pointer("/leaks").is_some_and(serde_json::Value::is_object), "{answer}");
    let run = home.run_folder(&answer);
    assert!(read_json(&run.join("data.json")).pointer("/leaks").is_some_and(serde_json::Value::is_object));
    let page = std::fs::read_to_string(run.join("report.html")).unwrap();
    assert!(page.contains("Ankle boot") && page.contains("data:image/png"), "mistakes are shown as pictures");
    home.assert_nothing_unfinished();
}
