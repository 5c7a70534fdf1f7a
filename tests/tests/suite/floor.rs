//! Floor: series from two files, both splits side by side, the sample as another source.

use std::fmt::Write as _;

use brasa_tests::{Home, Invocation, list, number, real_series, text};
use serde_json::Value;

const SURFACES: [&str; 9] = [
    "carpet",
    "concrete",
    "fine_concrete",
    "hard_tiles",
    "hard_tiles_large_space",
    "soft_pvc",
    "soft_tiles",
    "tiled",
    "wood",
];
/// Recordings of each surface, but for `hard_tiles`, which has one.
const RECORDINGS: usize = 4;
const WINDOWS: usize = 4;

/// Series of two steps apart in what every recording and every surface is like. Three surfaces keep it small.
fn write_series(home: &Home, folder: &str) {
    let mut readings = String::from(
        "row_id,series_id,measurement_number,orientation_X,orientation_Y,orientation_Z,orientation_W,angular_velocity_X,\
         angular_velocity_Y,angular_velocity_Z,linear_acceleration_X,linear_acceleration_Y,linear_acceleration_Z\n",
    );
    let mut labels = String::from("series_id,group_id,surface\n");
    let (mut id, mut group) = (0, 0);
    for (class, surface) in SURFACES.iter().enumerate() {
        for _ in 0..if *surface == "hard_tiles" { 1 } else { RECORDINGS } {
            for window in 0..WINDOWS {
                for step in 0..128 {
                    let wave = ((step * (class + 1) + window) as f64 * 0.2).sin();
                    write!(readings, "{id}_{step},{id},{step}").unwrap();
                    (0..10).for_each(|channel| {
                        write!(readings, ",{:.4}", wave + f64::from(group * channel) * 0.01).unwrap()
                    });
                    readings.push('\n');
                }
                writeln!(labels, "{id},{group},{surface}").unwrap();
                id += 1;
            }
            group += 1;
        }
    }
    home.write(&format!("{folder}/X_train.csv"), readings);
    home.write(&format!("{folder}/y_train.csv"), labels);
}

/// `train` with a network small enough for a test.
fn train(home: &Home, args: &str) -> Invocation {
    home.command("floor", &format!("train --json {args}"))
        .set("model.hidden", "[8]")
        .set("model.dropout", "[]")
}

#[test]
fn both_splits_stand_side_by_side_and_the_lone_recording_trains() {
    let home = Home::new();
    write_series(&home, "data/careercon-2019");
    let epochs = "--data data --set training.epochs=2";
    let random = train(&home, epochs).run().succeeds().json();
    let alone = list(&random, "/floor/splits");
    assert_eq!((alone.len(), text(&alone[0], "/split")), (1, "random"));
    assert!(number(&alone[0], "/overlap/known_rows") > 0.0, "{random}");
    assert!(text(&random, "/floor/sentences/0").contains("windows of recordings that training saw"));

    let grouped = train(&home, &format!("--recipe grouped {epochs}")).run().succeeds().json();
    let both = list(&grouped, "/floor/splits");
    let kinds: Vec<&str> = both.iter().map(|split| text(split, "/split")).collect();
    assert_eq!(kinds, ["random", "grouped"]);
    assert_eq!(both[0], alone[0], "the random run is as it was");
    assert_eq!(number(&both[1], "/overlap/known_rows"), 0.0);
    let shared = list(&grouped, "/leaks/pairs").iter().map(|pair| number(pair, "/shared_groups"));
    assert_eq!(shared.sum::<f64>(), 0.0, "{grouped}");
    let absent = list(&grouped, "/absent_classes");
    assert_eq!(absent.len(), 1, "{absent:?}");
    let said = absent[0].as_str().unwrap();
    assert!(
        said.contains("valid and test splits have no rows of the class `hard_tiles`")
            && said.contains("one group"),
        "{said}"
    );

    let page = std::fs::read_to_string(home.path(text(&grouped, "/report"))).unwrap();
    for part in [
        "Random split or whole recordings",
        "test rows of known groups",
        "no rows of the class <code>hard_tiles</code>",
    ] {
        assert!(page.contains(part), "the report has no {part}");
    }
    // Another network is no counterpart.
    let other =
        train(&home, &format!("--recipe grouped {epochs} --set optimizer.lr=1e-2")).run().succeeds().json();
    assert_eq!(list(&other, "/floor/splits").len(), 1, "{other}");
}

