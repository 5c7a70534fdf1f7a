//! Numbers back from a device.

use burn::tensor::Tensor;

use crate::{ModelError, Result};

/// The values of a tensor on the host, row-major; `what` names them in the error.
///
/// # Errors
/// [`ModelError::ReadBack`] where the device fails.
pub fn read_back<const D: usize>(tensor: Tensor<D>, what: &'static str) -> Result<Vec<f32>> {
    let failed = |reason: String| ModelError::ReadBack { what, reason };
    let data = tensor.try_into_data().map_err(|error| failed(error.to_string()))?;
    data.convert::<f32>().try_into_vec().map_err(|error| failed(format!("{error:?}")))
}
