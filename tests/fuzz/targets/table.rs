#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    brasa_fuzz::load("data.csv = { file = \"t.csv\", target = \"y\" }", &[("t.csv", bytes)]);
    brasa_fuzz::load(
        "data.csv = { file = \"t.csv\", target = \"y\", columns = { a = \"category\", b = \"number?\" } }",
        &[("t.csv", bytes)],
    );
    brasa_fuzz::load(
        "data.csv = { file = \"t.csv\", target = \"y\", parentheses = true, columns = { a = \"ordered?\", b = \"yes/no?\" }, \
         levels = { a = [\"a\", \"b\"] } }",
        &[("t.csv", bytes)],
    );
});
