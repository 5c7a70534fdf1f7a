//! The real 900 PNG files of MNIST, where they are at hand.

use brasa_tests::{Home, list, number, real_digits};

#[test]
fn the_archive_decodes_to_its_600_200_and_100_digits() {
    let Some(folder) = real_digits() else { return };
    let home = Home::new();
    let answer =
        home.command("mnist", "inspect --json --recipe mlp --data").args([folder]).run().succeeds().json();
    assert_eq!(number(&answer, "/data/rows"), 900.0);
    let splits = list(&answer, "/data/splits").iter().map(|split| number(split, "/rows")).collect::<Vec<_>>();
    assert_eq!(splits, [600.0, 200.0, 100.0]);
    assert_eq!(number(&answer, "/data/duplicates"), 0.0);
}

#[test]
fn the_courses_first_network_learns_most_digits() {
    let Some(folder) = real_digits() else { return };
    let home = Home::new();
    let train = home.command("mnist", "train --json --recipe mlp --data").args([folder]);
    let answer = train.run().succeeds().json();
    let rows = ["train", "valid", "test"].map(|split| number(&answer, &format!("/{split}/rows")));
    assert_eq!(rows, [600.0, 200.0, 100.0]);
    // PyTorch's is right about 0.79 of the validation split, over seeds from 0.75 to 0.82.
    assert!(number(&answer, "/valid/accuracy") > 0.70, "{}", number(&answer, "/valid/accuracy"));
    assert!(number(&answer, "/train/accuracy") > 0.95, "{}", number(&answer, "/train/accuracy"));
    home.assert_nothing_unfinished();
}
