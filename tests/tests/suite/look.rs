//! `look`: pictures of what a network has learned, and what is said where there is none.

use std::path::Path;

use brasa_tests::{Home, files_below, list, png, text};
use serde_json::Value;

/// What is written in a picture, a line for each text.
fn written(svg: &str) -> Vec<&str> {
    svg.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('<')).collect()
}

fn assert_written(svg: &str, texts: &[&str]) {
    let found = written(svg);
    for text in texts {
        assert!(found.contains(text), "no `{text}` among {found:?}");
    }
}

/// The answer names the run and its pictures, an SVG and a PNG called `name`; the SVG.
fn assert_pictures(home: &Home, answer: &Value, trained: &Value, name: &str) -> String {
    assert_eq!(text(answer, "/id"), text(trained, "/id"));
    assert_eq!(text(answer, "/run"), text(trained, "/run"));
    let pictures: Vec<&str> = list(answer, "/pictures").iter().map(|path| path.as_str().unwrap()).collect();
    let folder = Path::new(text(trained, "/run")).join("look");
    let expected = ["svg", "png"].map(|ending| folder.join(format!("{name}.{ending}")));
    assert_eq!(pictures, expected.each_ref().map(|path| path.to_str().unwrap()));
    let pixels = image::open(home.path(pictures[1])).unwrap().into_rgb8();
    let first = pixels.get_pixel(0, 0);
    assert!(pixels.pixels().any(|pixel| pixel != first), "{name} is blank");
    let svg = std::fs::read_to_string(home.path(pictures[0])).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{name}");
    svg
}

#[test]
fn every_kind_leaves_its_pictures() {
    let home = Home::new();
    let trained = home.trained_mnist("cnn", 1);
    let look =
        |args: &str| home.command("mnist", &format!("look --json --data digits {args}")).run().succeeds();
    let svg = |args: &str, name: &str| assert_pictures(&home, &look(args).json(), &trained, name);
    assert_written(&svg("kernels", "kernels"), &["Kernels of the first layer (5 x 5)", "1", "16", "weight"]);
    // The first convolution, after its activation.
    let features = svg("features", "features-1");
    assert_written(&features, &["Feature maps after layers.1 relu (true: 0)", "1", "16"]);
    // The last convolution, likewise, over the first picture of each class.
    let looked_at = svg("grad-cam", "grad-cam-5");
    for class in 0..10 {
        assert_written(&looked_at, &[&format!("true: {class}")]);
    }
    assert_eq!(looked_at.matches("said: ").count(), 10);
    assert!(looked_at.contains("from violet (nothing)"), "a legend of the colours");
    assert_eq!(svg("samples --split valid", "samples").matches("<image").count(), 20, "two of each class");
    // One epoch of batches of 256 out of 60 pictures is one step: far from right.
    assert!(svg("mistakes", "mistakes").contains("<image"));
    home.assert_nothing_unfinished();
}

#[test]
fn a_layer_is_called_by_number_by_name_and_by_its_words() {
    let home = Home::new();
    let trained = home.trained_mnist("cnn", 1);
    let svg = |layer: &str| {
        let look = home.command("mnist", "look features --json --data digits --layer").args([layer]);
        assert_pictures(&home, &look.run().succeeds().json(), &trained, "features-4")
    };
    let number = svg("4");
    assert_written(&number, &["Feature maps after layers.4 conv 32 5x5 (true: 0)", "1", "32"]);
    for name in ["layers.4", "conv 32 5x5", "layers.4 conv 32 5x5"] {
        assert!(svg(name) == number, "{name} is another picture");
    }
}

