//! The verbs beside `train` and `predict`.

use std::io::Write;
use std::process::Command;

use brasa_tests::{Home, list, number, text, write_fashion};

#[test]
fn eval_repeats_the_scores_of_the_run() {
    let home = Home::new();
    let trained = home.trained_iris();
    for split in ["train", "valid", "test"] {
        let answer = home.iris("eval --json --split").args([split]).run().succeeds().json();
        assert_eq!(text(&answer, "/split"), split);
        assert_eq!(answer.pointer("/scores"), trained.pointer(&format!("/{split}")), "{split}");
    }
    let shown = home.iris("eval").run().succeeds();
    assert!(shown.stdout.contains("valid") && shown.stdout.contains("virginica"), "{shown}");
}

#[test]
fn inspect_describes_a_table_and_draws_it() {
    let home = Home::new();
    let answer = home.iris("inspect --json --out pictures").run().succeeds().json();
    assert_eq!(number(&answer, "/data/rows"), 150.0);
    assert_eq!(list(&answer, "/data/class_names").len(), 3);
    assert_eq!(number(&answer, "/missing"), 0.0);
    // One flower was measured twice, in all published versions.
    assert!(number(&answer, "/data/duplicates") >= 1.0);
    assert!(answer.pointer("/leaks").is_some());
    assert!(list(&answer, "/pictures").len() >= 2);
    for picture in list(&answer, "/pictures") {
        assert!(home.path(picture.as_str().unwrap()).is_file(), "{picture}");
    }
    home.assert_nothing_unfinished();
    let shown = home.iris("inspect").run().succeeds();
    for part in ["petal_length", "setosa", "duplicate rows", "leak check", "missing values"] {
        assert!(shown.stdout.contains(part), "no {part}\n{shown}");
    }
}

#[test]
fn inspect_shows_samples_of_pictures() {
    let home = Home::new();
    write_fashion(&home.path("data/fashion-mnist"), 100, 30);
    let answer = home.fashion("inspect --json --recipe proper-split --data data").run().succeeds().json();
    assert_eq!(number(&answer, "/data/rows"), 130.0);
    let pictures: Vec<&str> = list(&answer, "/pictures").iter().map(|path| path.as_str().unwrap()).collect();
    assert!(pictures.iter().any(|path| path.ends_with("samples.png")), "{pictures:?}");
    pictures.iter().for_each(|path| assert!(home.path(path).is_file(), "{path}"));
}

#[test]
fn inspect_draws_what_the_augmentation_makes_of_samples() {
    let home = Home::new();
    write_fashion(&home.path("data/fashion-mnist"), 100, 30);
    let steps = r#"augment.steps=[{kind="rotate",degrees=30},{kind="mixup",alpha=0.4}]"#;
    let inspect = || home.fashion("inspect --json --recipe proper-split --data data --augment");
    let answer = inspect().args(["--set", steps]).run().succeeds().json();
    let pictures = list(&answer, "/pictures").iter().map(|path| path.as_str().unwrap());
    let drawn: Vec<&str> = pictures.filter(|path| path.contains("augmented")).collect();
    assert_eq!(drawn.len(), 2, "{answer}");
    let png = std::fs::read(home.path(drawn.iter().find(|path| path.ends_with(".png")).unwrap())).unwrap();
    // Eight columns of 28 pixels in double size, two pixels apart.
    let width = u32::from_be_bytes(png[16..20].try_into().unwrap());
    assert_eq!(width, 8 * 56 + 7 * 2);
    inspect().run().fails(2, &["the recipe has no [augment] table"]);
}

