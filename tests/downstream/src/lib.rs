//! A crate outside brasa: its own convolutional network, metric and callback, which brasa trains, judges, saves and serves.

use brasa_models::{Input, Model};
use brasa_train::metrics::{Direction, Judged, Metric, Range, TaskKind};
use brasa_train::{Callback, Control, EpochRecord, Result};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// Side of the pictures, in pixels.
pub const SIDE: usize = 8;

/// One convolution and a linear output, in Burn alone.
#[derive(Module, Debug)]
pub struct OwnCnn {
    conv: Conv2d,
    output: Linear,
}

impl OwnCnn {
    /// A network with random weights for so many classes.
    pub fn new(classes: usize, device: &Device) -> Self {
        let maps = 4;
        Self {
            conv: Conv2dConfig::new([1, maps], [3, 3]).init(device),
            output: LinearConfig::new(maps * (SIDE - 2) * (SIDE - 2), classes).init(device),
        }
    }
}

impl Model for OwnCnn {
    fn forward(&self, input: &Input) -> Tensor<2> {
        let pictures = input.flat().reshape([input.batch(), 1, SIDE, SIDE]);
        self.output.forward(relu(self.conv.forward(pictures)).flatten(1, 3))
    }
}

/// The share of rows of the last class that were found.
#[derive(Debug)]
pub struct LastClassRecall;

impl Metric for LastClassRecall {
    fn name(&self) -> &str {
        "last_class_recall"
    }

    fn label(&self) -> &str {
        "Recall of the last class"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Classification
    }

    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> Range {
        Range::SHARE
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let confusion = judged.classes()?.confusion;
        Some(confusion.of_class(confusion.classes().checked_sub(1)?).recall)
    }
}

/// Remembers the validation loss of every epoch.
#[derive(Debug, Default)]
pub struct Diary {
    /// One per epoch.
    pub losses: Vec<f64>,
}

impl Callback for Diary {
    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        self.losses.push(record.valid.loss());
        Ok(Control::Continue)
    }
}
