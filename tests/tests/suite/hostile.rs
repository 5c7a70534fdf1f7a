//! Input that means harm: one sentence, no panic, no wait, and no more memory than it is worth.
#![cfg(unix)]

use std::path::{Path, PathBuf};

use brasa_tests::{Finished, Home, Invocation, files_below};

fn soon(invocation: Invocation) -> Finished {
    invocation.run_small("true")
}

fn refused(invocation: Invocation, parts: &[&str]) {
    let _ = soon(invocation).fails(2, parts);
}

fn fifo(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A file that claims to be long and takes no room.
fn sparse(path: &Path, bytes: u64) {
    std::fs::File::create(path).unwrap().set_len(bytes).unwrap();
}

const ROW: &str = "5.1,3.5,1.4,0.2\n";

fn predict(home: &Home) -> Invocation {
    home.iris("predict -").stdin(ROW)
}

#[test]
fn files_of_a_run_that_are_none() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    for (name, verbs) in [
        ("run.json", &["runs list", "runs show", "predict -"][..]),
        ("recipe.toml", &["eval", "train --resume latest --set training.epochs=9"]),
        ("model/model.json", &["predict -", "eval"]),
        ("model/weights.safetensors", &["predict -"]),
        ("metrics.jsonl", &["runs show"]),
        ("run.lock", &["runs list", "runs verify"]),
        ("checkpoints/epoch-9.ckpt", &["runs verify"]),
    ] {
        let path = run.join(name);
        let whole = std::fs::read(&path).unwrap_or_default();
        for spoil in [fifo as fn(&Path), |path| {
            let _ = std::fs::remove_file(path);
            std::os::unix::fs::symlink("/dev/zero", path).unwrap();
        }] {
            spoil(&path);
            for verb in verbs {
                let finished = soon(home.iris(verb).stdin(ROW));
                assert!(matches!(finished.code, Some(0..=2)), "{name}\n{finished}");
            }
            std::fs::remove_file(&path).unwrap();
        }
        if !whole.is_empty() {
            std::fs::write(&path, whole).unwrap();
        }
    }
    let _ = predict(&home).run().succeeds();
}

#[test]
fn a_damaged_record_is_named_where_it_would_have_been_the_newest() {
    let home = Home::new();
    let _ = home.trained_iris();
    let broken = home.path("runs/iris/99991231-235959-tuned");
    std::fs::create_dir(&broken).unwrap();
    std::fs::write(broken.join("run.json"), "{").unwrap();
    let predicted = predict(&home).run().succeeds();
    assert!(predicted.stderr.contains("passed over") && predicted.stderr.contains("99991231"), "{predicted}");
    assert!(home.iris("runs list").run().succeeds().stderr.contains("99991231"));
    let verified = home.iris("runs verify").run();
    assert!(verified.code == Some(1) && verified.stderr.contains("1 of 2 runs are not whole"), "{verified}");
    assert!(
        verified.stdout.contains("  whole") && verified.stdout.contains("run.json: is damaged"),
        "{verified}"
    );
}

#[test]
fn files_that_claim_to_be_long() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    for name in ["model/model.json", "run.json", "recipe.toml"] {
        let path = run.join(name);
        let whole = std::fs::read(&path).unwrap();
        sparse(&path, 3 << 30);
        let finished = soon(home.iris("eval"));
        assert_eq!(finished.code, Some(2), "{name}\n{finished}");
        std::fs::write(&path, whole).unwrap();
    }
    sparse(&home.path("long.csv"), 3 << 30);
    refused(home.iris("predict long.csv"), &["long.csv"]);
}

#[test]
fn sizes_that_no_network_has() {
    let home = Home::new();
    brasa_tests::write_digits(&home.path("digits"), &[("train", 4), ("valid", 2), ("test", 2)]);
    let with = |verb: &str, layers: &str| {
        home.command("mnist", &format!("{verb} --data digits --recipe cnn --set training.epochs=1"))
            .args(["--set", &format!("model.layers=[{layers}]")])
    };
    for layers in [
        "\"conv 4 3x3 padding=9223372036854775807x1\"",
        "\"conv 4 3x3 padding=4611686018427387904\"",
        "\"conv 4 3x3 stride=9223372036854775807\"",
        "\"conv 4 3x3 stride=1000000\"",
        "\"conv 1000000000 3x3\"",
        "\"conv 1 1x1 padding=1000000\", \"global-avg-pool\"",
        "\"max-pool 59 padding=29 stride=1\"",
        "\"max-pool 1000000 padding=500000 stride=1\"",
        "\"avg-pool 1000000001 padding=500000000 stride=1\"",
        "\"residual 4 stride=1000000000\"",
        "{ add = [[\"conv 4 3x3 padding=2147483647\"], []] }",
    ] {
        refused(with("summary", layers), &["model.layers"]);
        refused(with("train", layers), &["model.layers"]);
    }
    assert!(!home.path("runs").exists());
}

