//! Time and GFLOP/s of the parts of a training step of a stacked LSTM, beside what the gemm crate reaches on this
//! processor in the same run:
//!
//!     cargo run --release -p brasa-kernels --example recurrent [part of a name] [batch time hidden]
//!
//! On flex, `f32`: 10 inputs, three layers (default 256 units, 64 sequences of 128 steps), dropout 0.75 between
//! them, the last state to 9 classes, Adam. The parts take turns, and the best and the middle of their rounds are
//! shown. An allocator that gives freed blocks back to the system makes every large buffer pay for page faults;
//! `MIMALLOC_PURGE_DELAY=-1` keeps them.

use std::hint::black_box;
use std::time::Instant;

use brasa_kernels::optim::Adam;
use brasa_kernels::{dropout, gru, lstm, softmax_cross_entropy};
use burn::module::{Module, Param};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Distribution, Int, Tensor};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const INPUTS: usize = 10;
const CLASSES: usize = 9;

#[derive(Module, Debug)]
struct Layer {
    w_ih: Param<Tensor<2>>,
    w_hh: Param<Tensor<2>>,
    b_ih: Param<Tensor<1>>,
    b_hh: Param<Tensor<1>>,
}

impl Layer {
    fn new(input: usize, hidden: usize, gates: usize, device: &Device) -> Self {
        let bound = 1.0 / (hidden as f64).sqrt();
        let uniform = Distribution::Uniform(-bound, bound);
        let width = gates * hidden;
        Self {
            w_ih: Param::from_tensor(Tensor::random([input, width], uniform, device)),
            w_hh: Param::from_tensor(Tensor::random([hidden, width], uniform, device)),
            b_ih: Param::from_tensor(Tensor::random([width], uniform, device)),
            b_hh: Param::from_tensor(Tensor::random([width], uniform, device)),
        }
    }

    fn lstm(&self, x: Tensor<3>) -> Tensor<3> {
        lstm(x, self.w_ih.val(), self.w_hh.val(), self.b_ih.val(), self.b_hh.val(), false)
    }

    fn gru(&self, x: Tensor<3>) -> Tensor<3> {
        gru(x, self.w_ih.val(), self.w_hh.val(), self.b_ih.val(), self.b_hh.val(), false)
    }
}

#[derive(Module, Debug)]
struct Network {
    layers: Vec<Layer>,
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl Network {
    fn new(hidden: usize, device: &Device) -> Self {
        let uniform = Distribution::Uniform(-0.06, 0.06);
        Self {
            layers: [INPUTS, hidden, hidden].map(|input| Layer::new(input, hidden, 4, device)).into(),
            weight: Param::from_tensor(Tensor::random([hidden, CLASSES], uniform, device)),
            bias: Param::from_tensor(Tensor::random([CLASSES], uniform, device)),
        }
    }

    fn forward(&self, mut x: Tensor<3>, seed: u64) -> Tensor<2> {
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                x = dropout(x, 0.75, 3 * seed + index as u64);
            }
            x = layer.lstm(x);
        }
        let [_, time, _] = x.dims();
        x.narrow(1, time - 1, 1).squeeze_dim::<2>(1).matmul(self.weight.val()) + self.bias.val().unsqueeze()
    }
}

/// A part with the number of its multiplications and additions.
struct Part<'a> {
    name: String,
    operations: f64,
    work: Box<dyn FnMut() + 'a>,
    times: Vec<f64>,
    processor_times: Vec<f64>,
}

impl<'a> Part<'a> {
    fn new(name: impl Into<String>, operations: f64, work: impl FnMut() + 'a) -> Self {
        Self { name: name.into(), operations, work: Box::new(work), times: vec![], processor_times: vec![] }
    }
}

/// Milliseconds that all threads of this process have spent on a processor: what to compare on a busy machine. 0 where
/// Linux' files do not tell.
fn processor_ms() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = |task: std::fs::DirEntry| -> Option<f64> {
        std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    tasks.filter_map(nanoseconds).sum::<f64>() / 1e6
}

/// The gemm crate on its own: `[m, k]` by `[k, n]`, all row-major.
fn gemm([m, k, n]: [usize; 3], parallelism: gemm::Parallelism, buffers: &mut [Vec<f32>; 3]) {
    let [a, b, c] = buffers;
    let sizes = [m * k, k * n, m * n];
    for (buffer, size) in [&mut *a, b, c].into_iter().zip(sizes) {
        buffer.resize(size, 0.5);
    }
    let (k_stride, n_stride) = (k.cast_signed(), n.cast_signed());
    // SAFETY: three buffers of the sizes of the matrices, with the strides of row-major ones.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            n_stride,
            false,
            a.as_ptr(),
            1,
            k_stride,
            b.as_ptr(),
            1,
            n_stride,
            0.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
    black_box(&c);
}

