//! Sharpness-aware minimization ([Foret et al. 2021](https://arxiv.org/abs/2010.01412)).

use brasa_models::Model;
use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::clip::norm_of;

/// `model` moved by `radius` along `gradients`, in training: where the loss nearby is about the greatest. Running statistics of the
/// model itself do not follow it.
pub(crate) fn climbed<M: Model>(model: &M, gradients: &GradientsParams, radius: f64, device: &Device) -> M {
    let share = (norm_of(model, gradients, device) + 1e-12).recip().mul_scalar(radius);
    // Not a clone: clones share the running statistics of batch norms.
    model.valid().map(&mut Climb { gradients, share }).train()
}

/// The gradients `there` of the parameters that have one `here`: what does not learn is not known to a model that was moved.
pub(crate) fn of_learning<M: Model>(
    model: &M,
    here: &GradientsParams,
    there: GradientsParams,
) -> GradientsParams {
    let mut kept = Kept { here, there };
    model.visit(&mut kept);
    kept.there
}

struct Kept<'a> {
    here: &'a GradientsParams,
    there: GradientsParams,
}

impl ModuleVisitor for Kept<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.here.get::<D>(param.id).is_none() {
            let _ = self.there.remove::<D>(param.id);
        }
    }
}

struct Climb<'a> {
    gradients: &'a GradientsParams,
    share: Tensor<1>,
}

impl ModuleMapper for Climb<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.gradients.get::<D>(param.id) {
            Some(gradient) => param.map(|weights| weights + gradient * self.share.clone().reshape([1; D])),
            None => param,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_models::{Architecture, Input, MlpConfig, first_not_finite, save_weights};
    use burn::module::Module;
    use burn::tensor::TensorData;

    use super::*;
    use crate::fixtures::assert_all_close;

    /// A product with a matrix, whose gradients can be told by hand.
    #[derive(Module, Debug)]
    struct Quadratic {
        at: Param<Tensor<1>>,
        fixed: Param<Tensor<1>>,
    }

    impl Model for Quadratic {
        fn forward(&self, input: &Input) -> Tensor<2> {
            input.flat() * self.at.val().reshape([1, 2]) + self.fixed.val().reshape([1, 2])
        }
    }

    /// Half the sum of `scale * at^2`, whose gradient is `scale * at`.
    fn gradients(model: &Quadratic, scale: [f32; 2]) -> GradientsParams {
        let at = model.at.val();
        let scale = Tensor::<1>::from_data(scale, &at.device());
        let fixed = model.fixed.val() * 0.0;
        let loss = (at.clone() * at * scale + fixed).sum().mul_scalar(0.5);
        GradientsParams::from_grads(loss.backward(), model)
    }

    #[test]
    fn the_gradient_is_that_of_the_point_the_radius_away() {
        let plain = Device::default();
        let device = plain.clone().autodiff();
        let of = |numbers: [f32; 2]| Param::from_data(TensorData::from(numbers), &device);
        let model = Quadratic { at: of([3.0, -1.0]), fixed: of([5.0, 5.0]).set_require_grad(false) };
        let scale = [1.0, 4.0];
        let here = gradients(&model, scale);
        assert!(here.get::<1>(model.fixed.id).is_none());
        // The gradient is (3, -4), of length 5.
        let there = climbed(&model, &here, 0.5, &plain);
        assert_all_close(&there.at.val().into_data(), &[3.3, -1.4], 1e-6, "where it goes");
        assert_all_close(&there.fixed.val().into_data(), &[5.0, 5.0], 0.0, "what does not learn");
        let found = of_learning(&model, &here, gradients(&there, scale));
        assert_all_close(&found.get::<1>(model.at.id).unwrap().into_data(), &[3.3, -5.6], 1e-6, "gradient");
        assert!(found.get::<1>(model.fixed.id).is_none());
        assert_all_close(&model.at.val().into_data(), &[3.0, -1.0], 0.0, "the model stays");
    }

    #[test]
    fn running_statistics_stay_those_of_the_model() {
        let plain = Device::default();
        let device = plain.clone().autodiff();
        let config = MlpConfig { hidden: vec![3], batch_norm: true, ..MlpConfig::new(2, 2) };
        let network = config.build(1, &device).unwrap().train();
        let input: Input = Tensor::<2>::from_data([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]], &device).into();
        let loss = Model::forward_train(&network, &input, 1).square().sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let bytes = |network: &brasa_models::Mlp| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("w.safetensors");
            save_weights(&network.valid(), &path).unwrap();
            std::fs::read(path).unwrap()
        };
        let before = bytes(&network);
        let there = climbed(&network, &gradients, 0.1, &plain);
        assert!(bytes(&there) != before);
        let moved = bytes(&there);
        Model::forward_train(&there, &input, 2);
        assert!(bytes(&there) != moved, "it normalises by the batch, and remembers it");
        assert!(bytes(&network) == before);
        assert_eq!(first_not_finite(&network), None);
    }
}
