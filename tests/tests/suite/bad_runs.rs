//! Runs that are missing, incomplete or damaged, and predictions that cannot be made.

use std::path::PathBuf;

use brasa_tests::{Finished, Home, list, text};

const ROW: &str = "5.1,3.5,1.4,0.2\n";

fn predict(home: &Home) -> Finished {
    home.iris("predict -").stdin(ROW).run()
}

/// `predict` refuses a run of which `spoil` has spoilt the file `name`, in a message with all of `parts`.
fn refuses(name: &str, spoil: impl FnOnce(PathBuf), parts: &[&str]) {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    spoil(run.join(name));
    predict(&home).fails(2, &[&[text_of(&run).as_str()], parts].concat());
}

fn text_of(run: &std::path::Path) -> String {
    run.file_name().unwrap().to_string_lossy().into_owned()
}

fn rewrite(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> impl FnOnce(PathBuf) {
    move |path| std::fs::write(&path, change(std::fs::read(&path).unwrap())).unwrap()
}

fn replace(old: &'static str, new: &'static str) -> impl FnOnce(PathBuf) {
    rewrite(move |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(old), "no {old} in {text}");
        text.replacen(old, new, 1).into_bytes()
    })
}

#[test]
fn an_unknown_run_with_the_nearest_one() {
    let home = Home::new();
    for args in ["predict -", "eval", "runs show"] {
        home.iris(args).stdin(ROW).run().fails(2, &["no run `latest`"]);
    }
    let trained = home.trained_iris();
    let id = text(&trained, "/id");
    let wrong = format!("{id}s");
    home.iris("predict - --run")
        .args([&wrong])
        .stdin(ROW)
        .run()
        .fails(2, &[&wrong, &format!("did you mean `{id}`?")]);
    home.iris("runs show").args([&wrong]).run().fails(2, &["did you mean"]);
    home.iris("runs compare").args([id, &wrong]).run().fails(2, &["did you mean"]);
}

#[test]
fn a_run_that_was_killed_before_its_first_epoch_ended() {
    refuses("model", |path| std::fs::remove_dir_all(path).unwrap(), &["no model", "first epoch"]);
    // Killed between the weights and the card.
    refuses("model/model.json", |path| std::fs::remove_file(path).unwrap(), &["no model", "first epoch"]);
}

#[test]
fn a_damaged_card() {
    refuses(
        "model/model.json",
        rewrite(|bytes| bytes[..bytes.len() / 2].to_vec()),
        &["model.json", "damaged"],
    );
    refuses("model/model.json", rewrite(|_| Vec::new()), &["model.json", "damaged"]);
    refuses("model/model.json", rewrite(|_| b"\xFF\xFE".to_vec()), &["model"]);
}

#[test]
fn a_card_whose_parts_do_not_fit_each_other() {
    refuses(
        "model/model.json",
        replace("\"virginica\"", "\"virginica\", \"other\""),
        &["model.json", "classes"],
    );
    refuses("model/model.json", replace("\"sepal_length\",", ""), &["model.json", "4"]);
}

#[test]
fn a_card_of_a_later_version() {
    refuses("model/model.json", replace("\"format\": 3", "\"format\": 99"), &["model.json", "99"]);
}

#[test]
fn a_run_of_another_version_says_which_and_what_to_do() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    replace("\"format\": 3", "\"format\": 99")(run.join("model/model.json"));
    let by_this = ["written by this version, brasa 0.1.0", "train again with `iris train --recipe"];
    predict(&home).fails(2, &by_this);
    replace("\"brasa\": \"0.1.0\"", "\"brasa\": \"0.0.9\"")(run.join("environment.json"));
    for verb in ["predict -", "eval", "look regions"] {
        let advice =
            ["has format 99", "written by brasa 0.0.9, this is brasa 0.1.0", "use that version, or train"];
        home.iris(verb).stdin(ROW).run().fails(2, &advice);
    }
    std::fs::write(run.join("recipe.toml"), "[data]\nkey_of_then = 1\n").unwrap();
    home.iris("runs compare latest latest").run().fails(2, &["recipe.toml", "key_of_then", "brasa 0.0.9"]);
    std::fs::remove_file(run.join("environment.json")).unwrap();
    predict(&home).fails(2, &["Nothing tells which version wrote it", "choose another run"]);
}

#[test]
fn folders_that_are_no_runs_say_what_they_are() {
    let home = Home::new();
    let answer = home.iris("cv --json --folds 2 --set training.epochs=1").run().succeeds().json();
    let folder = text(&answer, "/run");
    for name in [folder, folder.rsplit('/').next().unwrap()] {
        for verb in ["predict -", "eval"] {
            let finished = home.iris(verb).args(["--run", name]).stdin(ROW).run();
            finished.fails(2, &["is a cross-validation, which keeps no model", "cv.json"]);
        }
    }
    home.write("holidays/beach.txt", "sand");
    home.iris("runs show holidays").run().fails(2, &["holidays", "has no run.json"]);
}

#[test]
fn a_run_of_another_app_names_it_where_its_data_are_missing() {
    let home = Home::new();
    let trained = home.command("wine", "train --json --set training.epochs=1").run().succeeds().json();
    let eval = home.iris("eval --run").args([text(&trained, "/run")]).run();
    eval.fails(2, &["is one of `wine`", "winequality-red.csv", "--data"]);
}

