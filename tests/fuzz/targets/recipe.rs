#![no_main]
libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(recipe) = brasa_train::Recipe::parse("fuzz", text, &[]) {
        let written = recipe.to_toml();
        if let Ok(checked) = recipe.check() {
            let again = brasa_train::Recipe::parse("again", &written.expect("a recipe is written"), &[]);
            again.expect("what was written is read").check().expect("and is right");
            if let Ok(network) = checked.declared_network() {
                let _ = network.summary();
            }
        }
    }
});
