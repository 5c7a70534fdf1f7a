use burn::backend::Flex;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;

use super::backward::{Behind, Gradients as ConvGradients, Wanted, gradients};
use super::epilogue::RowEpilogue;
use super::forward::forward;
use super::{ConvOptions, Epilogue, geometry::Geometry, reference2d};
use crate::flex::{constant, into_plain, into_tracked, on_flex, owned_contiguous, plain, tensor, tracked};

pub(super) fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<2>,
    geometry: Geometry,
) -> Tensor<4> {
    let computable = geometry.batch * geometry.inputs * geometry.outputs > 0;
    if !(computable && on_flex(&x) && on_flex(&weight) && bias.as_ref().is_none_or(on_flex)) {
        return reference2d(x, weight, bias, options);
    }
    let devices = [Some(x.device()), Some(weight.device()), bias.as_ref().map(Tensor::device)];
    let mut strategies = devices.into_iter().flatten().map(|d| d.gradient_checkpointing_strategy());
    let Some(strategy) = strategies.find_map(|strategy| strategy) else {
        let (x, weight, bias) = (into_plain(x), into_plain(weight), bias.map(into_plain));
        let bias = bias.as_ref().map(|bias| bias.storage());
        let epilogue = RowEpilogue { bias, first: options.epilogue, ..RowEpilogue::default() };
        return plain(output(&x, &weight, true, epilogue, geometry));
    };

    let (x, x_node) = into_tracked(x).into_parts();
    let (weight, weight_node) = into_tracked(weight).into_parts();
    let has_bias = bias.is_some();
    let bias = bias.map_or_else(|| constant(tensor(vec![], [0])), into_tracked);
    let (bias, bias_node) = bias.into_parts();
    let (x, weight, bias) = (owned_contiguous(x), owned_contiguous(weight), owned_contiguous(bias));
    let bias = has_bias.then(|| bias.storage());
    let epilogue = RowEpilogue { bias, first: options.epilogue, ..RowEpilogue::default() };
    let output = output(&x, &weight, false, epilogue, geometry);
    let nodes = [x_node, weight_node, bias_node];
    let output = match ConvBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(operation) => {
            let relu = (options.epilogue == Epilogue::Relu).then(|| output.clone());
            operation.finish(Saved { geometry, x, weight, relu }, output)
        }
        OpsKind::UnTracked(operation) => operation.finish(output),
    };
    tracked(output, strategy)
}

/// With a linear function of each channel in the same pass, and an epilogue before and after it; nothing where a tensor is
/// elsewhere, or is differentiated.
pub(super) fn conv2d_scaled(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    [first, last]: [Epilogue; 2],
    linear: &[Tensor<1>; 2],
    geometry: Geometry,
) -> Option<Tensor<4>> {
    let vectors = bias.into_iter().chain(linear);
    let computable = geometry.batch * geometry.inputs * geometry.outputs > 0;
    let here = [on_flex(x), on_flex(weight)].into_iter().chain(vectors.clone().map(on_flex)).all(|here| here);
    let tracked = x.device().is_autodiff()
        || weight.device().is_autodiff()
        || vectors.clone().any(|vector| vector.device().is_autodiff());
    if !(computable && here) || tracked {
        return None;
    }
    let (x, weight) = (into_plain(x.clone()), into_plain(weight.clone()));
    let bias = bias.map(|bias| into_plain(bias.clone()));
    let [scale, shift] = linear.clone().map(into_plain);
    let epilogue = RowEpilogue {
        bias: bias.as_ref().map(|bias| bias.storage()),
        first,
        linear: Some([scale.storage(), shift.storage()]),
        last,
    };
    Some(plain(output(&x, &weight, true, epilogue, geometry)))
}

pub(super) fn output(
    x: &FlexTensor,
    weight: &FlexTensor,
    reused: bool,
    epilogue: RowEpilogue<'_>,
    geometry: Geometry,
) -> FlexTensor {
    let Geometry { batch, outputs, output: [height, width], .. } = geometry;
    let values = forward(&geometry, x.storage(), weight, reused, epilogue);
    tensor(values, [batch, outputs, height, width])
}

/// What the backward pass needs; all contiguous.
#[derive(Clone, Debug)]
struct Saved {
    geometry: Geometry,
    x: FlexTensor,
    weight: FlexTensor,
    /// The output, if a ReLU formed it.
    relu: Option<FlexTensor>,
}

#[derive(Debug)]
struct ConvBackward;

impl Backward<Flex, 3> for ConvBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let Saved { geometry, x, weight, relu } = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents;
        let wanted =
            Wanted { input: x_node.is_some(), weight: weight_node.is_some(), bias: bias_node.is_some() };
        let behind = relu.as_ref().map(|output| Behind { output: output.storage(), relu: true, norm: None });
        let (x, weight) = (x.storage(), weight.storage());
        let found = gradients(&geometry, wanted, x, weight, behind, upstream.storage());
        let nodes = [x_node, weight_node, bias_node].map(|node| node.map(|node| node.id));
        register(&geometry, found, nodes, grads);
    }
}

/// Hands on what was computed for the nodes of input, weight and bias.
pub(super) fn register(
    geometry: &Geometry,
    gradients: ConvGradients,
    [x_node, weight_node, bias_node]: [Option<NodeId>; 3],
    grads: &mut Gradients,
) {
    let &Geometry { batch, inputs, outputs, groups, size, kernel, .. } = geometry;
    if let (Some(node), Some(values)) = (x_node, gradients.input) {
        grads.register::<Flex>(node, tensor(values, [batch, inputs, size[0], size[1]]));
    }
    if let (Some(node), Some(values)) = (weight_node, gradients.weight) {
        let shape = [outputs, inputs / groups, kernel[0], kernel[1]];
        grads.register::<Flex>(node, tensor(values, shape));
    }
    if let (Some(node), Some(values)) = (bias_node, gradients.bias) {
        grads.register::<Flex>(node, tensor(values, [outputs]));
    }
}
