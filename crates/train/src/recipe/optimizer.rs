//! The `[optimizer]` table, with PyTorch's defaults and names.

use brasa_kernels::optim::{Adam, AdamW, RmsProp, Sgd};
use burn::optim::ModuleOptimizer;
use serde::{Deserialize, Serialize};

use super::RecipeError;

/// Update rules by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Stochastic gradient descent, with momentum and Nesterov's variant (`torch.optim.SGD`).
    Sgd,
    /// `torch.optim.RMSprop`.
    Rmsprop,
    /// `torch.optim.Adam` ([Kingma and Ba 2015](https://arxiv.org/abs/1412.6980)); weight decay is L2.
    #[default]
    Adam,
    /// `torch.optim.AdamW` ([Loshchilov and Hutter 2019](https://arxiv.org/abs/1711.05101)); decoupled decay.
    Adamw,
    /// The perceptron's error-driven rule, which has a learning rate and nothing else.
    Perceptron,
}

/// The update rule. A key that its kind does not have is refused; one left out takes PyTorch's default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OptimizerRecipe {
    /// The rule.
    pub kind: OptimizerKind,
    /// Learning rate before the schedule; 1e-3, for `rmsprop` 1e-2, for `perceptron` 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lr: Option<f64>,
    /// All but `perceptron`: weight decay; 0, for `adamw` 1e-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// `sgd`, `rmsprop`: momentum; 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
    /// `sgd`: dampening of the momentum; 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dampening: Option<f64>,
    /// `sgd`: Nesterov's momentum; false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nesterov: Option<bool>,
    /// `rmsprop`: smoothing of the squares; 0.99.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// `rmsprop`: normalise by the variance; false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centered: Option<bool>,
    /// `adam`, `adamw`: decay of the two moments; [0.9, 0.999].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub betas: Option<[f64; 2]>,
    /// `rmsprop`, `adam`, `adamw`: added to the denominator; 1e-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eps: Option<f64>,
}

impl OptimizerRecipe {
    /// Fills in the defaults of its kind.
    ///
    /// # Errors
    /// [`RecipeError::Value`] for a key that the kind does not have, or a value out of range.
    pub(crate) fn resolve(mut self) -> Result<Self, RecipeError> {
        use OptimizerKind::{Adam, Adamw, Perceptron, Rmsprop, Sgd};
        let kind = self.kind;
        let applies = |kinds: &[OptimizerKind], key: &str, given: bool| match given && !kinds.contains(&kind)
        {
            true => Err(RecipeError::value(
                &format!("optimizer.{key}"),
                format!("no such key for kind `{}`", kind.name()),
                "a value",
            )),
            false => Ok(kinds.contains(&kind)),
        };
        if applies(&[Sgd, Rmsprop], "momentum", self.momentum.is_some())? {
            self.momentum.get_or_insert(0.0);
        }
        if applies(&[Sgd], "dampening", self.dampening.is_some())? {
            self.dampening.get_or_insert(0.0);
        }
        if applies(&[Sgd], "nesterov", self.nesterov.is_some())? {
            self.nesterov.get_or_insert(false);
        }
        if applies(&[Rmsprop], "alpha", self.alpha.is_some())? {
            self.alpha.get_or_insert(0.99);
        }
        if applies(&[Rmsprop], "centered", self.centered.is_some())? {
            self.centered.get_or_insert(false);
        }
        if applies(&[Adam, Adamw], "betas", self.betas.is_some())? {
            self.betas.get_or_insert([0.9, 0.999]);
        }
        if applies(&[Rmsprop, Adam, Adamw], "eps", self.eps.is_some())? {
            self.eps.get_or_insert(1e-8);
        }
        if applies(&[Sgd, Rmsprop, Adam, Adamw], "weight_decay", self.weight_decay.is_some())? {
            self.weight_decay.get_or_insert(if kind == Adamw { 1e-2 } else { 0.0 });
        }
        let lr = *self.lr.get_or_insert(match kind {
            Rmsprop => 1e-2,
            Perceptron => 0.5,
            _ => 1e-3,
        });
        let within = |key: &str, value: Option<f64>, low: f64, high: f64| match value {
            Some(v) if !(v >= low && v < high) => Err(RecipeError::value(
                &format!("optimizer.{key}"),
                format!("a number in [{low}, {high})"),
                v,
            )),
            _ => Ok(()),
        };
        if !(lr > 0.0 && lr.is_finite()) {
            return Err(RecipeError::value("optimizer.lr", "a number above 0", lr));
        }
        within("weight_decay", self.weight_decay, 0.0, f64::INFINITY)?;
        within("momentum", self.momentum, 0.0, f64::INFINITY)?;
        within("dampening", self.dampening, 0.0, f64::INFINITY)?;
        within("alpha", self.alpha, 0.0, 1.0)?;
        within("betas", self.betas.map(|b| b[0]), 0.0, 1.0)?;
        within("betas", self.betas.map(|b| b[1]), 0.0, 1.0)?;
        within("eps", self.eps, 0.0, f64::INFINITY)?;
        let momentum = self.momentum.unwrap_or(0.0);
        if self.nesterov == Some(true) && (momentum == 0.0 || self.dampening != Some(0.0)) {
            return Err(RecipeError::value(
                "optimizer.nesterov",
                "momentum above 0 and no dampening",
                format!("momentum {momentum}, dampening {}", self.dampening.unwrap_or(0.0)),
            ));
        }
        Ok(self)
    }

