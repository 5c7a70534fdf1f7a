//! `runs`: what was run so far.

use brasa_tests::{Home, list, number, text};

#[test]
fn runs_are_listed_oldest_first_with_their_scores() {
    let home = Home::new();
    assert_eq!(list(&home.iris("runs list --json").run().succeeds().json(), "/runs").len(), 0);
    assert!(home.iris("runs list").run().succeeds().stdout.contains("no runs in"));
    let trained = [home.trained_iris(), home.trained_iris()];
    let listed = home.iris("runs list --json").run().succeeds().json();
    let ids: Vec<&str> = list(&listed, "/runs").iter().map(|run| text(run, "/id")).collect();
    assert_eq!(ids, [text(&trained[0], "/id"), text(&trained[1], "/id")]);
    assert_eq!(listed.pointer("/runs/1/scores/test"), trained[1].pointer("/test"));
    let shown = home.iris("runs list").run().succeeds();
    assert!(ids.iter().all(|id| shown.stdout.contains(id)) && shown.stdout.contains("finished"), "{shown}");
    assert_eq!(
        list(&home.fashion("runs list --json").run().succeeds().json(), "/runs").len(),
        0,
        "of another app"
    );
}

#[test]
fn one_run_is_shown_with_its_history() {
    let home = Home::new();
    let trained = home.trained_iris();
    let answer = home.iris("runs show --json").args([text(&trained, "/id")]).run().succeeds().json();
    assert_eq!(answer.pointer("/run/scores/valid"), trained.pointer("/valid"));
    assert_eq!(list(&answer, "/history").len(), 2);
    let shown = home.iris("runs show").run().succeeds();
    assert!(shown.stdout.contains("report.html") && shown.stdout.contains("setosa"), "{shown}");
}

#[test]
fn runs_are_compared_by_the_values_that_differ() {
    let home = Home::new();
    let train = |seed: u64| {
        home.iris("train --json --set training.epochs=2").set("training.seed", seed).run().succeeds().json()
    };
    let (a, b) = (train(1), train(2));
    let ids = [text(&a, "/id"), text(&b, "/id")];
    let answer = home.iris("runs compare --json").args(ids).run().succeeds().json();
    assert_eq!(answer.pointer("/differences").unwrap(), &serde_json::json!({ "training.seed": ["1", "2"] }));
    assert_eq!(number(&answer, "/runs/1/scores/test/loss"), number(&b, "/test/loss"));
    let shown = home.iris("runs compare").args(ids).run().succeeds();
    assert!(shown.stdout.contains("training.seed"), "{shown}");
    let same = home.iris("runs compare").args([ids[0], ids[0]]).run().succeeds();
    assert!(same.stdout.contains("the recipes are the same"), "{same}");
}

#[test]
fn a_folder_that_is_no_run_does_not_hide_the_others() {
    let home = Home::new();
    let trained = home.trained_iris();
    home.write("runs/iris/notes/todo.txt", "mine");
    home.write("runs/iris/20000101-000000-course/run.json", "{\"id\":");
    home.write("runs/iris/a-file", "");
    let listed = home.iris("runs list --json").run().succeeds().json();
    assert_eq!(list(&listed, "/runs").len(), 1);
    assert_eq!(text(&listed, "/runs/0/id"), text(&trained, "/id"));
}

#[test]
fn trainings_of_one_second_have_folders_of_their_own() {
    let home = Home::new();
    let running: Vec<_> = (0..5).map(|_| home.iris("train --json --set training.epochs=2").start()).collect();
    let mut ids: Vec<String> =
        running.into_iter().map(|run| text(&run.wait().succeeds().json(), "/id").to_owned()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5, "{ids:?}");
    let listed = home.iris("runs list --json").run().succeeds().json();
    let mut listed: Vec<&str> = list(&listed, "/runs").iter().map(|run| text(run, "/id")).collect();
    listed.sort_unstable();
    assert_eq!(listed, ids);
    home.assert_nothing_unfinished();
}

#[test]
fn a_run_that_cannot_be_read_is_named_and_left_out() {
    let home = Home::new();
    let _ = home.trained_iris();
    home.write("runs/iris/20000101-000000-course/run.json", "{\"id\":");
    let listed = home.iris("runs list --json").run().succeeds();
    assert_eq!(list(&listed.json(), "/runs").len(), 1);
    assert!(listed.stderr.contains("20000101-000000-course has a run.json that this version"), "{listed}");
}

#[test]
fn the_folder_of_runs_is_chosen_by_flag_or_variable() {
    let home = Home::new();
    let _ = home.iris("train --json --runs here/deep --set training.epochs=1").run().succeeds();
    assert!(home.path("here/deep/iris").is_dir());
    let listed =
        home.iris("runs list --json").env("BRASA_RUNS", home.path("here/deep")).run().succeeds().json();
    assert_eq!(list(&listed, "/runs").len(), 1);
    assert!(!home.path("runs").exists());
}
