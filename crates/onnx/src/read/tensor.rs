//! One tensor: its name, its shape, and its elements out of whichever field has them.

use prost::Message;

use super::typed::typed;
use super::wire;
use crate::{Data, Element, Initializer, OnnxError, Result};

/// What `data_location` says of elements in another file.
const EXTERNAL: i32 = 1;

pub(super) fn initializer(mut tensor: wire::Tensor) -> Result<Initializer> {
    let name = tensor.name.take().unwrap_or_default();
    if name.is_empty() {
        return Err(refused(&name, "a name", "none"));
    }
    if tensor.data_location() == EXTERNAL || !tensor.external_data.is_empty() {
        let found = format!("a reference to the file {:?}, which is not read", location(&tensor));
        return Err(refused(&name, "its elements within the ONNX file", found));
    }
    let code = tensor.data_type();
    let Some(element) = Element::from_code(code) else {
        let expected = "floats of 16 to 64 bits, integers of 8 to 64 bits, booleans or strings";
        return Err(refused(&name, expected, format!("data type {code}")));
    };
    let (shape, count) = shape(&tensor.dims).map_err(|expected| {
        let dims = tensor.dims.iter().take(16).collect::<Vec<_>>();
        refused(&name, expected, format!("the shape {dims:?}"))
    })?;
    let data = data(&name, element, count, tensor)?;
    if data.len() != count {
        let expected = format!("{count} elements of {element} for the shape {shape:?}");
        return Err(refused(&name, expected, data.len().to_string()));
    }
    Ok(Initializer { name, shape, data })
}

fn data(name: &str, element: Element, count: usize, tensor: wire::Tensor) -> Result<Data> {
    match &tensor.raw_data {
        Some(raw) if !raw.is_empty() => {
            // Before anything is made of the bytes.
            let expected = element.width().checked_mul(count);
            if expected != Some(raw.len()) && element != Element::String {
                let bytes = expected.map_or("fewer".to_owned(), |bytes| bytes.to_string());
                let expected = format!("{bytes} bytes for {count} elements of {element}");
                return Err(refused(name, expected, raw.len().to_string()));
            }
            Data::from_raw(element, raw)
                .ok_or_else(|| refused(name, "strings in `string_data`", "`raw_data`"))
        }
        _ => typed(name, element, tensor),
    }
}

/// The dimensions, with the number of elements.
fn shape(dims: &[i64]) -> std::result::Result<(Vec<usize>, usize), &'static str> {
    let sizes: Option<Vec<usize>> = dims.iter().map(|size| usize::try_from(*size).ok()).collect();
    let sizes = sizes.ok_or("sizes of 0 and more")?;
    // A shape with a zero in it has no elements; but whoever multiplies the rest shall not overflow either.
    let mut others = sizes.iter().filter(|size| **size != 0);
    let product = others.try_fold(1_usize, |product, size| product.checked_mul(*size));
    let product = product.ok_or("a number of elements that fits a machine word")?;
    let count = if sizes.contains(&0) { 0 } else { product };
    Ok((sizes, count))
}

/// Where the elements are that are in another file.
fn location(tensor: &wire::Tensor) -> String {
    let entries = tensor.external_data.iter().map(|entry| wire::StringStringEntry::decode(entry.clone()));
    let mut entries = entries.filter_map(std::result::Result::ok);
    entries.find(|entry| entry.key() == "location").map(|entry| cut(entry.value())).unwrap_or_default()
}

pub(super) fn refused(name: &str, expected: impl Into<String>, found: impl Into<String>) -> OnnxError {
    OnnxError::Initializer { name: cut(name), expected: expected.into(), found: found.into() }
}

/// As much of a text of the file as a message can take.
fn cut(text: &str) -> String {
    text.chars().take(100).collect()
}