#[test]
fn the_lesson_puts_both_splits_on_one_page() {
    let home = Home::new();
    write_series(&home, "data/floor");
    let lesson = home.command("floor", "lesson leak --json --data data --set training.epochs=1");
    let lesson = lesson.set("model.hidden", "[4]").set("model.dropout", "[]").run().succeeds().json();
    assert_eq!(text(&lesson, "/kind"), "leak");
    let overlaps: Vec<f64> =
        list(&lesson, "/recipes").iter().map(|recipe| number(recipe, "/overlap/known_rows")).collect();
    assert!(overlaps[0] > 0.0 && overlaps[1] == 0.0, "{overlaps:?}");
    assert!(text(&lesson, "/reading/0").contains("test groups of `grouped` are all new to it"), "{lesson}");
    let page = std::fs::read_to_string(home.path(text(&lesson, "/page"))).unwrap();
    assert!(page.contains("Groups in the test split"));
}

#[test]
fn made_up_data_train_and_the_saved_model_names_series_again() {
    let home = Home::new();
    let synth = |args: &str| home.command("floor", &format!("data synth {args}")).run().succeeds();
    assert_eq!(number(&synth("made --samples 90 --json").json(), "/samples"), 90.0);
    synth("again --samples 90");
    for file in ["X_train.csv", "y_train.csv"] {
        let read = |folder: &str| std::fs::read(home.path(&format!("{folder}/{file}"))).unwrap();
        assert_eq!(read("made"), read("again"), "{file}");
    }
    let strong = "train --json --recipe strong --data made --set training.epochs=1";
    home.command("floor", strong).set("model.layers", "[\"conv 4 3\", \"global-avg-pool\"]").run().succeeds();
    let said = home.command("floor", "predict --json made/X_train.csv").run().succeeds().json();
    assert_eq!(list(&said, "/predictions").len(), 90);
    assert_eq!(text(&said, "/predictions/89/input"), "89");
    home.iris("data synth x").run().fails(2, &["unrecognized subcommand 'synth'"]);
}

#[test]
fn series_that_are_no_series_are_refused() {
    let home = Home::new();
    write_series(&home, "good");
    let readings = std::fs::read_to_string(home.path("good/X_train.csv")).unwrap();
    let labels = std::fs::read_to_string(home.path("good/y_train.csv")).unwrap();
    let without = |text: &str, start: &str| {
        text.lines()
            .filter(|line| !line.starts_with(start))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    // The first reading of one row is no number.
    let blank = |text: &str| {
        let (before, row) = text.split_once("\n3_7,3,7,").unwrap();
        let (_, after) = row.split_once(',').unwrap();
        format!("{before}\n3_7,3,7,nan,{after}")
    };
    let exchanged = readings.replacen("\n3_7,3,7,", "\n3_7,3,x,", 1);
    let exchanged = exchanged.replacen("\n3_8,3,8,", "\n3_8,3,7,", 1).replacen(",3,x,", ",3,8,", 1);
    let cases = [
        (without(&readings, "3_7,"), labels.clone(), ["series `3`", "step"]),
        (exchanged, labels.clone(), ["line 393: series `3`: expected step 7, found step 8", "out of order"]),
        (readings.replacen("\n3_7,3,7,", "\n3_7,3,6,", 1), labels.clone(), ["series `3`", "twice"]),
        (readings.clone(), without(&labels, "3,"), ["series `3`", "no label"]),
        (readings.clone(), format!("{labels}900,0,wood\n"), ["series `900`", "no rows"]),
        (blank(&readings), labels, ["line 393, column `orientation_X`", "finite number"]),
    ];
    for (readings, labels, parts) in cases {
        home.write("bad/X_train.csv", readings);
        home.write("bad/y_train.csv", labels);
        home.refuses(home.command("floor", "train --data bad"), &parts);
    }
}

#[test]
fn the_real_sample_trains_without_being_asked_for() {
    let Some(root) = real_series() else { return };
    let home = Home::new();
    let trained =
        train(&home, "--recipe grouped --set training.epochs=2").env("BRASA_DATA", &root).run().succeeds();
    assert!(trained.stderr.contains("source sample"), "{trained}");
    let trained = trained.json();
    let rows = ["train", "valid", "test"].map(|split| number(&trained, &format!("/{split}/rows")));
    assert_eq!(rows.iter().sum::<f64>(), 156.0);
    let absent = list(&trained, "/absent_classes").iter().filter_map(Value::as_str).collect::<Vec<_>>();
    assert!(absent.iter().any(|said| said.contains("`hard_tiles`")), "{absent:?}");
    let again =
        home.command("floor", "eval --json --split test").env("BRASA_DATA", &root).run().succeeds().json();
    assert_eq!(again.pointer("/scores"), trained.pointer("/test"));
}
