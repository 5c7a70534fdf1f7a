//! One training step, the same for `train` and `bench`.

use brasa_data::{Batch, seed};
use brasa_kernels::{Mode, set_mode};
use brasa_models::{Network, Perceptron};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};

use crate::Result;
use crate::clip::Clip;
use crate::evaluate::inputs;
use crate::loss::Criterion;
use crate::recipe::{CheckedRecipe, Kernels};

/// Purpose of the draws of a step, for [`seed::derive`].
const DRAWS: u64 = 0x64726f70; // "drop"

/// Has the process run the kernels that `recipe` asks for.
pub(crate) fn set_kernels(recipe: &CheckedRecipe) {
    set_mode(match recipe.recipe().training.kernels {
        Kernels::Fast => Mode::Fast,
        Kernels::Reference => Mode::Reference,
    });
}

/// What turns a batch into an update.
pub(crate) struct Stepper {
    optimizer: ModuleOptimizer,
    criterion: Criterion,
    clip: Clip,
    seed: u64,
    device: Device,
}

impl Stepper {
    /// A stepper on `device` (without autodiff) whose balanced class weights follow from `class_counts`.
    pub(crate) fn new(recipe: &CheckedRecipe, class_counts: &[usize], device: &Device) -> Result<Self> {
        set_kernels(recipe);
        let recipe = recipe.recipe();
        Ok(Self {
            optimizer: recipe.optimizer.init(),
            criterion: Criterion::new(&recipe.loss, class_counts)?,
            clip: Clip::from(&recipe.training),
            seed: recipe.training.seed,
            device: device.clone().autodiff(),
        })
    }

    /// The device to make the network on.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// Forward, backward, update. What the step draws depends on the seed and `(epoch, step)` alone. Answers
    /// the updated network and the batch's logits `[rows, classes]` from before the update.
    ///
    /// A perceptron applies its own rule to one sample after the other instead.
    ///
    /// # Errors
    /// [`TrainError::Model`](crate::TrainError::Model) where a perceptron's weights cannot be read back.
    pub(crate) fn step(
        &mut self,
        network: Network,
        batch: &mut Batch,
        lr: f64,
        (epoch, step): (usize, usize),
    ) -> Result<(Network, Tensor<2>)> {
        let network = match network {
            Network::Perceptron(perceptron) => return self.learn(perceptron, batch, lr),
            other => other,
        };
        let draws = seed::derive(self.seed, &[DRAWS, epoch as u64, step as u64]);
        // Backends without a kernel of ours draw from their own generator.
        self.device.seed(draws);
        let logits = network.forward_train(inputs(batch, &self.device), draws);
        let loss = self.criterion.forward(logits.clone(), batch, &self.device);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let plain = self.device.clone().inner();
        let gradients = self.clip.apply(&network, gradients, &plain);
        let network = self.optimizer.step(lr, network, gradients);
        Ok((network, logits.inner()))
    }

    fn learn(&self, perceptron: Perceptron, batch: &Batch, lr: f64) -> Result<(Network, Tensor<2>)> {
        let (perceptron, logits) = perceptron.learn(&batch.inputs, &batch.targets, lr)?;
        let logits = TensorData::new(logits, [batch.targets.len(), 2]);
        let logits = Tensor::from_data(logits, &self.device.clone().inner());
        Ok((Network::Perceptron(perceptron), logits))
    }
}
