//! What the batch size does.

use brasa_train::metrics::ACCURACY;

use crate::lesson::words::{ACCURACY_STEP, count, percent, seconds};
use crate::lesson::{LessonFigures, LessonKind};

/// The whole training split in one step against many small batches.
pub const BATCH_SIZE: LessonKind = LessonKind {
    name: "batch-size",
    roles: &["full batch", "mini-batch"],
    open: false,
    reading: |figures| match figures {
        [full, mini, ..] => [after_equal_epochs(full, mini), in_time(full, mini)],
        _ => Default::default(),
    },
};

fn after_equal_epochs(full: &LessonFigures, mini: &LessonFigures) -> String {
    let epochs = full.epochs.min(mini.epochs);
    let at = |figures: &LessonFigures| {
        figures.valid_accuracy.get(epochs - 1).copied().unwrap_or(figures.last_valid.value(ACCURACY))
    };
    let of = |figures: &LessonFigures| {
        format!(
            "`{}` with {} per epoch has a validation accuracy of {} (training loss {:.3})",
            figures.recipe,
            count(figures.updates_per_epoch, "update"),
            percent(at(figures)),
            figures.train_loss.get(epochs - 1).copied().unwrap_or(figures.last_train.loss())
        )
    };
    let verdict = match at(mini) - at(full) {
        ahead if ahead > ACCURACY_STEP => {
            "the same rows teach more in many small steps than in few large ones"
        }
        ahead if ahead < -ACCURACY_STEP => "here the few large steps teach more than the many small ones",
        _ => "the size of the steps makes no difference to the accuracy here",
    };
    format!("After {} each, {} and {}: {verdict}.", count(epochs, "epoch"), of(mini), of(full))
}

fn in_time(full: &LessonFigures, mini: &LessonFigures) -> String {
    let best = full.valid_accuracy.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let reach = |figures: &LessonFigures| {
        let index = figures.valid_accuracy.iter().position(|accuracy| *accuracy >= best)?;
        Some((index + 1, figures.seconds.get(index).copied()?))
    };
    let each = |figures: &LessonFigures| seconds(figures.train_seconds / figures.epochs as f64);
    let cost =
        format!("An epoch takes `{}` {} and `{}` {}", mini.recipe, each(mini), full.recipe, each(full));
    let (full_epoch, full_seconds) = reach(full).unwrap_or((full.epochs, full.train_seconds));
    let target = format!("the best validation accuracy of `{}`, {}", full.recipe, percent(best));
    let took = format!("{} and {}", count(full_epoch, "epoch"), seconds(full_seconds));
    match reach(mini) {
        None => format!(
            "{cost}; {target}, which took {took}, is never reached by `{}` in {} and {}.",
            mini.recipe,
            count(mini.epochs, "epoch"),
            seconds(mini.train_seconds)
        ),
        Some((epoch, time)) => format!(
            "{cost}; {target}, took {took}, and `{}` reaches it after {} and {}, {}.",
            mini.recipe,
            count(epoch, "epoch"),
            seconds(time),
            if time < full_seconds { "sooner" } else { "no sooner" }
        ),
    }
}
