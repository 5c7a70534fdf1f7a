//! The wine table that the binary carries, what scaling does to it, and its repeated rows.

use brasa_tests::{Home, list, number, text};
use serde_json::Value;

#[test]
fn every_recipe_trains_on_the_table_that_the_binary_carries() {
    let home = Home::new();
    for recipe in ["course", "scaled", "good"] {
        let train = home.command("wine", "train --json --set training.epochs=2 --recipe").args([recipe]);
        let answer = train.run().succeeds().json();
        assert_eq!(text(&answer, "/recipe"), recipe);
        let rows = ["train", "valid", "test"].map(|split| number(&answer, &format!("/{split}/rows")));
        assert_eq!(rows, [959.0, 240.0, 400.0]);
        let classes = list(&answer, "/test/per_class").iter();
        let support: Vec<_> =
            classes.map(|class| (text(class, "/name"), number(class, "/support"))).collect();
        // 744 wines below 6 and 855 others, a quarter of each.
        assert_eq!(support, [("low", 186.0), ("high", 214.0)]);
    }
    let listed = home.command("wine", "recipes --json").run().succeeds().json();
    assert_eq!(list(&listed, "/recipes").len(), 5, "a recipe was added: put it above");
}

#[test]
fn the_quality_is_predicted_as_a_number() {
    let home = Home::new();
    let train = home.command("wine", "train --json --recipe quality --set training.epochs=20");
    let answer = train.run().succeeds().json();
    let rows = ["train", "valid", "test"].map(|split| number(&answer, &format!("/{split}/rows")));
    assert_eq!(rows.iter().sum::<f64>(), 1599.0);
    assert_eq!(text(&answer, "/test/per_target/0/name"), "quality");
    // Saying the mean of all wines is wrong by 0.68 on average.
    let error = number(&answer, "/test/mae");
    assert!(error > 0.0 && error < 0.6, "{error}");
    let page = std::fs::read_to_string(home.path(text(&answer, "/report"))).unwrap();
    assert!(page.contains("Predicted quality"), "a picture of predicted against true");
}

