//! Where a convolutional network looks.

use brasa_kernels::{ActivationKind, activation};
use burn::module::Module;
use burn::tensor::Tensor;

use super::Sequential;

impl Sequential {
    /// Where the network finds `class` in each image: the maps after layer `index` of
    /// [`map_layers`](Self::map_layers), weighed by the mean gradient of the class's logit, what speaks for the class
    /// above 0 (Grad-CAM, [Selvaraju et al. 2017](https://arxiv.org/abs/1610.02391)). `None` where that layer has no
    /// maps. The values are relative: scale them by their largest.
    ///
    /// # Shapes
    /// `input [batch, features]` on a device without autodiff; the answer is `[batch, height, width]` of the maps.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn grad_cam(&self, input: Tensor<2>, index: usize, class: usize) -> Option<Tensor<3>> {
        let maps = self.maps(input, index)?;
        let [batch, _, height, width] = maps.dims();
        let tracked = self.valid().fork(&maps.device().autodiff());
        let leaf = Tensor::from_inner(maps.clone()).require_grad();
        let logits = tracked.logits_from_maps(leaf.clone(), index);
        let gradient = leaf.grad(&logits.narrow(1, class, 1).sum().backward())?;
        let weights = gradient.mean_dim(2).mean_dim(3);
        let weighed = (maps * weights).sum_dim(1).reshape([batch, height, width]);
        Some(activation(weighed, ActivationKind::Relu))
    }
}
