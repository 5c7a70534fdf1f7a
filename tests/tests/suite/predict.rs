//! `predict` takes raw rows and image files, from the saved run alone.

use std::io::Cursor;

use brasa_tests::{Home, list, number, text};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use serde_json::Value;

/// Two rows of `datasets/iris/iris.csv`: a setosa and a virginica.
const ROWS: &str = "5.1,3.5,1.4,0.2\n6.3,3.3,6.0,2.5\n";
/// The same, by name, in another order, beside columns that no model needs.
const NAMED: &str = "id,petal_width,sepal_width,note,petal_length,sepal_length\n\
         1,0.2,3.5,\"small, pale\",1.4,5.1\n2,2.5,3.3,,6.0,6.3\n";

fn assert_are_distributions(predictions: &[Value], classes: usize) {
    for prediction in predictions {
        let probabilities = prediction.pointer("/probabilities").and_then(Value::as_object).unwrap();
        assert_eq!(probabilities.len(), classes);
        let values: Vec<f64> = probabilities.values().map(|value| value.as_f64().unwrap()).collect();
        assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{values:?}");
        assert!((values.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{values:?}");
        let best = values.iter().copied().fold(0.0, f64::max);
        assert_eq!(number(prediction, "/probability"), best);
        assert_eq!(probabilities.get(text(prediction, "/class")).and_then(Value::as_f64), Some(best));
    }
}

fn probabilities(answer: &Value) -> Vec<Value> {
    list(answer, "/predictions").iter().map(|p| p.pointer("/probabilities").unwrap().clone()).collect()
}

#[test]
fn rows_are_read_by_name_or_by_place_from_files_folders_and_stdin() {
    let home = Home::new();
    let trained =
        home.iris("train --json --set training.epochs=60 --set optimizer.lr=0.01").run().succeeds().json();
    home.write("new/a.csv", NAMED);
    home.write("new/b.csv", ROWS);
    home.write("new/readme.md", "not for the model");

    let by_name = home.iris("predict --json new/a.csv").run().succeeds().json();
    assert_eq!(text(&by_name, "/id"), text(&trained, "/id"));
    let predictions = list(&by_name, "/predictions");
    assert_are_distributions(predictions, 3);
    let classes: Vec<&str> = predictions.iter().map(|p| text(p, "/class")).collect();
    assert_eq!(classes, ["setosa", "virginica"]);
    assert_eq!(text(predictions.first().unwrap(), "/input"), "new/a.csv:1");

    let by_place = home.iris("predict --json new/b.csv").run().succeeds().json();
    assert_eq!(probabilities(&by_name), probabilities(&by_place));
    let piped = home.iris("predict --json -").stdin(NAMED).run().succeeds().json();
    assert_eq!(probabilities(&by_name), probabilities(&piped));
    let semicolons =
        home.iris("predict --json - --delimiter ;").stdin(ROWS.replace(',', ";")).run().succeeds().json();
    assert_eq!(probabilities(&by_name), probabilities(&semicolons));
    let folder = home.iris("predict --json new").run().succeeds().json();
    assert_eq!(list(&folder, "/predictions").len(), 4);

    let shown = home.iris("predict new/a.csv").run().succeeds();
    assert!(shown.stdout.contains("new/a.csv:2") && shown.stdout.contains("virginica"), "{shown}");
}

#[test]
fn a_run_is_found_by_name_by_the_start_of_it_and_by_its_folder() {
    let home = Home::new();
    let first = home.trained_iris();
    let second = home.trained_iris();
    let predicted = |run: &str| {
        let answer = home.iris("predict --json - --run").args([run]).stdin(ROWS).run().succeeds().json();
        text(&answer, "/id").to_string()
    };
    assert_eq!(predicted("latest"), text(&second, "/id"));
    assert_eq!(predicted(text(&first, "/id")), text(&first, "/id"));
    assert_eq!(predicted(text(&first, "/run")), text(&first, "/id"));
    let absolute = home.run_folder(&first);
    assert_eq!(predicted(&absolute.to_string_lossy()), text(&first, "/id"));
}

#[test]
fn a_saved_run_that_has_moved_still_predicts() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    let elsewhere = home.path("elsewhere");
    std::fs::rename(run, &elsewhere).unwrap();
    let answer = home.iris("predict --json - --run elsewhere").stdin(ROWS).run().succeeds().json();
    assert_are_distributions(list(&answer, "/predictions"), 3);
}

#[test]
fn pictures_of_any_size_and_kind_are_brought_to_the_models() {
    let home = Home::new();
    let _ = home.trained_fashion();
    let encoded = |image: DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let grey = GrayImage::from_fn(28, 28, |x, y| Luma([(x * 9).min(y * 9) as u8]));
    let large = GrayImage::from_fn(56, 56, |x, y| *grey.get_pixel(x / 2, y / 2));
    let colour = RgbImage::from_fn(31, 17, |x, y| Rgb([x as u8 * 8, y as u8 * 8, 90]));
    home.write("new/a.png", encoded(grey.into(), ImageFormat::Png));
    home.write("new/b.PNG", encoded(large.into(), ImageFormat::Png));
    home.write("new/c.jpg", encoded(colour.into(), ImageFormat::Jpeg));
    home.write("new/list.txt", "not a picture");
    let answer = home.fashion("predict --json new").run().succeeds().json();
    let predictions = list(&answer, "/predictions");
    assert_are_distributions(predictions, 10);
    let inputs: Vec<&str> = predictions.iter().map(|p| text(p, "/input")).collect();
    assert_eq!(inputs, ["new/a.png", "new/b.PNG", "new/c.jpg"]);
    let [small, large, _] = &probabilities(&answer)[..] else { panic!() };
    for (class, probability) in small.as_object().unwrap() {
        let of_large =
            large.pointer(&format!("/{}", class.replace('/', "~1"))).and_then(Value::as_f64).unwrap();
        assert!(
            (of_large - probability.as_f64().unwrap()).abs() < 0.1,
            "twice the size is the same picture: {answer}"
        );
    }

    let bytes = std::fs::read(home.path("new/a.png")).unwrap();
    let piped = home.fashion("predict --json -").stdin(bytes).run().succeeds().json();
    assert_eq!(probabilities(&piped).first(), probabilities(&answer).first());
}
