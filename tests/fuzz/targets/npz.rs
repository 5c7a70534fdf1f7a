#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    brasa_fuzz::load("data.npz = { file = \"a.npz\", samples = \"x\", target = \"y\" }", &[("a.npz", bytes)]);
});
