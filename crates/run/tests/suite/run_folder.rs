//! What a run leaves in its folder.

use std::path::Path;
use std::time::Duration;

use brasa_data::Files;
use brasa_models::select_device;
use brasa_plot::SheetImage;
use brasa_run::report::Report;
use brasa_run::{Experiment, FinishedRun, Result, RunObserver};
use brasa_train::{Callback, Recipe};

fn run(recipe: &str, files: &Files, runs: &Path, observers: &mut [&mut dyn RunObserver]) -> FinishedRun {
    let recipe = Recipe::parse("own", recipe, &[]).unwrap().check().unwrap();
    let device = select_device("flex").unwrap();
    let experiment = Experiment {
        app: "own",
        recipe_name: "own",
        recipe: &recipe,
        files,
        device_name: "flex",
        device: &device,
        runs,
        rule: None,
    };
    experiment.run(observers).unwrap()
}

/// Takes its time over the report.
struct Slow;

impl Callback for Slow {}

impl RunObserver for Slow {
    fn on_report(&mut self, _run: &FinishedRun, _report: &mut Report) -> Result<()> {
        std::thread::sleep(Duration::from_millis(250));
        Ok(())
    }
}

#[test]
fn report_and_record_give_the_same_time() {
    let recipe = r#"
        data.csv = { file = "points.csv", target = "split" }
        model.hidden = [4]
        training.epochs = 1
    "#;
    let folder = tempfile::tempdir().unwrap();
    let rows: String =
        (0..40).map(|i| format!("{}.5,{}\n", i % 8, if i % 8 < 4 { "left" } else { "right" })).collect();
    std::fs::write(folder.path().join("points.csv"), format!("x,split\n{rows}")).unwrap();
    let files = Files::directory(folder.path());
    let finished = run(recipe, &files, &folder.path().join("runs"), &mut [&mut Slow]);
    let record = finished.folder.record().unwrap();
    assert_eq!(record, finished.record);
    let report = std::fs::read_to_string(finished.folder.report()).unwrap();
    let seconds = format!("{:.1} s", record.seconds.unwrap());
    assert!(report.contains(&format!("<dd>{seconds}<span>1 epochs</span></dd>")), "{seconds}");
}

#[test]
fn mistakes_in_images_are_shown_with_the_paths_of_their_files() {
    let folder = tempfile::tempdir().unwrap();
    // Two classes of the same pictures: half of all answers are wrong.
    for class in ["day", "night"] {
        std::fs::create_dir_all(folder.path().join("photos").join(class)).unwrap();
        for shade in 0..20_u8 {
            let pixels = (0..16).map(|pixel| shade * 12 + pixel).collect();
            let picture = SheetImage { pixels, width: 4, height: 4, channels: 1, caption: Vec::new() };
            let path = folder.path().join("photos").join(class).join(format!("{class}-{shade}.png"));
            std::fs::write(path, picture.to_png(1).unwrap()).unwrap();
        }
    }
    let recipe = r#"
        data.images = { folder = "photos" }
        data.split.test = 0.2
        data.scaling = "pixels"
        model.hidden = [4]
        training.epochs = 1
    "#;
    let cache = tempfile::tempdir().unwrap();
    // Read anew, and then from the cache.
    for _ in 0..2 {
        let files = Files::directory(folder.path()).cached_in(cache.path().into());
        let finished = run(recipe, &files, &folder.path().join("runs"), &mut []);
        let report = std::fs::read_to_string(finished.folder.report()).unwrap();
        let shown: Vec<&str> =
            report.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next()).collect();
        let test = finished.scores.test.unwrap();
        let wrong = test.rows
            - test
                .classes()
                .unwrap()
                .confusion
                .iter()
                .enumerate()
                .map(|(class, row)| row[class])
                .sum::<u64>();
        let paths: Vec<&&str> = shown.iter().filter(|name| name.ends_with(".png")).collect();
        assert_eq!(paths.len() as u64, wrong, "{shown:?}");
        assert!(wrong > 0 && paths.iter().all(|path| path.starts_with("day/") || path.starts_with("night/")));
        assert!(finished.folder.path().join("pictures/mistakes.svg").is_file());
    }
}
