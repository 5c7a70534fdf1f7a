//! LSTM and GRU: against PyTorch, and at the edges.

use crate::common;
use crate::sequences as recurrent;

use brasa_kernels::{Direction, lstm};
use burn::tensor::{Device, Tensor};
use common::{assert_close, tensor, values, with_threads};
use recurrent::{Case, Kind, NAMES};

#[test]
fn outputs_and_gradients_follow_pytorch() {
    recurrent::follow_pytorch();
}

#[test]
fn gradients_are_central_differences() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [2, 3, 2], 3, kind == Kind::Gru, 1);
        let actual = case.everything(&Device::flex().autodiff());
        let device = Device::flex();
        let upstream = case.upstream(&device);
        let loss = |change: usize, index: usize, by: f32| {
            let mut moved = Case::random(kind, [2, 3, 2], 3, kind == Kind::Gru, 1);
            let changed = [&mut moved.x, &mut moved.w_ih, &mut moved.w_hh, &mut moved.b_ih, &mut moved.b_hh];
            changed.into_iter().nth(change).unwrap()[index] += by;
            let x = tensor(&moved.x, moved.shape, &device);
            let y = kind.run(x, &moved.parameters(&device), moved.reverse);
            values(y * upstream.clone()).into_iter().map(f64::from).sum::<f64>()
        };
        for change in 0..5 {
            for (index, &gradient) in actual[change + 1].iter().enumerate() {
                let step = 1e-2;
                let difference = (loss(change, index, step) - loss(change, index, -step)) / 2e-2;
                let distance = (f64::from(gradient) - difference).abs();
                assert!(distance < 2e-4, "{kind:?} {}: {gradient} {difference}", NAMES[change + 1]);
            }
        }
    }
}

#[test]
fn inputs_in_another_order_are_read_in_their_own() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [4, 3, 5], 6, false, 2);
        let expected = case.everything(&Device::flex().autodiff());
        let device = Device::flex().autodiff();
        let x = tensor(&case.x, case.shape, &device);
        let time_first = Tensor::<3>::from_data(x.swap_dims(0, 1).into_data(), &device).require_grad();
        let mut parameters = case.parameters(&device);
        parameters.w_hh =
            Tensor::<2>::from_data(parameters.w_hh.transpose().into_data(), &device).transpose();
        let y = kind.run(time_first.clone().swap_dims(0, 1), &parameters, false);
        let gradients = (y.clone() * case.upstream(&device)).sum().backward();
        assert_close(&values(y), &expected[0], 1e-6, 1e-7, "output");
        let gradient = time_first.grad(&gradients).unwrap().swap_dims(0, 1);
        assert_close(&values(gradient), &expected[1], 1e-5, 1e-6, "gradient of x");
    }
}

#[test]
fn without_autodiff_the_output_is_the_same() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [19, 5, 3], 20, true, 3);
        let device = Device::flex();
        let y = kind.run(tensor(&case.x, case.shape, &device), &case.parameters(&device), true);
        assert_eq!(values(y), case.everything(&device.autodiff())[0]);
    }
}

#[test]
fn parameters_that_are_constants_get_no_gradient_and_x_still_does() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [3, 4, 2], 5, false, 4);
        let device = Device::flex().autodiff();
        let x = tensor(&case.x, case.shape, &device).require_grad();
        let y = kind.run(x.clone(), &case.parameters(&Device::flex()), false);
        let gradients = (y * case.upstream(&device)).sum().backward();
        let expected = case.everything(&device);
        assert_close(&values(x.grad(&gradients).unwrap()), &expected[1], 1e-6, 1e-7, "gradient of x");
    }
}

#[test]
fn a_reversed_layer_is_the_layer_of_the_reversed_sequence() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [3, 6, 2], 5, true, 5);
        let device = Device::flex();
        let x = tensor(&case.x, case.shape, &device);
        let parameters = case.parameters(&device);
        let y = kind.run(x.clone(), &parameters, true);
        let flipped = kind.run(x.flip([1]), &parameters, false).flip([1]);
        assert_eq!(values(y), values(flipped));
    }
}

#[test]
fn empty_batches_and_empty_sequences_have_empty_outputs() {
    for kind in Kind::BOTH {
        for shape in [[0, 4, 3], [2, 0, 3]] {
            let case = Case::random(kind, shape, 5, false, 6);
            for device in [Device::flex(), Device::flex().autodiff()] {
                let x = tensor(&case.x, shape, &device);
                let y = kind.run(x, &case.parameters(&device), false);
                assert_eq!(y.dims(), [shape[0], shape[1], 5]);
            }
        }
    }
}

#[test]
fn saturated_gates_stay_finite() {
    for kind in Kind::BOTH {
        let mut case = Case::random(kind, [2, 5, 3], 4, false, 7);
        case.x.iter_mut().for_each(|x| *x *= 1e4);
        let everything = case.everything(&Device::flex().autodiff());
        assert!(everything.iter().flatten().all(|value| value.is_finite()));
    }
}

#[test]
fn nan_stays_in_its_sample() {
    for kind in Kind::BOTH {
        let mut case = Case::random(kind, [3, 2, 2], 4, false, 8);
        case.x[4] = f32::NAN;
        let device = Device::flex();
        let y = kind.run(tensor(&case.x, case.shape, &device), &case.parameters(&device), false);
        for (sample, values) in values(y).chunks(8).enumerate() {
            assert!(values.iter().all(|value| value.is_nan() == (sample == 1)), "{sample}: {values:?}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for kind in Kind::BOTH {
        for (seed, (shape, hidden)) in [([71, 9, 10], 64), ([33, 20, 64], 48)].into_iter().enumerate() {
            let case = Case::random(kind, shape, hidden, seed == 1, seed as u64 + 20);
            let run = || case.everything(&Device::flex().autodiff());
            let one = with_threads(1, run);
            for threads in [2, 3] {
                assert!(one == with_threads(threads, run), "{kind:?}, {threads} threads");
            }
        }
    }
}

#[test]
fn a_series_alone_has_the_bits_of_a_series_among_others() {
    for kind in Kind::BOTH {
        let shape @ [batch, time, input] = [70, 12, 9];
        let case = Case::random(kind, shape, 212, false, 8);
        let device = Device::flex();
        let parameters = case.parameters(&device);
        let run = |x: &[f32], threads: usize| {
            let x = tensor(x, [x.len() / (time * input), time, input], &device);
            with_threads(threads, || values(kind.run(x.clone(), &parameters, false)))
        };
        let all = run(&case.x, 2);
        for (x, expected) in case.x.chunks(time * input).zip(all.chunks(time * 212)).take(3) {
            for threads in [1, 2, 3] {
                assert!(run(x, threads) == expected, "{kind:?} on {threads} threads");
            }
        }
        assert!(run(&case.x[..batch / 2 * time * input], 3) == all[..batch / 2 * time * 212], "{kind:?}");
    }
}

#[test]
#[should_panic(
    expected = "an LSTM's w_ih must be [3, 20] for inputs of 3 and 5 hidden units, got the shape [2, 20]"
)]
fn weights_of_another_shape_are_refused() {
    let device = Device::flex();
    let (w_ih, w_hh) = (Tensor::zeros([2, 20], &device), Tensor::zeros([5, 20], &device));
    let bias = Tensor::zeros([20], &device);
    lstm(Tensor::zeros([1, 1, 3], &device), w_ih, w_hh, bias.clone(), bias, Direction::Forward);
}
