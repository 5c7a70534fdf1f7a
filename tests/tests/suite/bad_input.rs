//! The chapter of the guide on wrong input: each message is what a program says, word for word. With `BRASA_WRITE_GUIDE=1` the
//! chapter is written.

use std::fmt::Write;
use std::path::Path;

use brasa_data::Limit;
use brasa_tests::{Home, gzip, png, zip};

/// What is wrong, the command that is typed, and what makes it wrong.
struct Case(&'static str, &'static str, Box<dyn Fn(&Home)>);

fn case(what: &'static str, command: &'static str, setup: impl Fn(&Home) + 'static) -> Case {
    Case(what, command, Box::new(setup))
}

/// A case of one file.
fn file(
    what: &'static str,
    command: &'static str,
    name: &'static str,
    content: impl AsRef<[u8]> + 'static,
) -> Case {
    case(what, command, move |home| {
        home.write(name, content.as_ref());
    })
}

/// Thirty rows of two numbers and a class.
fn rows() -> String {
    let rows = (0..30).map(|row| format!("{row},{},{}\n", row % 7, ["a", "b", "c"][row % 3]));
    std::iter::once("x,y,kind\n".to_owned()).chain(rows).collect()
}

fn changed(old: &str, new: &str) -> String {
    let text = rows();
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1)
}

fn trained(home: &Home) -> std::path::PathBuf {
    home.run_folder(&home.trained_iris())
}

/// A change of a text file of a run.
fn of_run(name: &'static str, old: &'static str, new: &'static str) -> impl Fn(&Home) {
    move |home| {
        let path = trained(home).join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{old}: {text}");
        std::fs::write(&path, text.replacen(old, new, 1)).unwrap();
    }
}

/// Packed as far as can be.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

/// The bytes of a file of a run, cut.
fn cut(name: &'static str, keep: usize) -> impl Fn(&Home) {
    move |home| {
        let path = trained(home).join(name);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..keep]).unwrap();
    }
}

fn tables() -> Vec<Case> {
    let inspect = "brasa inspect t.csv --target kind";
    vec![
        case("no such file", inspect, |_| ()),
        file("an empty file", inspect, "t.csv", ""),
        file("a header alone", inspect, "t.csv", "x,kind\n"),
        file("no target", "brasa train t.csv", "t.csv", rows()),
        file("a target that is misspelt", "brasa train t.csv --target kidn", "t.csv", rows()),
        file("one class", inspect, "t.csv", "x,kind\n1,a\n2,a\n"),
        file("a target without values", inspect, "t.csv", "x,kind\n1,\n2,NA\n"),
        file("no other column", "brasa train t.csv --target kind", "t.csv", "kind\na\nb\na\n"),
        file(
            "words where numbers are to be predicted",
            "brasa train t.csv --target kind --task numbers",
            "t.csv",
            rows(),
        ),
        file("another kind of file", inspect, "t.csv", *b"\x7FELF\x02\x01\x01\0\0\0"),
        file("a row that is too long", inspect, "t.csv", changed("7,0,b", "7,0,b,1")),
        file("a quote that is not closed", inspect, "t.csv", changed("7,0,b", "7,\"0,b")),
        file("two columns of one name", inspect, "t.csv", "x,x,kind\n1,2,a\n2,3,b\n"),
        file("a line that does not end", inspect, "t.csv", format!("x,kind\n{},2\n", "1".repeat(70 << 20))),
        file("more columns than are read", inspect, "t.csv", format!("{}kind\n", "x,".repeat(200_000))),
        file(
            "text of two bytes a letter without a mark",
            inspect,
            "t.csv",
            *b"x\x00,\x00y\x00\n\x001\x00,\x002\x00\n\x00",
        ),
        file("a file compressed by gzip that is cut short", inspect, "t.csv", {
            let packed = gzip(rows().as_bytes());
            packed[..packed.len() - 9].to_vec()
        }),
        file(
            "one that is unpacked to very much",
            inspect,
            "t.csv",
            packed(&[rows().into_bytes(), vec![b'\n'; 100 << 20]].concat()),
        ),
        file("an archive of several files", "brasa inspect t.zip --target kind", "t.zip", {
            zip(&[("a.csv".into(), rows().into_bytes()), ("b.csv".into(), rows().into_bytes())])
        }),
        file(
            "a spreadsheet that is none",
            "brasa inspect t.xlsx --target kind",
            "t.xlsx",
            *b"PK\x03\x04 and no more",
        ),
        file(
            "a Parquet file that is none",
            "brasa inspect t.parquet --target kind",
            "t.parquet",
            *b"PAR1 and no more",
        ),
        file(
            "a line that is no object",
            "brasa inspect t.jsonl --target kind",
            "t.jsonl",
            "{\"kind\": 1}\n[2]\n",
        ),
        file("few lines with very many fields", "brasa inspect t.jsonl --target k1", "t.jsonl", {
            (0..14_000).map(|line| format!("{{\"k{line}\":1}}\n")).collect::<String>()
        }),
    ]
}

