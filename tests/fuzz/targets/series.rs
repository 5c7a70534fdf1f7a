#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (steps, labels) = brasa_fuzz::parts(bytes);
    let columns = "file = \"s.csv\", series = \"id\", step = \"t\", features = [\"v\"], target = \"y\"";
    let beside = format!("data.series = {{ {columns}, labels = \"l.csv\" }}");
    brasa_fuzz::load(&beside, &[("s.csv", steps), ("l.csv", labels)]);
    brasa_fuzz::load(&format!("data.series = {{ {columns} }}"), &[("s.csv", bytes)]);
});
