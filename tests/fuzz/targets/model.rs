#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    brasa_fuzz::file("m/model.json", bytes);
    brasa_fuzz::file("m/weights.safetensors", b"");
    let _ = brasa_predict::SavedModel::load(&brasa_fuzz::folder().join("m"), &Default::default());
});