#[test]
fn training_takes_augmentation_and_balanced_classes() {
    let home = Home::new();
    write_fashion(&home.path("data/fashion-mnist"), 100, 30);
    let steps = r#"augment.steps=[{kind="horizontal-flip",p=0.5},{kind="cutmix",alpha=1}]"#;
    let train = |workers: &str| {
        let train = home.fashion("train --json --recipe proper-split --data data --set training.epochs=2");
        let train = train.args(["--set", "training.sampling=balanced", "--set", steps]);
        train.args(["--set", &format!("training.workers={workers}")]).run().succeeds().json()
    };
    let (alone, threads) = (train("0"), train("2"));
    assert_eq!(alone.pointer("/valid"), threads.pointer("/valid"));
    let misfit = home.iris("train").args(["--set", r#"augment.steps=[{kind="blur",sigma=1}]"#]);
    misfit.run().fails(2, &["`augment.steps[0]`: \"blur\": it needs images"]);
}

#[test]
fn summary_counts_the_parameters_of_every_layer() {
    let home = Home::new();
    let answer = home.iris("summary --json --recipe course").run().succeeds().json();
    // 4 x 50 + 50, 50 x 50 + 50, 50 x 3 + 3.
    assert_eq!(number(&answer, "/parameters"), 250.0 + 2550.0 + 153.0);
    assert!(number(&answer, "/flops") > 0.0);
    let layers = list(&answer, "/layers");
    assert_eq!(layers.iter().map(|layer| number(layer, "/parameters")).sum::<f64>(), 2953.0);
    let shown = home.fashion("summary --recipe baseline").run().succeeds();
    assert!(shown.stdout.contains("784") || shown.stdout.contains("28"), "{shown}");
}

#[test]
fn summary_draws_the_network_as_the_files_ending_says() {
    let home = Home::new();
    let read = |name: &str| std::fs::read_to_string(home.path(name)).unwrap();
    let answer = home.iris("summary --json --recipe course --graph net.svg").run().succeeds().json();
    assert_eq!(text(&answer, "/graph"), "net.svg");
    assert!(read("net.svg").starts_with("<svg") && read("net.svg").contains("iris course"));
    let shown = home.iris("summary --recipe course --graph net.mmd").run().succeeds();
    assert!(shown.stdout.contains("2,953") && shown.stdout.contains("net.mmd"), "{shown}");
    assert!(read("net.mmd").contains("flowchart TB"));
    home.iris("summary --recipe course --graph net.md").run().succeeds();
    assert_eq!(read("net.md"), format!("```mermaid\n{}```\n", read("net.mmd")));
    home.refuses(home.iris("summary --graph net.png"), &["--graph net.png", ".svg", ".mmd"]);
    assert!(!home.path("net.png").exists());
}

#[test]
fn every_shipped_recipe_prints_as_a_file_that_train_takes() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 100, 40);
    let listed = home.fashion("recipes --json").run().succeeds().json();
    let names: Vec<String> =
        list(&listed, "/recipes").iter().map(|recipe| text(recipe, "/name").into()).collect();
    let steps = ["baseline", "l2", "dropout", "batchnorm", "he-init", "proper-split", "cosine"];
    let expected = [&steps[..], &["tuned-1", "tuned-2", "cnn", "search-1", "search-2"]].concat();
    assert_eq!(names, expected);
    for name in &names {
        let printed = home.fashion("recipes").args([name]).run().succeeds().stdout;
        home.write("own.toml", &printed);
        let answer = home
            .fashion("train --json --data pictures --recipe own.toml --set training.epochs=1 --set schedule.kind=constant")
            .run();
        // A schedule that counts epochs does not fit one epoch, and keys of one do not fit another.
        let answer = match answer.code {
            Some(0) => answer,
            _ => home.fashion("train --json --data pictures --recipe own.toml --set training.epochs=1").run(),
        };
        assert!(number(&answer.succeeds().json(), "/valid/accuracy") >= 0.0, "{name}");
        // What was printed is the recipe itself: read again, it prints the same.
        let again = home.fashion("recipes own.toml").run().succeeds().stdout;
        assert_eq!(printed, again, "{name}");
    }
    let shown = home.iris("recipes").run().succeeds();
    assert!(shown.stdout.contains("course") && shown.stdout.contains("(default)"), "{shown}");
}

#[test]
fn bench_measures_without_data() {
    let home = Home::new();
    let answer =
        home.fashion("bench --json --recipe cosine --batch 16 --steps 4 --warm-up 1").run().succeeds().json();
    for key in ["train_step_ms", "infer_batch_ms"] {
        let (median, p90) =
            (number(&answer, &format!("/{key}/median")), number(&answer, &format!("/{key}/p90")));
        assert!(0.0 < median && median <= p90, "{key}: {median} {p90}");
    }
    assert!(number(&answer, "/samples_per_s") > 0.0);
    assert_eq!(text(&answer, "/device"), "flex");
    assert_eq!(number(&answer, "/batch"), 16.0);
    if cfg!(target_os = "linux") {
        assert!(number(&answer, "/peak_rss_mib") > 1.0);
    }
    let answer =
        home.fashion("bench --json --recipe cosine --infer --batch 16 --steps 4").run().succeeds().json();
    assert!(answer.get("train_step_ms").is_none() && number(&answer, "/infer_batch_ms/median") > 0.0);
    assert!(!home.path("runs").exists(), "a measurement is no run");
}

