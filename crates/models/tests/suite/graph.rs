//! Networks as pictures: what shares a box, what is drawn once, and what SVG and Mermaid say of it.

use std::path::PathBuf;

use brasa_models::diagram::{Block, Fork, Part, Repeat};
use brasa_models::{
    ArchitectureRecipe, BagConfig, DataSizes, Diagram, LayerSpec, MlpConfig, NetworkConfig, SequentialConfig,
};
use serde::Deserialize;

fn named(recipe: &toml::Table, sizes: &DataSizes) -> NetworkConfig {
    let mut entries = brasa_keys::Entries::new(recipe.clone());
    ArchitectureRecipe::take(&mut entries, &[]).unwrap().kind().network(sizes, 20)
}

/// A network with a name over images of 224 pixels a side.
fn of_images(recipe: &str) -> NetworkConfig {
    let sizes = DataSizes { shape: vec![3, 224, 224], outputs: 1000, ..DataSizes::default() };
    named(&recipe.parse().unwrap(), &sizes)
}

fn layers(list: &str, input: [usize; 3]) -> Diagram {
    let table: std::collections::BTreeMap<String, Vec<LayerSpec>> =
        toml::from_str(&format!("layers = [{list}]")).unwrap();
    let layers = table.into_values().next().unwrap();
    let config = SequentialConfig { layers, ..SequentialConfig::new(input.to_vec(), 3) };
    NetworkConfig::Sequential(config).diagram().unwrap()
}

fn said(block: &Block) -> String {
    block.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(", ")
}

/// A diagram in one line: `a | (b; -) add | 3 x [c]`.
fn outline(parts: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Block(block) => said(block),
        Part::Fork(Fork { branches, join }) => {
            let branch = |parts: &Vec<Part>| if parts.is_empty() { "-".into() } else { outline(parts) };
            format!("({}) {}", branches.iter().map(branch).collect::<Vec<_>>().join("; "), said(join))
        }
        Part::Repeat(Repeat { times, beside, parts }) => {
            format!("{times}{} [{}]", if *beside { " beside" } else { "" }, outline(parts))
        }
    };
    parts.iter().map(part).collect::<Vec<_>>().join(" | ")
}

/// The number of an attribute.
fn attribute(tag: &str, name: &str) -> f64 {
    let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap();
    rest.split_once('"').unwrap().0.parse().unwrap()
}

/// What is true of every picture: boxes lie on the page and not on one another, all is counted, nothing runs.
fn assert_sound(name: &str, network: &NetworkConfig) {
    let diagram = network.diagram().unwrap();
    let counted: usize = diagram.parts.iter().map(Part::parameters).sum();
    assert_eq!(counted + diagram.output.parameters, diagram.parameters, "{name}");
    assert_eq!(diagram.parameters, network.summary().unwrap().parameters(), "{name}");
    let svg = diagram.to_svg(name);
    assert!(!svg.contains("<script") && svg.contains("prefers-color-scheme: dark"), "{name}");
    let page = svg.lines().next().unwrap();
    let rect = |line: &str| {
        let [x, y, wide, tall] = ["x", "y", "width", "height"].map(|key| attribute(line, key));
        [x, y, x + wide, y + tall]
    };
    let of = |class: &str| -> Vec<[f64; 4]> {
        svg.lines().filter(|line| line.starts_with(&format!("<rect class=\"{class}\""))).map(rect).collect()
    };
    let boxes: Vec<_> = ["plain", "learns", "join", "end"].into_iter().flat_map(of).collect();
    let [wide, tall] = ["width", "height"].map(|key| attribute(page, key));
    for [left, top, right, bottom] in boxes.iter().chain(&of("frame")) {
        assert!(*left > 0.0 && *top > 0.0 && *right < wide && *bottom < tall, "{name}");
    }
    for (place, a) in boxes.iter().enumerate() {
        for b in &boxes[place + 1..] {
            assert!(a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3], "{name}: {a:?} on {b:?}");
        }
    }
    let mermaid = diagram.to_mermaid(name);
    let nodes = mermaid.lines().filter(|line| line.contains("<br/>")).count();
    assert_eq!(nodes, boxes.len(), "{name}");
    assert_eq!(mermaid.matches("subgraph").count(), of("frame").len(), "{name}");
}

