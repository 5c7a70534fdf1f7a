//! Scores as a person reads them.

use brasa_train::metrics::{Confusion, Scores};

use crate::table::table;

/// One line per side: loss, accuracy with its 95 % interval, macro precision, recall and F1.
pub(crate) fn side_table(sides: &[(&str, &Scores)]) -> String {
    let header = ["side", "rows", "loss", "accuracy", "95 % interval", "precision", "recall", "F1 (macro)"];
    let rows: Vec<Vec<String>> = sides.iter().map(|(name, scores)| line(name, scores)).collect();
    table(&header, &rows)
}

fn line(name: &str, scores: &Scores) -> Vec<String> {
    let (low, high) = scores.accuracy_interval();
    let mut cells = vec![name.to_string(), scores.rows.to_string()];
    cells.extend([scores.loss, scores.accuracy].map(|figure| format!("{figure:.4}")));
    cells.push(format!("{low:.3} to {high:.3}"));
    cells.extend(
        [scores.precision_macro, scores.recall_macro, scores.f1_macro].map(|figure| format!("{figure:.4}")),
    );
    cells
}

/// The confusion matrix with class names and the figures of each class.
pub(crate) fn class_tables(scores: &Scores) -> String {
    let names: Vec<String> = scores.per_class.iter().map(|class| class.name.clone()).collect();
    let confusion = match Confusion::try_from(scores.confusion.clone()) {
        Ok(confusion) => confusion.to_table(&names),
        Err(error) => error.to_string(),
    };
    format!("{confusion}\n\n{}", scores.to_table())
}