#[test]
fn bench_measures_the_data_path() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 100, 40);
    let answer =
        home.fashion("bench --json --loader --recipe proper-split --data pictures").run().succeeds().json();
    assert_eq!(number(&answer, "/samples"), 80.0);
    assert!(number(&answer, "/epoch_ms/median") > 0.0);
}

#[test]
fn data_show_names_source_licence_and_checksums() {
    let home = Home::new();
    for (app, licence) in [("iris", "CC BY 4.0"), ("fashion-mnist", "MIT")] {
        let answer = home.command(app, "data show --json").run().succeeds().json();
        assert!(text(&answer, "/manifest/licence").contains(licence), "{answer}");
        for file in list(&answer, "/manifest/files") {
            assert_eq!(text(file, "/sha256").len(), 64);
        }
        assert!(home.command(app, "data show").run().succeeds().stdout.contains("sha256"));
    }
}

#[test]
fn data_check_tells_whole_files_from_others() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 20, 10);
    let finished = home.fashion("data check --data pictures").run();
    finished.fails(2, &["train-images-idx3-ubyte.gz", "26421880 bytes"]);
    home.fashion("data check").run().fails(2, &["data fetch", "--data"]);
}

#[test]
fn data_check_finds_the_data_that_are_part_of_the_binary() {
    let home = Home::new();
    let answer = home.iris("data check --json").run().succeeds().json();
    assert_eq!(answer.pointer("/intact").and_then(serde_json::Value::as_bool), Some(true));
}

#[test]
fn compare_puts_the_tutorials_figures_beside_ours() {
    let home = Home::new();
    let answer = home.fashion("compare --json").run().succeeds().json();
    let recipes = list(&answer, "/recipes");
    assert_eq!(recipes.len(), 9);
    assert_eq!(number(&answer, "/recipes/6/tutorial/test_accuracy"), 88.52);
    assert!(home.fashion("compare").run().succeeds().stdout.contains("88.52"));
    home.fashion("compare --recipes cosyne").run().fails(2, &["cosyne", "cosine"]);
    home.iris("compare").run().fails(2, &["iris"]);
}

#[test]
fn compare_regenerates_its_file_and_keeps_other_rows() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 60, 20);
    let row = "{\"recipe\":\"cosine\",\"seed\":5,\"epochs\":1,\"best_epoch\":1,\"last_train_loss\":1.0,\"last_valid_loss\":1.0,\
         \"valid_loss\":1.0,\"valid_accuracy\":0.25,\"test_loss\":1.0,\"test_accuracy\":0.125,\"test_f1_macro\":0.1,\"seconds\":1.0,\
         \"machine\":\"an older one\",\"brasa\":\"0.0.1\"}";
    home.write("ours.json", format!("{{\"app\":\"fashion-mnist\",\"runs\":[{row}]}}"));
    let args =
        "compare --json --regenerate ours.json --recipes proper-split,cosine --seeds 1 --data pictures";
    let limited = home.fashion(args).run().succeeds().json();
    assert_eq!(list(&limited, "/recipes").len(), 2);
    let ours = brasa_tests::read_json(&home.path("ours.json"));
    let rows: Vec<(&str, f64)> =
        list(&ours, "/runs").iter().map(|row| (text(row, "/recipe"), number(row, "/seed"))).collect();
    assert_eq!(rows, [("proper-split", 1.0), ("cosine", 1.0), ("cosine", 5.0)]);
    assert_eq!(number(&limited, "/recipes/1/trainings"), 2.0);
    assert_eq!(text(&ours, "/runs/2/machine"), "an older one");
}

#[test]
fn completions_are_a_script_that_the_shell_reads() {
    let home = Home::new();
    let script = home.fashion("completions bash").run().succeeds().stdout;
    for verb in ["train", "predict", "inspect", "bench", "completions"] {
        assert!(script.contains(verb), "no {verb}");
    }
    let path = home.write("completions.bash", script);
    match Command::new("bash").arg("-n").arg(path).status() {
        Ok(status) => assert!(status.success()),
        Err(_) => drop(writeln!(std::io::stderr(), "skipped: there is no bash to read the script")),
    }
}

