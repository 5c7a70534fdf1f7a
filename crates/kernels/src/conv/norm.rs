//! A convolution, a ReLU or not, and the batch norm behind it as one operation: backward, one pass over all maps takes the norm's sums,
//! and the rest of norm and ReLU is done while a few images are in the cache.

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;

use super::backward::{Behind, Wanted, gradients};
use super::epilogue::RowEpilogue;
use super::flex::{output, register};
use super::{Epilogue, geometry::Geometry};
use crate::batch_norm::{Dims, Saved as Normed, vector};
use crate::flex::{constant, into_tracked, on_flex, owned_contiguous, tensor, tracked};

/// Nothing where a tensor is elsewhere, or no gradient is wanted.
pub(super) fn conv2d_batch_norm(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    epilogue: Epilogue,
    [gamma, beta]: [&Tensor<1>; 2],
    eps: f64,
    geometry: Geometry,
) -> Option<(Tensor<4>, Tensor<1>, Tensor<1>)> {
    let vectors = bias.into_iter().chain([gamma, beta]);
    let here = [on_flex(x), on_flex(weight)].into_iter().chain(vectors.clone().map(on_flex)).all(|here| here);
    if geometry.batch * geometry.inputs * geometry.outputs == 0 || !here {
        return None;
    }
    let devices = [x.device(), weight.device()].into_iter().chain(vectors.map(Tensor::device));
    let strategy = devices.into_iter().find_map(|device| device.gradient_checkpointing_strategy())?;

    let (x, x_node) = into_tracked(x.clone()).into_parts();
    let (weight, weight_node) = into_tracked(weight.clone()).into_parts();
    let has_bias = bias.is_some();
    let bias = bias.map_or_else(|| constant(tensor(vec![], [0])), |bias| into_tracked(bias.clone()));
    let (bias, bias_node) = bias.into_parts();
    let (gamma, gamma_node) = into_tracked(gamma.clone()).into_parts();
    let (beta, beta_node) = into_tracked(beta.clone()).into_parts();
    let (x, weight, bias) = (owned_contiguous(x), owned_contiguous(weight), owned_contiguous(bias));
    let row =
        RowEpilogue { bias: has_bias.then(|| bias.storage()), first: epilogue, ..RowEpilogue::default() };
    let maps = output(&x, &weight, false, row, geometry);
    let dims = Dims { channels: geometry.outputs, inner: geometry.output[0] * geometry.output[1] };
    let normed = Normed::new(maps, owned_contiguous(gamma), dims, eps);
    let output = normed.normalize(&owned_contiguous(beta));
    let [mean, variance] = [&normed.mean, &normed.variance].map(|values| constant(vector(values.clone())));
    let nodes = [x_node, weight_node, bias_node, gamma_node, beta_node];
    let operation = ConvNormBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful();
    let output = match operation {
        OpsKind::Tracked(operation) => {
            operation.finish(Saved { geometry, x, weight, relu: epilogue == Epilogue::Relu, normed }, output)
        }
        OpsKind::UnTracked(operation) => operation.finish(output),
    };
    Some((tracked(output, strategy), tracked(mean, strategy), tracked(variance, strategy)))
}

/// What the backward pass needs; all contiguous.
#[derive(Clone, Debug)]
struct Saved {
    geometry: Geometry,
    x: FlexTensor,
    weight: FlexTensor,
    relu: bool,
    /// With the maps between the convolution and the norm.
    normed: Normed,
}

#[derive(Debug)]
struct ConvNormBackward;

impl Backward<Flex, 5> for ConvNormBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let Saved { geometry, x, weight, relu, normed } = ops.state;
        let [x_node, weight_node, bias_node, gamma_node, beta_node] = ops.parents;
        let projected = normed.project(upstream.storage());
        projected.register([&gamma_node, &beta_node].map(|node| node.as_ref().map(|node| node.id)), grads);
        let wanted =
            Wanted { input: x_node.is_some(), weight: weight_node.is_some(), bias: bias_node.is_some() };
        if !(wanted.input || wanted.weight || wanted.bias) {
            return;
        }
        let behind = Behind { output: normed.x.storage(), relu, norm: Some(projected.denormalize(&normed)) };
        let (x, weight) = (x.storage(), weight.storage());
        let found = gradients(&geometry, wanted, x, weight, Some(behind), upstream.storage());
        let nodes = [x_node, weight_node, bias_node].map(|node| node.map(|node| node.id));
        register(&geometry, found, nodes, grads);
    }
}
