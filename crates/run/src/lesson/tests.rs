#![allow(clippy::unwrap_used)]

use super::*;
use brasa_train::metrics::{ACCURACY, Evaluator, LOSS};

/// `(training loss, validation loss, training accuracy, validation accuracy)` of each epoch.
type Epoch = (f64, f64, f64, f64);

fn recipe(name: &str, updates_per_epoch: usize, seconds: f64, epochs: &[Epoch]) -> LessonRecipe {
    let mut best = f64::INFINITY;
    let record = |(index, &(train, valid, train_accuracy, valid_accuracy)): (usize, &Epoch)| {
        let improved = valid < best;
        best = best.min(valid);
        EpochRecord {
            epoch: index + 1,
            lr: 1e-3,
            train_seconds: seconds,
            valid_seconds: 1.0,
            train: [(LOSS, train), (ACCURACY, train_accuracy)].into_iter().collect(),
            valid: [(LOSS, valid), (ACCURACY, valid_accuracy)].into_iter().collect(),
            improved,
        }
    };
    let history = epochs.iter().enumerate().map(record).collect();
    LessonRecipe {
        name: name.into(),
        description: format!("{name} as it is"),
        history,
        scores: scores(),
        updates_per_epoch,
        overlap: None,
        columns: None,
    }
}

/// Two rows, one of them right.
fn scores() -> RunScores {
    let mut evaluator = Evaluator::new(vec!["a".into(), "b".into()], None).unwrap();
    evaluator.push(&[1.0, 0.0, 1.0, 0.0], &[0, 1]).unwrap();
    let split = evaluator.scores().unwrap();
    RunScores { train: split.clone(), valid: split.clone(), test: Some(split), test_without_duplicates: None }
}

fn lesson(kind: LessonKind, recipes: Vec<LessonRecipe>) -> FinishedLesson {
    let text = |text: &str| text.to_string();
    Lesson { app: text("mnist"), name: text("test"), title: text("A <lesson>"), kind, recipes }
        .check()
        .unwrap()
}

fn steady(name: &str, train_accuracy: f64) -> LessonRecipe {
    recipe(name, 5, 1.0, &[(1.0, 1.1, 0.1, 0.1), (0.5, 0.7, train_accuracy, 0.5)])
}

/// A training whose gap goes from 0.1 at its second epoch to `gap` at its third.
fn widening(name: &str, gap: f64) -> LessonRecipe {
    recipe(name, 5, 1.0, &[(1.0, 1.1, 0.1, 0.1), (0.4, 0.5, 0.9, 0.8), (0.51 - gap, 0.51, 1.0, 0.8)])
}

#[test]
fn underfitting_is_said_only_of_the_lower_training_accuracy() {
    let reading = |small: f64| {
        let recipes = vec![steady("underfit", small), steady("mlp", 0.9), widening("overfit", 0.1)];
        lesson(OVERFITTING, recipes).reading()[0].clone()
    };
    assert_eq!(
        reading(0.6),
        "`underfit` ends with 60.0 % of its training rows right, `mlp` with 90.0 % and `overfit` with 100.0 %; \
         `underfit` has fewer than both: it underfits, missing even rows that it was trained on."
    );
    for small in [0.897, 0.9, 0.95, 1.0] {
        let said = reading(small);
        assert!(said.ends_with("`underfit` has not fewer than both: it does not underfit here."), "{said}");
    }
}

#[test]
fn a_gap_is_said_to_widen_only_where_it_does() {
    let reading = |large: LessonRecipe| {
        let recipes = vec![steady("underfit", 0.6), steady("mlp", 0.9), large];
        lesson(OVERFITTING, recipes).reading()[1].clone()
    };
    assert_eq!(
        reading(widening("overfit", 0.5)),
        "From epoch 2 to epoch 3 the validation loss of `overfit` goes from its lowest, 0.500, to 0.510, and its gap to \
         the training loss, 0.100 and then 0.500 (`mlp` ends with a gap of 0.200), widens by 0.400: it overfits, \
         learning its training rows while others gain nothing."
    );
    for gap in [0.105, 0.1, 0.02] {
        let said = reading(widening("overfit", gap));
        assert!(
            said.contains("does not widen") && said.ends_with("no overfitting shows in these figures."),
            "{said}"
        );
    }
    assert_eq!(
        reading(steady("overfit", 0.9)),
        "The validation loss of `overfit` is lowest after its last epoch, 2, where the gap to its training loss is 0.200 \
         (`mlp` ends with a gap of 0.200): it ends before overfitting could show."
    );
}

#[test]
fn each_remedy_is_told_apart_by_the_gap_that_it_ends_with() {
    let recipes = vec![widening("overfit", 0.5), widening("weight-decay", 0.2), widening("dropout", 0.495)];
    let [first, second] = lesson(REGULARISATION, recipes).reading();
    assert!(first.contains("of `overfit`") && first.contains("widens by 0.400"), "{first}");
    assert_eq!(
        second,
        "`overfit` ends with a gap of 0.500 (test accuracy 50.0 %); `weight-decay` narrows it to 0.200 (test accuracy \
         50.0 %); `dropout` does not narrow it, its own is 0.495 (test accuracy 50.0 %)."
    );
    let mut without_test = vec![widening("overfit", 0.2), widening("weight-decay", 0.6)];
    without_test.iter_mut().for_each(|recipe| recipe.scores.test = None);
    let [_, second] = lesson(REGULARISATION, without_test).reading();
    assert!(second.contains("validation accuracy") && second.contains("does not narrow it"), "{second}");
}

