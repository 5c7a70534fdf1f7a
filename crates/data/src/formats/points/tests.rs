#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

const SHAPES: [PointShape; 4] = [PointShape::Blobs, PointShape::Line, PointShape::Xor, PointShape::Moons];

fn made(config: &PointsConfig) -> Labelled {
    let data = config.check().unwrap().read(&Files::default()).unwrap();
    data.check().unwrap();
    data
}

#[test]
fn the_seed_decides() {
    for shape in SHAPES {
        let config = PointsConfig { shape, ..PointsConfig::default() };
        assert_eq!(made(&config), made(&config));
        assert_ne!(made(&config).samples, made(&PointsConfig { seed: 43, ..config }).samples, "{shape:?}");
    }
}

#[test]
fn classes_are_even_and_mixed() {
    for shape in SHAPES {
        let data = made(&PointsConfig { shape, rows: 101, ..PointsConfig::default() });
        assert_eq!(data.class_counts(&(0..101).collect::<Vec<_>>()), [51, 50]);
        assert!(data.class_counts(&(0..30).collect::<Vec<_>>()).iter().all(|&count| count > 5), "{shape:?}");
        assert_eq!(
            (&data.feature_names[..], data.class_names()),
            (&["X1".into(), "X2".into()][..], &["0".into(), "1".into()][..])
        );
    }
}

#[test]
fn moons_without_noise_are_half_circles() {
    let data = made(&PointsConfig { shape: PointShape::Moons, noise: Some(0.0), ..PointsConfig::default() });
    for row in 0..data.len() {
        let point = data.samples.row_f32(row);
        let (middle, upper) = if data.labels()[row] == 0 { ([1.0, 1.0], true) } else { ([2.0, 1.5], false) };
        let [x, y] = [0, 1].map(|axis| 3.0 * f64::from(point[axis]) - middle[axis]);
        assert!((x.hypot(y) - 1.0).abs() < 1e-6 && (y >= -1e-6) == upper || y.abs() < 1e-6, "{point:?}");
    }
}

#[test]
fn what_does_not_apply_or_cannot_be_is_refused() {
    let refused = |config: PointsConfig| config.check().unwrap_err().to_string();
    let plain = PointsConfig::default();
    assert_eq!(
        refused(PointsConfig { noise: Some(0.1), ..plain.clone() }),
        "[data] `points.noise`: does not apply to shape \"line\"; remove the key"
    );
    let xor = PointsConfig { shape: PointShape::Xor, ..plain.clone() };
    assert!(refused(PointsConfig { margin: Some(0.1), ..xor.clone() }).contains("`points.margin`"));
    assert!(
        refused(PointsConfig { rows: 1, ..plain.clone() }).contains("expected 2 to 1000000 points, found 1")
    );
    for margin in [-0.1, 0.3, f64::NAN] {
        assert!(refused(PointsConfig { margin: Some(margin), ..plain.clone() }).contains("from 0 to 0.2"));
    }
    assert!(refused(PointsConfig { noise: Some(f64::INFINITY), ..xor }).contains("from 0 to 1"));
    assert!(
        toml::from_str::<PointsConfig>("form = \"xor\"").unwrap_err().to_string().contains("unknown field")
    );
    assert!(toml::from_str::<PointsConfig>("shape = \"ring\"").unwrap_err().to_string().contains("`blobs`"));
}
