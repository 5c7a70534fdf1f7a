//! The lesson on scaling: what columns of very different width do to a network.

use brasa_data::ColumnSpread;
use brasa_run::lesson::words::{ACCURACY_STEP, count, judged, percent, points};
use brasa_run::lesson::{KeptFigures, LessonFigures, LessonKind};
use brasa_train::metrics::ACCURACY;

/// Columns as they are against columns of mean 0 and deviation 1.
pub(crate) const SCALING: LessonKind = LessonKind {
    name: "scaling",
    roles: &["raw columns", "standardised"],
    open: false,
    reading: |figures| match figures {
        [raw, scaled, ..] => [one_answer(raw), scaling_helps(raw, scaled)],
        _ => Default::default(),
    },
};

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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_data::FeatureStats;
    use brasa_run::RunScores;
    use brasa_run::lesson::{Lesson, LessonRecipe};
    use brasa_train::EpochRecord;
    use brasa_train::metrics::{Evaluator, Figures, LOSS};

    use super::*;

    fn reading(recipes: Vec<LessonRecipe>) -> [String; 2] {
        let text = |text: &str| text.to_string();
        let lesson =
            Lesson { app: text("wine"), name: text("scaling"), title: text("A"), kind: SCALING, recipes };
        lesson.check().unwrap().reading()
    }

    /// A training whose kept weights answer the two classes of ten rows as `confusion` says.
    fn judged(name: &str, answers: &[(u32, u32)]) -> LessonRecipe {
        let mut evaluator = Evaluator::new(vec!["low".into(), "high".into()], None).unwrap();
        for &(truth, said) in answers {
            let logits = if said == 0 { [1.0, 0.0] } else { [0.0, 1.0] };
            evaluator.push(&logits, &[truth]).unwrap();
        }
        let split = evaluator.scores().unwrap();
        let scores = RunScores {
            train: split.clone(),
            valid: split.clone(),
            test: Some(split),
            test_without_duplicates: None,
        };
        let figures: Figures = [(LOSS, 0.5), (ACCURACY, 0.5)].into_iter().collect();
        let epoch = EpochRecord {
            epoch: 1,
            lr: 1e-3,
            train_seconds: 1.0,
            valid_seconds: 1.0,
            train: figures.clone(),
            valid: figures,
            improved: true,
        };
        LessonRecipe {
            name: name.into(),
            description: String::new(),
            history: vec![epoch],
            scores,
            updates_per_epoch: 5,
            overlap: None,
            columns: None,
        }
    }

    #[test]
    fn scaling_is_said_to_help_only_where_it_does() {
        let one_class = [(0, 1), (0, 1), (1, 1), (1, 1), (1, 1)];
        let both = [(0, 0), (0, 0), (1, 1), (1, 1), (1, 0)];
        let reading = |raw: &[(u32, u32)], scaled: &[(u32, u32)]| {
            self::reading(vec![judged("course", raw), judged("scaled", scaled)])
        };
        let [raw, scaled] = reading(&one_class, &both);
        assert!(raw.ends_with("(test accuracy 60.0 %): it answers one class whatever it is shown, and that class alone would get 60.0 % right."), "{raw}");
        assert!(
            scaled.ends_with(
                "(test accuracy 80.0 %), 20.0 points more: every column has its say from the first step."
            ),
            "{scaled}"
        );
        let [raw, scaled] = reading(&both, &one_class);
        assert!(
            raw.contains("it tells 2 classes apart; answering the largest alone would get 60.0 % right"),
            "{raw}"
        );
        assert!(scaled.ends_with("20.0 points fewer: scaling did not help here."), "{scaled}");
        let [_, scaled] = reading(&both, &both);
        assert!(scaled.ends_with("no more and no less: scaling made no difference here."), "{scaled}");
    }

    #[test]
    fn how_much_the_columns_differ_is_measured_not_assumed() {
        let column =
            |name: &str, std: f64| FeatureStats { name: name.into(), min: 0.0, max: 1.0, mean: 0.5, std };
        let columns = ColumnSpread { widest: column("sulfur", 32.9), narrowest: column("density", 0.002) };
        let raw = LessonRecipe { columns: Some(columns), ..judged("course", &[(0, 1), (1, 1)]) };
        let [sentence, _] = reading(vec![raw, judged("scaled", &[(0, 0), (1, 1)])]);
        assert!(
            sentence.starts_with(
                "`course` takes the columns as they are (test accuracy 50.0 %), where `sulfur` varies 16450 times as much as \
                 `density` (deviations 32.900 and 0.002): it answers one class"
            ),
            "{sentence}"
        );
    }
}
