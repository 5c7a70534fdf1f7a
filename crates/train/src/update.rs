//! One training step, the same for `train` and `bench`.

use brasa_data::{Batch, seed};
use brasa_kernels::{Mode, ModeScope};
use brasa_models::Model;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Bytes, Device, Tensor};

use crate::Result;
use crate::answers::loss_of;
use crate::clip::Clip;
use crate::evaluate::input;
use crate::recipe::{CheckedRecipe, Kernels, ParameterGroups, RunProgress};
use crate::sharpness::{climbed, of_learning};
use crate::task::Task;
use crate::transfer::Frozen;

/// Purpose of the draws of a step, for [`seed::derive`].
const DRAWS: u64 = 0x64726f70; // "drop"

/// Which step it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepAt {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Step within the epoch, from 1.
    pub step: usize,
    /// The learning rate that the schedule gives.
    pub lr: f64,
    /// The share of the run that is behind it, from 0 to below 1.
    pub progress: f64,
}

/// Makes the bytes of what an [`UpdateRule`] remembers.
pub type RuleState = Box<dyn FnOnce() -> std::io::Result<Vec<u8>> + Send>;

/// How a model learns from a batch: [`GradientDescent`], or a rule of one's own that knows no gradients.
pub trait UpdateRule<M: Model> {
    /// The model after the step, and its outputs from before it.
    ///
    /// # Shapes
    /// Outputs are `[rows, outputs]`, on the device without autodiff.
    ///
    /// # Errors
    /// What ends the training.
    fn step(&mut self, model: M, batch: Batch, at: StepAt) -> Result<(M, Tensor<2>)>;

    /// What it remembers between steps, as of now: bytes that are made later, on another thread. A rule that remembers nothing has none.
    fn state(&self) -> RuleState {
        Box::new(|| Ok(Vec::new()))
    }

    /// Takes over what [`state`](Self::state) made.
    ///
    /// # Errors
    /// What is wrong with bytes that are no such state.
    fn restore(&mut self, state: &[u8]) -> std::io::Result<()> {
        let _ = state;
        Ok(())
    }
}

/// What a step draws at random follows from this.
pub(crate) fn draws_of(seed: u64, epoch: usize, step: usize) -> u64 {
    seed::derive(seed, &[DRAWS, epoch as u64, step as u64])
}

/// Has the calling thread run the kernels that `recipe` asks for, until the scope ends.
pub(crate) fn kernels_of(recipe: &CheckedRecipe) -> ModeScope {
    let mode = match recipe.recipe().training.kernels {
        Kernels::Fast => Mode::Fast,
        Kernels::Reference => Mode::Reference,
    };
    mode.enter()
}

/// Forward, backward, clip, update: what a recipe's loss, optimizer and clipping say.
pub struct GradientDescent {
    optimizer: ModuleOptimizer,
    progress: RunProgress,
    task: Box<dyn Task>,
    clip: Clip,
    /// The radius of sharpness-aware minimization.
    sam: Option<f64>,
    shape: Vec<usize>,
    seed: u64,
    device: Device,
    frozen: Option<Frozen>,
    /// The epoch whose parameters are marked.
    marked: Option<usize>,
}

impl GradientDescent {
    /// `model` as it learns in `epoch`.
    pub(crate) fn marked<M: Model>(&self, model: M, epoch: usize) -> M {
        match &self.frozen {
            Some(frozen) => frozen.apply(model, epoch),
            None => model,
        }
    }

    /// For `model` over samples of `shape` on `device` (without autodiff).
    pub(crate) fn new(
        recipe: &CheckedRecipe,
        task: Box<dyn Task>,
        model: &impl Model,
        shape: &[usize],
        device: &Device,
        frozen: Option<Frozen>,
    ) -> Self {
        let recipe = recipe.recipe();
        let groups =
            ParameterGroups::of(model, |name| frozen.as_ref().map_or(1.0, |frozen| frozen.rate(name)));
        Self {
            optimizer: recipe.optimizer.init(&groups),
            progress: groups.progress(),
            task,
            clip: Clip::from(&recipe.training),
            sam: recipe.training.sam,
            shape: shape.to_vec(),
            seed: recipe.training.seed,
            device: device.clone().autodiff(),
            frozen: frozen.map(|frozen| frozen.of_model(model)),
            marked: None,
        }
    }
}

impl<M: Model> UpdateRule<M> for GradientDescent {
    /// What the step draws depends on the seed and its place alone.
    fn step(&mut self, mut model: M, mut batch: Batch, at: StepAt) -> Result<(M, Tensor<2>)> {
        if let Some(frozen) = self.frozen.as_ref().filter(|_| self.marked != Some(at.epoch)) {
            if self.marked.is_none() || frozen.changes_in(at.epoch) {
                model = frozen.apply(model, at.epoch);
            }
            self.marked = Some(at.epoch);
        }
        brasa_kernels::stay_awake(&self.device);
        self.progress.set(at.progress);
        model.set_progress(at.progress);
        let draws = draws_of(self.seed, at.epoch, at.step);
        // Layers of Burn's own draw from the device's generator.
        self.device.seed(draws);
        let samples = input(&mut batch, &self.shape, &self.device);
        let outputs = model.forward_train(&samples, draws);
        let (loss, outputs) = loss_of(&*self.task, outputs, &batch, model.answers(), &self.device);
        let mut gradients = GradientsParams::from_grads(loss.backward(), &model);
        let plain = self.device.clone().inner();
        if let Some(radius) = self.sam {
            let climbed = self.marked(climbed(&model, &gradients, radius, &plain), at.epoch);
            self.device.seed(draws);
            let outputs = climbed.forward_train(&samples, draws);
            let (loss, _) = loss_of(&*self.task, outputs, &batch, model.answers(), &self.device);
            let there = GradientsParams::from_grads(loss.backward(), &climbed);
            gradients = of_learning(&model, &gradients, there);
        }
        let gradients = self.clip.apply(&model, gradients, &plain);
        Ok((self.optimizer.step(at.lr, model, gradients), outputs.inner()))
    }

    fn state(&self) -> RuleState {
        // Its tensors are shared, not copied: a step replaces them.
        let optimizer = self.optimizer.clone();
        Box::new(move || optimizer.into_bytes().map(|bytes| bytes.to_vec()).map_err(std::io::Error::other))
    }

    fn restore(&mut self, state: &[u8]) -> std::io::Result<()> {
        let bytes = Bytes::from_bytes_vec(state.to_vec());
        self.optimizer = self.optimizer.clone().from_bytes(bytes).map_err(std::io::Error::other)?;
        self.marked = None;
        Ok(())
    }
}

impl std::fmt::Debug for GradientDescent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GradientDescent")
            .field("shape", &self.shape)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
