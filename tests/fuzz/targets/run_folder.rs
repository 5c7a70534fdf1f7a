#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let names = ["run.json", "metrics.jsonl", "data.json", "environment.json", "recipe.toml"];
    for name in names {
        brasa_fuzz::file(&format!("runs/app/one/{name}"), bytes);
    }
    let runs = brasa_fuzz::folder().join("runs");
    let _ = brasa_run::list_runs(&runs, "app");
    let _ = brasa_run::unreadable_runs(&runs, "app");
    let run = brasa_run::RunFolder::at(runs.join("app/one"));
    let _ = (run.record(), run.epochs(), run.data_facts(), run.environment(), run.recipe());
});