#[test]
fn equal_residual_blocks_are_drawn_once() {
    let diagram = of_images("kind = \"resnet\"\ndepth = \"50\"").diagram().unwrap();
    let times = |part: &Part| match part {
        Part::Repeat(repeat) => Some(repeat.times),
        _ => None,
    };
    assert_eq!(diagram.parts.iter().filter_map(times).collect::<Vec<_>>(), [2, 3, 5, 2]);
    let outline = outline(&diagram.parts);
    let stem = "conv 64 7x7 stride=2 bias=no, batch-norm, relu | max-pool 3 stride=2 padding=1 | ";
    let inside = "conv 64 1x1 bias=no, batch-norm, relu | conv 64 3x3 bias=no, batch-norm, relu | \
                  conv 256 1x1 bias=no, batch-norm";
    let first =
        format!("({inside}; conv 256 1x1 bias=no, batch-norm) add, relu | 2 [({inside}; -) add, relu]");
    assert!(outline.starts_with(&format!("{stem}{first}")), "{outline}");
}

#[test]
fn a_norm_behind_the_last_block_does_not_make_it_another() {
    let diagram = of_images("kind = \"vit\"").diagram().unwrap();
    let outline = outline(&diagram.parts);
    let block = "(layer-norm, attention 3; -) add | (layer-norm, conv 768 1x1, gelu | conv 192 1x1; -) add";
    assert!(outline.ends_with(&format!("12 [{block}] | layer-norm, first-token")), "{outline}");
}

#[test]
fn blocks_that_differ_in_dropout_alone_are_drawn_once() {
    let block = |dropout: &str| format!("\"conv 8 3x3\", \"relu\", \"dropout {dropout}\"");
    let list = [block("0.1"), block("0.2"), block("0.3")].join(", ");
    let diagram = layers(&list, [8, 6, 6]);
    assert_eq!(outline(&diagram.parts), "3 [conv 8 3x3, relu, dropout 0.1 … 0.3]");
    // Over other channels, the first is another layer.
    let diagram = layers(&list, [3, 6, 6]);
    assert_eq!(
        outline(&diagram.parts),
        "conv 8 3x3, relu, dropout 0.1 | 2 [conv 8 3x3, relu, dropout 0.2 … 0.3]"
    );
}

