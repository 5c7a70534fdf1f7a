//! What every architecture's configuration is checked for.

use crate::{ModelError, Result};

/// A mistyped width should be a message, not the end of the machine's memory.
const MOST_WEIGHTS: f64 = 1e9;

pub(crate) fn at_least_one(key: &'static str, value: usize) -> Result<()> {
    match value {
        0 => Err(ModelError::Config { key, expected: "at least 1".into(), found: "0".into() }),
        _ => Ok(()),
    }
}

pub(crate) fn most_weights(key: &'static str, weights: f64) -> Result<()> {
    match weights > MOST_WEIGHTS {
        true => Err(ModelError::Config {
            key,
            expected: format!("at most {MOST_WEIGHTS:.0e} weights in all"),
            found: format!("{weights:.1e}"),
        }),
        false => Ok(()),
    }
}

/// The dropout of each of `places`, from none, one for all, or one for each; `of` says what they are.
pub(crate) fn spread_dropout(given: &[f64], places: usize, of: &str) -> Result<Vec<f64>> {
    if let Some(bad) = given.iter().find(|p| !(0.0..1.0).contains(*p)) {
        return Err(ModelError::Config {
            key: "dropout",
            expected: "probabilities from 0 to below 1".into(),
            found: bad.to_string(),
        });
    }
    match given {
        [] => Ok(vec![0.0; places]),
        [one] => Ok(vec![*one; places]),
        each if each.len() == places => Ok(each.to_vec()),
        each => Err(ModelError::Config {
            key: "dropout",
            expected: format!("one value, or one for each of the {places} {of}"),
            found: format!("{} values", each.len()),
        }),
    }
}

/// [`at_least_one`] for a layer made on its own.
pub(crate) fn layer_at_least_one(layer: &'static str, key: &'static str, value: usize) -> Result<()> {
    fits_layer(layer, key, value > 0, || "at least 1".into(), value)
}

/// Refuses groups that do not divide the channels of a convolution.
pub(crate) fn groups_divide(layer: &'static str, [inputs, outputs]: [usize; 2], groups: usize) -> Result<()> {
    let divides = groups > 0 && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups);
    let expected = || format!("a divisor of {inputs} and {outputs} channels");
    fits_layer(layer, "groups", divides, expected, groups)
}

/// Refuses a layer's option that does not fit.
pub(crate) fn fits_layer(
    layer: &'static str,
    key: &'static str,
    fits: bool,
    expected: impl FnOnce() -> String,
    found: impl ToString,
) -> Result<()> {
    match fits {
        true => Ok(()),
        false => Err(ModelError::Layer { layer, key, expected: expected(), found: found.to_string() }),
    }
}