fn others() -> Vec<Case> {
    vec![
        case("a device or a pipe", "brasa inspect t.csv --target kind", |home| {
            #[cfg(unix)]
            std::os::unix::fs::symlink("/dev/zero", home.path("t.csv")).unwrap();
        }),
        case(
            "a file beside that lies elsewhere",
            "brasa train x.csv --series id --step t --labels other/y.csv --target kind",
            |home| {
                home.write("x.csv", "id,t,x\n1,1,2\n");
                home.write("other/y.csv", "id,kind\n1,a\n");
            },
        ),
        case("no such folder", "brasa train photos/", |_| ()),
        file("a folder without images", "brasa train photos/", "photos/notes.md", "nothing"),
        file(
            "texts without a target",
            "brasa train t.jsonl --text body",
            "t.jsonl",
            "{\"body\": \"good\", \"stars\": 5}\n",
        ),
        file("series without steps", "brasa train t.csv --series id --target kind", "t.csv", "id,x\n1,2\n"),
        file("a flag of another kind of data", "brasa train photos/ --group x", "photos/a/1.png", png(1)),
        file("a reading that is no number", "brasa train t.ts", "t.ts", {
            "@univariate true\n@classLabel true a b\n@data\n1,2,3:a\n1,x,3:b\n"
        }),
        case("IDX images with the magic number of labels", "mnist inspect --source full --data d", |home| {
            for name in [
                "train-images-idx3-ubyte.gz",
                "train-labels-idx1-ubyte.gz",
                "t10k-images-idx3-ubyte.gz",
                "t10k-labels-idx1-ubyte.gz",
            ] {
                home.write(&format!("d/{name}"), gzip(&[0, 0, 8, 1, 0, 0, 0, 1, 7]));
            }
        }),
        case("data that are nowhere", "fashion-mnist train", |_| ()),
        case("a folder that is none", "iris train --data nowhere", |_| ()),
    ]
}

fn recipes() -> Vec<Case> {
    const DATA: &str = "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n";
    let own = "brasa train own.toml";
    let recipe = |rest: &str| format!("{DATA}{rest}");
    vec![
        case("a recipe that no one knows", "fashion-mnist train --recipe batchnrom", |_| ()),
        file("an unknown key", own, "own.toml", recipe("[optimizer]\nlrr = 0.1\n")),
        file(
            "a key of another kind",
            own,
            "own.toml",
            recipe("[optimizer]\nkind = \"adam\"\nmomentum = 0.9\n"),
        ),
        file("a value of another type", own, "own.toml", recipe("[training]\nepochs = \"many\"\n")),
        file("a value out of range", own, "own.toml", recipe("[optimizer]\nlr = -1\n")),
        file(
            "a layer that is none",
            own,
            "own.toml",
            recipe("[model]\nkind = \"sequential\"\nlayers = [\"conv 4 3z3\"]\n"),
        ),
        file("no data", own, "own.toml", "[training]\nepochs = 1\n"),
        file("text that is no recipe", own, "own.toml", "epochs = = 3\n"),
        case("an override that is none", "iris train --set optimizer.lr", |_| ()),
        case("an override of an unknown key", "iris train --set trainig.epochs=1", |_| ()),
        case("a device that was not compiled in", "iris train --device tpu", |_| ()),
        case("sizes that no network has", "iris train --set model.hidden=[4000000000,4000000000]", |_| ()),
    ]
}

fn models() -> Vec<Case> {
    let predict = "iris predict new.csv";
    let new = |home: &Home| {
        home.write("new.csv", "5.1,3.5,1.4,0.2\n");
    };
    let with = |setup: Box<dyn Fn(&Home)>| {
        move |home: &Home| {
            new(home);
            setup(home);
        }
    };
    vec![
        case("no run", predict, new),
        case(
            "a run that is not there",
            "iris predict new.csv --run yesterday",
            with(Box::new(|home| drop(trained(home)))),
        ),
        case("a row of another width", predict, |home| {
            let _ = trained(home);
            home.write("new.csv", "5.1,3.5,1.4\n");
        }),
        case("a cell that is no number", predict, |home| {
            let _ = trained(home);
            home.write("new.csv", "5.1,3.5,1.4,wide\n");
        }),
        case("nothing to predict", predict, |home| {
            let _ = trained(home);
            home.write("new.csv", "");
        }),
        case("a card that is cut short", predict, with(Box::new(cut("model/model.json", 20)))),
        case(
            "a card whose parts do not fit",
            predict,
            with(Box::new(of_run("model/model.json", "\"sepal_length\",", ""))),
        ),
        case("weights that are cut short", predict, with(Box::new(cut("model/weights.safetensors", 100)))),
        case(
            "weights that are not there",
            predict,
            with(Box::new(|home| {
                std::fs::remove_file(trained(home).join("model/weights.safetensors")).unwrap();
            })),
        ),
        case("a recipe of a run that is damaged", "iris eval", of_run("recipe.toml", "[data", "[dat")),
        case("a finished run that is to go on", "iris train --resume latest", |home| drop(trained(home))),
        case(
            "a run that is to go on as another",
            "iris train --resume latest --set training.epochs=900 --set optimizer.lr=0.5",
            |home| {
                drop(trained(home));
            },
        ),
        case("a pickle that is none", "brasa train own.toml", |home| {
            home.write("t.csv", rows());
            home.write("w.pth", "no weights");
            home.write("own.toml", "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n[model]\nhidden = [4]\n[transfer]\npretrained = \"w.pth\"\n");
        }),
        case("a variable that says nothing sensible", "iris train", |_| ()),
    ]
}

