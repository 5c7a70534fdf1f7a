#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let table = "data.pixels = { file = \"p.csv\", pixels = \"p\", label = \"y\", size = [2, 2], classes = [\"a\", \"b\"] }";
    brasa_fuzz::load(table, &[("p.csv", bytes)]);
});
