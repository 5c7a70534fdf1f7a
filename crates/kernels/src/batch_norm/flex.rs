use burn::backend::Flex;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, Tensor, TensorData};

use super::apply::{Denormalize, Normalize};
use super::reference;
use super::sums::{Moments, Projections, sums};
use crate::flex::{constant, into_plain, into_tracked, on_flex, owned_contiguous, plain, tensor, tracked};

/// The shape after the batch: channels, and elements of one channel of one sample. Neither is 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dims {
    pub(crate) channels: usize,
    pub(crate) inner: usize,
}

impl Dims {
    /// Elements that must stay together: a row of a matrix, a plane otherwise.
    pub(super) fn granule(self) -> usize {
        if self.inner == 1 { self.channels } else { self.inner }
    }
}

pub(super) fn batch_norm_train<const D: usize>(
    x: Tensor<D>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    let shape = x.dims();
    if shape.contains(&0) || !(on_flex(&x) && on_flex(&gamma) && on_flex(&beta)) {
        return reference(x, gamma, beta, eps);
    }
    let dims = Dims { channels: shape[1], inner: shape[2..].iter().product() };
    let strategies = [x.device(), gamma.device(), beta.device()].map(|d| d.gradient_checkpointing_strategy());
    let Some(strategy) = strategies.into_iter().flatten().next() else {
        let saved = Saved::new(into_plain(x), into_plain(gamma), dims, eps);
        let output = saved.normalize(&into_plain(beta));
        return (plain(output), plain(vector(saved.mean)), plain(vector(saved.variance)));
    };

    let (x, x_node) = into_tracked(x).into_parts();
    let (gamma, gamma_node) = into_tracked(gamma).into_parts();
    let (beta, beta_node) = into_tracked(beta).into_parts();
    let saved = Saved::new(owned_contiguous(x), owned_contiguous(gamma), dims, eps);
    let output = saved.normalize(&owned_contiguous(beta));
    let mean = constant(vector(saved.mean.clone()));
    let variance = constant(vector(saved.variance.clone()));
    let nodes = [x_node, gamma_node, beta_node];
    let output = match BatchNormBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(operation) => operation.finish(saved, output),
        OpsKind::UnTracked(operation) => operation.finish(output),
    };
    (tracked(output, strategy), tracked(mean, strategy), tracked(variance, strategy))
}

/// By the statistics that are given; nothing where a tensor is elsewhere, or is differentiated.
pub(super) fn batch_norm_infer<const D: usize>(
    x: &Tensor<D>,
    vectors: [&Tensor<1>; 4],
    eps: f64,
) -> Option<Tensor<D>> {
    let shape = x.dims();
    let tracked = x.device().is_autodiff() || vectors.iter().any(|vector| vector.device().is_autodiff());
    if shape.contains(&0) || tracked || !on_flex(x) || !vectors.into_iter().all(on_flex) {
        return None;
    }
    let [gamma, beta, mean, variance] = vectors.map(|vector| into_plain(vector.clone()));
    let pairs = gamma.storage::<f32>().iter().zip(variance.storage::<f32>());
    let scale: Vec<f32> = pairs
        .map(|(gamma, variance)| (f64::from(*gamma) / (f64::from(*variance) + eps).sqrt()) as f32)
        .collect();
    let dims = Dims { channels: shape[1], inner: shape[2..].iter().product() };
    let normalize = Normalize { dims, mean: mean.storage(), scale: &scale, shift: beta.storage() };
    let values = normalize.of(into_plain(x.clone()).storage());
    Some(plain(FlexTensor::from_data(TensorData::new(values, Shape::new(shape)))))
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    dims: Dims,
    pub(crate) x: FlexTensor,
    gamma: FlexTensor,
    pub(crate) mean: Vec<f32>,
    pub(crate) variance: Vec<f32>,
    inverse_deviation: Vec<f32>,
}