/// The variable that the last case sets.
fn variable(what: &str) -> Option<(&'static str, &'static str)> {
    what.starts_with("a variable").then_some(("BRASA_LIMITS", "rows=5"))
}

/// What the message of a case is about, where another fault of the same input could be told instead.
const ABOUT: [(&str, &str); 4] = [
    ("one that is unpacked to very much", "more than 200 times"),
    ("a line that does not end", "BRASA_LIMITS=row"),
    ("a layer that is none", "conv 4 3z3"),
    ("a reading that is no number", "line 5"),
];

/// What a program says of a case, on one line; the names of runs, which are times, as `...`.
fn said(Case(what, command, setup): &Case) -> String {
    let home = Home::new();
    setup(&home);
    let (binary, args) = command.split_once(' ').unwrap();
    let invocation = match variable(what) {
        Some((name, value)) => home.command(binary, args).env(name, value),
        None => home.command(binary, args),
    };
    let finished = invocation.run();
    finished.assert_no_panic();
    assert_eq!(finished.code, Some(2), "{what}\n{finished}");
    let message = finished.stderr.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>();
    let from = message
        .iter()
        .position(|line| line.starts_with("error: "))
        .unwrap_or_else(|| panic!("{what}\n{finished}"));
    let message = message[from..].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let message =
        message.replace(&format!("{}/", home.path("").display().to_string().trim_end_matches('/')), "");
    let words = ABOUT.iter().find(|(of, _)| of == what).map_or("", |(_, words)| words);
    assert!(message.contains(words), "{what}: no {words} in {message}");
    without_times(message.strip_prefix("error: ").unwrap())
}

const SEPARATORS: [char; 6] = ['/', ' ', ':', ',', ';', '`'];

fn without_times(message: &str) -> String {
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = |word: &str| {
        let mut parts = word.splitn(3, '-');
        digits(parts.next().unwrap_or(""), 8) && digits(parts.next().unwrap_or(""), 6)
    };
    let words = message.split_inclusive(SEPARATORS);
    words
        .map(|word| {
            let name = word.trim_end_matches(SEPARATORS);
            if is_time(name) { word.replacen(name, "...", 1) } else { word.to_owned() }
        })
        .collect()
}

fn chapter() -> String {
    let mut page = String::from(INTRODUCTION);
    let sections = [
        ("Tables", tables()),
        ("Images, texts, series and data sets", others()),
        ("Recipes and options", recipes()),
        ("Runs, models and weights", models()),
    ];
    for (heading, cases) in sections {
        let _ = write!(page, "\n## {heading}\n\n| what is wrong | typed | what is said |\n|---|---|---|\n");
        for case in &cases {
            let said = said(case).replace('|', "\\|");
            let typed = variable(case.0).map_or_else(String::new, |(name, value)| format!("{name}={value} "));
            let _ = writeln!(page, "| {} | `{typed}{}` | `` {said} `` |", case.0, case.1);
        }
    }
    page.push_str(LIMITS);
    for limit in Limit::ALL {
        let most = match limit.default_most() {
            u64::MAX => "what there is".into(),
            most => most.to_string(),
        };
        let _ = writeln!(page, "| `{}` | {most} | {} |", limit.name(), limit.about());
    }
    page
}

const INTRODUCTION: &str = "# Wrong input

What a program says where something is wrong with what it was given: one message, with the file, the line and the column or the key, what was expected and
what was found. The exit code is then 2; it is 1 where something failed that nobody can mend in the input, such as a full disk. `--json` gives the same message as an
object, `{\"error\": ...}`. This chapter is written by the test that compares it with what the programs say (`tests/tests/suite/bad_input.rs`); the names of runs are
left out.
";

const LIMITS: &str = "
## Limits

Sizes beyond which a file is refused, before memory is set aside for it. `BRASA_LIMITS` sets them for a program and those that it starts, with the units `kB`,
`MB`, `GB`, `KiB`, `MiB` and `GiB` where bytes are counted:

    BRASA_LIMITS=memory=2GiB,row=128MiB,columns=500000 brasa train wide.csv --target y

| name | unless set | of what |
|---|---|---|
";

#[test]
fn the_guide_says_what_the_programs_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/src/bad-input.md");
    let chapter = chapter();
    if std::env::var_os("BRASA_WRITE_GUIDE").is_some() {
        std::fs::write(&path, &chapter).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap();
    for (own, there) in chapter.lines().zip(written.lines()) {
        assert_eq!(own, there, "run this test with BRASA_WRITE_GUIDE=1, and read what has changed");
    }
    assert_eq!(chapter.lines().count(), written.lines().count());
}
