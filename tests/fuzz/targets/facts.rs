#![no_main]
use brasa_data::{TableFacts, TableWishes};
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let wishes = TableWishes { target: Some("y".into()), task: None, group: None, drop: Vec::new(), missing: Vec::new() };
    let _ = TableFacts::of("t", bytes, &wishes);
});
