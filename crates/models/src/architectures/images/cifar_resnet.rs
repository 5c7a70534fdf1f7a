//! ResNet for small images.

use brasa_keys::{Bounds, Fault};

use super::blocks::{Style, add, global_avg_pool, relu};
use super::{images_only, network};
use crate::architectures::sequential::specs::{ConvSpec, ShortCutSpec};
use crate::architectures::{ArchitectureKind, DataSizes, Head, NetworkConfig};
use crate::{Activation, Init};

brasa_keys::table! {
    /// Residual blocks over small images: three widths from 16 to 64 maps, short cuts without weights
    /// ([He et al. 2016](https://arxiv.org/abs/1512.03385), section 4.2).
    pub struct CifarResNetRecipe = "cifar-resnet" {
        /// Blocks of each width: 3 for ResNet-20, 5 for ResNet-32, 9 for ResNet-56.
        blocks: usize = 3, Bounds::within(1.0, 200.0);
        /// Maps of the first width; the others have two and four times as many.
        width: usize = 16, Bounds::within(1.0, 10_000.0);
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

impl ArchitectureKind for CifarResNetRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let style = Style::of(Activation::Relu);
        let mut layers =
            style.conv_norm_activation(ConvSpec::new(self.width, 3), ["conv1".into(), "bn1".into()]);
        for stage in 0..3_usize {
            let width = self.width << stage;
            for block in 0..self.blocks {
                let shrinks = stage > 0 && block == 0;
                let name = format!("layer{}.{block}", stage + 1);
                let names = |index: usize| [format!("{name}.conv{index}"), format!("{name}.bn{index}")];
                let stride = if shrinks { 2 } else { 1 };
                let first = ConvSpec::new(width, 3).with_stride(stride);
                let mut inside = style.conv_norm_activation(first, names(1));
                inside.extend(style.conv_norm(ConvSpec::new(width, 3), names(2)));
                let short = shrinks.then(|| ShortCutSpec { channels: width, stride }.into());
                layers.extend([add(inside, short.into_iter().collect()), relu()]);
            }
        }
        layers.push(global_avg_pool());
        network(sizes, layers, Head::linear("linear"), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("cifar-resnet", shape)
    }
}
