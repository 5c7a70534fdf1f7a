#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    brasa_fuzz::load("data.csv = { file = \"t.jsonl\", target = \"y\" }", &[("t.jsonl", bytes)]);
    brasa_fuzz::load(
        "data.text = { file = \"x.jsonl\", text = \"t\", target = \"y\" }\nmodel.kind = \"text-mlp\"",
        &[("x.jsonl", bytes)],
    );
});
