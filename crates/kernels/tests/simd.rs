//! The code for each instruction set gives the same results, those without products to the last bit.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/convolution.rs"]
mod convolution;
#[path = "common/everything.rs"]
mod every;
#[path = "common/cross_entropy.rs"]
mod losses;
#[path = "common/recurrent.rs"]
mod recurrent;
#[path = "common/embedding.rs"]
mod tables;

use std::process::Command;

use burn::tensor::Device;
use every::{Results, assert_alike, everything};

const FILE: &str = "BRASA_SIMD_RESULTS";

/// Starts itself once for each instruction set; that process finds [`FILE`] set and writes its results there.
#[test]
fn every_instruction_set_gives_the_same_results() {
    let expected = everything(&Device::flex());
    if let Ok(file) = std::env::var(FILE) {
        return std::fs::write(file, serde_json::to_vec(&expected).unwrap()).unwrap();
    }
    let levels = if cfg!(target_arch = "x86_64") { &["scalar", "avx2"][..] } else { &["scalar"] };
    for level in levels {
        let file = std::env::temp_dir().join(format!("brasa-kernels-{level}-{}.json", std::process::id()));
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "every_instruction_set_gives_the_same_results"])
            .env("BRASA_SIMD", level)
            .env(FILE, &file)
            .output()
            .unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        let actual: Results = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(actual.len(), expected.len());
        let mut differ = 0;
        for ((name, exact, expected), (_, _, actual)) in expected.iter().zip(&actual) {
            differ += usize::from(actual != expected);
            if *exact {
                assert_eq!(actual, expected, "{level}: {name}");
            }
            assert_alike(actual, expected, &format!("{level}: {name}"));
        }
        // Fused multiplications round differently, wherever the variable is obeyed.
        assert!(*level != "scalar" || differ > 0 || !is_fused(), "{level} ran the same code");
    }
}

fn is_fused() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(target_arch = "aarch64");
}
