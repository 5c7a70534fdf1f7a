//! Layers as recipes write them: words and tables, there and back.

use brasa_models::LayerSpec;

#[test]
fn what_is_written_reads_back() {
    for text in [
        "conv 16 5x5",
        "conv 32 3x3 stride=2 padding=0 groups=4",
        "conv 8 1x7",
        "conv 8 4x4 padding=2x1",
        "conv 8 3x3 stride=2 bias=no",
        "residual 64",
        "residual 64 stride=2 squeeze=16",
        "batch-norm",
        "relu",
        "leaky-relu",
        "max-pool 2",
        "max-pool 3 stride=2 padding=1",
        "avg-pool 1x4",
        "global-avg-pool",
        "group-norm 8",
        "dropout 0.2",
        "linear 120",
    ] {
        let layer: LayerSpec = text.parse().unwrap();
        assert_eq!(layer.to_string(), text);
        let json = serde_json::to_string(&layer).unwrap();
        assert_eq!(serde_json::from_str::<LayerSpec>(&json).unwrap(), layer);
    }
    for same in ["conv 8 1x7", "conv 8 7 bias=yes"] {
        assert_eq!(same.parse::<LayerSpec>().unwrap().to_string(), "conv 8 1x7");
    }
    assert_eq!("conv 8 7".parse::<LayerSpec>().unwrap().to_string(), "conv 8 1x7");
}

#[test]
fn each_mistake_is_named() {
    for (text, problem) in [
        ("", "unknown layer"),
        ("convolution 16", "unknown layer"),
        ("relu7", "unknown layer; expected conv"),
        ("conv", "expected the kernel's size"),
        ("conv 3x3 16", "expected the number of maps, like `conv 16 3x3`, found `3x3`"),
        ("conv 0 3x3", "found `0`"),
        ("conv 16 3x0", "expected the kernel's size"),
        ("conv 16 3x3 same", "`same` is one word too many"),
        ("conv 16 3x3 stride=0", "stride: expected a number from 1 to a million, found `0`"),
        ("conv 16 3x3 stride=two", "stride: expected a number from 1 to a million, found `two`"),
        ("conv 16 3x3 padding=a", "padding: expected HxW or one number, none above a million, found `a`"),
        ("conv 16 3x3 padding=9223372036854775807x1", "none above a million, found `9223372036854775807x1`"),
        ("conv 1000000000 3x3", "found `1000000000`"),
        ("conv 16 3x4000000000", "expected the kernel's size"),
        ("max-pool 2 stride=4611686018427387904", "found `4611686018427387904`"),
        ("conv 16 3x3 bias=0", "bias: expected yes or no, found `0`"),
        ("residual 64 squeeze=-1", "squeeze: expected a number, found `-1`"),
        ("max-pool 2 stride=0", "stride: expected HxW or one number above 0, found `0`"),
        ("max-pool", "expected the window's size"),
        ("add", "expected a table like { add = [[\"conv 16 3x3\"], []] }"),
        ("batch-norm 16", "one word too many"),
        ("relu slope=1", "unknown option `slope`; relu takes none"),
        ("dropout 1.0", "expected a probability"),
        ("linear -3", "expected its width"),
    ] {
        let error = text.parse::<LayerSpec>().unwrap_err();
        assert!(error.contains(problem), "{text}: {error}");
    }
}

#[test]
fn branches_are_tables_of_lists_that_read_back() {
    for text in [
        r#"{"add":[["conv 64 3x3","batch-norm"],[]]}"#,
        r#"{"concat":[["conv 8 1x1"],["conv 8 1x1",{"add":[["relu"],[]]}]]}"#,
    ] {
        let layer: LayerSpec = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&layer).unwrap(), text);
        // As it is displayed, it stands in a recipe.
        let recipe = format!("layers = [\"relu\", {layer}]");
        let layers: std::collections::BTreeMap<String, Vec<LayerSpec>> = toml::from_str(&recipe).unwrap();
        assert_eq!(layers["layers"][1], layer);
    }
}

#[test]
fn each_mistake_in_a_table_is_named() {
    for (text, problem) in [
        (r#"{"sum":[[],[]]}"#, "`sum`: unknown layer; expected conv"),
        (r#"{"conv":[["relu"],[]]}"#, "conv is written as words, not as a table"),
        (r#"{"add":[["relu"]]}"#, "at least two branches, found 1"),
        (r#"{"add":[[],[]],"concat":[[],[]]}"#, "one key, found `add` and `concat`"),
        (r#"{}"#, "one key, found none"),
        (r#"{"add":[["convolve 3"],[]]}"#, "`convolve 3`: unknown layer"),
        (r#"3"#, "a layer's words, like"),
    ] {
        let error = serde_json::from_str::<LayerSpec>(text).unwrap_err().to_string();
        assert!(error.contains(problem), "{text}: {error}");
    }
}