#[test]
fn a_training_that_has_no_room_is_refused_with_the_sum() {
    let home = Home::new();
    let hidden = home.iris("train --set model.hidden=[20000,20000]");
    refused(hidden, &["of memory at hand", "needs at least", "GB for weights, gradients and the optimizer"]);
    brasa_tests::write_digits(&home.path("digits"), &[("train", 40), ("valid", 2), ("test", 2)]);
    let maps = home.command("mnist", "train --data digits --recipe cnn");
    let maps = maps.args(["--set", "model.layers=[\"conv 16 3x3 padding=300\"]"]);
    refused(maps, &["training.batch_size", "what the layers make of a batch"]);
    assert!(!home.path("runs").exists());
}

#[test]
fn streams_without_an_end() {
    let home = Home::new();
    let _ = home.trained_iris();
    let finished = home.iris("predict -").run_small("exec </dev/zero");
    assert!(finished.code == Some(2) && finished.stderr.contains("or no end"), "{finished}");
    refused(home.iris("predict /dev/zero"), &["/dev/zero"]);
    refused(home.iris("inspect --data /dev/zero"), &["/dev/zero"]);
}

#[test]
fn tables_that_are_no_files_and_rows_without_an_end() {
    let home = Home::new();
    fifo(&home.path("t.csv"));
    refused(
        home.command("brasa", "inspect t.csv --target y"),
        &["t.csv: cannot read: it is no regular file"],
    );
    std::fs::remove_file(home.path("t.csv")).unwrap();
    home.write("t.csv", format!("x,y\n{},2\n", "1".repeat(70 << 20)));
    let long = home.command("brasa", "inspect t.csv --target y");
    refused(long, &["t.csv: line 2: a row takes more than 67108864 bytes"]);
}

#[test]
fn archives_and_pictures_that_unpack_to_very_much() {
    let home = Home::new();
    home.write("photos/a/1.png", png_with_profile());
    home.write("photos/b/1.png", png_with_profile());
    let finished = soon(home.command("brasa", "inspect photos"));
    assert!(matches!(finished.code, Some(0 | 2)), "{finished}");
    let nested = "[".repeat(1_000_000);
    home.write("deep.jsonl", format!("{{\"a\":{nested}\n"));
    refused(home.command("brasa", "inspect deep.jsonl --target a"), &["deep.jsonl", "line 1"]);
    let wide: String = (0..14_000).map(|line| format!("{{\"k{line}\":1}}\n")).collect();
    home.write("wide.jsonl", wide);
    refused(
        home.command("brasa", "inspect wide.jsonl --target k1"),
        &["wide.jsonl: line 3163: 3163 lines of 3163 different fields are too many cells"],
    );
}

/// A PNG of 16 x 16 pixels with a colour profile of a gigabyte of zeros.
fn png_with_profile() -> Vec<u8> {
    use std::io::Write;
    let chunk = |kind: &[u8], content: &[u8]| {
        let body = [kind, content].concat();
        let crc = crc(&body);
        [&(content.len() as u32).to_be_bytes()[..], &body, &crc.to_be_bytes()].concat()
    };
    let packed = |bytes: &[u8], times: usize| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        (0..times).for_each(|_| encoder.write_all(bytes).unwrap());
        encoder.finish().unwrap()
    };
    let header = [&16_u32.to_be_bytes()[..], &16_u32.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let profile = [b"p\0\0".as_slice(), &packed(&[0; 1 << 20], 1000)].concat();
    let pixels = packed(&[0; 17], 16);
    let parts = [(b"IHDR", header), (b"iCCP", profile), (b"IDAT", pixels), (b"IEND", Vec::new())];
    let chunks = parts.iter().map(|(kind, content)| chunk(*kind, content));
    std::iter::once(b"\x89PNG\r\n\x1a\n".to_vec()).chain(chunks).collect::<Vec<_>>().concat()
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let home = Home::new();
    for signal in ["INT", "TERM"] {
        let train = home.iris("train --json --set training.epochs=1000000");
        let mut training = train.after(&format!("trap '' {signal}")).start();
        let metrics =
            || files_below(&home.path("runs")).into_iter().rev().find(|path| path.ends_with("metrics.jsonl"));
        training.wait_until("it has begun", |_| metrics().is_some());
        training.signal(signal);
        let lines = |path: PathBuf| std::fs::read_to_string(path).unwrap().lines().count();
        let before = lines(metrics().unwrap());
        training.wait_until("it goes on", |_| lines(metrics().unwrap()) > before + 3);
        assert_eq!(training.kill().code, None);
        std::fs::remove_dir_all(home.path("runs")).unwrap();
    }
}

