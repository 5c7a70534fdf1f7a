use burn::backend::flex::FlexTensor;
use burn::backend::{
    AutodiffBackend, BackendTensor, DispatchAutodiffContext, DispatchDevice, DispatchTensor,
    DispatchTensorKind, Flex, GradientCheckpointingStrategy, tensor::FloatTensor,
};
use burn::tensor::{DType, Shape, Tensor, TensorData};

/// A float tensor on flex under autodiff. The checkpointing strategy is not part of the primitive's type.
pub(crate) type TrackedFlex = FloatTensor<burn::backend::Autodiff<Flex>>;

/// Where a tensor lives, as far as this crate's kernels care.
pub(crate) enum Routed<const D: usize> {
    /// `f32` on flex, without autodiff.
    Plain(FlexTensor),
    /// `f32` on flex, on an autodiff device.
    Tracked(TrackedFlex, GradientCheckpointingStrategy),
    /// Anything else: other backends, other types.
    Other(Tensor<D>),
}

/// Numbers, row-major, as a tensor.
pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, Shape::new(shape)))
}

/// Sorts `tensor` by what can run on it, without copying.
pub(crate) fn route<const D: usize>(tensor: Tensor<D>) -> Routed<D> {
    if tensor.dtype() != DType::F32 {
        return Routed::Other(tensor);
    }
    let DispatchTensor { kind, autodiff } = tensor.into_dispatch();
    let kind = match (kind, autodiff) {
        (DispatchTensorKind::Flex(BackendTensor::Float(tensor)), DispatchAutodiffContext::Disabled) => {
            return Routed::Plain(tensor);
        }
        (DispatchTensorKind::Autodiff(inner), DispatchAutodiffContext::Enabled(strategy)) => match *inner {
            DispatchTensorKind::Flex(BackendTensor::Autodiff(tensor)) => {
                return Routed::Tracked(tensor, strategy);
            }
            other => DispatchTensorKind::Autodiff(Box::new(other)),
        },
        (kind, _) => kind,
    };
    Routed::Other(Tensor::from_dispatch(DispatchTensor { kind, autodiff }))
}

/// Whether `tensor` is `f32` on flex, with or without autodiff.
pub(crate) fn on_flex<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && matches!(tensor.device().inner().as_dispatch(), DispatchDevice::Flex(_))
}

/// The primitive of a tensor [`on_flex`], row-major, without its gradient. Any other tensor is copied to flex.
pub(crate) fn into_plain<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    match route(tensor) {
        Routed::Plain(tensor) => owned_contiguous(tensor),
        Routed::Tracked(tensor, _) => owned_contiguous(tensor.into_primitive()),
        Routed::Other(tensor) => FlexTensor::from_data(tensor.into_data()),
    }
}

/// The primitive of a tensor [`on_flex`] under autodiff; one without becomes a constant.
pub(crate) fn into_tracked<const D: usize>(tensor: Tensor<D>) -> TrackedFlex {
    match route(tensor) {
        Routed::Tracked(tensor, _) => tensor,
        Routed::Plain(tensor) => constant(tensor),
        Routed::Other(tensor) => constant(FlexTensor::from_data(tensor.into_data())),
    }
}

/// The way back for a tensor without autodiff.
pub(crate) fn plain<const D: usize>(tensor: FlexTensor) -> Tensor<D> {
    Tensor::from_dispatch(DispatchTensor {
        kind: DispatchTensorKind::Flex(BackendTensor::Float(tensor)),
        autodiff: DispatchAutodiffContext::Disabled,
    })
}

/// The way back for a tensor under autodiff.
pub(crate) fn tracked<const D: usize>(
    tensor: TrackedFlex,
    strategy: GradientCheckpointingStrategy,
) -> Tensor<D> {
    Tensor::from_dispatch(DispatchTensor {
        kind: DispatchTensorKind::Autodiff(Box::new(DispatchTensorKind::Flex(BackendTensor::Autodiff(
            tensor,
        )))),
        autodiff: DispatchAutodiffContext::Enabled(strategy),
    })
}

/// A constant under autodiff.
pub(crate) fn constant(tensor: FlexTensor) -> TrackedFlex {
    <burn::backend::Autodiff<Flex> as AutodiffBackend>::from_inner(tensor)
}

/// `tensor` row-major from the start of its buffer. It stays uniquely owned if it was, so that it can be written
/// in place.
pub(crate) fn owned_contiguous(tensor: FlexTensor) -> FlexTensor {
    let contiguous = tensor.to_contiguous();
    drop(tensor);
    contiguous
}