/// As the README has it.
#[cfg(target_os = "linux")]
#[test]
fn a_binary_needs_the_c_library_alone() {
    let Ok(output) = Command::new("ldd").arg(Home::binary("iris")).output() else {
        return drop(writeln!(std::io::stderr(), "skipped: there is no ldd to ask"));
    };
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    // The C library, in the parts that it comes in, and the compiler's and the kernel's helpers.
    let parts = [
        "libc.",
        "libm.",
        "libpthread.",
        "libdl.",
        "librt.",
        "libgcc_s.",
        "ld-linux",
        "linux-vdso.",
        "ld-musl",
    ];
    for line in listed.lines().filter(|line| !line.contains("statically linked")) {
        let library = line.split_whitespace().next().unwrap_or_default();
        let name = library.rsplit('/').next().unwrap_or_default();
        assert!(parts.iter().any(|part| name.starts_with(part)), "{name} is needed, too:\n{listed}");
    }
}

#[test]
fn help_and_version_are_answers() {
    let home = Home::new();
    let help = home.iris("--help").run().succeeds();
    for verb in [
        "train",
        "cv",
        "eval",
        "predict",
        "inspect",
        "summary",
        "recipes",
        "runs",
        "bench",
        "data",
        "completions",
    ] {
        assert!(help.stdout.contains(verb), "no {verb}\n{help}");
    }
    for (app, verbs) in [("iris", ["ask", "synth"]), ("fashion-mnist", ["ask", "synth"])] {
        let help = home.command(app, "--help").run().succeeds().stdout;
        let listed = |verb: &str| help.lines().any(|line| line.split_whitespace().next() == Some(verb));
        assert!(listed("train") && verbs.iter().all(|verb| !listed(verb)), "{help}");
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let script = home.command(app, "completions").args([shell]).run().succeeds().stdout;
            let words: Vec<&str> = script.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
            for verb in verbs {
                assert!(!words.contains(&verb), "{shell}: {verb} is offered by {app}");
            }
        }
    }
    home.iris("compare").run().fails(2, &["unrecognized subcommand 'compare'"]);
    let refused = home.iris("ask --json").run().fails(2, &["unrecognized subcommand 'ask'"]);
    assert!(text(&refused.json(), "/error").contains("'ask'"), "{refused}");
    assert!(home.iris("--version").run().succeeds().stdout.starts_with("iris 0."));
}

#[test]
fn keys_are_told_with_their_defaults_and_ranges() {
    let home = Home::new();
    let all = home.iris("keys").run().succeeds();
    assert!(all.stdout.contains("[optimizer]") && all.stdout.contains("adam, adamw"), "{all}");
    let adam = home.iris("keys optimizer.adam").run().succeeds();
    for part in ["lr = 1e-3", "Takes a number above 0.", "[optimizer] kind = \"adam\""] {
        assert!(adam.stdout.contains(part), "{part}\n{adam}");
    }
    let json = home.iris("keys quantile --json").run().succeeds().json();
    assert_eq!(text(&json, "/kinds/0/table"), "loss");
    assert_eq!(text(&json, "/kinds/0/keys/0/range"), "a number in (0, 1)");
    let both = home.iris("keys perceptron --json").run().succeeds().json();
    assert_eq!(list(&both, "/kinds").len(), 2, "the network and its rule");
    home.iris("keys adamm").run().fails(2, &["no kind or table is called `adamm`", "did you mean `adam`?"]);
}

#[test]
fn export_in_8_bits_is_a_quarter_of_the_size_and_tells_what_it_costs() {
    let home = Home::new();
    write_fashion(&home.path("data/fashion-mnist"), 200, 30);
    home.fashion("train --recipe proper-split --data data --set training.epochs=1").run().succeeds();
    let whole = home.fashion("export --out whole.onnx --json").run().succeeds().json();
    assert_eq!(text(&whole, "/weights"), "f32");
    let eighth =
        home.fashion("export --out small.onnx --weights int8 --data data --json").run().succeeds().json();
    let size = |file: &str| std::fs::metadata(home.path(file)).unwrap().len() as f64;
    assert!(size("small.onnx") < 0.3 * size("whole.onnx"), "{eighth}");
    assert_eq!(number(&eighth, "/bytes"), size("small.onnx"));
    let loss = |weights: &str| number(&eighth, &format!("/valid/{weights}/loss"));
    assert!(loss("f32") != loss("int8") && (loss("f32") - loss("int8")).abs() < 0.05, "{eighth}");
    let told = home.fashion("export --out small.onnx --weights int8 --data data").run().succeeds();
    assert!(told.stdout.contains("f32  ") && told.stdout.contains("int8  "), "{told}");

    home.fashion("export --out x.safetensors --weights int8")
        .run()
        .fails(2, &["--weights int8 is for ONNX files"]);
    assert!(!home.path("x.safetensors").exists());
}