#[test]
fn a_branch_has_a_fork_and_a_join_in_mermaid() {
    let diagram = layers(
        r#""conv 4 3x3", { concat = [["conv 2 1x1"], [{ add = [["conv 4 3x3"], []] }]] }, "relu""#,
        [3, 6, 6],
    );
    let mermaid = diagram.to_mermaid("a branch");
    let expected = "---
title: \"a branch: 921 parameters, 20.7 kFLOPs for one sample\"
---
flowchart TB
    n0([\"input<br/>[3, 6, 6]\"])
    n1[\"conv 4 3x3<br/>[4, 6, 6] · 112 parameters\"]
    n2((\" \"))
    n3[\"conv 2 1x1<br/>[2, 6, 6] · 10 parameters\"]
    n4((\" \"))
    n5[\"conv 4 3x3<br/>[4, 6, 6] · 148 parameters\"]
    n6([\"add<br/>[4, 6, 6]\"])
    n7([\"concat, relu<br/>[6, 6, 6]\"])
    n8([\"output, linear<br/>[3] · 651 parameters\"])
    n0 --> n1
    n1 --> n2
    n2 --> n3
    n2 --> n4
    n4 --> n5
    n5 --> n6
    n4 --> n6
    n3 --> n7
    n6 --> n7
    n7 --> n8
";
    assert_eq!(mermaid, expected);
}

#[test]
fn no_text_is_read_as_markup() {
    let mut diagram = layers(r#""conv 4 3x3""#, [3, 6, 6]);
    let hostile = "</text><script>alert(1)</script> \"]; click n0 `x` & #quot; \u{202E}\u{0}\n---";
    if let Part::Block(block) = &mut diagram.parts[0] {
        block.words[0].text = hostile.into();
    }
    let svg = diagram.to_svg(hostile);
    assert!(!svg.contains("<script") && !svg.contains("</text></"), "{svg}");
    assert!(svg.contains("&lt;/text&gt;&lt;script&gt;"), "{svg}");
    let mermaid = diagram.to_mermaid(hostile);
    for kept in ["<script", "\"];", "`", "\u{202E}", "\u{0}"] {
        let nodes = mermaid.split_once("flowchart TB").unwrap().1;
        assert!(!nodes.contains(kept), "{kept:?} in {nodes}");
    }
    let lines: Vec<_> = mermaid.lines().take(4).collect();
    assert!(lines[1].starts_with("title: \"") && lines[1].ends_with('"') && lines[2] == "---", "{lines:?}");
    assert_eq!(lines[3], "flowchart TB");
}

#[test]
fn rows_of_a_summary_share_boxes_by_layer() {
    let mlp =
        MlpConfig { hidden: vec![20, 10], batch_norm: true, dropout: vec![0.2, 0.0], ..MlpConfig::new(5, 3) };
    let mlp = NetworkConfig::Mlp(mlp);
    let diagram = mlp.diagram().unwrap();
    let expected =
        "hidden.0.linear, hidden.0.norm, ReLU, Dropout(0.2) | hidden.1.linear, hidden.1.norm, ReLU";
    assert_eq!(outline(&diagram.parts), expected);
    let bag = NetworkConfig::Bag(BagConfig::of(vec![mlp; 3])).diagram().unwrap();
    assert_eq!(outline(&bag.parts), format!("(3 beside [{expected} | output]) mean"));
    let sizes = DataSizes { shape: vec![30], outputs: 4, words: 100, ..DataSizes::default() };
    let titles = named(&"kind = \"text-cnn\"".parse().unwrap(), &sizes).diagram().unwrap();
    assert!(
        outline(&titles.parts).starts_with("embedding | (conv 100 2, ReLU, max over time; "),
        "{titles:?}"
    );
}

#[test]
fn a_network_of_no_layers_is_an_input_and_an_output() {
    let diagram = layers("", [1, 2, 2]);
    assert_eq!((diagram.parts.len(), diagram.output.parameters), (0, 15));
    assert!(diagram.to_mermaid("flat").ends_with("    n0 --> n1\n"));
}

#[test]
fn every_named_network_has_a_sound_picture() {
    for kind in [
        "kind = \"resnet\"",
        "kind = \"resnet\"\ndepth = \"50\"",
        "kind = \"cifar-resnet\"",
        "kind = \"mobilenet-v2\"",
        "kind = \"mobilenet-v3-small\"",
        "kind = \"efficientnet\"",
        "kind = \"convnext\"",
        "kind = \"vit\"",
        "kind = \"squeezenet\"",
        "kind = \"vgg\"",
        "kind = \"alexnet\"",
        "kind = \"nin\"",
    ] {
        assert_sound(kind, &of_images(kind));
    }
    let sizes = DataSizes { shape: vec![64, 9], outputs: 6, ..DataSizes::default() };
    for kind in
        ["\"inception-time\"", "\"series-resnet\"", "\"lstm\"\nhidden = [8, 8]", "\"gru\"\nhidden = [8]"]
    {
        let recipe = format!("kind = {kind}").parse().unwrap();
        assert_sound(kind, &named(&recipe, &sizes));
    }
    let sizes = DataSizes { shape: vec![4], outputs: 3, levels: vec![0, 0, 3, 300], ..DataSizes::default() };
    for kind in ["real-mlp", "tabm"] {
        assert_sound(kind, &named(&format!("kind = \"{kind}\"").parse().unwrap(), &sizes));
    }
}

#[test]
fn every_shipped_recipe_has_a_sound_picture() {
    let apps = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../apps");
    let mut seen = 0;
    for (app, shape) in [
        ("emotions", &[1, 48, 48][..]),
        ("fashion-mnist", &[1, 28, 28]),
        ("floor", &[128, 10]),
        ("iris", &[4]),
        ("mnist", &[1, 28, 28]),
        ("perceptron", &[2]),
        ("titles", &[30]),
        ("wine", &[11]),
    ] {
        for entry in std::fs::read_dir(apps.join(app).join("recipes")).unwrap() {
            let path = entry.unwrap().path();
            let recipe: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
            let mut model = recipe["model"].as_table().unwrap().clone();
            let own = model.remove("input").and_then(|input| Vec::<usize>::deserialize(input).ok());
            let shape = own.unwrap_or(shape.to_vec());
            let words = if app == "titles" { 500 } else { 0 };
            let sizes = DataSizes { shape, outputs: 2, words, ..DataSizes::default() };
            assert_sound(&path.display().to_string(), &named(&model, &sizes));
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}
