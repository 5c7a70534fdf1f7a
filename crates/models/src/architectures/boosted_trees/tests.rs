#![allow(clippy::unwrap_used)]
use super::*;
use crate::{Architecture, NetworkConfig, load_weights, save_weights};

fn split(feature: usize, threshold: f32, left: usize, right: usize) -> TreeNode {
    TreeNode::Split { feature, threshold, left, right }
}

/// A tree whose siblings do not stand together.
fn crooked(sum: usize) -> Tree {
    let nodes = vec![
        split(0, 0.0, 1, 4),
        split(1, 2.0, 2, 3),
        TreeNode::Leaf(1.0),
        TreeNode::Leaf(2.0),
        split(1, -1.0, 6, 5),
        TreeNode::Leaf(4.0),
        TreeNode::Leaf(3.0),
    ];
    Tree { sum, nodes }
}

const ROWS: [[f32; 2]; 5] = [[-1.0, 0.0], [-1.0, 2.0], [0.0, -2.0], [5.0, 0.0], [f32::NAN, f32::NAN]];
const VALUES: [f32; 5] = [1.0, 2.0, 3.0, 4.0, 4.0];

fn outputs(trees: &BoostedTrees) -> Vec<f32> {
    let rows = Tensor::<2>::from_floats(ROWS, &Device::default());
    read_back(Model::forward(trees, &rows.into()), "outputs").unwrap()
}

#[test]
fn a_sample_ends_in_its_leaf_however_the_nodes_stand() {
    let config = BoostedTreesConfig::new(2, 1);
    let trees = [crooked(0), crooked(0), Tree { sum: 0, nodes: vec![TreeNode::Leaf(0.5)] }];
    let trees = BoostedTrees::of(&config, &[100.0], &trees, &Device::default()).unwrap();
    assert_eq!(outputs(&trees), VALUES.map(|value| 100.5 + 2.0 * value));
}

#[test]
fn classes_get_logits_of_their_odds() {
    let device = Device::default();
    let two = BoostedTreesConfig { link: Link::LogOdds, ..BoostedTreesConfig::new(2, 2) };
    let trees = BoostedTrees::of(&two, &[-1.0], &[crooked(0)], &device).unwrap();
    assert_eq!(outputs(&trees), VALUES.map(|value| [0.0, value - 1.0]).concat());

    let three = BoostedTreesConfig { link: Link::OneAgainstRest, ..BoostedTreesConfig::new(2, 3) };
    let trees = BoostedTrees::of(&three, &[0.0, -800.0, 800.0], &[crooked(0)], &device).unwrap();
    let probabilities: Vec<f32> = outputs(&trees)[..3].iter().map(|logit| logit.exp()).collect();
    let sigmoid = 1.0 / (1.0 + (-1.0_f32).exp());
    assert!((probabilities[0] - sigmoid).abs() < 1e-6 && probabilities[1..] == [0.0, 1.0]);
    assert!(outputs(&trees).iter().all(|logit| logit.is_finite()));
}

#[test]
fn what_was_saved_answers_the_same_and_tells_its_size() {
    let (folder, device) = (tempfile::tempdir().unwrap(), Device::default());
    let path = folder.path().join("weights.safetensors");
    let config = BoostedTreesConfig::new(2, 1);
    let trees = BoostedTrees::of(&config, &[1.0], &[crooked(0), crooked(0)], &device).unwrap();
    save_weights(&trees, &path).unwrap();
    let fitted = config.fitted(&trees);
    assert_eq!((fitted.trees, fitted.nodes), (2, 14));
    let fitted = NetworkConfig::BoostedTrees(fitted);
    assert_eq!(fitted.summary().unwrap().parameters(), 14);
    let NetworkConfig::BoostedTrees(fitted) =
        serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap()
    else {
        unreachable!()
    };
    let loaded = load_weights(fitted.build(0, &device).unwrap(), &path, &[]).unwrap();
    assert_eq!(outputs(&loaded), outputs(&trees));
}

#[test]
fn trees_that_cannot_be_walked_through_are_refused_and_any_weights_end() {
    let (config, device) = (BoostedTreesConfig::new(2, 1), Device::default());
    let leaf = TreeNode::Leaf(0.0);
    for nodes in [
        vec![],
        vec![split(0, 0.0, 0, 1), leaf],
        vec![split(0, 0.0, 1, 2), leaf],
        vec![split(2, 0.0, 1, 2), leaf, leaf],
        // One child for two.
        vec![split(0, 0.0, 1, 1), split(0, 0.0, 2, 2), split(0, 0.0, 3, 3), leaf],
    ] {
        assert!(BoostedTrees::of(&config, &[0.0], &[Tree { sum: 0, nodes }], &device).is_err());
    }
    assert!(BoostedTrees::of(&config, &[0.0], &[Tree { sum: 1, nodes: vec![leaf] }], &device).is_err());
    assert!(BoostedTrees::of(&config, &[], &[], &device).is_err());

    let wild = [f32::NAN, -3.0, 1e30, 2.0];
    for place in 0..wild.len() {
        let node: Vec<f32> = (0..8).map(|number| wild[(place + number) % wild.len()]).collect();
        let found = Walk::new(&node, &[wild[place], 0.0, 0.0, 1e30], &[1.0]).sums(&[0.0, 1.0], 1);
        assert_eq!(found.len(), 1);
    }
}

#[test]
fn many_samples_answer_as_one_by_one() {
    let config = BoostedTreesConfig::new(2, 1);
    let trees = vec![crooked(0); 50];
    let trees = BoostedTrees::of(&config, &[0.25], &trees, &Device::default()).unwrap();
    let rows: Vec<f32> =
        (0..10_000).flat_map(|row| [(row % 7) as f32 - 3.0, (row % 5) as f32 - 2.0]).collect();
    let all = trees.answers(&rows, 10_000).unwrap();
    for (row, output) in rows.chunks(2).zip(&all).step_by(997) {
        assert_eq!(trees.answers(row, 1).unwrap(), [*output]);
    }
}
