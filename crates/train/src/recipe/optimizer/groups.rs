//! Parameters that learn at rates of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use brasa_models::{Model, Rate, parameter_names};
use burn::module::{ModuleVisitor, Param, ParamGroup};
use burn::optim::{LearningRate, ModuleOptimizer, Optimizer};
use burn::tensor::{Device, Tensor};

/// Where a run is, from 0 to 1; its copies are one.
#[derive(Debug, Clone, Default)]
pub struct RunProgress(Arc<AtomicU64>);

impl RunProgress {
    /// The share of the run that is done.
    #[must_use]
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }

    /// Says how much of it is done.
    pub fn set(&self, progress: f64) {
        self.0.store(progress.to_bits(), Ordering::Relaxed);
    }
}

/// The parameters of a model that learn at another [`Rate`] than the recipe's, and where its run is.
#[derive(Debug, Clone, Default)]
pub struct ParameterGroups {
    rates: Vec<(Rate, Vec<String>)>,
    progress: RunProgress,
}

impl ParameterGroups {
    /// Those of `model`; `times` is what the rate of the parameter called so is multiplied with.
    pub fn of<M: Model>(model: &M, times: impl Fn(&str) -> f64) -> Self {
        let mut paths = Paths { at: Vec::new(), found: Vec::new() };
        model.visit(&mut paths);
        let mut groups = Self::default();
        for ((path, axes), name) in paths.found.into_iter().zip(parameter_names(model)) {
            let own = model.rate(&path);
            // Biases of several members, or embeddings of numbers, have two axes, too.
            let is_weight = path.rsplit('.').next().is_some_and(|own| own.contains("weight"));
            let matrix = own.matrix && (is_weight || axes < 2);
            let rate = Rate { lr: own.lr * times(&name), matrix, ..own };
            if rate == Rate::default() {
                continue;
            }
            match groups.rates.iter_mut().find(|(of, _)| *of == rate) {
                Some((_, paths)) => paths.push(path),
                None => groups.rates.push((rate, vec![path])),
            }
        }
        groups
    }

    /// Where the run is; the training says it.
    #[must_use]
    pub fn progress(&self) -> RunProgress {
        self.progress.clone()
    }

    /// An optimizer for every rate, which `of` makes; what a step takes away by weight decay is `of`'s part of the rate.
    pub fn optimizer<O: Optimizer>(&self, of: impl Fn(Rate) -> O) -> ModuleOptimizer {
        self.rates.iter().fold(ModuleOptimizer::from(of(Rate::default())), |optimizer, (rate, paths)| {
            let group = ParamGroup::from_paths(paths.clone());
            optimizer.with_group(group, Faster { by: rate.lr, steps: of(*rate) }, None)
        })
    }
}

/// Collects the paths of all parameters, as Burn's optimizers name them.
struct Paths {
    at: Vec<String>,
    /// With the number of axes.
    found: Vec<(String, usize)>,
}

impl ModuleVisitor for Paths {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.at.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.at.pop();
    }

    fn visit_float<const D: usize>(&mut self, _: &Param<Tensor<D>>) {
        self.found.push((self.at.join("."), D));
    }
}

/// An optimizer at a multiple of the learning rate.
#[derive(Debug, Clone)]
struct Faster<O> {
    by: f64,
    steps: O,
}

impl<O: Optimizer> Optimizer for Faster<O> {
    type State<const D: usize> = O::State<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<O::State<D>>,
    ) -> (Tensor<D>, Option<O::State<D>>) {
        self.steps.step(lr * self.by, tensor, gradient, state)
    }

    fn to_device<const D: usize>(state: O::State<D>, device: &Device) -> O::State<D> {
        O::to_device(state, device)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_kernels::optim::Adam;
    use brasa_models::{MlpConfig, Network, NetworkConfig, RealMlpConfig};
    use burn::optim::GradientsParams;

    use super::*;

    /// The numbers of every parameter, by its path.
    struct Numbers(Vec<String>, Vec<(String, Vec<f32>)>);

    impl ModuleVisitor for Numbers {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.1.push((self.0.join("."), param.val().into_data().try_into_vec().unwrap()));
        }
    }

    fn numbers(model: &impl Model) -> Vec<(String, Vec<f32>)> {
        let mut numbers = Numbers(Vec::new(), Vec::new());
        model.visit(&mut numbers);
        numbers.1
    }

    #[test]
    fn every_parameter_takes_a_first_step_of_its_own_rate() {
        let device = Device::default().autodiff();
        let config = RealMlpConfig { hidden: vec![16], ..RealMlpConfig::new(vec![0, 3, 20], 2) };
        let network = NetworkConfig::RealMlp(config).init(1, &device).unwrap();
        let before = numbers(&network);
        let rows = Tensor::<2>::from_floats([[0.3, 1.0, 7.0], [-1.2, 3.0, 0.0]], &device);
        let loss = network.forward_train(&rows.into(), 1).powi_scalar(2).sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let mut optimizer = ParameterGroups::of(&network, |_| 1.0).optimizer(|_| Adam::default());
        let rate = |network: &Network, path: &str| network.rate(path).lr;
        let rates: Vec<f64> = before.iter().map(|(path, _)| rate(&network, path)).collect();
        let after = numbers(&optimizer.step(1e-3, network, gradients));
        let mut moved = 0;
        for (((path, before), (_, after)), rate) in before.iter().zip(&after).zip(rates) {
            let step = before.iter().zip(after).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
            // Adam's first step is the learning rate for all that has a gradient.
            let fits = step == 0.0 || (step / (1e-3 * rate) - 1.0).abs() < 0.02;
            assert!(fits, "{path}: a step of {step} at the rate {rate}");
            moved += usize::from(step > 0.0);
        }
        assert!(moved >= 9, "{moved} parameters have moved");
    }

    #[test]
    fn a_model_whose_parameters_all_learn_alike_has_no_groups() {
        let device = Device::default();
        let mlp = NetworkConfig::Mlp(MlpConfig::new(3, 2)).init(1, &device).unwrap();
        assert!(ParameterGroups::of(&mlp, |_| 1.0).rates.is_empty());
    }
}
