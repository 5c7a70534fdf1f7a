//! Weights in 32 bits or in 8.

use brasa_onnx::Int8;
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use crate::Network;

/// What the weights of an exported network are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeightType {
    /// 32-bit floats.
    #[default]
    F32,
    /// Matrices and filters of at least [`LEAST_INT8`] numbers as whole numbers of 8 bits, times a scale for each row or filter; the rest in 32 bits.
    Int8,
}

/// Numbers of a parameter that is written in 8 bits, at least: what is smaller takes no room.
pub const LEAST_INT8: usize = 1024;

/// Whether numbers of this shape are written in 8 bits.
pub(crate) fn becomes_int8(shape: &[usize]) -> bool {
    shape.len() > 1 && shape.iter().product::<usize>() >= LEAST_INT8
}

impl Network {
    /// The network with weights as [`WeightType::Int8`] has them, to see what that costs. Trees stay as they are.
    #[must_use]
    pub fn with_int8_weights(self) -> Self {
        match self {
            Self::Bag(bag) => Self::Bag(bag.map_members(Self::with_int8_weights)),
            trees @ Self::BoostedTrees(_) => trees,
            network => network.map(&mut Rounding),
        }
    }
}

struct Rounding;

impl ModuleMapper for Rounding {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !becomes_int8(&param.shape()) {
            return param;
        }
        param.map(|weights| {
            let (device, shape) = (weights.device(), weights.dims());
            let data = weights.to_data().convert::<f32>();
            match data.as_slice::<f32>() {
                Ok(numbers) => {
                    let rounded = Int8::of(&shape, numbers).numbers();
                    Tensor::from_data(TensorData::new(rounded, shape), &device)
                }
                Err(_) => weights,
            }
        })
    }
}
