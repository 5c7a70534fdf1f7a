#![no_main]
use brasa_data::{TableFacts, TableWishes};
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let wishes = TableWishes { target: Some("y".into()), ..TableWishes::default() };
    let _ = TableFacts::of("t", bytes, &wishes);
});