#[test]
fn a_sample_or_image_files_are_shown_where_they_are_named() {
    let home = Home::new();
    let trained = home.trained_mnist("cnn", 1);
    home.write("new/five.png", png(905));
    home.write("new/six.png", png(906));
    let look = |args: &str| {
        home.command("mnist", &format!("look --json --data digits {args}")).run().succeeds().json()
    };
    let svg = |args: &str, name: &str| assert_pictures(&home, &look(args), &trained, name);
    let first = svg("features --sample 0", "features-1");
    assert!(svg("features", "features-1") == first, "the first is the default");
    assert!(svg("features --sample 7", "features-1") != first, "another sample, another picture");
    let of_files = svg("grad-cam --image new/five.png new/six.png", "grad-cam-5");
    assert_written(&of_files, &["five.png", "six.png"]);
    assert_eq!(of_files.matches("said: ").count(), 2);
    let answer = look("kernels --out elsewhere/seen");
    assert_eq!(list(&answer, "/pictures"), ["elsewhere/seen/kernels.svg", "elsewhere/seen/kernels.png"]);
    assert_eq!(files_below(&home.path("elsewhere")).len(), 2);
}

#[test]
fn the_regions_of_any_model_of_two_features() {
    let home = Home::new();
    let perceptron = home.command("perceptron", "train --json").run().succeeds().json();
    let look = home.command("perceptron", "look regions --json --split train").run().succeeds().json();
    let svg = assert_pictures(&home, &look, &perceptron, "regions");
    assert_written(&svg, &["Decision regions: the deeper, the surer", "X1", "X2", "0", "1"]);

    let petals = home.iris("train --json --set training.epochs=20");
    let petals =
        petals.set("data.csv.features", "[\"petal_length\",\"petal_width\"]").run().succeeds().json();
    let look = home.iris("look regions --json").run().succeeds().json();
    let svg = assert_pictures(&home, &look, &petals, "regions");
    assert_written(&svg, &["petal_length", "petal_width", "setosa", "versicolor", "virginica"]);
}

#[test]
fn a_network_without_maps_has_none_to_show() {
    let home = Home::new();
    let _ = home.trained_mnist("mlp", 1);
    let look = |what: &str| home.command("mnist", &format!("look {what} --data digits")).run();
    look("kernels").fails(2, &["no kernels", "does not begin with a convolution"]);
    look("features").fails(2, &["no feature maps", "not convolutional"]);
    look("grad-cam").fails(2, &["no feature maps", "not convolutional"]);
    look("regions").fails(2, &["no decision regions", "two features", "[1, 28, 28]"]);
    let _ = home.trained_iris();
    home.iris("look samples").run().fails(2, &["no samples", "pictures"]);
    home.iris("look mistakes").run().fails(2, &["no mistakes", "pictures"]);
    assert!(files_below(&home.path("runs")).iter().all(|path| !path.to_string_lossy().contains("/look/")));
}

#[test]
fn an_unknown_layer_and_one_without_maps() {
    let home = Home::new();
    let _ = home.trained_mnist("lenet", 1);
    for layer in ["99", "conv 7 7x7", "linear 120", "output"] {
        let look = home.command("mnist", "look features --data digits --layer").args([layer]);
        look.run().fails(2, &[&format!("no layer `{layer}`"), "layers.0 conv 6 5x5", "layers.7 max-pool 2"]);
    }
}

#[test]
fn an_empty_split_and_a_sample_that_there_is_not() {
    let home = Home::new();
    let _ = home.trained_mnist("cnn", 1);
    let look = |args: &str| home.command("mnist", &format!("look {args} --data digits")).run();
    look("features --sample 30").fails(2, &["--sample 30", "30 samples", "from 0"]);
    look("features --image nothing.png").fails(2, &["nothing.png", "cannot be read"]);
    home.write("broken.png", &png(1)[..40]);
    look("grad-cam --image broken.png").fails(2, &["broken.png"]);
    let _ = home.iris("train --set training.epochs=1 --set data.split.test=0").run().succeeds();
    home.iris("look regions").run().fails(2, &["that split of the data is empty", "--split"]);
    home.iris("look kernels --run none").run().fails(2, &["none"]);
}
