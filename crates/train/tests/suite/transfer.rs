//! Weights that others trained, and parameters that do not learn.

use std::collections::BTreeMap;
use std::path::Path;

use brasa_data::Files;
use brasa_models::{Network, TorchName, save_weights, save_weights_as, select_device};
use brasa_train::{
    Callback, CheckedRecipe, Leg, Outcome, Prepared, Recipe, Result, Snapshot, train_network_leg,
};

const RECIPE: &str = r#"
    [data.idx]
    train_images = "images"
    train_labels = "labels"
    test_images = "images"
    test_labels = "labels"
    classes = ["dark", "bright"]
    [data.split]
    kind = "stratified"
    valid = 0.3
    valid_from = "train"
    seed = 1
    [model]
    kind = "cifar-resnet"
    blocks = 1
    width = 4
    [optimizer]
    kind = "adamw"
    lr = 0.01
    [training]
    epochs = 3
    batch_size = 8
"#;

/// Sixty images of 8 x 8 pixels, half of them brighter.
fn images(folder: &Path) {
    let header = |sizes: &[u32]| {
        let mut bytes = vec![0, 0, 8, sizes.len() as u8];
        bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        bytes
    };
    let (mut images, mut labels) = (header(&[60, 8, 8]), header(&[60]));
    for image in 0..60_usize {
        labels.push((image % 2) as u8);
        images.extend((0..64).map(|pixel| ((image * 31 + pixel * 17) % 100 + 80 * (image % 2)) as u8));
    }
    std::fs::write(folder.join("images"), images).unwrap();
    std::fs::write(folder.join("labels"), labels).unwrap();
}

fn recipe(overrides: &[&str]) -> Result<CheckedRecipe, String> {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    Recipe::parse("recipe", RECIPE, &overrides).and_then(Recipe::check).map_err(|error| error.to_string())
}

fn train(folder: &Path, overrides: &[&str]) -> Result<Outcome<Network>, String> {
    let recipe = recipe(overrides)?;
    let prepared = Prepared::new(&recipe, &Files::directory(folder)).map_err(|error| error.to_string())?;
    let device = select_device("flex").unwrap();
    train_network_leg(&recipe, &prepared, None, &device, &mut [], Leg::default())
        .map_err(|error| error.to_string())
}

/// The tensors of a network by name.
fn tensors(network: &Network) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    save_weights(network, &path).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    file.tensors().into_iter().map(|(name, tensor)| (name, tensor.data().to_vec())).collect()
}

/// Names of the tensors that differ between two networks.
fn changed(one: &Network, other: &Network) -> Vec<String> {
    let other = tensors(other);
    tensors(one).into_iter().filter(|(name, data)| other[name] != *data).map(|(name, _)| name).collect()
}

