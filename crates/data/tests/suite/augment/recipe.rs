//! The `[augment]` table, and what is refused of it.

use std::sync::Arc;

use brasa_data::{AugmentConfig, Loader, LoaderConfig, Scaler};

use super::{ALL, config, images, problem};

#[test]
fn what_does_not_fit_names_the_step() {
    let flip = r#"{ kind = "horizontal-flip" }"#;
    assert_eq!(
        problem(&format!(r#"{flip}, {{ kind = "jitter", std = 1 }}"#), &[1, 4, 4]),
        "[augment] `steps[1]`: \"jitter\": it needs series [time, channels]; the samples have the shape [1, 4, 4]"
    );
    assert_eq!(
        problem(flip, &[4]),
        "[augment] `steps[0]`: \"horizontal-flip\": it needs images [channels, height, width]; the samples have the shape [4]"
    );
    assert!(problem(r#"{ kind = "cutmix", alpha = 1 }"#, &[9, 3]).contains("\"cutmix\": it needs images"));
    assert!(problem(r#"{ kind = "mixup", alpha = 1 }"#, &[9]).contains("\"mixup\": it needs images"));
    config(r#"{ kind = "mixup", alpha = 1 }"#).check(&[9, 3]).unwrap();
    let axes = |axes: &str| problem(&format!(r#"{{ kind = "axis-rotation", axes = {axes} }}"#), &[9, 6]);
    assert!(axes("[[0, 1, 6]]").ends_with("`axes`: there is no channel 6; a sample has 6"));
    assert!(axes("[[0, 1, 2], [3, 4, 1]]").ends_with("`axes`: channel 1 occurs twice"));
    assert!(axes("[]").ends_with("`axes`: expected triples of channels, found none"));
}

#[test]
fn values_that_cannot_be_are_refused_without_a_shape() {
    for (step, expected) in [
        (r#"{ kind = "vertical-flip", p = 1.5 }"#, "`p`: expected a number in [0, 1], found 1.5"),
        (
            r#"{ kind = "rotate", degrees = 400 }"#,
            "`degrees`: expected a range within -360 to 360, found -400 to 400",
        ),
        (
            r#"{ kind = "rotate", degrees = [5, 1] }"#,
            "`degrees`: expected a range within -360 to 360, found 5 to 1",
        ),
        (r#"{ kind = "scale", scale = 1 }"#, "`scale`: expected a range within 0.05 to 20, found 0 to 2"),
        (r#"{ kind = "blur", sigma = nan }"#, "`sigma`: expected a range within 0 to 100, found NaN to NaN"),
        (r#"{ kind = "mixup", alpha = 0 }"#, "`alpha`: expected a number in (0, 1000], found 0"),
        (r#"{ kind = "cutout", size = 2 }"#, "`size`: expected a number in [0, 1], found 2"),
        (
            r#"{ kind = "shift", shift = 0, border = { constant = inf } }"#,
            "`border`: expected a finite number, found inf",
        ),
    ] {
        let problem = config(step).check_values().unwrap_err().to_string();
        assert!(problem.ends_with(expected), "{problem}");
    }
    for (step, expected) in [
        (
            r#"{ kind = "rotate", degree = 4 }"#,
            "`steps[0].degree` is not a key of `rotate`; did you mean `degrees`? It has degrees, border, p",
        ),
        (r#"{ kind = "rotate" }"#, "`rotate` needs the key `degrees`: angle in degrees"),
        (r#"{ kind = "twirl" }"#, "`steps[0].kind`: expected one of \"horizontal-flip\", "),
        (r#"{ kind = "rotate", degrees = "far" }"#, "expected a number or a range [low, high]"),
    ] {
        let read = toml::from_str::<AugmentConfig>(&format!("steps = [{step}]"));
        let problem = read.unwrap_err().to_string();
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn steps_for_other_samples_are_refused() {
    let augment = Arc::new(config(r#"{ kind = "vertical-flip" }"#).check(&[1, 2, 2]).unwrap());
    let data = Arc::new(images(2, [1, 3, 2]));
    let loader = Loader::new(data, Arc::new(Scaler::Identity), vec![0], LoaderConfig::default()).unwrap();
    assert_eq!(
        loader.with_augment(augment, 1).unwrap_err().to_string(),
        "cannot load batches: the augmentation is for samples of the shape [1, 2, 2]; those of `pictures` have [1, 3, 2]"
    );
}

#[test]
fn a_recipe_reads_back_what_was_written() {
    let config = config(ALL);
    assert_eq!(toml::from_str::<AugmentConfig>(&toml::to_string(&config).unwrap()).unwrap(), config);
}
