#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (images, labels) = brasa_fuzz::parts(bytes);
    let table = "data.idx = { train_images = \"i\", train_labels = \"l\", test_images = \"i\", test_labels = \"l\", \
                 classes = [\"a\", \"b\"] }";
    brasa_fuzz::load(table, &[("i", images), ("l", labels)]);
});