#[test]
fn frozen_layers_keep_the_weights_that_they_were_given_and_the_head_learns() {
    let folder = tempfile::tempdir().unwrap();
    images(folder.path());
    let before = train(folder.path(), &["training.epochs=1"]).unwrap().model;
    save_weights(&before, &folder.path().join("before.safetensors")).unwrap();
    let given = "transfer.pretrained=before.safetensors";
    let frozen = train(folder.path(), &[given, r#"transfer.freeze=["*"]"#]).unwrap().model;
    assert_eq!(changed(&frozen, &before), ["output.bias", "output.weight"]);
    let batch = [given, r#"transfer.freeze=["*"]"#, "transfer.frozen_norm=batch"];
    let moved = changed(&train(folder.path(), &batch).unwrap().model, &before);
    assert!(moved.iter().any(|name| name.ends_with("running_mean")), "{moved:?}");
    assert!(moved.iter().all(|name| name.contains("running") || name.starts_with("output")), "{moved:?}");

    // By PyTorch's name, a stage; and from the second epoch on, another.
    let stage = train(folder.path(), &[given, r#"transfer.freeze=["conv1", "bn1", "layer1", "layer2"]"#]);
    let moved = changed(&stage.unwrap().model, &before);
    assert!(moved.iter().all(|name| name.starts_with("layers.7") || name.starts_with("output")), "{moved:?}");
    assert!(moved.iter().any(|name| name.starts_with("layers.7")), "{moved:?}");
    let later = r#"transfer.unfreeze=[{ epoch = 2, names = ["layer3"] }]"#;
    let one = [given, r#"transfer.freeze=["*"]"#, later, "training.epochs=1"];
    // An epoch that is not there is refused; one epoch short, nothing but the head has moved.
    assert!(train(folder.path(), &one).unwrap_err().contains("from 1 to 1"));
    for (epochs, stage_moves) in [(1, false), (3, true)] {
        let epochs = format!("training.epochs={epochs}");
        let from = if stage_moves { later } else { "transfer.unfreeze=[]" };
        let more = [given, r#"transfer.freeze=["*"]"#, from, "training.checkpoint=never", &epochs];
        let moved = changed(&last(folder.path(), &more), &before);
        let of_stage = moved.iter().any(|name| name.starts_with("layers.7"));
        assert_eq!(of_stage, stage_moves, "{epochs}: {moved:?}");
        assert!(!moved.iter().any(|name| name.starts_with("layers.3")), "{moved:?}");
    }
}

/// The weights at the end of a training, whichever epoch was the best.
fn last(folder: &Path, overrides: &[&str]) -> Network {
    #[derive(Default)]
    struct Last(Option<Network>);
    impl Callback for Last {
        fn on_snapshot(&mut self, _: usize, snapshot: &dyn Snapshot) -> brasa_train::Result<()> {
            self.0 = snapshot.as_any().downcast_ref::<Network>().cloned();
            Ok(())
        }
    }
    let recipe = recipe(overrides).unwrap();
    let prepared = Prepared::new(&recipe, &Files::directory(folder)).unwrap();
    let mut kept = Last::default();
    let device = select_device("flex").unwrap();
    train_network_leg(&recipe, &prepared, None, &device, &mut [&mut kept], Leg::default()).unwrap();
    kept.0.unwrap()
}

#[test]
fn parts_of_a_training_are_the_bits_of_the_whole_across_an_unfreezing() {
    let folder = tempfile::tempdir().unwrap();
    images(folder.path());
    let before = train(folder.path(), &["training.epochs=1"]).unwrap().model;
    save_weights(&before, &folder.path().join("before.safetensors")).unwrap();
    let given = "transfer.pretrained=before.safetensors";
    let later = r#"transfer.unfreeze=[{ epoch = 2, names = ["layer3"] }]"#;
    let rates = "transfer.rates={ layer3 = 0.5 }";
    for settings in [
        vec![given, r#"transfer.freeze=["*"]"#, later, rates],
        vec![given, r#"transfer.freeze=["*"]"#, "transfer.cache=true"],
        vec![given, r#"transfer.freeze=["*"]"#, "transfer.frozen_norm=batch"],
    ] {
        let recipe = recipe(&settings).unwrap();
        let prepared = Prepared::new(&recipe, &Files::directory(folder.path())).unwrap();
        let device = select_device("flex").unwrap();
        let whole = train(folder.path(), &settings).unwrap();
        let parts = tempfile::tempdir().unwrap();
        for until in [Some(1), Some(2), None] {
            let leg = Leg { from: Some(parts.path()), save: Some(parts.path()), until, ..Leg::default() };
            let outcome = train_network_leg(&recipe, &prepared, None, &device, &mut [], leg).unwrap();
            if until.is_none() {
                assert_eq!(tensors(&outcome.model), tensors(&whole.model), "{settings:?}");
            }
        }
    }
}

#[test]
fn other_weights_under_the_same_name_are_another_training() {
    let folder = tempfile::tempdir().unwrap();
    images(folder.path());
    let before = train(folder.path(), &["training.epochs=1"]).unwrap().model;
    let file = folder.path().join("before.safetensors");
    save_weights(&before, &file).unwrap();
    let recipe = recipe(&[
        "transfer.pretrained=before.safetensors",
        r#"transfer.freeze=["*"]"#,
        "transfer.cache=true",
    ]);
    let (recipe, device) = (recipe.unwrap(), select_device("flex").unwrap());
    let parts = tempfile::tempdir().unwrap();
    let leg = |until| Leg { from: Some(parts.path()), save: Some(parts.path()), until, ..Leg::default() };
    let run = |until| {
        let prepared = Prepared::new(&recipe, &Files::directory(folder.path())).unwrap();
        train_network_leg(&recipe, &prepared, None, &device, &mut [], leg(until))
    };
    run(Some(1)).unwrap();
    save_weights(&train(folder.path(), &["training.epochs=2"]).unwrap().model, &file).unwrap();
    assert!(run(None).is_err());
}

#[test]
fn rates_of_zero_keep_layers_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    images(folder.path());
    let before = train(folder.path(), &["training.epochs=1"]).unwrap().model;
    save_weights(&before, &folder.path().join("before.safetensors")).unwrap();
    let rates = r#"transfer.rates={ conv1 = 0.0 }"#;
    let after = train(folder.path(), &["transfer.pretrained=before.safetensors", rates]).unwrap().model;
    let moved = changed(&after, &before);
    assert!(!moved.contains(&"layers.0.weight".to_string()) && moved.len() > 10, "{moved:?}");
}

#[test]
fn features_that_are_kept_give_the_training_that_computes_them_each_time() {
    let folder = tempfile::tempdir().unwrap();
    images(folder.path());
    let before = train(folder.path(), &["training.epochs=1"]).unwrap().model;
    save_weights(&before, &folder.path().join("before.safetensors")).unwrap();
    for freeze in [r#"["*"]"#, r#"["conv1", "bn1", "layer1"]"#] {
        let freeze = format!("transfer.freeze={freeze}");
        let base = ["transfer.pretrained=before.safetensors", &freeze];
        let each_time = train(folder.path(), &base).unwrap();
        let kept = train(folder.path(), &[&base[..], &["transfer.cache=true"]].concat()).unwrap();
        for (one, other) in each_time.history.iter().zip(&kept.history) {
            let (one, other) = (one.valid.loss(), other.valid.loss());
            assert!((one - other).abs() < 1e-5 * one.abs(), "{freeze}: {one} {other}");
        }
        let head = |outcome: &Outcome<Network>| {
            let bytes = tensors(&outcome.model)["output.weight"].clone();
            bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect::<Vec<_>>()
        };
        for (one, other) in head(&each_time).iter().zip(head(&kept)) {
            assert!((one - other).abs() < 1e-4, "{freeze}: {one} {other}");
        }
        // The network is whole again.
        let device = select_device("flex").unwrap();
        let input = burn::tensor::Tensor::<2>::ones([2, 64], &device);
        assert_eq!(brasa_models::Model::forward(&kept.model, &input.into()).dims(), [2, 2]);
    }
}

#[test]
fn weights_with_pytorchs_names_and_another_head_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    images(folder.path());
    let before = train(folder.path(), &["training.epochs=1"]).unwrap().model;
    let recipe = recipe(&[]).unwrap();
    let prepared = Prepared::new(&recipe, &Files::directory(folder.path())).unwrap();
    let names = prepared.network(&recipe).torch_names();
    let wrapped: Vec<_> = names
        .iter()
        .map(|name| TorchName { theirs: format!("module.{}", name.theirs), ..name.clone() })
        .collect();
    save_weights_as(&before, &folder.path().join("torch.safetensors"), &wrapped).unwrap();
    let freeze = r#"transfer.freeze=["*"]"#;
    let after = train(folder.path(), &["transfer.pretrained=torch.safetensors", freeze]).unwrap().model;
    assert_eq!(changed(&after, &before), ["output.bias", "output.weight"]);
    let wide = ["transfer.pretrained=torch.safetensors", "model.width=8"];
    let message = train(folder.path(), &wide).unwrap_err();
    assert!(message.contains("of other shapes: `module.conv1.weight` [4, 1, 3, 3]"), "{message}");
}

#[test]
fn a_known_name_stands_for_its_file() {
    let folder = tempfile::tempdir().unwrap();
    images(folder.path());
    let before = train(folder.path(), &["training.epochs=1"]).unwrap().model;
    // Not what the name promises, but by its file's name and in this network's shapes.
    save_weights(&before, &folder.path().join("before.safetensors")).unwrap();
    let known = folder.path().join("squeezenet1_1_notop_oihw.safetensors");
    std::fs::rename(folder.path().join("before.safetensors"), known).unwrap();
    let freeze = r#"transfer.freeze=["*"]"#;
    let named = train(folder.path(), &["transfer.pretrained=squeezenet1_1-features", freeze]).unwrap().model;
    assert_eq!(changed(&named, &before), ["output.bias", "output.weight"]);
    // In a network of other shapes, it is the usual message.
    let wide = train(folder.path(), &["transfer.pretrained=squeezenet1_1-features", "model.width=8"]);
    assert!(wide.unwrap_err().contains("of other shapes"));
}

#[test]
fn what_does_not_go_together_is_said() {
    let folder = tempfile::tempdir().unwrap();
    images(folder.path());
    for (changes, part) in [
        (vec![r#"transfer.freeze=["layr1"]"#], "`layr1`, which no parameter has"),
        (
            vec![r#"transfer.freeze=["layer1"]"#, r#"transfer.unfreeze=[{ epoch = 2, names = ["layer3"] }]"#],
            "`layer3`, which no parameter has, or none that is frozen before",
        ),
        (vec!["transfer.pretrained=nowhere.pth"], "nowhere.pth"),
        (vec!["transfer.pretrained=resnet18"], "the verb `weights fetch resnet18` downloads it"),
        (vec!["transfer.pretrained=resnet81"], "did you mean the weights `resnet18`?"),
        (vec!["transfer.cache=true"], "name them in transfer.freeze"),
        (
            vec!["transfer.cache=true", r#"transfer.freeze=["*"]"#, "transfer.frozen_norm=batch"],
            "frozen_norm",
        ),
        (vec!["transfer.cache=true", r#"transfer.freeze=["layer3"]"#], "first layers all learn"),
        (vec!["transfer.rates={ conv1 = -1.0 }"], "transfer.rates.conv1"),
        (vec!["transfer.frozen=1"], "did you mean"),
    ] {
        let message = train(folder.path(), &changes).unwrap_err();
        assert!(message.contains(part), "{changes:?}: {message}");
    }
}
