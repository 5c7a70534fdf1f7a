//! What the augmentation makes of pictures.

use std::sync::Arc;

use brasa_data::{Loader, LoaderConfig, Role, Scaler};
use brasa_plot::{ImageSheet, SheetImage};

use super::pictures::{first_of_each_class, interleaved, picture};
use crate::Result;
use brasa_train::Prepared;
use brasa_train::recipe::CheckedRecipe;

/// Variants beside each original.
const VARIANTS: usize = 7;

/// Most originals, each of a class of its own.
const ORIGINALS: usize = 12;

/// A picture of each class of the training split and, beside it, what the recipe's `[augment]` makes of it in the first
/// seven epochs; mixtures are among the pictures of the sheet. `None` where the samples are no pictures of bytes.
///
/// # Errors
/// [`RunError::Train`](crate::RunError::Train) for steps that do not fit the samples.
pub fn augment_sheet(recipe: &CheckedRecipe, prepared: &Prepared) -> Result<Option<ImageSheet>> {
    let data = &prepared.data;
    if picture(&data.samples, 0).is_none() {
        return Ok(None);
    }
    let train = prepared.split.rows(Role::Train);
    let rows: Vec<usize> = first_of_each_class(data, train).into_iter().take(ORIGINALS).collect();
    let augment = recipe.recipe().augment.check(data.samples.shape())?;
    let config = LoaderConfig { batch_size: rows.len().max(1), ..LoaderConfig::default() };
    let loader = Loader::new(data.clone(), Arc::new(Scaler::Identity), rows.clone(), config)?
        .with_augment(Arc::new(augment), recipe.recipe().training.seed)?;
    let epochs: Vec<Vec<f32>> = (1..=VARIANTS as u64)
        .filter_map(|epoch| loader.epoch(epoch).next())
        .map(|batch| batch.inputs.numbers().to_vec())
        .collect();
    let len = data.samples.sample_len();
    let mut images = Vec::with_capacity(rows.len() * (VARIANTS + 1));
    for (place, &row) in rows.iter().enumerate() {
        let Some(original) = picture(&data.samples, row) else { continue };
        let variant = |values: &Vec<f32>| {
            let bytes: Vec<u8> =
                values.iter().skip(place * len).take(len).map(|value| value.round() as u8).collect();
            SheetImage { pixels: interleaved(&bytes, original.channels.into()), ..original.clone() }
        };
        let variants: Vec<SheetImage> = epochs.iter().map(variant).collect();
        let class = data.labels().get(row).and_then(|&label| data.class_names().get(label as usize));
        images.push(SheetImage { caption: class.cloned().into_iter().collect(), ..original });
        images.extend(variants);
    }
    Ok(Some(ImageSheet { images, columns: VARIANTS + 1, scale: 2, note: String::new() }))
}
