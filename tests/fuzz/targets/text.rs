#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let table = "data.text = { file = \"t.csv\", text = \"t\", target = \"y\", row = 2, parts = [3, 4] }\nmodel.kind = \"text-mlp\"";
    brasa_fuzz::load(table, &[("t.csv", bytes)]);
});
