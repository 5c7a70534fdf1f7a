//! What a model of two features answers over their whole plane.

use brasa_data::{Samples, Values};
use brasa_plot::{DecisionPlane, PlaneGrid, Regions};

use crate::prepared::Prepared;
use crate::saved_model::SavedModel;
use crate::{Result, TrainError};

/// Cells along the first and the second feature: smooth borders.
const CELLS: (usize, usize) = (160, 120);

/// The decision regions of `model` behind the points of `rows`.
///
/// # Errors
/// [`TrainError::NoPicture`] for a model of more or fewer than two features.
pub fn regions(model: &SavedModel, prepared: &Prepared, rows: &[usize]) -> Result<DecisionPlane> {
    let data = &prepared.data;
    let ([2], [x_label, y_label]) = (data.samples.shape(), data.feature_names.as_slice()) else {
        let problem = format!("they need a model of two features, this one takes {:?}", data.samples.shape());
        return Err(TrainError::NoPicture { what: "decision regions", problem });
    };
    let point = |row: usize| match data.samples.row_f32(row).as_slice() {
        [x, y] => Some((f64::from(*x), f64::from(*y))),
        _ => None,
    };
    let of_class = |class: usize| {
        let rows = rows.iter().filter(|row| data.labels.get(**row) == Some(&(class as u32)));
        rows.filter_map(|row| point(*row)).collect()
    };
    let groups: Vec<(String, Vec<(f64, f64)>)> =
        data.class_names.iter().enumerate().map(|(class, name)| (name.clone(), of_class(class))).collect();
    let grid =
        PlaneGrid::around(groups.iter().flat_map(|(_, points)| points.iter().copied()), CELLS.0, CELLS.1);
    let centres = grid.centres().into_iter().flat_map(|(x, y)| [x as f32, y as f32]).collect();
    let answers = model.predict(&Samples::new(vec![2], Values::F32(centres))?)?;
    let probabilities = answers.into_iter().map(|answer| answer.probabilities).collect();
    Ok(DecisionPlane {
        title: "Decision regions".into(),
        x_label: x_label.clone(),
        y_label: y_label.clone(),
        groups,
        regions: Some(Regions::Probabilities { grid, probabilities }),
        ..DecisionPlane::default()
    })
}