#[test]
fn the_grades_are_six_classes_and_their_histogram_is_drawn() {
    let home = Home::new();
    let answer =
        home.command("wine", "train --json --recipe grades --set training.epochs=2").run().succeeds().json();
    let split = |split: &str| {
        let classes = list(&answer, &format!("/{split}/per_class")).iter();
        classes.map(|class| number(class, "/support")).collect::<Vec<_>>()
    };
    let splits = ["train", "valid", "test"].map(split);
    let wines: Vec<f64> = (0..6).map(|grade| splits.iter().map(|split| split[grade]).sum()).collect();
    assert_eq!(wines, [10.0, 53.0, 681.0, 638.0, 199.0, 18.0], "of the grades 3 to 8");
    home.command("wine", "inspect --recipe grades").run().succeeds();
    let histogram = std::fs::read_to_string(home.path("runs/wine/inspect/classes.svg")).unwrap();
    for grade in 3..=8 {
        let grade = grade.to_string();
        assert!(histogram.lines().any(|line| line.trim() == grade), "no bar of grade {grade}");
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn sentence(answer: &Value, at: usize) -> &str {
    text(answer, &format!("/reading/{at}"))
}

/// What the two sentences say is what the figures say.
fn assert_reading_agrees(answer: &Value) {
    let accuracy = |at: usize| number(answer, &format!("/recipes/{at}/kept/test/accuracy"));
    let answers_one = number(answer, "/recipes/0/kept/answered_classes") == 1.0;
    let (raw, scaled) = (sentence(answer, 0), sentence(answer, 1));
    assert_eq!(raw.contains("it answers one class whatever it is shown"), answers_one, "{answer}");
    assert!(raw.contains(&format!("test accuracy {}", percent(accuracy(0)))), "{answer}");
    let largest = number(answer, "/recipes/0/kept/largest_class");
    assert!(raw.contains(&format!("would get {} right", percent(largest))), "{answer}");
    if answers_one {
        assert!((accuracy(0) - largest).abs() < 1e-9 || accuracy(0) < 0.5, "{answer}");
    }
    assert!(scaled.contains(&format!("test accuracy {}", percent(accuracy(1)))), "{answer}");
    let gain = accuracy(1) - accuracy(0);
    assert_eq!(scaled.contains(" more: "), gain > 0.005, "{answer}");
    assert_eq!(scaled.contains("did not help"), gain < -0.005, "{answer}");
    assert!(gain.abs() < 0.005 || scaled.contains(percent(gain.abs()).trim_end_matches(" %")), "{answer}");
}

#[test]
fn the_lesson_on_scaling_says_what_its_figures_say() {
    let home = Home::new();
    let answer = home.command("wine", "lesson scaling --json").run().succeeds().json();
    assert_eq!(text(&answer, "/kind"), "scaling");
    let names: Vec<&str> = list(&answer, "/recipes").iter().map(|recipe| text(recipe, "/recipe")).collect();
    assert_eq!(names, ["course", "scaled"]);
    assert_reading_agrees(&answer);
    // What the course shows: over raw columns one answer, scaled about three of four right.
    assert!(number(&answer, "/recipes/1/kept/test/accuracy") > 0.70, "{answer}");
    assert!(
        sentence(&answer, 0).contains("one class") && sentence(&answer, 1).contains(" more: "),
        "{answer}"
    );

    let page = std::fs::read_to_string(home.path(text(&answer, "/page"))).unwrap();
    assert_eq!(page.matches("<svg").count(), 4, "loss and accuracy of two recipes");
    assert!(page.contains("Scaling: columns as they are"), "its title");
    for at in 0..2 {
        let longest = sentence(&answer, at).split('`').max_by_key(|part| part.len()).unwrap();
        assert!(page.contains(longest), "{longest}");
        let accuracy = number(&answer, &format!("/recipes/{at}/kept/test/accuracy"));
        assert!(page.contains(&format!("{accuracy:.4}")), "{accuracy}");
    }
}

#[test]
fn a_lesson_in_which_scaling_teaches_nothing_says_so() {
    let home = Home::new();
    // A rate of nearly nothing for one epoch: both networks answer as they were drawn.
    let lesson =
        home.command("wine", "lesson scaling --json --set training.epochs=1 --set optimizer.lr=1e-9");
    let answer = lesson.run().succeeds().json();
    assert_reading_agrees(&answer);
}

#[test]
fn repeated_wines_are_counted_and_the_test_split_is_judged_without_them() {
    let home = Home::new();
    let inspected = home.command("wine", "inspect --json").run().succeeds().json();
    assert_eq!(number(&inspected, "/data/rows"), 1599.0);
    assert_eq!(number(&inspected, "/data/duplicates"), 240.0);

    let finished =
        home.command("wine", "train --json --recipe scaled --set training.epochs=5").run().succeeds();
    let answer = finished.json();
    assert_eq!(answer.pointer("/leaks"), inspected.pointer("/leaks"));
    let pairs = list(&answer, "/leaks/pairs");
    let splits: Vec<_> = pairs.iter().map(|pair| (text(pair, "/earlier"), text(pair, "/later"))).collect();
    assert_eq!(splits, [("train", "valid"), ("train", "test"), ("valid", "test")]);
    let across: Vec<f64> = pairs.iter().map(|pair| number(pair, "/duplicates")).collect();
    assert!(across.iter().all(|rows| *rows > 0.0), "{across:?}");
    // A test row may repeat rows of both other splits.
    let kept = number(&answer, "/test_without_duplicates/rows");
    assert!(kept >= 400.0 - across[1] - across[2] && kept <= 400.0 - across[1].max(across[2]), "{kept}");

    let page = std::fs::read_to_string(home.path(text(&answer, "/report"))).unwrap();
    let said = format!("{} rows of test are also in train", across[1]);
    assert!(page.contains(&said), "the report does not say: {said}");
    let shown = home.command("wine", "train --recipe scaled --set training.epochs=5").run().succeeds();
    assert!(shown.stdout.contains(&said), "{shown}");
}
