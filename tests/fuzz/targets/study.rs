#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = brasa_fuzz::file("study.jsonl", bytes);
    let _ = brasa_tune::study::Study::read(&path);
});
