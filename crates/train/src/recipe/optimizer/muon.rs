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
    /// ([Jordan et al. 2024](https://kellerjordan.github.io/posts/muon/)), in Burn's body; a filter counts as a matrix with a row for
    /// each output. Its steps are as large as AdamW's ([Liu et al. 2025](https://arxiv.org/abs/2502.16982)), which updates
    /// biases, scales of norms and vectors of words.
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
                matrices: (!rate.rows).then(|| config.build()),
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
        let (Some(muon), [rows, _, ..]) = (&self.matrices, shape.as_slice()) else {
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
