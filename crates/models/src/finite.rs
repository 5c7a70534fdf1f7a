//! Where in a model a number is not finite.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// The path of the first parameter that holds a number that is not finite, in the order of the module; `None` where all are.
///
/// ```
/// use brasa_models::{MlpConfig, first_not_finite};
///
/// let network = MlpConfig::new(4, 3).init(42, &burn::tensor::Device::default())?;
/// assert_eq!(first_not_finite(&network), None);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
pub fn first_not_finite<M: Module>(model: &M) -> Option<String> {
    first(model, None)
}

/// As [`first_not_finite`], of the gradients of a model's parameters.
pub fn first_gradient_not_finite<M: Module>(model: &M, gradients: &GradientsParams) -> Option<String> {
    first(model, Some(gradients))
}

fn first<M: Module>(model: &M, gradients: Option<&GradientsParams>) -> Option<String> {
    let mut search = Search { at: Vec::new(), found: None, gradients };
    model.visit(&mut search);
    search.found
}

struct Search<'a> {
    at: Vec<String>,
    found: Option<String>,
    gradients: Option<&'a GradientsParams>,
}

impl ModuleVisitor for Search<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.at.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.at.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.found.is_some() {
            return;
        }
        let values: Option<Tensor<D>> = match self.gradients {
            Some(gradients) => gradients.get(param.id),
            None => Some(param.val()),
        };
        if values.is_some_and(|values| !is_finite(values)) {
            self.found = Some(self.at.join("."));
        }
    }
}

/// Whether all numbers of a tensor are finite, read on the host: reductions on a device may drop what is none.
fn is_finite<const D: usize>(tensor: Tensor<D>) -> bool {
    let data = tensor.into_data().convert::<f32>();
    data.as_slice::<f32>().is_ok_and(|values| values.iter().all(|value| value.is_finite()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::nn::LinearConfig;
    use burn::tensor::{Device, TensorData};

    use super::*;

    #[test]
    fn the_first_one_is_named() {
        let device = Device::default();
        let mut layer = LinearConfig::new(2, 2).init(&device);
        assert_eq!(first_not_finite(&layer), None);
        let bad = Tensor::<1>::from_data(TensorData::new(vec![0.0, f32::INFINITY], [2]), &device);
        layer.bias = Some(Param::from_tensor(bad));
        assert_eq!(first_not_finite(&layer), Some("bias".into()));
        layer.weight = Param::from_tensor(Tensor::<2>::full([2, 2], f32::NAN, &device));
        assert_eq!(first_not_finite(&layer), Some("weight".into()));
    }
}
