//! Recipes as the first version wrote them into its run folders: `tests/fixtures/recipes-0.1`.
#![allow(clippy::unwrap_used)]

use brasa_data::SplitNames;
use brasa_models::Init;

use crate::Recipe;
use crate::recipe::{
    Adam, ArchitectureRecipe, EmbeddingRecipe, OptimizerRecipe, PerceptronRule, Rmsprop, Sgd,
};
use crate::schedule::{OnPlateau, OneCycle, Per, Shape, Warmup};

const ROWS: usize = 1000;

/// The recipe, which must be whole already: running it fills in nothing, and it reads back as it is written.
fn read(name: &str) -> Recipe {
    // Asked for when it runs: a cached test binary may come from a clone that is gone.
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let text =
        std::fs::read_to_string(format!("{root}/../../tests/fixtures/recipes-0.1/{name}.toml")).unwrap();
    let recipe = Recipe::parse(name, &text, &[]).unwrap();
    let resolved = recipe.clone().check().unwrap().resolved(ROWS).unwrap();
    assert_eq!(resolved, recipe, "{name}");
    assert_eq!(Recipe::parse(name, &resolved.to_toml().unwrap(), &[]).unwrap(), recipe, "{name}");
    recipe
}

#[test]
fn a_network_of_dense_layers_with_its_schedule() {
    let recipe = read("mlp-scheduled");
    let ArchitectureRecipe::Mlp(mlp) = &recipe.model.architecture else { unreachable!("{recipe:?}") };
    assert_eq!((mlp.hidden.as_slice(), mlp.init), (&[342, 580, 491][..], Init::HeNormal));
    assert_eq!(recipe.model.input, [1, 28, 28]);
    assert_eq!(recipe.optimizer, Adam { lr: 0.00107, weight_decay: 9.3e-5, ..Adam::default() }.into());
    let Shape::Cosine(cosine) = &recipe.schedule.shape else { unreachable!("{recipe:?}") };
    assert_eq!(
        (cosine.t_max, recipe.schedule.per, recipe.schedule.warmup),
        (Some(10), Per::Epoch, Warmup::None)
    );
}

#[test]
fn kinds_that_once_wrote_initial_weights_they_had_no_choice_of() {
    assert!(
        matches!(read("recurrent").model.architecture, ArchitectureRecipe::Lstm(lstm) if lstm.dropout == [0.75])
    );
    let text = read("text-cnn");
    assert!(
        matches!(text.model.architecture, ArchitectureRecipe::TextCnn(cnn) if cnn.filter_sizes == [2, 3, 4])
    );
    assert!(matches!(text.embedding, Some(EmbeddingRecipe::Fasttext(fasttext)) if fasttext.dims == 50));
    assert!(matches!(read("text-mlp").model.architecture, ArchitectureRecipe::TextMlp(_)));
    let perceptron = read("perceptron");
    assert!(matches!(perceptron.model.architecture, ArchitectureRecipe::Perceptron(_)));
    assert_eq!(perceptron.optimizer, PerceptronRule { lr: 0.5 }.into());
}

#[test]
fn a_column_of_splits_once_meant_the_words_of_fer2013() {
    let words = |faces: &str| {
        let text = format!("[data.faces]\n{faces}\n[model]\nkind = \"mlp\"\nhidden = [4]");
        let faces = Recipe::parse("faces", &text, &[]).unwrap().data.pixels.unwrap();
        faces.split_names.unwrap()
    };
    let own = words("split_names = { train = \"a\", valid = \"b\", test = \"c\" }\nside = \"Usage\"");
    let old = words("side = \"Usage\"");
    let names = |names: SplitNames| (names.train, names.valid.unwrap(), names.test.unwrap());
    assert_eq!(names(old), ("Training".into(), "PublicTest".into(), "PrivateTest".into()));
    assert_eq!(names(own), ("a".into(), "b".into(), "c".into()));
}

#[test]
fn every_other_optimizer_and_schedule() {
    let recipe = read("sgd-one-cycle");
    let sgd = Sgd { lr: 0.01, momentum: 0.9, weight_decay: 0.01, ..Sgd::default() };
    assert_eq!(recipe.optimizer, OptimizerRecipe::Sgd(sgd));
    assert_eq!(recipe.schedule, OneCycle { max_lr: Some(0.01), ..OneCycle::default() }.into());

    let recipe = read("rmsprop-plateau");
    assert_eq!(recipe.optimizer, Rmsprop { lr: 1e-3, ..Rmsprop::default() }.into());
    assert_eq!(recipe.schedule.shape, OnPlateau::default().into());
    assert_eq!(recipe.schedule.warmup, Warmup::Linear { units: 3, start_factor: 1.0 / 3.0 });

    assert!(!read("sequential-augmented").augment.is_empty());
}
