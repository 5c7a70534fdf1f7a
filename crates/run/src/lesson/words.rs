//! How figures are written in the sentences of a lesson.

use brasa_train::metrics::ACCURACY;

use super::LessonFigures;

/// Accuracies that differ by less count as equal.
pub const ACCURACY_STEP: f64 = 0.005;

/// Losses that differ by less count as equal: the last digits of a loss are the draw of the batches.
pub(super) const LOSS_STEP: f64 = 0.01;

/// A share as a percentage: `60.0 %`.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A difference of two shares: `12.0 points`.
pub fn points(difference: f64) -> String {
    format!("{:.1} points", difference * 100.0)
}

pub(super) fn seconds(seconds: f64) -> String {
    match seconds * 1000.0 {
        milliseconds @ ..10.0 => format!("{milliseconds:.1} ms"),
        milliseconds @ ..1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{seconds:.1} s"),
    }
}

/// A number of things: `1 epoch`, `2 classes`.
pub fn count(number: usize, word: &str) -> String {
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

/// The accuracy that a training is judged by, and of which split it is.
pub fn judged(figures: &LessonFigures) -> String {
    let (split, scores) = figures.kept.judged();
    format!("{split} accuracy {}", percent(scores.value(ACCURACY)))
}
