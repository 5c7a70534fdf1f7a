//! Backends are cargo features; the device is chosen by name at run time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{Device, Tensor};

use crate::{ModelError, Result};

/// Names of the backends compiled in, the default first.
pub fn backends() -> &'static [&'static str] {
    &[
        #[cfg(feature = "flex")]
        "flex",
        #[cfg(feature = "ndarray")]
        "ndarray",
        #[cfg(feature = "cuda")]
        "cuda",
        #[cfg(feature = "wgpu")]
        "wgpu",
        #[cfg(feature = "vulkan")]
        "vulkan",
        #[cfg(feature = "metal")]
        "metal",
        #[cfg(feature = "rocm")]
        "rocm",
    ]
}

/// The device called `name`: a backend of [`backends`], with `:N` for the Nth GPU where it has several.
///
/// A GPU is tried with one small operation, so that a missing driver is an error here and not a panic in
/// the middle of training.
///
/// # Errors
/// [`ModelError::UnknownDevice`] with the names that would work, [`ModelError::DeviceUnusable`] with the
/// driver's answer.
pub fn select_device(name: &str) -> Result<Device> {
    let unknown = || ModelError::UnknownDevice { name: name.into(), available: backends().to_vec() };
    let (backend, index) = match name.split_once(':') {
        Some((backend, index)) => (backend, Some(index.parse::<usize>().map_err(|_| unknown())?)),
        None => (name, None),
    };
    if !backends().contains(&backend) || (index.is_some() && matches!(backend, "flex" | "ndarray")) {
        return Err(unknown());
    }
    let open = || make(backend, index).ok_or_else(unknown);
    if matches!(backend, "flex" | "ndarray") {
        return open();
    }
    let attempt = silently(|| {
        let device = open()?;
        let sum = Tensor::<1>::ones([2], &device).sum();
        match sum.try_into_scalar::<f32>() {
            Ok(_) => Ok(device),
            Err(error) => Err(ModelError::DeviceUnusable { name: name.into(), reason: error.to_string() }),
        }
    });
    attempt.unwrap_or_else(|reason| Err(ModelError::DeviceUnusable { name: name.into(), reason }))
}

#[allow(unused_variables, deprecated)]
fn make(backend: &str, index: Option<usize>) -> Option<Device> {
    #[cfg(any(feature = "wgpu", feature = "vulkan", feature = "metal"))]
    let kind = match index {
        None => burn::tensor::DeviceKind::DefaultDevice,
        Some(index) => burn::tensor::DeviceKind::DiscreteGpu(index),
    };
    match backend {
        #[cfg(feature = "flex")]
        "flex" => Some(Device::flex()),
        #[cfg(feature = "ndarray")]
        "ndarray" => Some(Device::ndarray()),
        #[cfg(feature = "cuda")]
        "cuda" => Some(Device::cuda(index.unwrap_or(0))),
        #[cfg(feature = "wgpu")]
        "wgpu" => Some(Device::wgpu(kind)),
        #[cfg(feature = "vulkan")]
        "vulkan" => Some(Device::vulkan(kind)),
        #[cfg(feature = "metal")]
        "metal" => Some(Device::metal(kind)),
        #[cfg(feature = "rocm")]
        "rocm" => Some(Device::rocm(index.unwrap_or(0))),
        _ => None,
    }
}

/// Runs `attempt`, turning a panic of a GPU runtime into its message without printing it.
fn silently<T>(attempt: impl FnOnce() -> T) -> std::result::Result<T, String> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let outcome = catch_unwind(AssertUnwindSafe(attempt));
    std::panic::set_hook(hook);
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
            .unwrap_or_else(|| "its driver did not start".into())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_name_lists_the_right_ones() {
        for name in ["tpu", "flex:1", "cuda:x", ""] {
            let message = select_device(name).unwrap_err().to_string();
            assert!(message.contains("flex"), "{message}");
        }
    }

    #[test]
    fn the_default_opens() {
        assert!(!select_device(backends()[0]).unwrap().is_autodiff());
    }
}
