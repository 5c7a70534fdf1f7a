#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // A picture of a class, and the bytes as a whole archive.
    brasa_fuzz::file("photos/a/1.png", bytes);
    brasa_fuzz::file("photos/b/1.jpg", bytes);
    brasa_fuzz::load("data.images = { folder = \"photos\" }", &[]);
    brasa_fuzz::load("data.images = { archive = \"photos.zip\" }", &[("photos.zip", bytes)]);
});
