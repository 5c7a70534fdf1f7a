//! What too little and too much capacity look like.

use brasa_train::metrics::ACCURACY;

use crate::lesson::words::{ACCURACY_STEP, LOSS_STEP, percent};
use crate::lesson::{LessonFigures, LessonKind};

/// A network that is too small, one that is about right, and one that is too large for the data.
pub const OVERFITTING: LessonKind = LessonKind {
    name: "overfitting",
    roles: &["underfitting", "good", "overfitting"],
    open: false,
    reading: |figures| match figures {
        [small, good, large, ..] => [
            underfits(small, good, large),
            overfits(large, &format!(" (`{}` ends with a gap of {:.3})", good.recipe, good.last_gap)),
        ],
        _ => Default::default(),
    },
};

fn underfits(small: &LessonFigures, good: &LessonFigures, large: &LessonFigures) -> String {
    let limit = good.last_train.value(ACCURACY).min(large.last_train.value(ACCURACY)) - ACCURACY_STEP;
    let verdict = if small.last_train.value(ACCURACY) < limit {
        "fewer than both: it underfits, missing even rows that it was trained on"
    } else {
        "not fewer than both: it does not underfit here"
    };
    format!(
        "`{}` ends with {} of its training rows right, `{}` with {} and `{}` with {}; `{}` has {verdict}.",
        small.recipe,
        percent(small.last_train.value(ACCURACY)),
        good.recipe,
        percent(good.last_train.value(ACCURACY)),
        large.recipe,
        percent(large.last_train.value(ACCURACY)),
        small.recipe,
    )
}

pub(super) fn overfits(large: &LessonFigures, beside: &str) -> String {
    let name = &large.recipe;
    if large.lowest_epoch == large.epochs {
        return format!(
            "The validation loss of `{name}` is lowest after its last epoch, {}, where the gap to its training loss is \
             {:.3}{beside}: it ends before overfitting could show.",
            large.epochs, large.last_gap
        );
    }
    let growth = large.last_gap - large.lowest_gap;
    let verdict = if growth > LOSS_STEP {
        format!("widens by {growth:.3}: it overfits, learning its training rows while others gain nothing")
    } else {
        format!("does not widen (it changes by {growth:+.3}): no overfitting shows in these figures")
    };
    format!(
        "From epoch {} to epoch {} the validation loss of `{name}` goes from its lowest, {:.3}, to {:.3}, and its gap to \
         the training loss, {:.3} and then {:.3}{beside}, {verdict}.",
        large.lowest_epoch,
        large.epochs,
        large.lowest_valid_loss,
        large.last_valid.loss(),
        large.lowest_gap,
        large.last_gap
    )
}
