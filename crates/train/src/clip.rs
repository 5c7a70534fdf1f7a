//! Gradient clipping over a whole module.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::recipe::TrainingRecipe;

/// How gradients are bounded before the update; value first, then norm.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clip {
    value: Option<f64>,
    norm: Option<f64>,
}

impl From<&TrainingRecipe> for Clip {
    fn from(recipe: &TrainingRecipe) -> Self {
        Self { value: recipe.clip_value, norm: recipe.clip_norm }
    }
}

impl Clip {
    /// Bounds `gradients` of `module` as PyTorch's `clip_grad_value_` and `clip_grad_norm_` do. The norm stays
    /// on the device.
    pub(crate) fn apply<M: Module>(
        self,
        module: &M,
        mut gradients: GradientsParams,
        device: &Device,
    ) -> GradientsParams {
        if let Some(bound) = self.value {
            transform(module, &mut gradients, Rule::Clamp(bound));
        }
        if let Some(max_norm) = self.norm {
            let scale =
                (norm_of(module, &gradients, device) + 1e-6).recip().mul_scalar(max_norm).clamp_max(1.0);
            transform(module, &mut gradients, Rule::Scale(&scale));
        }
        gradients
    }
}

/// The norm of all gradients together, on the device.
pub(crate) fn norm_of<M: Module>(module: &M, gradients: &GradientsParams, device: &Device) -> Tensor<1> {
    let mut squares = Squares { gradients, sum: Tensor::zeros([1], device) };
    module.visit(&mut squares);
    squares.sum.sqrt()
}

struct Squares<'a> {
    gradients: &'a GradientsParams,
    sum: Tensor<1>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sum = self.sum.clone() + gradient.square().sum();
        }
    }
}

enum Rule<'a> {
    Clamp(f64),
    Scale(&'a Tensor<1>),
}

struct Transform<'a> {
    gradients: &'a mut GradientsParams,
    rule: Rule<'a>,
}

impl ModuleVisitor for Transform<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else { return };
        let gradient = match &self.rule {
            Rule::Clamp(bound) => gradient.clamp(-bound, *bound),
            Rule::Scale(scale) => gradient * (*scale).clone().reshape([1; D]),
        };
        self.gradients.register(param.id, gradient);
    }
}

fn transform<M: Module>(module: &M, gradients: &mut GradientsParams, rule: Rule<'_>) {
    module.visit(&mut Transform { gradients, rule });
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use serde::Deserialize;

    use super::*;
    use crate::fixtures::{FixtureTensor, Pair, assert_all_close, cases};

    #[derive(Deserialize)]
    struct Case {
        case: String,
        kind: String,
        limit: f64,
        gradients: Vec<FixtureTensor>,
        after: Vec<Vec<f64>>,
    }

    #[test]
    fn both_rules_agree_with_torch() {
        let device = Device::default();
        for case in cases::<Case>("clipping.json") {
            // The gradients stand in for parameters, so that the fixture's shapes are the module's.
            let pair = Pair::new(&case.gradients, &device);
            let mut gradients = GradientsParams::new();
            gradients.register(pair.matrix.id, pair.matrix.val().inner());
            gradients.register(pair.vector.id, pair.vector.val().inner());
            let clip = match case.kind.as_str() {
                "norm" => Clip { norm: Some(case.limit), value: None },
                _ => Clip { norm: None, value: Some(case.limit) },
            };
            let clipped = clip.apply(&pair, gradients, &device);
            let matrix = clipped.get::<2>(pair.matrix.id).map(Tensor::into_data);
            let vector = clipped.get::<1>(pair.vector.id).map(Tensor::into_data);
            for (found, expected) in [matrix, vector].into_iter().zip(&case.after) {
                assert_all_close(
                    &found.unwrap_or_else(|| TensorData::from([f32::NAN])),
                    expected,
                    1e-6,
                    &case.case,
                );
            }
        }
    }
}
