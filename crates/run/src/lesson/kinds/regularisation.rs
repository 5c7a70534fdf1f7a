//! What regularisation does.

use super::overfitting::overfits;
use crate::lesson::words::{LOSS_STEP, judged};
use crate::lesson::{LessonFigures, LessonKind};

/// A network that overfits, and then the same with one or more remedies.
pub const REGULARISATION: LessonKind = LessonKind {
    name: "regularisation",
    roles: &["overfitting", "regularised"],
    open: true,
    reading: |figures| match figures {
        [large, remedies @ ..] => [overfits(large, ""), narrows(large, remedies)],
        _ => Default::default(),
    },
};

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
