//! A network of one's own from this crate's layers, in a training loop of one's own with Burn's optimizer: a residual block
//! that tells lying bars from standing ones in noise.
//!
//!     cargo run --release -p brasa-models --example own_network
use brasa_kernels::{Epilogue, global_avg_pool, softmax_cross_entropy};
use brasa_models::layers::{Conv2d, Conv2dConfig, LinearConfig, Residual, ResidualConfig, linear};
use brasa_models::{Init, Initializer, Result, select_device};
use burn::module::Module;
use burn::nn::Linear;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};

const SIDE: usize = 12;

#[derive(Module, Debug)]
struct Bars {
    stem: Conv2d,
    block: Residual,
    output: Linear,
}

impl Bars {
    fn new(seed: u64, device: &Device) -> Result<Self> {
        let mut weights = Initializer::new(Init::HeNormal, seed, device);
        Ok(Self {
            stem: Conv2dConfig::new([1, 8], [3, 3]).with_padding([1, 1]).init_with(&mut weights)?,
            block: ResidualConfig::new([8, 16]).with_stride(2).with_squeeze(4).init_with(&mut weights)?,
            output: LinearConfig::new(16, 2).init_with(&mut weights)?,
        })
    }

    /// `[batch, 1, height, width]` to `[batch, 2]`.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.stem.forward_then(images, Epilogue::Relu);
        linear(&self.output, global_avg_pool(self.block.forward(maps)))
    }
}

/// Images with one bar in noise, a function of `seed`, and each one's class as probabilities.
fn batch(rows: usize, seed: u64, device: &Device) -> (Tensor<4>, Tensor<2>) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let (mut pixels, mut classes) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let standing = row % 2 == 1;
        let at = (draw() * SIDE as f32) as usize;
        for y in 0..SIDE {
            let bar = |x: usize| if standing { x == at } else { y == at };
            pixels.extend((0..SIDE).map(|x| 2.0 * draw() - 1.0 + if bar(x) { 0.8 } else { 0.0 }));
        }
        classes.extend(if standing { [0.0, 1.0] } else { [1.0, 0.0] });
    }
    let images = Tensor::from_data(TensorData::new(pixels, [rows, 1, SIDE, SIDE]), device);
    (images, Tensor::from_data(TensorData::new(classes, [rows, 2]), device))
}

fn main() -> Result<()> {
    let plain = select_device("flex")?;
    let device = plain.clone().autodiff();
    let mut network = Bars::new(42, &device)?;
    let mut optimizer = AdamConfig::new().init();
    for step in 0..150 {
        let (images, targets) = batch(64, step, &device);
        let loss = softmax_cross_entropy(network.forward(images), targets);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimizer.step(3e-3, network, gradients);
    }
    let (images, targets) = batch(500, 1_000_000, &plain);
    let right = network.valid().forward(images).argmax(1).equal(targets.argmax(1)).int().sum();
    println!("{} of 500 bars are told right", right.into_scalar::<i64>());
    Ok(())
}
