//! The vision transformer.

use brasa_keys::{Bounds, Fault};

use super::blocks::{activation, dropout, residual};
use super::timm;
use super::{images_only, network};
use crate::architectures::sequential::specs::{
    AttentionSpec, ClassTokenSpec, ConvSpec, FirstTokenSpec, LayerNormSpec, PositionsSpec,
};
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};
use crate::{Activation, Init, KeyRename};

brasa_keys::table! {
    /// A transformer over the squares that an image is cut into ([Dosovitskiy et al. 2021](https://arxiv.org/abs/2010.11929)); names
    /// are those of torchvision's `VisionTransformer`, sizes at first those of DeiT-Tiny
    /// ([Touvron et al. 2021](https://arxiv.org/abs/2012.12877)).
    pub struct VitRecipe = "vit" {
        /// Side of a square, in pixels.
        patch: usize = 16, Bounds::within(1.0, 1_024.0);
        /// Blocks of attention and two linear layers.
        depth: usize = 12, Bounds::within(1.0, 1_000.0);
        /// Channels of a token.
        width: usize = 192, Bounds::within(1.0, 100_000.0);
        /// Heads of attention, which divide the width.
        heads: usize = 3, Bounds::within(1.0, 1_000.0);
        /// Channels between a block's two linear layers.
        hidden: usize = 768, Bounds::within(1.0, 1_000_000.0);
        /// Dropout behind attention and both linear layers.
        dropout: f64 = 0.0, Bounds::below(0.0, 1.0);
        /// Probability that the last block is left out for a sample in training; those before it less, in proportion to their place.
        stochastic_depth: f64 = 0.0, Bounds::below(0.0, 1.0);
        /// Distribution of the initial weights.
        init: Init = Init::XavierUniform;
    }
}

fn norm(name: &str) -> LayerSpec {
    LayerSpec::from(LayerNormSpec { epsilon: 1e-6 }).with_name(name)
}

impl ArchitectureKind for VitRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let cut = ConvSpec::new(self.width, self.patch).with_stride(self.patch).with_padding(0);
        let mut layers = vec![
            LayerSpec::from(cut).with_name("conv_proj"),
            LayerSpec::from(ClassTokenSpec).with_name("class_token"),
            LayerSpec::from(PositionsSpec).with_name("encoder.pos_embedding"),
        ];
        layers.extend(dropout(self.dropout));
        for block in 0..self.depth {
            let name = format!("encoder.layers.encoder_layer_{block}");
            let probability = self.stochastic_depth * block as f64 / (self.depth - 1).max(1) as f64;
            let attention = LayerSpec::from(AttentionSpec { heads: self.heads });
            let mut inside =
                vec![norm(&format!("{name}.ln_1")), attention.with_name(&format!("{name}.self_attention"))];
            inside.extend(dropout(self.dropout));
            layers.push(residual(inside, probability));
            let linear = |width: usize, at: usize| {
                LayerSpec::from(ConvSpec::as_linear(width)).with_name(&format!("{name}.mlp.{at}"))
            };
            let mut inside = vec![norm(&format!("{name}.ln_2")), linear(self.hidden, 0)];
            inside.push(activation(Activation::Gelu));
            inside.extend(dropout(self.dropout));
            inside.push(linear(self.width, 3));
            inside.extend(dropout(self.dropout));
            layers.push(residual(inside, probability));
        }
        layers.extend([norm("encoder.ln"), FirstTokenSpec.into()]);
        network(sizes, layers, Head::linear("heads.head"), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("vit", shape)
    }

    fn foreign_names(&self) -> Vec<KeyRename> {
        let mut names = vec![
            timm::rule("patch_embed.proj", "conv_proj"),
            timm::parameter("cls_token", "class_token"),
            timm::parameter("pos_embed", "encoder.pos_embedding"),
            timm::rule("norm", "encoder.ln"),
            timm::rule("head", "heads.head"),
        ];
        for block in 0..self.depth {
            let (theirs, ours) = (format!("blocks.{block}"), format!("encoder.layers.encoder_layer_{block}"));
            let parts = [
                ("norm1", "ln_1"),
                ("norm2", "ln_2"),
                ("attn.proj", "self_attention.out_proj"),
                ("mlp.fc1", "mlp.0"),
                ("mlp.fc2", "mlp.3"),
            ];
            names.extend(parts.map(|(a, b)| timm::rule(&format!("{theirs}.{a}"), &format!("{ours}.{b}"))));
            for kind in ["weight", "bias"] {
                let theirs = format!("{theirs}.attn.qkv.{kind}");
                names.push(timm::parameter(&theirs, &format!("{ours}.self_attention.in_proj_{kind}")));
            }
        }
        names
    }
}
