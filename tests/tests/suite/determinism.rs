//! The same seed gives the same figures to the last digit.

use std::path::Path;

use brasa_tests::{Home, Invocation, read_json_lines, weights, write_fashion};
use serde_json::Value;

/// The lines of `metrics.jsonl` without what a clock measured, and the kept weights.
fn trace(home: &Home, training: Invocation) -> (Vec<String>, (Value, Vec<u8>)) {
    let run = home.run_folder(&training.run().succeeds().json());
    (figures(&run), weights(&run))
}

fn figures(run: &Path) -> Vec<String> {
    let lines = read_json_lines(&run.join("metrics.jsonl")).into_iter().map(|mut line| {
        let object = line.as_object_mut().unwrap();
        assert!(object.remove("train_seconds").is_some() && object.remove("valid_seconds").is_some());
        line.to_string()
    });
    lines.collect()
}

fn assert_reproducible(home: &Home, train: impl Fn() -> Invocation) {
    let (figures, kept) = trace(home, train().set("training.workers", 0));
    assert!(figures.len() > 1);
    for workers in [0, 1, 4] {
        let (again, kept_again) = trace(home, train().set("training.workers", workers));
        assert_eq!(figures, again, "{workers} workers");
        assert!(kept == kept_again, "{workers} workers: other weights");
    }
    let (other, _) = trace(home, train().set("training.seed", 43));
    assert_ne!(figures, other);
}

#[test]
fn iris_is_a_function_of_the_seed() {
    let home = Home::new();
    assert_reproducible(&home, || {
        home.iris("train --json --set training.epochs=5 --set training.batch_size=16")
    });
}

#[test]
fn fashion_mnist_with_dropout_is_a_function_of_the_seed() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 600, 200);
    let args = "train --json --data pictures --recipe cosine --set training.epochs=2 --set schedule.t_max=2 \
         --set training.batch_size=64";
    assert_reproducible(&home, || home.fashion(args));
}

#[test]
fn the_split_has_a_seed_of_its_own() {
    let home = Home::new();
    let train = || home.iris("train --json --set training.epochs=1");
    let run = |training: Invocation| {
        let run = home.run_folder(&training.run().succeeds().json());
        (std::fs::read_to_string(run.join("data.json")).unwrap(), figures(&run))
    };
    let (_, first) = run(train());
    let (_, other_split) = run(train().set("data.split.seed", 1));
    assert_ne!(first, other_split);
}

#[test]
fn threads_that_compute_and_the_instruction_set_leave_no_trace() {
    let home = Home::new();
    brasa_tests::write_digits(&home.path("digits"), &[("train", 8), ("valid", 2), ("test", 2)]);
    let iris = || home.iris("train --json --set training.epochs=5");
    let digits = || home.command("mnist", "train --json --data digits --recipe cnn --set training.epochs=2");
    for train in [&iris as &dyn Fn() -> Invocation, &digits] {
        let expected = trace(&home, train().env("RAYON_NUM_THREADS", "1"));
        for (name, value) in [("RAYON_NUM_THREADS", "2"), ("RAYON_NUM_THREADS", "5"), ("BRASA_SIMD", "avx2")]
        {
            if name == "BRASA_SIMD" && !has_avx2() {
                continue;
            }
            assert!(trace(&home, train().env(name, value)) == expected, "{name}={value}");
        }
    }
}

fn has_avx2() -> bool {
    std::fs::read_to_string("/proc/cpuinfo")
        .is_ok_and(|text| text.contains(" avx2 ") && text.contains(" fma "))
}