#[test]
fn damaged_weights() {
    let name = "model/weights.safetensors";
    refuses(name, rewrite(|bytes| bytes[..bytes.len() / 2].to_vec()), &["weights.safetensors"]);
    refuses(name, rewrite(|bytes| bytes[..5].to_vec()), &["weights.safetensors"]);
    refuses(name, rewrite(|_| Vec::new()), &["weights.safetensors"]);
    refuses(name, |path| std::fs::remove_file(path).unwrap(), &["weights.safetensors"]);
    let endless_header = |mut bytes: Vec<u8>| {
        bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        bytes
    };
    refuses(name, rewrite(endless_header), &["weights.safetensors"]);
}

#[test]
fn weights_of_another_network() {
    let home = Home::new();
    let small = home.run_folder(
        &home.iris("train --json --set training.epochs=1 --set model.hidden=[8]").run().succeeds().json(),
    );
    let run = home.run_folder(&home.trained_iris());
    let name = "model/weights.safetensors";
    std::fs::copy(small.join(name), run.join(name)).unwrap();
    predict(&home).fails(2, &["weights.safetensors"]);
}

#[test]
fn a_damaged_recipe_of_a_run() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    std::fs::write(run.join("recipe.toml"), "[data]\nformat = ").unwrap();
    home.iris("eval").run().fails(2, &["recipe.toml", "damaged"]);
    let _ = predict(&home).succeeds();
}

#[test]
fn a_damaged_record_of_a_run_that_is_named() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    std::fs::write(run.join("run.json"), "{").unwrap();
    let finished = home.iris("runs show").args([&run]).run();
    finished.fails(2, &["run.json", "damaged"]);
}

#[test]
fn files_that_are_no_pictures() {
    let home = Home::new();
    let _ = home.trained_fashion();
    let mut png = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(28, 28).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    home.write("empty.png", "");
    home.write("text.png", "not a picture");
    home.write("cut.png", &png[..png.len() / 2]);
    home.write("head.png", &png[..8]);
    // A width that the pixels do not bear out: bytes 16 to 20 of a PNG file.
    let mut wide = png.clone();
    wide[16..20].copy_from_slice(&0x7FFF_FFFF_u32.to_be_bytes());
    home.write("wide.png", wide);
    for (name, part) in [
        ("empty.png", "empty"),
        ("text.png", "PNG or JPEG"),
        ("cut.png", ""),
        ("head.png", ""),
        ("wide.png", ""),
    ] {
        home.fashion("predict").args([name]).run().fails(2, &[name, part]);
    }
    home.fashion("predict -").run().fails(2, &["stdin", "empty"]);
    home.fashion("predict nowhere.png").run().fails(2, &["nowhere.png"]);
    home.write("notes/readme.md", "no pictures here");
    home.fashion("predict notes").run().fails(2, &["notes", "PNG or JPEG"]);
}

#[test]
fn an_input_that_is_broken_is_an_answer_of_its_own_and_the_others_are_predicted() {
    let home = Home::new();
    let _ = home.trained_iris();
    home.write("a.csv", ROW);
    home.write("b.csv", "1,2,3,x\n");
    let mixed = home.iris("predict --json b.csv a.csv nowhere.csv").run().succeeds();
    assert!(mixed.stderr.contains("no prediction for 2 of 3 inputs; the first: b.csv: line 1"), "{mixed}");
    let answer = mixed.json();
    let [bad, good, missing] = list(&answer, "/predictions") else { panic!("{answer}") };
    assert_eq!((text(bad, "/input"), bad.pointer("/class")), ("b.csv", None));
    assert!(text(bad, "/error").starts_with("line 1"), "{answer}");
    assert_eq!((text(good, "/input"), good.pointer("/error")), ("a.csv:1", None));
    assert_eq!(text(missing, "/input"), "nowhere.csv");
    let shown = home.iris("predict a.csv b.csv").run().succeeds();
    assert!(shown.stdout.contains("error: line 1"), "{shown}");
    home.iris("predict --json b.csv").run().fails(2, &["b.csv", "line 1"]);
    home.iris("predict b.csv nowhere.csv")
        .run()
        .fails(2, &["no prediction for any of 2 inputs", "b.csv: line 1", "nowhere.csv"]);
}

#[test]
fn a_folder_of_pictures_is_predicted_as_it_would_be_trained_on() {
    let home = Home::new();
    let _ = home.trained_fashion();
    let mut png = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(28, 28).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    for path in ["new/shirt/a.jfif", "new/shoe/b", "new/c.PNG"] {
        home.write(path, png.clone());
    }
    home.write("new/shoe/cut.jpg", &png[..png.len() / 2]);
    for clutter in
        ["new/._c.png", "new/@eaDir/c.png/x.jpg", "new/shoe/labels.csv", "new/README", "new/shirt/Thumbs.db"]
    {
        home.write(clutter, "no picture");
    }
    let answer = home.fashion("predict --json new").run().succeeds().json();
    let said = list(&answer, "/predictions");
    let inputs = said.iter().map(|said| text(said, "/input")).collect::<Vec<_>>();
    assert_eq!(inputs, ["new/c.PNG", "new/shirt/a.jfif", "new/shoe/b", "new/shoe/cut.jpg"]);
    assert_eq!(said.iter().filter(|said| said.pointer("/class").is_some()).count(), 3, "{answer}");
    assert!(said[3].pointer("/error").is_some(), "{answer}");
}
