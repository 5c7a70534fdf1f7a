//! Two sentences of reading per lesson, each with an ending for every outcome.

use brasa_data::ColumnSpread;

use super::{KeptFigures, LessonFigures, LessonKind, leak_reading};
use brasa_train::metrics::ACCURACY;

/// Losses that differ by less count as equal: the last digits of a loss are the draw of the batches.
const LOSS_STEP: f64 = 0.01;
/// Accuracies that differ by less count as equal.
pub(super) const ACCURACY_STEP: f64 = 0.005;

pub(super) fn of(kind: LessonKind, figures: &[LessonFigures]) -> [String; 2] {
    match (kind, figures) {
        (LessonKind::Overfitting, [small, good, large, ..]) => [
            underfits(small, good, large),
            overfits(large, &format!(" (`{}` ends with a gap of {:.3})", good.recipe, good.last_gap)),
        ],
        (LessonKind::BatchSize, [full, mini, ..]) => [after_equal_epochs(full, mini), in_time(full, mini)],
        (LessonKind::Regularisation, [large, remedies @ ..]) => {
            [overfits(large, ""), narrows(large, remedies)]
        }
        (LessonKind::Scaling, [raw, scaled, ..]) => [one_answer(raw), scaling_helps(raw, scaled)],
        (LessonKind::Leak, [random, grouped, ..]) => leak_reading(&random.into(), &grouped.into()),
        // `Lesson::check` lets no other number of recipes through.
        _ => [String::new(), String::new()],
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A difference of two shares.
pub(super) fn points(difference: f64) -> String {
    format!("{:.1} points", difference * 100.0)
}

fn seconds(seconds: f64) -> String {
    match seconds * 1000.0 {
        milliseconds @ ..10.0 => format!("{milliseconds:.1} ms"),
        milliseconds @ ..1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{seconds:.1} s"),
    }
}

fn count(number: usize, word: &str) -> String {
    format!(
        "{number} {word}{}",
        if number == 1 {
            ""
        } else if word.ends_with('s') {
            "es"
        } else {
            "s"
        }
    )
}

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

fn overfits(large: &LessonFigures, beside: &str) -> String {
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

fn judged(figures: &LessonFigures) -> String {
    let (side, scores) = figures.kept.judged();
    format!("{side} accuracy {}", percent(scores.value(ACCURACY)))
}

fn one_answer(raw: &LessonFigures) -> String {
    let KeptFigures { answered_classes, largest_class, .. } = raw.kept;
    let ending = if answered_classes == 1 {
        format!(
            "it answers one class whatever it is shown, and that class alone would get {} right",
            percent(largest_class)
        )
    } else {
        format!(
            "it tells {} apart; answering the largest alone would get {} right",
            count(answered_classes, "class"),
            percent(largest_class)
        )
    };
    let widths = raw.columns.as_ref().map(|columns| {
        let ColumnSpread { widest, narrowest } = columns;
        format!(
            ", where `{}` varies {:.0} times as much as `{}` (deviations {:.3} and {:.3})",
            widest.name,
            columns.ratio(),
            narrowest.name,
            widest.std,
            narrowest.std
        )
    });
    format!(
        "`{}` takes the columns as they are ({}){}: {ending}.",
        raw.recipe,
        judged(raw),
        widths.unwrap_or_default()
    )
}

fn scaling_helps(raw: &LessonFigures, scaled: &LessonFigures) -> String {
    let gain = scaled.kept.judged().1.value(ACCURACY) - raw.kept.judged().1.value(ACCURACY);
    let ending = if gain > ACCURACY_STEP {
        format!("{} more: every column has its say from the first step", points(gain))
    } else if gain < -ACCURACY_STEP {
        format!("{} fewer: scaling did not help here", points(-gain))
    } else {
        "no more and no less: scaling made no difference here".into()
    };
    format!(
        "`{}` is the same network over columns of mean 0 and deviation 1 ({}), {ending}.",
        scaled.recipe,
        judged(scaled)
    )
}

fn narrows(large: &LessonFigures, remedies: &[LessonFigures]) -> String {
    let mut parts =
        vec![format!("`{}` ends with a gap of {:.3} ({})", large.recipe, large.last_gap, judged(large))];
    for remedy in remedies {
        let (name, gap) = (&remedy.recipe, remedy.last_gap);
        parts.push(if gap < large.last_gap - LOSS_STEP {
            format!("`{name}` narrows it to {gap:.3} ({})", judged(remedy))
        } else {
            format!("`{name}` does not narrow it, its own is {gap:.3} ({})", judged(remedy))
        });
    }
    format!("{}.", parts.join("; "))
}