#[test]
fn a_loss_that_is_not_finite_says_where_and_can_be_looked_at_again() {
    let home = Home::new();
    for (settings, place) in [
        ("", ", step 1"),
        ("--set training.batch_size=16", ", step "),
        ("--set training.batch_size=16 --set training.checkpoint=1step", ", step "),
        ("--set training.batch_size=40 --set training.checkpoint=never", ", step "),
    ] {
        let _ = std::fs::remove_dir_all(home.path("runs"));
        let finished = home.iris(&format!("train --set optimizer.lr=1e30 {settings}")).run();
        let finished =
            finished.fails(1, &["not finite at epoch", place, "(rows ", "of the data: ", "optimizer.lr"]);
        let run = home.only_run("iris");
        let replayed = home.iris("train --replay").args([run.file_name().unwrap()]).run().succeeds();
        let said = replayed.stdout.trim().split_once(": ").unwrap().1.to_owned();
        assert!(finished.stderr.contains(&said), "{finished}\n{replayed}");
    }
    let _ = home.trained_iris();
    home.iris("train --replay latest").run().fails(2, &["not-finite.json"]);
}

#[test]
fn a_network_that_has_learnt_nothing_is_told() {
    let home = Home::new();
    let text = home.iris("train --set optimizer.lr=1e-12 --set training.epochs=1").run().succeeds().stdout;
    assert!(text.contains("so it has not learned"), "{text}");
    let answer =
        home.iris("train --json --set optimizer.lr=1e-12 --set training.epochs=1").run().succeeds().json();
    assert_eq!(answer["learned"], false);
    assert_eq!(home.iris("train --json").run().succeeds().json()["learned"], true);
}

#[test]
fn a_folder_of_a_run_that_is_gone_is_not_begun_again() {
    let home = Home::new();
    let mut training = home.iris("train --json --set training.epochs=1000000").start();
    let metrics = || files_below(&home.path("runs")).into_iter().find(|path| path.ends_with("metrics.jsonl"));
    training.wait_until("it has begun", |_| {
        metrics().is_some_and(|path| path.metadata().is_ok_and(|found| found.len() > 0))
    });
    // It writes while it goes.
    while home.path("runs").exists() {
        let _ = std::fs::remove_dir_all(home.path("runs"));
    }
    let finished = training.wait().fails(1, &["runs/iris"]);
    assert!(files_below(&home.path("runs")).is_empty(), "{finished}");
}

#[test]
fn values_of_variables_are_checked() {
    let home = Home::new();
    home.iris("train")
        .env("BRASA_SIMD", "banana")
        .run()
        .fails(2, &["BRASA_SIMD: expected avx2 or scalar, found `banana`"]);
}

#[test]
fn a_pipe_in_the_place_of_a_file_of_answers_is_written_to() {
    let home = Home::new();
    let _ = home.trained_iris();
    let pipe = home.path("pipe");
    fifo(&pipe);
    let reader =
        std::process::Command::new("cat").arg(&pipe).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let _ = home.iris("predict - --out pipe").stdin(ROW).run().succeeds();
    let read = String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap();
    assert!(read.lines().count() == 2, "{read}");
    assert!(!std::fs::metadata(&pipe).unwrap().is_file());
}

#[test]
fn small_files_that_unpack_to_very_much() {
    let home = Home::new();
    brasa_tests::write_fashion(&home.path("d"), 20, 10);
    // Zeros are packed a thousand times; the header promises as many.
    let (count, size) = (400_000_u32, 784_usize);
    let header = [0x0803_u32, count, 28, 28].map(u32::to_be_bytes).concat();
    let packed = |start: &[u8], what: u8| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut packed, start).unwrap();
        std::io::Write::write_all(&mut packed, &vec![what; size * count as usize]).unwrap();
        packed.finish().unwrap()
    };
    home.write("d/train-images-idx3-ubyte.gz", packed(&header, 0));
    let much = ["more than 200 times its", "ratio=NUMBER"];
    refused(home.fashion("inspect --data d"), &[&["train-images-idx3-ubyte.gz"], &much[..]].concat());
    home.write("t.csv", packed(b"x,y,a\n1,2,a\n", b'\n'));
    refused(home.command("brasa", "inspect t.csv --target a"), &[&["t.csv"], &much[..]].concat());
}

#[test]
fn memory_that_is_set_bounds_what_is_read() {
    let home = Home::new();
    let rows: String = (0..1_000_000).map(|row| format!("{},{},{}\n", row % 10, row % 7, row % 2)).collect();
    home.write("t.csv", format!("a,b,y\n{rows}"));
    let small = |verb: &str| {
        home.command("brasa", &format!("{verb} t.csv --target y")).env("BRASA_LIMITS", "memory=100MB")
    };
    for verb in ["inspect", "init", "train"] {
        refused(small(verb), &["t.csv", "bytes of memory once it is read; there is room for"]);
    }
}
