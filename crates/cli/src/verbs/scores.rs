//! Scores as a person reads them.

use brasa_train::metrics::{Confusion, Scores};

use crate::names::short_names;
use crate::table::table;

/// Characters of a class name in a column of a table.
pub(super) const CLASS_WIDTH: usize = 40;

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
    let names: Vec<&str> = scores.per_class.iter().map(|class| class.name.as_str()).collect();
    let confusion = match Confusion::try_from(scores.confusion.clone()) {
        // As long as its lines take them whole.
        Ok(confusion) => confusion.to_table(&short_names(&names, 20)),
        Err(error) => error.to_string(),
    };
    let mut shown = scores.clone();
    for (class, name) in shown.per_class.iter_mut().zip(short_names(&names, CLASS_WIDTH)) {
        class.name = name;
    }
    format!("{confusion}\n\n{}", shown.to_table())
}
