#![no_main]
libfuzzer_sys::fuzz_target!(|input: (u16, u64, f64, f64)| {
    let (rows, seed, noise, margin) = input;
    let text = format!(
        "data.points = {{ shape = \"separable\", rows = {rows}, seed = {}, noise = {noise:?}, margin = {margin:?} }}\nmodel.hidden = [2]\n",
        seed >> 1
    );
    let Ok(recipe) = brasa_train::Recipe::parse("fuzz", &text, &[]) else { return };
    if let Ok(checked) = recipe.data.check() {
        let _ = brasa_data::load(&checked, &brasa_data::Files::directory(brasa_fuzz::folder()));
    }
});
