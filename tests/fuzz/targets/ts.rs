#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (train, test) = brasa_fuzz::parts(bytes);
    let filled = "pad = \"end\", missing = \"previous\"";
    let both = format!("data.ts = {{ files = {{ train = \"a.ts\", test = \"b.ts\" }}, {filled} }}");
    brasa_fuzz::load(&both, &[("a.ts", train), ("b.ts", test)]);
    brasa_fuzz::load("data.ts = { file = \"a.ts\" }", &[("a.ts", bytes)]);
});
