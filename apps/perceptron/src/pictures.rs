//! The decision line after every epoch: one SVG each, and all of them as an animation.

use brasa_data::{Role, Scaler};
use brasa_models::PerceptronWeights;
use brasa_plot::{Animation, DecisionLine, DecisionPlane, PlaneGrid, PlotError, Regions};
use brasa_run::Result;
use brasa_run::look::points_by_class;
use brasa_run::report::{Picture, ReportError, Section};
use brasa_train::Prepared;

use crate::trace::Epoch;

/// Epochs shown at most; of more, an even choice.
const MOST_FRAMES: usize = 60;
const MILLISECONDS_EACH: u16 = 700;
const LAST_MILLISECONDS: u16 = 3000;

/// Adds the pictures, where the samples are points in the plane.
pub(crate) fn add(section: &mut Section, epochs: &[Epoch], prepared: &Prepared) -> Result<()> {
    let [x_label, y_label] = &prepared.data.feature_names[..] else { return Ok(()) };
    let points = points_by_class(&prepared.data, prepared.split.rows(Role::Train));
    let all = points.iter().flat_map(|(_, points)| points.iter().copied());
    let grid = PlaneGrid::around(all, 160, 130);
    let plane = |epoch: &Epoch| {
        let line = unscaled(&epoch.weights, &prepared.scaler);
        let side = |(x, y)| usize::from(line.w1 * x + line.w2 * y + line.b >= 0.0);
        let classes = grid.centres().into_iter().map(side).collect();
        DecisionPlane {
            title: format!("Epoch {}: {}", epoch.number, counted(epoch.errors, "point", "wrong")),
            x_label: x_label.clone(),
            y_label: y_label.clone(),
            groups: points.clone(),
            regions: Some(Regions::Classes { grid, classes }),
            line: Some(line).filter(|line| line.w1 != 0.0 || line.w2 != 0.0),
            ..DecisionPlane::default()
        }
    };
    let digits = epochs.len().to_string().len().max(2);
    let mut frames = Vec::new();
    let mut before = None;
    for epoch in chosen(epochs) {
        let name = format!("epoch-{:0digits$}.svg", epoch.number);
        let plane = plane(epoch);
        section.files.push((name.clone(), drawn(&name, plane.to_svg())?.into_bytes()));
        // The animation ends where the line has come to rest.
        if before.replace(&epoch.weights) != Some(&epoch.weights) {
            frames.push(drawn(&name, plane.to_rgb())?);
        }
    }
    let shown = frames.len();
    let name = "decision.png".to_string();
    let animation =
        Animation { frames, milliseconds_each: MILLISECONDS_EACH, last_milliseconds: LAST_MILLISECONDS };
    let bytes = drawn(&name, animation.to_apng())?;
    let alt = format!(
        "Animation of {shown} frames: the training points and the decision line after each of {} epochs, as long as it \
         moves",
        epochs.len()
    );
    section.pictures.push(Picture { name, alt, bytes });
    Ok(())
}

/// The line in the features as they are, where the perceptron saw them scaled.
fn unscaled(weights: &PerceptronWeights, scaler: &Scaler) -> DecisionLine {
    let mut line = [0.0; 2];
    let mut b = f64::from(weights.bias);
    for (axis, (w, &weight)) in line.iter_mut().zip(&weights.weight).enumerate() {
        *w = f64::from(weight);
        if let Scaler::Standard { mean, std } = scaler
            && let (Some(mean), Some(std)) = (mean.get(axis), std.get(axis))
        {
            *w /= std;
            b -= *w * mean;
        }
    }
    let [w1, w2] = line;
    DecisionLine { w1, w2, b }
}

/// All epochs, or an even choice with the first and the last.
fn chosen(epochs: &[Epoch]) -> Vec<&Epoch> {
    let last = epochs.len().saturating_sub(1);
    match epochs.len() <= MOST_FRAMES {
        true => epochs.iter().collect(),
        false => (0..MOST_FRAMES).filter_map(|frame| epochs.get(frame * last / (MOST_FRAMES - 1))).collect(),
    }
}

fn counted(count: usize, what: &str, how: &str) -> String {
    match count {
        0 => format!("no {what} {how}"),
        1 => format!("1 {what} {how}"),
        _ => format!("{count} {what}s {how}"),
    }
}

fn drawn<T>(picture: &str, result: std::result::Result<T, PlotError>) -> Result<T> {
    Ok(result.map_err(|source| ReportError::Picture { picture: picture.to_string(), source })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(number: usize) -> Epoch {
        let weights = PerceptronWeights { weight: vec![2.0, -1.0], bias: 0.5 };
        Epoch { number, weights, corrections: 0, errors: 0 }
    }

    #[test]
    fn a_long_training_shows_its_first_and_its_last_epoch() {
        let epochs: Vec<Epoch> = (1..=1000).map(epoch).collect();
        let numbers: Vec<usize> = chosen(&epochs).iter().map(|epoch| epoch.number).collect();
        assert_eq!((numbers.len(), numbers.first(), numbers.last()), (60, Some(&1), Some(&1000)));
        assert_eq!(chosen(epochs.get(..15).unwrap_or_default()).len(), 15);
    }

    #[test]
    fn the_line_of_scaled_features_is_drawn_among_the_features_as_they_are() {
        let scaler = Scaler::Standard { mean: vec![10.0, 4.0], std: vec![2.0, 0.5] };
        let line = unscaled(&epoch(1).weights, &scaler);
        for (x, y) in [(10.0, 4.0), (3.0, -2.0), (11.5, 7.0)] {
            let (scaled_x, scaled_y) = ((x - 10.0) / 2.0, (y - 4.0) / 0.5);
            let expected = 2.0 * scaled_x - scaled_y + 0.5;
            assert!((line.w1 * x + line.w2 * y + line.b - expected).abs() < 1e-12);
        }
    }
}
