use brasa_data::keys::Bounds;
use brasa_kernels::optim::AdamW;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{
    AdamState, AdjustLrFn, LearningRate, ModuleOptimizer, MuonConfig, MuonState, Optimizer, RecordState,
    StateSink, StateSource,
};
use burn::tensor::{Device, Tensor};

use super::OptimizerKind;
use super::groups::ParameterGroups;

brasa_data::table! {
    /// Muon: the momentum of a matrix made orthogonal by Newton and Schulz's iteration
    /// ([Jordan et al. 2024](https://kellerjordan.github.io/posts/muon/)), in Burn's body; a filter over images counts as a matrix with a row for
    /// each output. Its steps are as large as AdamW's ([Liu et al. 2025](https://arxiv.org/abs/2502.16982)), which updates
    /// everything else: biases, scales of norms, vectors of words, filters over texts, embeddings of numbers.
    pub struct Muon = "muon" {
        /// Learning rate before the schedule, of both.
        lr: f64 = 1e-3, Bounds::above(0.0);
        /// Weight of the past velocity of a matrix.
        momentum: f64 = 0.95, Bounds::below(0.0, 1.0);
        /// Whether to look ahead along the velocity.
        nesterov: bool = true;
        /// AdamW's decay of the two moments.
        betas: [f64; 2] = [0.9, 0.999], Bounds::below(0.0, 1.0);
        /// Added to AdamW's denominator.
        eps: f64 = 1e-8, Bounds::at_least(0.0);
        /// Weight decay, taken from the weights apart from the gradient.
        weight_decay: f64 = 1e-2, Bounds::at_least(0.0);
    }
}

impl OptimizerKind for Muon {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer {
        let Self { momentum, nesterov, betas, eps, weight_decay, .. } = *self;
        groups.optimizer(|rate| {
            let weight_decay = weight_decay * rate.decay;
            let momentum = MomentumConfig { momentum, dampening: 0.0, nesterov };
            let config =
                MuonConfig::new().with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW).with_momentum(momentum);
            Both {
                // Its weight decay is in single precision: the step before it takes the share away.
                matrices: (rate.matrix && !rate.rows).then(|| config.build()),
                weight_decay,
                vectors: AdamW { betas: betas.into(), eps, weight_decay, lazy: false },
            }
        })
    }
}

/// Muon for matrices, where there is one, and AdamW for the rest.
#[derive(Clone)]
struct Both {
    matrices: Option<burn::optim::Muon>,
    weight_decay: f64,
    vectors: AdamW,
}

/// What is remembered of a parameter.
#[derive(Clone)]
enum State<const D: usize> {
    Velocity(Box<MuonState<2>>),
    Moments(Box<AdamState<D>>),
}

impl<const D: usize> RecordState for State<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        match self {
            Self::Velocity(velocity) => velocity.state_flatten(prefix, out),
            Self::Moments(moments) => moments.state_flatten(prefix, out),
        }
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, device: &Device) -> Option<Self> {
        match MuonState::state_unflatten(prefix, source, device) {
            Some(velocity) => Some(Self::Velocity(Box::new(velocity))),
            None => AdamState::state_unflatten(prefix, source, device).map(Box::new).map(Self::Moments),
        }
    }
}

impl Optimizer for Both {
    type State<const D: usize> = State<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<State<D>>,
    ) -> (Tensor<D>, Option<State<D>>) {
        let shape = tensor.shape();
        let (Some(muon), [rows, _] | [rows, _, _, _]) = (&self.matrices, shape.as_slice()) else {
            let moments = state.and_then(|state| match state {
                State::Moments(moments) => Some(*moments),
                State::Velocity(_) => None,
            });
            let (tensor, moments) = self.vectors.step(lr, tensor, gradient, moments);
            return (tensor, moments.map(Box::new).map(State::Moments));
        };
        let matrix = [*rows, shape.num_elements() / (*rows).max(1)];
        let velocity = state.and_then(|state| match state {
            State::Velocity(velocity) => Some(*velocity),
            State::Moments(_) => None,
        });
        let kept = tensor.reshape(matrix).mul_scalar(1.0 - lr * self.weight_decay);
        let (moved, velocity) = muon.step(lr, kept, gradient.reshape(matrix), velocity);
        (moved.reshape(shape), velocity.map(Box::new).map(State::Velocity))
    }

    fn to_device<const D: usize>(state: State<D>, device: &Device) -> State<D> {
        match state {
            State::Velocity(velocity) => {
                State::Velocity(Box::new(burn::optim::Muon::to_device(*velocity, device)))
            }
            State::Moments(moments) => State::Moments(Box::new(AdamW::to_device(*moments, device))),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_models::{Architecture, MlpConfig, Model, SequentialConfig};
    use burn::tensor::Distribution;

    use super::*;

    fn both() -> Both {
        Both {
            matrices: Some(MuonConfig::new().with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW).build()),
            weight_decay: 0.01,
            vectors: AdamW::default(),
        }
    }

    #[test]
    fn a_filter_is_stepped_as_the_matrix_of_its_outputs() {
        let device = Device::default();
        let random = || Tensor::<4>::random([3, 2, 2, 2], Distribution::Default, &device);
        let (filter, gradient) = (random(), random());
        let (moved, state) = both().step(0.1, filter.clone(), gradient.clone(), None);
        let (again, _) = both().step(0.1, moved, gradient.clone(), state);
        let [matrix, slope] = [filter, gradient].map(|tensor| tensor.reshape([3, 8]));
        let (moved, state) = both().step(0.1, matrix, slope.clone(), None);
        let (expected, _) = both().step(0.1, moved, slope, state);
        let (again, expected) = (again.reshape([3, 8]).into_data(), expected.into_data());
        assert_eq!(again.as_slice::<f32>().unwrap(), expected.as_slice::<f32>().unwrap());
    }

    /// Parameters of a model that are stepped as matrices: those whose first step is no AdamW's.
    fn matrices<M: Model>(model: M) -> Vec<bool> {
        struct Ones(burn::optim::GradientsParams);
        impl burn::module::ModuleVisitor for Ones {
            fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
                self.0.register(param.id, param.val().inner().ones_like());
            }
        }
        struct Values(Vec<f32>);
        impl burn::module::ModuleVisitor for Values {
            fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
                self.0.push(param.val().inner().flatten::<1>(0, D - 1).narrow(0, 0, 1).into_scalar());
            }
        }
        let first = |model: &M| {
            let mut values = Values(Vec::new());
            model.visit(&mut values);
            values.0
        };
        let mut ones = Ones(burn::optim::GradientsParams::new());
        model.visit(&mut ones);
        let before = first(&model);
        let optimizer = Muon { weight_decay: 0.0, ..Muon::default() };
        let after = first(&optimizer.init(&ParameterGroups::of(&model, |_| 1.0)).step(0.1, model, ones.0));
        // AdamW's first step is the learning rate.
        before.iter().zip(&after).map(|(before, after)| (before - after - 0.1).abs() > 1e-3).collect()
    }

    #[test]
    fn weights_are_matrices_and_biases_and_norms_are_not() {
        let device = Device::default().autodiff();
        let mlp = MlpConfig { hidden: vec![5], ..MlpConfig::new(4, 3) }.build(1, &device).unwrap();
        assert_eq!(matrices(mlp), [true, false, true, false]);
        let layers = vec!["conv 4 3x3".parse().unwrap()];
        let config = SequentialConfig { layers, ..SequentialConfig::new(vec![2, 5, 5], 3) };
        assert_eq!(matrices(config.build(1, &device).unwrap()), [true, false, true, false]);
    }
}