impl Saved {
    /// Both tensors are contiguous.
    pub(crate) fn new(x: FlexTensor, gamma: FlexTensor, dims: Dims, eps: f64) -> Self {
        let values = x.storage::<f32>();
        // The first sample's values as centres: whatever the offset of the data, little is lost to cancellation.
        let centers: Vec<f32> = values.iter().step_by(dims.inner).take(dims.channels).copied().collect();
        let (sums, squares) = sums(Moments, dims, values, values, &centers);
        let count = (values.len() / dims.channels) as f64;
        let (mut mean, mut variance, mut inverse_deviation) = (vec![], vec![], vec![]);
        for ((sum, square), center) in sums.iter().zip(&squares).zip(&centers) {
            let distance = sum / count;
            let biased = square / count - distance * distance;
            let biased = if biased < 0.0 { 0.0 } else { biased };
            mean.push((f64::from(*center) + distance) as f32);
            variance.push(biased as f32);
            inverse_deviation.push(((biased + eps).sqrt().recip()) as f32);
        }
        Self { dims, x, gamma, mean, variance, inverse_deviation }
    }

    fn scale(&self) -> Vec<f32> {
        self.gamma.storage::<f32>().iter().zip(&self.inverse_deviation).map(|(a, b)| a * b).collect()
    }

    pub(crate) fn normalize(&self, beta: &FlexTensor) -> FlexTensor {
        let normalize =
            Normalize { dims: self.dims, mean: &self.mean, scale: &self.scale(), shift: beta.storage() };
        let output = normalize.of(self.x.storage());
        FlexTensor::from_data(TensorData::new(output, self.x.layout().shape().clone()))
    }
}

pub(crate) fn vector(values: Vec<f32>) -> FlexTensor {
    let len = values.len();
    tensor(values, [len])
}

#[derive(Debug)]
struct BatchNormBackward;

impl Backward<Flex, 3> for BatchNormBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let mut upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let saved = ops.state;
        let [x_node, gamma_node, beta_node] = ops.parents;
        let projected = saved.project(upstream.storage());
        projected.register([&gamma_node, &beta_node].map(|node| node.as_ref().map(|node| node.id)), grads);
        if let Some(node) = x_node {
            projected.denormalize(&saved).in_place(saved.x.storage(), upstream.storage_mut());
            grads.register::<Flex>(node.id, upstream);
        }
    }
}

/// Half of the backward pass. With `d = x - mean`, `r = 1/sqrt(variance + eps)` and means over a channel:
/// `dx = gamma r (g - mean(g) - d r^2 mean(g d))`, `dgamma = r sum(g d)`, `dbeta = sum(g)`.
pub(crate) struct Projected {
    gamma: Vec<f32>,
    beta: Vec<f32>,
    offset: Vec<f32>,
    slope: Vec<f32>,
    scale: Vec<f32>,
}

impl Saved {
    pub(crate) fn project(&self, upstream: &[f32]) -> Projected {
        let x = self.x.storage::<f32>();
        let count = (x.len() / self.dims.channels) as f64;
        let (g_sums, gd_sums) = sums(Projections, self.dims, x, upstream, &self.mean);
        let with_r = || gd_sums.iter().zip(&self.inverse_deviation).map(|(sum, r)| (sum, f64::from(*r)));
        Projected {
            gamma: with_r().map(|(sum, r)| (sum * r) as f32).collect(),
            beta: g_sums.iter().map(|sum| *sum as f32).collect(),
            offset: g_sums.iter().map(|sum| (sum / count) as f32).collect(),
            slope: with_r().map(|(sum, r)| (sum / count * r * r) as f32).collect(),
            scale: self.scale(),
        }
    }
}

impl Projected {
    pub(crate) fn register(&self, [gamma, beta]: [Option<NodeId>; 2], grads: &mut Gradients) {
        for (node, gradient) in [(gamma, &self.gamma), (beta, &self.beta)] {
            if let Some(node) = node {
                grads.register::<Flex>(node, vector(gradient.clone()));
            }
        }
    }

    pub(crate) fn denormalize<'a>(&'a self, saved: &'a Saved) -> Denormalize<'a> {
        let Self { offset, slope, scale, .. } = self;
        Denormalize { dims: saved.dims, mean: &saved.mean, offset, slope, scale }
    }
}
