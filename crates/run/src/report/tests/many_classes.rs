//! Reports over so many classes that one picture does not hold them.

use super::{ClassCounts, ClassRow, Confusion, Report, SplitCounts};

/// Six test rows of each class: four right, and two taken for others.
fn report(classes: usize) -> Report {
    let class_names: Vec<String> =
        (0..classes).map(|class| format!("Home and garden > Kitchen > Cutlery {class:04} > forks")).collect();
    let counts = (0..classes).map(|class| {
        let mut row = vec![0; classes];
        row[class] = 4;
        row[(class + 1) % classes] += 1;
        row[(class * class + 1) % classes] += 1;
        row
    });
    let row = |(class, name): (usize, &String)| ClassRow {
        name: name.clone(),
        precision: 0.5,
        recall: 4.0 / 6.0,
        f1: if class == 7 { 0.125 } else { 0.5 + class as f64 / 1e5 },
        support: if class == 9 { 0 } else { 6 },
    };
    let split = |name: &str, rows: u64| SplitCounts { name: name.into(), counts: vec![rows; classes] };
    Report {
        per_class: class_names.iter().enumerate().map(row).collect(),
        class_counts: Some(ClassCounts {
            class_names: class_names.clone(),
            splits: vec![split("train", 18), split("valid", 6), split("test", 6)],
        }),
        confusion: Some(Confusion { class_names, counts: counts.collect(), split: "test".into() }),
        ..Report::default()
    }
}

fn between<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    html.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(part, _)| part)
}

#[test]
fn a_thousand_classes_are_a_page_that_grows_with_the_classes_alone() {
    let size = |classes: usize| report(classes).to_html().unwrap().len();
    let (some, many) = (size(100), size(1000));
    assert!(many < 1_000_000, "{many} bytes");
    assert!(many < 10 * some, "{some} and {many} bytes: the cells are 100 times as many");
    let pictures: usize = report(1000).pictures().unwrap().iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(pictures < 600_000, "{pictures} bytes");
}

#[test]
fn what_the_picture_leaves_out_is_in_tables() {
    let html = report(1000).to_html().unwrap();
    assert_eq!(html.matches("the 40 most confused of 1000 classes").count(), 2);
    let confusion = between(&html, "<section id=\"confusion\">", "</section>");
    assert!(confusion.contains("The 50 most frequent mistakes"));
    assert_eq!(confusion.matches("<tr>").count(), 1 + 50);
    // Both others of class 0 are class 1: 2 rows of 6.
    assert!(confusion.contains("<td class=\"n\">33.3 %</td>"), "{confusion}");
    let data = between(&html, "<section id=\"data\">", "</section>");
    assert!(data.contains("Rows of the 1000 classes, from the largest"));
    assert_eq!(data.matches("<tr>").count(), 1 + 1000, "the rows of each class");
}

#[test]
fn the_weakest_of_many_classes_stand_before_all() {
    let html = report(1000).to_html().unwrap();
    let classes = between(&html, "<section id=\"classes\">", "</section>");
    let (weakest, all) = classes.split_once("<details>").unwrap();
    assert_eq!((weakest.matches("<tr>").count(), all.matches("<tr>").count()), (1 + 20, 1 + 1000));
    let first = between(weakest, "<tbody>", "</tr>");
    assert!(first.contains("Cutlery 0007") && first.contains("0.1250"), "{first}");
    assert!(!weakest.contains("Cutlery 0009"), "nothing is known of a class without rows");
}

#[test]
fn forty_classes_are_shown_whole() {
    let html = report(40).to_html().unwrap();
    for absent in ["most confused of", "most frequent mistakes", "lowest F1", "<details>"] {
        assert!(!html.contains(absent), "{absent}");
    }
    assert!(html.contains("<figure class=\"chart wide\">"), "names need their room");
}
