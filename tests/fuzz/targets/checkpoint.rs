#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    brasa_fuzz::file("c/epoch-3.ckpt", bytes);
    let _ = brasa_train::damaged_checkpoints(&brasa_fuzz::folder().join("c"));
});
