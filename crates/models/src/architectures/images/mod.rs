//! Networks over images that have a name, as layers: each a table of a recipe that writes out a
//! [`SequentialConfig`](crate::SequentialConfig), with the names of torchvision's modules, so that weights go in and out.

mod alexnet;
mod blocks;
mod cifar_resnet;
mod convnext;
mod depth;
mod efficientnet;
mod mobilenet_v2;
mod mobilenet_v3;
mod nin;
mod resnet;
mod squeezenet;
mod timm;
mod vgg;
mod vit;

use brasa_keys::Fault;

use super::kind::check_rank;
use super::{DataSizes, Head, LayerSpec, NetworkConfig, SequentialConfig};
use crate::Init;

pub use alexnet::AlexNetRecipe;
pub use cifar_resnet::CifarResNetRecipe;
pub use convnext::{ConvNextRecipe, ConvNextSize};
pub use efficientnet::{EfficientNetRecipe, EfficientNetVariant};
pub use mobilenet_v2::MobileNetV2Recipe;
pub use mobilenet_v3::MobileNetV3Recipe;
pub use nin::NinRecipe;
pub use resnet::{ResNetDepth, ResNetRecipe};
pub use squeezenet::SqueezeNetRecipe;
pub use vgg::{VggDepth, VggRecipe};
pub use vit::VitRecipe;

/// The network of these layers over data of these sizes.
fn network(sizes: &DataSizes, layers: Vec<LayerSpec>, head: Head, init: Init) -> NetworkConfig {
    NetworkConfig::Sequential(SequentialConfig {
        layers,
        head,
        init,
        ..SequentialConfig::new(sizes.shape.clone(), sizes.outputs)
    })
}

/// Refuses samples of the architecture called `kind` that are no images.
fn images_only(kind: &str, shape: &[usize]) -> Result<(), Fault> {
    check_rank::<3>(kind, "images [channels, height, width]", shape)
}
