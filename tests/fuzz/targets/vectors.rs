#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = brasa_embed::Embedding::from_bytes("v", bytes);
    let _ = brasa_embed::Embedding::read_vec("v", bytes, |_| true);
});
