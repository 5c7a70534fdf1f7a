//! The wrong answers that a network was surest of.

use brasa_models::Network;
use burn::tensor::Device;

use super::picture;
use crate::Result;
use crate::report::Mistake;
use brasa_train::metrics::argmax;
use brasa_train::outputs;
use brasa_train::{CheckedRecipe, Prepared};

/// Mistakes shown as pictures.
const MOST: usize = 24;

/// The surest wrong answers about `rows`, as pictures; none where the samples are no pictures.
///
/// # Errors
/// [`RunError::Train`](crate::RunError::Train) where the backend fails.
pub fn mistakes(
    network: &Network,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
    device: &Device,
) -> Result<Vec<Mistake>> {
    let data = &prepared.data;
    if data.numbers().is_some() || picture(&data.samples, 0).is_none() {
        return Ok(Vec::new());
    }
    let logits = outputs(network, recipe, &prepared.eval_loader(rows, 0)?, device)?;
    let classes = data.class_names().len();
    let mut wrong: Vec<(f64, usize, u32, u32)> = logits
        .chunks(classes.max(1))
        .zip(rows)
        .filter_map(|(logits, &row)| {
            let target = data.labels().get(row).copied()?;
            let predicted = argmax(logits).filter(|predicted| *predicted != target)?;
            Some((probability(logits, predicted), row, target, predicted))
        })
        .collect();
    wrong.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    wrong.truncate(MOST);
    let class = |index: u32| data.class_names().get(index as usize).cloned().unwrap_or_default();
    let shown = |(probability, row, target, predicted): (f64, usize, u32, u32)| {
        let picture = picture(&data.samples, row)?;
        Some(Mistake {
            pixels: picture.pixels,
            width: picture.width,
            height: picture.height,
            channels: picture.channels,
            name: data.sample_names.as_ref().and_then(|names| names.get(row)).unwrap_or_default().to_owned(),
            true_class: class(target),
            predicted: class(predicted),
            probability,
        })
    };
    Ok(wrong.into_iter().filter_map(shown).collect())
}

/// The softmax of one logit.
pub(crate) fn probability(logits: &[f32], class: u32) -> f64 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let share = |logit: f32| f64::from(logit - largest).exp();
    let total: f64 = logits.iter().map(|&logit| share(logit)).sum();
    logits.get(class as usize).map_or(0.0, |&logit| share(logit) / total)
}
