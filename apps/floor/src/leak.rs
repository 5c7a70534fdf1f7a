//! What a random split of grouped rows is worth, read from two trainings.

use brasa_run::lesson::words::{ACCURACY_STEP, percent, points};
use brasa_run::lesson::{LessonFigures, LessonKind};
use brasa_train::GroupOverlap;
use brasa_train::metrics::ACCURACY;

/// A random split against one that keeps every group together.
pub(crate) const LEAK: LessonKind = LessonKind {
    name: "leak",
    roles: &["random split", "grouped split"],
    open: false,
    reading: |figures| match figures {
        [random, grouped, ..] => reading(&random.into(), &grouped.into()),
        _ => Default::default(),
    },
};

/// One training as judged by its split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct JudgedSplit<'a> {
    /// The recipe's name.
    pub(crate) recipe: &'a str,
    /// Test accuracy, 0 to 1, where there is a test split.
    pub(crate) accuracy: Option<f64>,
    /// Its 95 % interval.
    pub(crate) interval: Option<(f64, f64)>,
    /// How the test split stands to the groups of the training split.
    pub(crate) overlap: Option<GroupOverlap>,
}

impl<'a> From<&'a LessonFigures> for JudgedSplit<'a> {
    fn from(figures: &'a LessonFigures) -> Self {
        Self {
            recipe: &figures.recipe,
            accuracy: figures.kept.test.as_ref().and_then(|test| test.get(ACCURACY)),
            interval: figures.kept.test_interval,
            overlap: figures.overlap,
        }
    }
}

/// Two sentences: which groups each test split shares with training, and what became of the score where it shares none.
pub(crate) fn reading(random: &JudgedSplit<'_>, grouped: &JudgedSplit<'_>) -> [String; 2] {
    [shared_groups(random, grouped), difference(random, grouped)]
}

fn shared_groups(random: &JudgedSplit<'_>, grouped: &JudgedSplit<'_>) -> String {
    let of = |split: &JudgedSplit<'_>| match split.overlap {
        None => format!("`{}` has no test split with groups", split.recipe),
        Some(GroupOverlap { known_rows: 0, groups, .. }) => {
            format!("the {groups} test groups of `{}` are all new to it", split.recipe)
        }
        Some(GroupOverlap { rows, known_rows, groups, known_groups }) => format!(
            "`{}` has seen {known_groups} of its {groups} test groups in training, and with them {known_rows} of its {rows} \
             test rows have siblings there",
            split.recipe
        ),
    };
    let text = format!("{}; {}.", of(random), of(grouped));
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn difference(random: &JudgedSplit<'_>, grouped: &JudgedSplit<'_>) -> String {
    let (Some(with), Some(without)) = (random.accuracy, grouped.accuracy) else {
        return "Without a test split in both there are no scores to compare.".into();
    };
    let of = |split: &JudgedSplit<'_>, accuracy: f64| {
        let interval = split.interval.map(|(low, high)| format!(" ({} to {})", percent(low), percent(high)));
        format!("`{}` is right on {}{}", split.recipe, percent(accuracy), interval.unwrap_or_default())
    };
    let apart = match (random.interval, grouped.interval) {
        (Some((low, _)), Some((_, high))) => low > high,
        _ => false,
    };
    let fewer = points(with - without);
    let verdict = match with - without {
        drop if drop <= ACCURACY_STEP => {
            "no fewer: knowing the groups is worth nothing that these figures show".into()
        }
        _ if apart => format!(
            "{fewer} fewer: so much of the first score is knowing the groups, and only the second is to be \
             expected of new ones"
        ),
        _ => format!(
            "{fewer} fewer, as knowing the groups would have it, but the intervals overlap: with so few rows it \
             may be chance"
        ),
    };
    format!("Of the test rows {} and {}, {verdict}.", of(random, with), of(grouped, without))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(recipe: &str, accuracy: f64, half: f64, known_rows: usize) -> JudgedSplit<'_> {
        let known_groups = known_rows.div_ceil(4);
        JudgedSplit {
            recipe,
            accuracy: Some(accuracy),
            interval: Some((accuracy - half, accuracy + half)),
            overlap: Some(GroupOverlap { rows: 40, known_rows, groups: 12, known_groups }),
        }
    }

    #[test]
    fn the_gap_is_called_a_leak_only_where_the_intervals_part() {
        let told = |grouped: f64, half: f64| {
            reading(&split("tutorial", 0.8, half, 30), &split("grouped", grouped, half, 0))
        };
        let [splits, scores] = told(0.5, 0.1);
        assert_eq!(
            splits,
            "`tutorial` has seen 8 of its 12 test groups in training, and with them 30 of its 40 test rows have siblings there; \
             the 12 test groups of `grouped` are all new to it."
        );
        assert_eq!(
            scores,
            "Of the test rows `tutorial` is right on 80.0 % (70.0 % to 90.0 %) and `grouped` is right on 50.0 % (40.0 % to 60.0 %), \
             30.0 points fewer: so much of the first score is knowing the groups, and only the second is to be expected of \
             new ones."
        );
        assert!(told(0.5, 0.2)[1].ends_with("the intervals overlap: with so few rows it may be chance."));
        for grouped in [0.796, 0.8, 0.9] {
            let [_, scores] = told(grouped, 0.01);
            assert!(scores.ends_with("worth nothing that these figures show."), "{scores}");
        }
    }

    #[test]
    fn without_groups_or_test_splits_nothing_is_claimed() {
        let bare = JudgedSplit { recipe: "tutorial", accuracy: None, interval: None, overlap: None };
        let [splits, scores] = reading(&bare, &split("grouped", 0.5, 0.1, 0));
        assert!(splits.starts_with("`tutorial` has no test split with groups; the 12"), "{splits}");
        assert!(scores.starts_with("Without a test split in both"), "{scores}");
    }
}
