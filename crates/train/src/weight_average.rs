//! An exponential moving average of the weights.

use std::collections::HashMap;

use brasa_models::Model;
use burn::module::{ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;

/// The mean of a model's weights over the steps behind it, those long ago counting less ([Polyak and Juditsky
/// 1992](https://doi.org/10.1137/0330046); exponential as in [Szegedy et al. 2016](https://arxiv.org/abs/1512.00567)).
/// Running statistics of batch norms are averaged like weights.
///
/// ```
/// use brasa_models::MlpConfig;
/// use brasa_train::WeightAverage;
///
/// let device = burn::tensor::Device::default();
/// let network = MlpConfig::new(4, 3).init(42, &device.clone().autodiff())?;
/// let mut average = WeightAverage::new(&network, 0.999);
/// for step in 0..3 {
///     // ... a step of the training, then:
///     average.push(&network, step);
/// }
/// let averaged = average.model();
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug)]
pub struct WeightAverage<M> {
    model: M,
    decay: f64,
}

impl<M: Model> WeightAverage<M> {
    /// Begins with the weights of `model`. `decay` is the share of the average that a step leaves, from 0 to below 1.
    pub fn new(model: &M, decay: f64) -> Self {
        // Not a clone: clones share the running statistics of batch norms.
        Self { model: model.valid(), decay }
    }

    /// Takes in the weights after a step of the training; `step` counts from 0. The first steps count more than the decay says, which is at
    /// most `(1 + step) / (10 + step)`: else the initial weights would be remembered for long.
    pub fn push(&mut self, model: &M, step: usize) {
        let warm_up = (1.0 + step as f64) / (10.0 + step as f64);
        let mut current = Current(HashMap::new());
        model.valid().visit(&mut current);
        let mut towards = Towards { current: current.0, share: 1.0 - self.decay.min(warm_up) };
        self.model = self.model.clone().map(&mut towards);
    }

    /// The averaged model, in evaluation mode on the device without autodiff; further steps do not change it.
    pub fn model(&self) -> M {
        self.model.valid()
    }
}

/// The numbers of each parameter, in a row.
struct Current(HashMap<ParamId, Tensor<1>>);

impl ModuleVisitor for Current {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.insert(param.id, param.val().flatten(0, D.saturating_sub(1)));
    }
}

/// Moves each parameter a share of the way to what it is now.
struct Towards {
    current: HashMap<ParamId, Tensor<1>>,
    share: f64,
}

impl ModuleMapper for Towards {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(current) = self.current.remove(&param.id) else { return param };
        param.map(|average| {
            let current = current.reshape(average.shape());
            // So that what does not change stays as it is to the last bit.
            average.clone() + (current - average).mul_scalar(self.share)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_models::{Architecture, Mlp, MlpConfig, Model};
    use burn::module::Module;
    use burn::tensor::{Device, Tensor};

    use super::*;

    fn network(device: &Device) -> Mlp {
        MlpConfig { hidden: vec![3], batch_norm: true, ..MlpConfig::new(2, 2) }
            .build(1, device)
            .unwrap()
            .train()
    }

    /// Every number of a model, in the order of the module.
    fn numbers(model: &Mlp) -> Vec<f32> {
        struct Numbers(Vec<f32>);
        impl ModuleVisitor for Numbers {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.0.extend(param.val().into_data().as_slice::<f32>().unwrap());
            }
        }
        let mut all = Numbers(Vec::new());
        model.valid().visit(&mut all);
        all.0
    }

    struct Plus(f64);
    impl ModuleMapper for Plus {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| Tensor::from_inner(tensor.inner() + self.0).require_grad())
        }
    }

    #[test]
    fn it_follows_the_recurrence_with_its_warm_up() {
        let device = Device::default().autodiff();
        let mut model = network(&device);
        let mut average = WeightAverage::new(&model, 0.5);
        let mut expected: Vec<f64> = numbers(&model).into_iter().map(f64::from).collect();
        for step in 0..30 {
            model = model.map(&mut Plus(0.25 * step as f64));
            average.push(&model, step);
            let decay = 0.5_f64.min((1.0 + step as f64) / (10.0 + step as f64));
            let current = numbers(&model);
            expected
                .iter_mut()
                .zip(&current)
                .for_each(|(to, now)| *to = *to * decay + f64::from(*now) * (1.0 - decay));
            for (found, expected) in numbers(&average.model()).iter().zip(&expected) {
                assert!(
                    (f64::from(*found) - expected).abs() < 1e-4 * expected.abs().max(1.0),
                    "{found} {expected}"
                );
            }
        }
    }

    #[test]
    fn weights_that_stay_give_their_own_bits() {
        let model = network(&Device::default().autodiff());
        let mut average = WeightAverage::new(&model, 0.999);
        for step in 0..100 {
            average.push(&model, step);
        }
        assert_eq!(numbers(&average.model()), numbers(&model));
    }

    #[test]
    fn what_was_taken_out_does_not_see_later_steps() {
        let device = Device::default().autodiff();
        let model = network(&device);
        let mut average = WeightAverage::new(&model, 0.9);
        let before = average.model();
        let kept = numbers(&before);
        // A step in training moves the running statistics.
        Model::forward_train(&model, &Tensor::<2>::ones([4, 2], &device).into(), 1);
        average.push(&model, 0);
        assert_eq!(numbers(&before), kept);
        assert_ne!(numbers(&average.model()), kept, "the running statistics have moved");
    }
}
