//! Recipes whose networks branch.

use brasa_train::Recipe;

const RECIPE: &str = r#"
[data]
idx = { train_images = "a", train_labels = "b" }
[model]
kind = "sequential"
input = [1, 8, 8]
layers = [
    "conv 4 3x3",
    { add = [["conv 4 3x3 bias=no", "batch-norm", { concat = [["relu"], []] }, "conv 4 1x1"], []] },
    "relu",
]
"#;

#[test]
fn a_branched_network_reads_back_from_what_is_written_of_its_recipe() {
    let recipe = Recipe::parse("branched", RECIPE, &[]).unwrap();
    let again = Recipe::parse("again", &recipe.to_toml().unwrap(), &[]).unwrap();
    assert_eq!(again, recipe);
    let only = ["model.layers=[{ add = [[\"conv 1 3x3\"], []] }]".to_string()];
    let branches_alone = Recipe::parse("branched", RECIPE, &only).unwrap();
    assert_eq!(Recipe::parse("again", &branches_alone.to_toml().unwrap(), &[]).unwrap(), branches_alone);
}

#[test]
fn a_mistake_in_a_branch_is_found_in_its_line() {
    let text = RECIPE.replace("\"conv 4 1x1\"", "\"conv 4\"");
    let error = Recipe::parse("branched", &text, &[]).unwrap_err().to_string();
    assert!(error.contains("branched, line 9"), "{error}");
    assert!(error.contains("`conv 4`: expected the kernel's size, like `conv 16 3x3`"), "{error}");
}