fn main() {
    let (sizes, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.parse::<usize>().is_ok());
    let mut sizes = sizes.iter().flat_map(|size| size.parse());
    let mut size = |default: usize| sizes.next().unwrap_or(default);
    let (batch, time, hidden) = (size(64), size(128), size(256));
    let device = Device::flex();
    let tracking = device.clone().autodiff();
    println!("batch {batch}, {time} steps, {hidden} units, {} threads", rayon::current_num_threads());

    let random = |shape| Tensor::<3>::random(shape, Distribution::Normal(0.0, 1.0), &device);
    let (narrow, wide) = (random([batch, time, INPUTS]), random([batch, time, hidden]));
    let products = |input: usize, gates: usize| (2 * batch * time * gates * hidden * (input + hidden)) as f64;
    let threads = rayon::current_num_threads();
    let mut parts = vec![
        Part::new("gemm crate, 2048 x 1024 x 1024", 2f64.powi(32), {
            let mut buffers = [vec![], vec![], vec![]];
            move || gemm([2048, 1024, 1024], gemm::Parallelism::Rayon(0), &mut buffers)
        }),
        Part::new(format!("gemm crate, one step {time} times"), products(0, 4), {
            let mut buffers: Vec<[Vec<f32>; 3]> = vec![Default::default(); threads];
            move || {
                rayon::scope(|scope| {
                    for buffers in &mut buffers {
                        scope.spawn(|_| {
                            for _ in 0..time {
                                let shape = [batch / threads, hidden, 4 * hidden];
                                gemm(shape, gemm::Parallelism::None, buffers);
                            }
                        });
                    }
                });
            }
        }),
    ];
    for (name, x) in [("narrow", &narrow), ("wide", &wide)] {
        let input = x.dims()[2];
        for (kind, gates) in [("LSTM", 4), ("GRU", 3)] {
            let layer = Layer::new(input, hidden, gates, &device);
            let tracked = layer.clone().train();
            let run = move |layer: &Layer, x| if gates == 4 { layer.lstm(x) } else { layer.gru(x) };
            parts.push(Part::new(format!("{kind} {name} forward"), products(input, gates), move || {
                black_box(run(&layer, x.clone()));
            }));
            // The gradient of the narrow input is not asked for, as in the network.
            let tracked_x = Tensor::from_inner(x.clone());
            let tracked_x = if input == hidden { tracked_x.require_grad() } else { tracked_x };
            let products =
                products(input, gates) * 2.0 + products(if input == hidden { input } else { 0 }, gates);
            parts.push(Part::new(format!("{kind} {name} forward+backward"), products, move || {
                black_box(run(&tracked, tracked_x.clone()).backward());
            }));
        }
    }
    let mut network = Some(Network::new(hidden, &tracking));
    let mut optimizer = ModuleOptimizer::from(Adam::default());
    let x = Tensor::from_inner(narrow.clone());
    let labels = Tensor::<1, Int>::arange(0..batch as i64, &tracking).remainder_scalar(CLASSES as i64);
    let targets = labels.one_hot::<2>(CLASSES).float().div_scalar(batch as f64);
    let mut seed = 0;
    let all = products(INPUTS, 4) * 2.0 + products(0, 4) + 6.0 * products(hidden, 4);
    parts.push(Part::new("training step", all, move || {
        if let Some(current) = network.take() {
            seed += 1;
            let loss = softmax_cross_entropy(current.forward(x.clone(), seed), targets.clone());
            let gradients = GradientsParams::from_grads(loss.backward(), &current);
            network = Some(optimizer.step(1e-3, current, gradients));
            black_box(loss.into_scalar::<f32>());
        }
    }));

    parts.retain(|part| names.iter().all(|name| part.name.contains(name.as_str())));
    assert!(!parts.is_empty(), "no part is called {names:?}");
    let start = Instant::now();
    while parts[0].times.len() < 5 || (start.elapsed().as_secs_f64() < 20.0 && parts[0].times.len() < 30) {
        for part in &mut parts {
            let (start, processor) = (Instant::now(), processor_ms());
            (part.work)();
            part.times.push(start.elapsed().as_secs_f64() * 1e3);
            part.processor_times.push(processor_ms() - processor);
        }
    }
    println!("{:34} {:^34} {:^34}", "", "wall clock: best, middle", "all processors: best, middle");
    for part in &mut parts {
        print!("{:<34}", part.name);
        for times in [&mut part.times, &mut part.processor_times] {
            times.sort_by(f64::total_cmp);
            let (best, middle) = (times[0], times[times.len() / 2]);
            print!(" {best:>8.2} {middle:>8.2} ms {:>5.0} GFLOP/s", part.operations / best / 1e6);
        }
        println!();
    }
}
