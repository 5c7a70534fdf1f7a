//! Confusion matrices: what is shown of few classes and of many, and under which names.

use std::collections::BTreeSet;

use brasa_plot::{ConfusionChart, frequent_mistakes};

fn chart(class_names: Vec<String>, counts: Vec<Vec<u64>>) -> ConfusionChart {
    ConfusionChart { class_names, counts, normalised: false }
}

/// Four rows of each class right, and one taken for its neighbour in a pair.
fn pairs(classes: usize) -> Vec<Vec<u64>> {
    let row = |class: usize| {
        let mut counts = vec![0; classes];
        counts[class] = 4;
        counts[(class ^ 1).min(classes - 1)] += 1;
        counts
    };
    (0..classes).map(row).collect()
}

fn numbered(classes: usize) -> Vec<String> {
    (0..classes).map(|class| format!("class {class:03}")).collect()
}

/// The distinct lines of text that begin so.
fn texts<'a>(svg: &'a str, start: &str) -> BTreeSet<&'a str> {
    svg.lines().filter(|line| line.starts_with(start)).collect()
}

#[test]
fn a_confusion_matrix_shows_counts_or_fractions_of_each_row() {
    let counts = vec![vec![3, 1], vec![0, 0]];
    let class_names = vec!["cat".to_owned(), "dog".to_owned()];
    let chart = ConfusionChart { class_names, counts, normalised: true };
    let svg = chart.to_svg().unwrap();
    for shown in [">\n0.75\n<", ">\n0.25\n<", ">\n–\n<", ">\ntrue class\n<", ">\npredicted class\n<"] {
        assert!(svg.contains(shown), "{shown} in {svg}");
    }
    let svg = ConfusionChart { normalised: false, ..chart }.to_svg().unwrap();
    assert!(svg.contains(">\n3\n<") && !svg.contains("0.75"));
}

#[test]
fn up_to_forty_classes_are_all_shown_each_with_its_name() {
    for classes in [24, 40] {
        let svg = chart(numbered(classes), pairs(classes)).to_svg().unwrap();
        assert_eq!(texts(&svg, "class ").len(), classes);
        assert!(!svg.contains("most confused"));
    }
}

#[test]
fn of_more_classes_the_most_confused_are_shown_and_what_part_that_is() {
    let mut counts = pairs(1000);
    counts[700][300] = 9;
    counts[5][999] = 7;
    let svg = chart(numbered(1000), counts).to_svg().unwrap();
    assert_eq!(texts(&svg, "class ").len(), 40);
    for name in ["class 700", "class 300", "class 005", "class 999"] {
        assert!(texts(&svg, "class ").contains(name), "{name}");
    }
    // Beside those of 9 and 7 rows, both mistakes of each of the first 18 pairs.
    assert!(svg.contains("the 40 most confused of 1000 classes, with 52 of 1016 mistakes"), "{svg}");
    assert!(svg.contains(">\n9\n<") && svg.contains(">\n7\n<"), "{svg}");
}

#[test]
fn many_classes_without_a_mistake_say_so() {
    let mut counts = vec![vec![0; 50]; 50];
    (0..50).for_each(|class| counts[class][class] = 3);
    let svg = chart(numbered(50), counts).to_svg().unwrap();
    assert!(svg.contains("no mistakes among 50 classes"), "{svg}");
}

#[test]
fn fractions_of_a_part_are_still_those_of_whole_rows() {
    let mut counts = vec![vec![0; 50]; 50];
    counts[3][4] = 5;
    counts[3][3] = 15;
    let chart = ConfusionChart { normalised: true, ..chart(numbered(50), counts) };
    let svg = chart.to_svg().unwrap();
    assert!(svg.contains("the 2 most confused of 50 classes, with 5 of 5 mistakes"), "{svg}");
    assert!(svg.contains(">\n0.75\n<") && svg.contains(">\n0.25\n<"), "{svg}");
}

#[test]
fn the_size_of_the_file_does_not_grow_with_the_classes() {
    let size = |classes: usize| chart(numbered(classes), pairs(classes)).to_svg().unwrap().len();
    assert!(size(1000) < 2 * size(100), "{} and {}", size(1000), size(100));
    assert!(size(1000) < 300_000, "{}", size(1000));
}

#[test]
fn frequent_mistakes_are_sorted_by_their_rows_and_then_by_class() {
    let counts = vec![vec![9, 2, 0], vec![5, 9, 2], vec![0, 7, 9]];
    assert_eq!(frequent_mistakes(&counts, 10), [(2, 1, 7), (1, 0, 5), (0, 1, 2), (1, 2, 2)]);
    assert_eq!(frequent_mistakes(&counts, 3), [(2, 1, 7), (1, 0, 5), (0, 1, 2)]);
}

#[test]
fn names_too_long_for_their_place_stay_different_and_are_whole_in_a_title() {
    let names: Vec<String> = (0..30)
        .map(|i| format!("Home, furniture and garden > Kitchen {i} > Cutlery, forks & spoons"))
        .collect();
    let svg = chart(names.clone(), pairs(30)).to_svg().unwrap();
    let shown: BTreeSet<&str> = svg.lines().filter(|line| line.contains('…')).collect();
    assert_eq!(shown.len(), 30, "{shown:?}");
    for name in names {
        let whole = name.replace('&', "&amp;").replace('>', "&gt;");
        assert_eq!(svg.matches(&format!("<title>{whole}</title>")).count(), 2, "{whole}");
    }
}
