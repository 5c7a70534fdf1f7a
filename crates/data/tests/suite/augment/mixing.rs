//! Mixed samples have mixed targets.

use brasa_data::Values;

use super::{changed, data, images};

#[test]
fn mixed_targets_are_the_shares_of_what_was_mixed() {
    // Every image is of one value, 60 times its class: the mean value tells the shares.
    let classes = [0, 1, 2].repeat(40);
    let pixels: Vec<_> = classes.iter().flat_map(|class| [class * 60; 2 * 6 * 7]).collect();
    let data = data(&[2, 6, 7], Values::U8(pixels.into()));
    for kind in ["mixup", "cutmix"] {
        let batch = changed(&data, &format!(r#"{{ kind = "{kind}", alpha = 1.0 }}"#), 4, 0);
        let soft = batch.targets.soft().unwrap();
        let mut mixed = 0;
        for (image, soft) in batch.inputs.numbers().to_vec().chunks(84).zip(soft.chunks(3)) {
            let mean = image.iter().sum::<f32>() / 84.0;
            let expected = 60.0 * soft[1] + 120.0 * soft[2];
            assert!((mean - expected).abs() < 1e-3, "{kind}: {mean} {soft:?}");
            assert!((soft.iter().sum::<f32>() - 1.0).abs() < 1e-6 && soft.iter().all(|&p| p >= 0.0));
            mixed += usize::from(soft.iter().all(|&p| p < 1.0));
        }
        // A third of the partners is of the same class.
        assert!((60..110).contains(&mixed), "{kind}: {mixed} of 120");
        assert_eq!(batch.targets.labels(), data.labels(), "the hard label stays");
    }
}

#[test]
fn without_mixing_there_are_no_soft_targets_unless_the_data_have_them() {
    let data = images(2, [1, 2, 2]);
    assert_eq!(changed(&data, r#"{ kind = "vertical-flip" }"#, 1, 0).targets.soft(), None);
    let soft = vec![0.5, 0.25, 0.25, 0.0, 0.5, 0.5];
    let data = data.with_soft_labels(Some(soft.clone()));
    assert_eq!(changed(&data, "", 1, 0).targets.soft(), Some(soft.as_slice()));
}