fn climb(name: &str, updates: usize, seconds: f64, accuracies: &[f64]) -> LessonRecipe {
    let epochs: Vec<Epoch> = accuracies.iter().map(|&accuracy| (1.0, 1.0, accuracy, accuracy)).collect();
    recipe(name, updates, seconds, &epochs)
}

#[test]
fn batch_sizes_are_compared_after_equal_epochs() {
    let reading = |mini: &[f64]| {
        let recipes = vec![climb("full-batch", 1, 0.5, &[0.2, 0.3, 0.9]), climb("mini-batch", 38, 2.0, mini)];
        lesson(BATCH_SIZE, recipes).reading()[0].clone()
    };
    assert_eq!(
        reading(&[0.5, 0.8]),
        "After 2 epochs each, `mini-batch` with 38 updates per epoch has a validation accuracy of 80.0 % (training loss 1.000) and `full-batch` \
         with 1 update per epoch has a validation accuracy of 30.0 % (training loss 1.000): the same rows teach more in many small steps than \
         in few large ones."
    );
    assert!(reading(&[0.5, 0.2]).ends_with("here the few large steps teach more than the many small ones."));
    assert!(
        reading(&[0.5, 0.302]).ends_with("the size of the steps makes no difference to the accuracy here.")
    );
}

#[test]
fn batch_sizes_are_compared_in_time_too() {
    let reading = |seconds: f64, mini: &[f64]| {
        let recipes =
            vec![climb("full-batch", 1, 0.5, &[0.2, 0.3, 0.4, 0.4]), climb("mini-batch", 38, seconds, mini)];
        lesson(BATCH_SIZE, recipes).reading()[1].clone()
    };
    assert_eq!(
        reading(1.0, &[0.5, 0.8]),
        "An epoch takes `mini-batch` 1.0 s and `full-batch` 500 ms; the best validation accuracy of `full-batch`, 40.0 %, \
         took 3 epochs and 1.5 s, and `mini-batch` reaches it after 1 epoch and 1.0 s, sooner."
    );
    assert!(reading(2.0, &[0.5]).ends_with("`mini-batch` reaches it after 1 epoch and 2.0 s, no sooner."));
    assert!(
        reading(2.0, &[0.1, 0.3]).ends_with("is never reached by `mini-batch` in 2 epochs and 4.0 s."),
        "{}",
        reading(2.0, &[0.1, 0.3])
    );
}

#[test]
fn the_figures_are_those_of_the_history_and_the_scores() {
    let lesson = lesson(REGULARISATION, vec![widening("overfit", 0.5), steady("l2", 0.9)]);
    let figures = &lesson.figures()[0];
    assert_eq!((figures.epochs, figures.updates_per_epoch, figures.updates), (3, 5, 15));
    assert_eq!((figures.lowest_epoch, figures.kept.epoch, figures.train_seconds), (2, 2, 3.0));
    assert!((figures.last_gap - 0.5).abs() < 1e-12 && (figures.lowest_gap - 0.1).abs() < 1e-12);
    let test = figures.kept.test.as_ref().unwrap();
    assert_eq!((test.get(ACCURACY), figures.kept.gap), (Some(0.5), 0.0));
}

#[test]
fn the_page_stands_alone_and_escapes_what_it_shows() {
    let lesson = lesson(REGULARISATION, vec![widening("<b>&", 0.5), widening("l2", 0.2)]);
    let page = lesson.to_html().unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("A &lt;lesson&gt;"));
    assert!(page.contains("&lt;b&gt;&amp;") && !page.contains("<b>&<") && !page.contains("http://"));
    assert_eq!(page.matches("<svg").count(), 4, "loss and accuracy of two recipes");
    assert!(page.contains("<code>l2</code> narrows it to 0.200"));
    assert!(page.contains("0.5100") && page.contains("updates per epoch"));
}

#[test]
fn a_lesson_without_its_recipes_or_epochs_is_refused() {
    let lesson = |kind, recipes| {
        Lesson { app: "a".into(), name: "l".into(), title: "t".into(), kind, recipes }.check()
    };
    let error = lesson(OVERFITTING, vec![steady("a", 0.5); 2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the lesson l compares 3 (underfitting, good, overfitting), but 2 trainings came"
    );
    assert!(lesson(BATCH_SIZE, vec![steady("a", 0.5); 3]).is_err());
    assert!(lesson(REGULARISATION, vec![steady("a", 0.5); 4]).is_ok());
    let empty = vec![steady("a", 0.5), climb("b", 1, 1.0, &[])];
    let error = lesson(BATCH_SIZE, empty).unwrap_err();
    assert_eq!(error.to_string(), "the lesson l has nothing to show of b: it ran no epoch");
}

#[test]
fn losses_of_very_different_size_share_a_logarithmic_axis() {
    let page = |first_loss: f64| {
        let small = recipe("underfit", 1, 1.0, &[(first_loss, first_loss, 0.1, 0.1), (9.0, 9.0, 0.5, 0.5)]);
        let recipes = vec![small, widening("mlp", 0.2), widening("overfit", 0.5)];
        lesson(OVERFITTING, recipes).to_html().unwrap()
    };
    assert!(page(80.0).contains("cross-entropy (nats), logarithmic"));
    assert!(!page(9.0).contains("cross-entropy (nats), logarithmic"));
}
