//! The answer to an image and to its mirror image as one: test-time augmentation that costs a second pass.

use brasa_onnx::{Attribute, Value};

use super::kind::Flow;
use super::{Sequential, SequentialConfig};
use crate::NetworkConfig;
use crate::onnx::Emitter;

impl NetworkConfig {
    /// The same network, which in evaluation answers to an image with the mean of its outputs for it and for its mirror image; `None` where it
    /// is none of layers over images.
    #[must_use]
    pub fn with_test_flip(self) -> Option<Self> {
        match self {
            Self::Sequential(config) if config.input.len() == 3 => {
                Some(Self::Sequential(SequentialConfig { test_flip: true, ..config }))
            }
            _ => None,
        }
    }
}

impl Sequential {
    /// Whether it answers to both. Behind layers that did run before there is no image any more.
    pub(super) fn flips(&self) -> bool {
        self.test_flip && self.begins == 0
    }

    /// The images of a batch, and behind them their mirror images: the layers are in a graph once.
    pub(super) fn with_mirrored(&self, emitter: &mut Emitter<'_>, images: &Value) -> Value {
        if !self.flips() {
            return images.clone();
        }
        let [from, to, axis, step] = [-1, i64::MIN + 1, 3, -1].map(|number| emitter.whole(&[number]));
        let mirrored = emitter.node("Slice", &[images, &from, &to, &axis, &step], []);
        emitter.node("Concat", &[images, &mirrored], [("axis", Attribute::Int(0))])
    }

    /// The mean of the outputs for a batch and for its mirror images behind it.
    pub(super) fn mean_of_mirrored(&self, emitter: &mut Emitter<'_>, outputs: Value, width: usize) -> Value {
        if !self.flips() {
            return outputs;
        }
        // As a sum: how `ReduceMean` is told its axes depends on the version.
        let both = emitter.reshape(&outputs, &[2, -1, width as i64]);
        let [images, mirrored] = [0, 1].map(|place| emitter.gather(&both, 0, &[place]));
        let sum = emitter.node("Add", &[&images, &mirrored], []);
        let half = emitter.number(0.5);
        let mean = emitter.node("Mul", &[&sum, &half], []);
        emitter.reshape(&mean, &[-1, width as i64])
    }
}

impl Flow {
    /// Each row of pixels from right to left.
    pub(super) fn mirrored(self) -> Self {
        self.maps(|maps| maps.flip([3]))
    }
}
