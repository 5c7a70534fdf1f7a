#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for read in brasa_onnx::initializers(bytes).into_iter().flatten() {
        assert_eq!(read.shape.iter().product::<usize>(), read.data.len());
    }
});
