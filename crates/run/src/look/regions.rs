//! What a model of two features answers over their whole plane.

use brasa_data::{Labelled, Samples, Values};
use brasa_plot::{DecisionPlane, PlaneGrid, Regions};

use crate::{Result, RunError};
use brasa_predict::SavedModel;
use brasa_train::Prepared;

/// Cells along the first and the second feature: smooth borders.
const CELLS: (usize, usize) = (160, 120);

/// Name and points of each class among `rows`, as the data have them; no points where samples are not of two features.
pub fn points_by_class(data: &Labelled, rows: &[usize]) -> Vec<(String, Vec<(f64, f64)>)> {
    let point = |row: usize| match data.samples.row_f32(row)[..] {
        [x, y] => Some((f64::from(x), f64::from(y))),
        _ => None,
    };
    let of_class = |(class, name): (usize, &String)| {
        (name.clone(), data.of_class(class, rows).filter_map(point).collect())
    };
    data.class_names().iter().enumerate().map(of_class).collect()
}

/// The decision regions of `model` behind the points of `rows`.
///
/// # Errors
/// [`RunError::NoPicture`] for a model of more or fewer than two features.
pub fn regions(model: &SavedModel, prepared: &Prepared, rows: &[usize]) -> Result<DecisionPlane> {
    let data = &prepared.data;
    if data.numbers().is_some() {
        let problem = "they need a model of classes, this one predicts numbers".into();
        return Err(RunError::NoPicture { what: "decision regions", problem });
    }
    let ([2], [x_label, y_label]) = (data.samples.shape(), data.feature_names.as_slice()) else {
        let problem = format!("they need a model of two features, this one takes {:?}", data.samples.shape());
        return Err(RunError::NoPicture { what: "decision regions", problem });
    };
    let groups = points_by_class(data, rows);
    let grid =
        PlaneGrid::around(groups.iter().flat_map(|(_, points)| points.iter().copied()), CELLS.0, CELLS.1);
    let centres: Vec<f64> = grid.centres().into_iter().flat_map(|(x, y)| [x, y]).collect();
    let answers = model.predict_samples(&Samples::new(vec![2], Values::F64(centres.into()))?)?;
    let probabilities = answers
        .iter()
        .map(|answer| answer.class().map(|class| class.probabilities.clone()).unwrap_or_default())
        .collect();
    Ok(DecisionPlane {
        title: "Decision regions: the deeper, the surer".into(),
        x_label: x_label.clone(),
        y_label: y_label.clone(),
        groups,
        regions: Some(Regions::Probabilities { grid, probabilities }),
        ..DecisionPlane::default()
    })
}
