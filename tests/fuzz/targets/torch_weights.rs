#![no_main]
use brasa_models::{Architecture, MlpConfig, load_weights};
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = brasa_fuzz::file("w.pt", bytes);
    let network = MlpConfig::new(2, 3).build(0, &Default::default()).expect("a network");
    let _ = load_weights(network, &path, &[]);
});