    /// Learning rate of a resolved recipe.
    pub(crate) fn base_lr(&self) -> f64 {
        self.lr.unwrap_or(1e-3)
    }

    /// The optimizer of a resolved recipe, without state.
    pub(crate) fn init(&self) -> ModuleOptimizer {
        let weight_decay = self.weight_decay.unwrap_or(0.0);
        let eps = self.eps.unwrap_or(1e-8);
        let betas = self.betas.map_or((0.9, 0.999), |[first, second]| (first, second));
        let momentum = self.momentum.unwrap_or(0.0);
        match self.kind {
            OptimizerKind::Sgd => Sgd {
                momentum,
                dampening: self.dampening.unwrap_or(0.0),
                weight_decay,
                nesterov: self.nesterov.unwrap_or(false),
            }
            .into(),
            OptimizerKind::Rmsprop => RmsProp {
                alpha: self.alpha.unwrap_or(0.99),
                eps,
                momentum,
                centered: self.centered.unwrap_or(false),
                weight_decay,
            }
            .into(),
            OptimizerKind::Adam => Adam { betas, eps, weight_decay }.into(),
            // The rule is a step of plain SGD on the perceptron criterion; the perceptron takes it itself.
            OptimizerKind::Perceptron => {
                Sgd { momentum: 0.0, dampening: 0.0, weight_decay: 0.0, nesterov: false }.into()
            }
            OptimizerKind::Adamw => AdamW { betas, eps, weight_decay }.into(),
        }
    }
}

impl OptimizerKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Rmsprop => "rmsprop",
            Self::Adam => "adam",
            Self::Adamw => "adamw",
            Self::Perceptron => "perceptron",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::optim::GradientsParams;
    use burn::tensor::{Device, Tensor, TensorData};
    use serde_json::{Map, Value};

    use super::*;
    use crate::fixtures::{FixtureTensor, Pair, assert_all_close, cases};

    #[derive(Deserialize)]
    struct Case {
        case: String,
        kind: String,
        options: Map<String, Value>,
        lr: f64,
        parameters: Vec<FixtureTensor>,
        gradients: Vec<Vec<Vec<f32>>>,
        after: Vec<Vec<Vec<f64>>>,
    }

    #[test]
    fn ten_steps_agree_with_torch() {
        let device = Device::default();
        for case in cases::<Case>("optimizers.json") {
            let mut keys = case.options.clone();
            keys.remove("amsgrad");
            keys.insert("kind".into(), case.kind.clone().into());
            keys.insert("lr".into(), case.lr.into());
            let recipe: OptimizerRecipe = serde_json::from_value(keys.into()).unwrap();
            let mut optimizer = recipe.resolve().unwrap().init();
            let mut pair = Pair::new(&case.parameters, &device.clone().autodiff());
            for (gradients, expected) in case.gradients.iter().zip(&case.after) {
                let mut registered = GradientsParams::new();
                let matrix = TensorData::new(gradients[0].clone(), case.parameters[0].shape.clone());
                let vector = TensorData::new(gradients[1].clone(), case.parameters[1].shape.clone());
                registered.register(pair.matrix.id, Tensor::<2>::from_data(matrix, &device));
                registered.register(pair.vector.id, Tensor::<1>::from_data(vector, &device));
                pair = optimizer.step(case.lr, pair, registered);
                assert_all_close(&pair.matrix.val().into_data(), &expected[0], 1e-5, &case.case);
                assert_all_close(&pair.vector.val().into_data(), &expected[1], 1e-5, &case.case);
            }
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let recipe = OptimizerRecipe { momentum: Some(0.9), ..OptimizerRecipe::default() };
        let message = recipe.resolve().unwrap_err().to_string();
        assert_eq!(message, "optimizer.momentum: expected no such key for kind `adam`, found a value");
    }

    #[test]
    fn nesterov_needs_momentum() {
        let recipe =
            OptimizerRecipe { kind: OptimizerKind::Sgd, nesterov: Some(true), ..OptimizerRecipe::default() };
        assert!(recipe.resolve().is_err());
    }
}
