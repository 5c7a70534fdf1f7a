//! `lesson`: trainings side by side on one page.

use brasa_tests::{Home, list, number, read_json, text, write_fashion};

#[test]
fn a_lesson_leaves_a_run_for_each_recipe_and_one_page_with_what_it_says() {
    let home = Home::new();
    let args = "lesson batch-size --json --seed 3 --set training.epochs=4";
    let answer = home.iris(args).run().succeeds().json();
    let recipes = list(&answer, "/recipes");
    let names: Vec<&str> = recipes.iter().map(|recipe| text(recipe, "/recipe")).collect();
    assert_eq!(names, ["course", "mini-batch"]);
    // 105 training rows at once, or 16 at a time.
    let updates: Vec<f64> = recipes.iter().map(|recipe| number(recipe, "/updates_per_epoch")).collect();
    assert_eq!(updates, [1.0, 7.0]);
    let page = std::fs::read_to_string(home.path("runs/iris/lessons/batch-size.html")).unwrap();
    assert_eq!(page.matches("<svg").count(), 4, "loss and accuracy of two recipes");
    let reading = list(&answer, "/reading");
    assert_eq!(reading.len(), 2);
    for sentence in reading {
        // Names stand between backticks, which the page sets as code.
        let longest = sentence.as_str().unwrap().split('`').max_by_key(|part| part.len()).unwrap();
        assert!(page.contains(longest), "{sentence}");
    }
    for (run, recipe) in list(&answer, "/runs").iter().zip(recipes) {
        let record = read_json(&home.path(run.as_str().unwrap()).join("run.json"));
        assert_eq!(text(&record, "/recipe"), text(recipe, "/recipe"));
        assert_eq!(record.pointer("/scores/test/accuracy"), recipe.pointer("/kept/test/accuracy"));
    }
    let runs = home.iris("runs list --json").run().succeeds().json();
    assert_eq!(list(&runs, "/runs").len(), 2, "the folder of lessons is no run");
    home.assert_nothing_unfinished();
}

#[test]
fn a_person_sees_the_table_and_the_sentences() {
    let home = Home::new();
    write_fashion(&home.path("data"), 100, 40);
    let args = "lesson regularisation --data data --set training.epochs=2";
    let shown = home.fashion(args).run().succeeds();
    for part in ["baseline", "l2", "dropout", "gap", "narrow", "regularisation.html"] {
        assert!(shown.stdout.contains(part), "no {part}\n{shown}");
    }
    let listed = home.iris("lesson").run().succeeds();
    assert!(listed.stdout.contains("batch-size") && listed.stdout.contains("course, mini-batch"), "{listed}");
}

#[test]
fn a_wrong_lesson_or_value_ends_before_any_training() {
    let home = Home::new();
    home.iris("lesson overfitting").run().fails(2, &["no lesson `overfitting`", "batch-size"]);
    home.iris("lesson batch-size --set training.epoch=3").run().fails(2, &["training.epoch"]);
    assert!(!home.path("runs").exists());
}

#[cfg(unix)]
#[test]
fn a_lesson_that_was_ended_goes_on_and_comes_to_the_same() {
    let home = Home::new();
    let timeless = |mut answer: serde_json::Value| {
        let mut recipes = answer["recipes"].take();
        for recipe in recipes.as_array_mut().unwrap() {
            let _ = recipe["train_seconds"].take();
        }
        // The second sentence tells times.
        (recipes, answer["reading"][0].take())
    };
    let args = "lesson batch-size --json --seed 3 --set training.epochs=300";
    let twin = timeless(home.iris(args).run().succeeds().json());
    std::fs::remove_dir_all(home.path("runs")).unwrap();
    let begun = || {
        let files = brasa_tests::files_below(&home.path("runs/iris"));
        files.iter().filter(|path| path.ends_with("metrics.jsonl")).count()
    };
    // The second training has begun: the first is finished.
    let mut lesson = home.iris(args).set("training.checkpoint", "3 steps").start();
    lesson.wait_until("the second training has begun", |_| begun() == 2);
    let _ = lesson.kill();
    home.iris("lesson batch-size --resume --seed 3").run().fails(2, &["--seed", "cannot be used with"]);
    let gone_on = home.iris("lesson batch-size --resume --json").run().succeeds();
    assert!(gone_on.stderr.contains("course: is trained already"), "{gone_on}");
    assert_eq!(timeless(gone_on.json()), twin);
    assert_eq!(begun(), 2, "nothing is trained twice");
    // When all is done, the page is written once more.
    let again = home.iris("lesson batch-size --resume --json").run().succeeds();
    assert_eq!(timeless(again.json()), twin);
    home.assert_nothing_unfinished();
}

#[test]
fn a_lesson_that_was_not_begun_cannot_go_on() {
    let home = Home::new();
    home.iris("lesson batch-size --resume").run().fails(2, &["batch-size.json", "was not begun here"]);
    home.write("runs/iris/lessons/batch-size.json", "{\"runs\": 3");
    home.iris("lesson batch-size --resume").run().fails(2, &["batch-size.json: is damaged"]);
}
