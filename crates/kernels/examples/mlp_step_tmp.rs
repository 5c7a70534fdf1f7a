#![allow(missing_docs)]
use brasa_kernels::optim::Adam;
use brasa_kernels::*;
use burn::nn::{Linear, LinearConfig};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer, AdamConfig};
use burn::tensor::{Device, Tensor, Distribution, TensorData};
use burn::module::Param;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Module, Debug)]
struct Mlp { layers: Vec<Linear>, gamma: Vec<Param<Tensor<1>>>, beta: Vec<Param<Tensor<1>>> }

fn main() {
    let device = Device::flex().autodiff();
    let sizes = [784, 342, 580, 491, 10];
    for (m, burn_adam) in [(Mode::Reference, true), (Mode::Fast, false), (Mode::Fast, true)] {
        set_mode(m);
        let mut model = Mlp {
            layers: sizes.windows(2).map(|w| LinearConfig::new(w[0], w[1]).init(&device)).collect(),
            gamma: sizes[1..4].iter().map(|&c| Param::from_data(TensorData::ones::<f32, _>([c]), &device)).collect(),
            beta: sizes[1..4].iter().map(|&c| Param::from_data(TensorData::zeros::<f32, _>([c]), &device)).collect(),
        };
        let mut opt = if burn_adam { AdamConfig::new().init() } else { ModuleOptimizer::from(Adam::default()) };
        let x = Tensor::<2>::random([1024, 784], Distribution::Normal(0.0, 1.0), &device);
        let mut best = [f64::INFINITY; 4];
        for step in 0..40u64 {
            let t0 = Instant::now();
            let mut h = x.clone();
            for i in 0..3 {
                h = model.layers[i].forward(h);
                h = batch_norm_train(h, model.gamma[i].val(), model.beta[i].val(), 1e-5).0;
                h = activation(h, ActivationKind::Mish);
                h = dropout(h, 0.3, step * 3 + i as u64);
            }
            let y = model.layers[3].forward(h);
            let loss = (y.clone() * y).mean();
            let t1 = Instant::now();
            let g = loss.backward();
            let t2 = Instant::now();
            let g = GradientsParams::from_grads(g, &model);
            model = opt.step(1e-3, model, g);
            let t3 = Instant::now();
            for (b, d) in best.iter_mut().zip([t1 - t0, t2 - t1, t3 - t2, t3 - t0]) { *b = b.min(d.as_secs_f64() * 1e3); }
        }
        println!("{m:?} burn_adam={burn_adam}: forward {:.1} backward {:.1} optim {:.1} total {:.1} ms", best[0], best[1], best[2], best[3]);
    }
}
