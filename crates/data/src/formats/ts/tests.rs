//! What `.ts` files are read as, and what is said about bad ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::{DataConfig, Scaler, Scaling, SplitFiles, Values, load, make_split};

/// Reads files called `a.ts`, `b.ts`: one, or training and test.
fn read(texts: &[&[u8]], config: TsConfig, task: TaskKind) -> Result<Labelled> {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a.ts", "b.ts"].map(String::from);
    for (name, text) in names.iter().zip(texts) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let [a, b] = names;
    let ts = match texts.len() {
        1 => TsConfig { file: Some(a), ..config },
        _ => TsConfig { files: Some(SplitFiles { train: a, test: Some(b), valid: None }), ..config },
    };
    load(
        &DataConfig { ts: Some(ts), task, ..DataConfig::default() }.check()?,
        &Files::directory(folder.path()),
    )
}

fn one(text: &str, config: TsConfig) -> Result<Labelled> {
    read(&[text.as_bytes()], config, TaskKind::Classification)
}

fn padding() -> TsConfig {
    TsConfig { pad: Some(Pad::End), ..TsConfig::default() }
}

/// The error without the folder.
fn refused(text: &str, config: TsConfig) -> String {
    plain(one(text, config))
}

fn plain(read: Result<Labelled>) -> String {
    let text = read.unwrap_err().to_string();
    let words = text.split(' ').map(|word| match Path::new(word).file_name() {
        Some(name) if word.starts_with('/') => name.to_string_lossy().into_owned(),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

const TWO: &str = "# A comment.\n@problemName steps\n@timeStamps false\n@univariate false\n@dimensions 2\n\
    @equalLength true\n@seriesLength 3\n@classLabel true walk rest\n@data\n1,2,3:-0.5,0,1e1:rest\n\n4,5,6:1,0,2: walk \r\n";

#[test]
fn cases_are_steps_of_channels_and_classes_are_in_the_order_of_the_header() {
    let data = one(TWO, TsConfig::default()).unwrap();
    assert_eq!(data.samples.shape(), [3, 2]);
    assert_eq!(
        data.samples.values(),
        &Values::F64(vec![1.0, -0.5, 2.0, 0.0, 3.0, 10.0, 4.0, 1.0, 5.0, 0.0, 6.0, 2.0].into())
    );
    assert_eq!(
        (data.class_names(), data.labels()),
        (["walk", "rest"].map(String::from).as_slice(), [1, 0].as_slice())
    );
    assert_eq!((data.feature_names, data.lengths), (vec!["channel_1".into(), "channel_2".into()], None));
}

const UNEVEN: &str = "@equalLength false\n@classLabel true p q\n@data\n1,2,0:p\n4:q\n";

#[test]
fn shorter_series_are_padded_and_a_mask_tells_where() {
    assert_eq!(
        refused(UNEVEN, TsConfig::default()),
        "a.ts: line 5: the series on line 4 of a.ts has 3 steps, this series has 1; pad = \"end\" in [data.ts] lengthens \
         the shorter series"
    );
    let data = one(UNEVEN, padding()).unwrap();
    assert_eq!(data.samples.shape(), [3, 2]);
    let values = vec![1.0, 1.0, 2.0, 1.0, 0.0, 1.0, 4.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(data.samples.values(), &Values::F64(values.into()));
    assert_eq!((&data.lengths, data.feature_names[1].as_str()), (&Some(vec![3, 1]), "mask"));
    let scaler = Scaler::fit(
        DataConfig {
            scaling: Scaling::Channels,
            ts: Some(TsConfig { file: Some("a".into()), ..padding() }),
            ..DataConfig::default()
        }
        .check()
        .unwrap()
        .scaling(),
        &data,
        &[0, 1],
    )
    .unwrap();
    let Scaler::Channels { mean, std } = &scaler else { panic!("channels") };
    assert_eq!((mean.as_slice(), std[1]), ([1.75, 1.0].as_slice(), 1.0), "of the four readings, not of six");
    let mut row = [0.0; 6];
    scaler.transform_into(&data.samples, 1, &mut row).unwrap();
    assert_eq!([row[1], row[3], row[5]], [0.0, -1.0, -1.0], "the mask tells the length");
    let longer = TsConfig { steps: Some(4), ..padding() };
    assert_eq!(one(UNEVEN, longer).unwrap().samples.shape(), [4, 2]);
    assert_eq!(
        refused(UNEVEN, TsConfig { steps: Some(2), ..padding() }),
        "a.ts: line 4: expected at most 2 steps, this series has 3; `steps` in [data.ts] says how long the longest may be"
    );
}

#[test]
fn files_of_splits_are_of_one_length_and_keep_the_order_of_classes() {
    let both = |b: &str, config| read(&[UNEVEN.as_bytes(), b.as_bytes()], config, TaskKind::Classification);
    let test = "@classLabel true p q\n@data\n1,2,3,4:q\n";
    let data = both(test, padding()).unwrap();
    assert_eq!((data.samples.shape(), data.labels()), ([4, 2].as_slice(), [0, 1, 1].as_slice()));
    assert_eq!(data.roles, Some(vec![Role::Train, Role::Train, Role::Test]));
    assert_eq!((data.lengths, data.files.len()), (Some(vec![3, 1, 4]), 2));
    assert_eq!(
        plain(both("@classLabel true p q\n@data\n1:2:q\n", padding())),
        "b.ts: line 3: expected 1 channels before the label, as in a.ts, found 2"
    );
}

#[test]
fn missing_readings_are_refused_or_filled() {
    let text = "@classLabel true p q\n@data\n?,2,NaN,4:p\n1,1,1,1:q\n";
    let filled = |missing| {
        let data = one(text, TsConfig { missing: Some(missing), ..TsConfig::default() }).unwrap();
        data.samples.f64_row(0).unwrap().to_vec()
    };
    assert_eq!(filled(Missing::Mean), [3.0, 2.0, 3.0, 4.0]);
    assert_eq!(filled(Missing::Previous), [2.0, 2.0, 2.0, 4.0]);
    assert_eq!(
        refused(text, TsConfig::default()),
        "a.ts: line 3: channel 1, step 1: the reading is missing; missing = \"mean\" or missing = \"previous\" in [data.ts] \
         fills it"
    );
    let none = "@classLabel true p q\n@data\n1,2:?,?:p\n";
    assert_eq!(
        refused(none, TsConfig { missing: Some(Missing::Mean), ..TsConfig::default() }),
        "a.ts: line 3: channel 2: all readings are missing, so there is nothing to fill them from"
    );
}

#[test]
fn numbers_are_predicted_where_the_header_has_such() {
    let text = "@targetlabel true\n@data\n1,2:0.5\n3,4:-2e1\n";
    let data = read(&[text.as_bytes()], TsConfig::default(), TaskKind::Regression).unwrap();
    assert_eq!(data.numbers().unwrap().values, [0.5, -20.0]);
    assert!(refused(text, TsConfig::default()).ends_with("set task = \"regression\" in [data]"));
    let classes = read(&[TWO.as_bytes()], TsConfig::default(), TaskKind::Regression);
    assert!(plain(classes).ends_with("remove task = \"regression\""));
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line() {
    let head = "@classLabel true p q\n@data\n";
    for (text, problem) in [
        ("", "a.ts: the file is empty"),
        ("@classLabel true p q\n", "a.ts: there is no line @data"),
        (head, "a.ts: there are no rows"),
        (
            "@classLabel true p q\n1,2:p\n",
            "a.ts: line 2: expected a line of the header, which starts with @, or @data, found `1,2:p`",
        ),
        (
            "@timestamps TRUE\n@data\n",
            "a.ts: line 1: series with time stamps are not read; write the readings alone, at equal distances, and \
             @timeStamps false",
        ),
        ("@timestamps maybe\n@data\n", "a.ts: line 1: expected true or false, found `maybe`"),
        ("@dimensions 0\n@data\n", "a.ts: line 1: expected a whole number above 0, found `0`"),
        (
            "@classLabel true\n@data\n",
            "a.ts: line 1: expected true and the names of the classes, or false, found `true`",
        ),
        ("@classLabel true p p\n@data\n", "a.ts: line 1: a class is named twice"),
        (
            "@classLabel true p\n@targetlabel true\n@data\n",
            "a.ts: line 2: another line says what the labels are already; keep one of them",
        ),
        (
            "@data\n1,2\n",
            "a.ts: the header says of no labels, @classLabel true or @targetlabel true, to learn from",
        ),
        (
            &format!("{head}(0,1),(1,2):p\n"),
            "a.ts: line 3: readings with their time stamps, (time, reading), are not read; write the readings alone",
        ),
        (
            &format!("{head}1,2:p\n1,2:1,2:q\n"),
            "a.ts: line 4: expected 1 channels before the label, as on line 3, found 2",
        ),
        (
            &TWO.replace("4,5,6:", ""),
            "a.ts: line 12: expected 2 channels before the label, as line 5 says, found 1",
        ),
        (
            &TWO.replace("4,5,6", "4,5"),
            "a.ts: line 12: expected 2 readings in channel 2, as in channel 1, found 3",
        ),
        (
            &TWO.replace("4,5,6:1,0", "4,5:1"),
            "a.ts: line 12: expected 3 steps, as @seriesLength on line 7 says, found 2; series of several lengths need \
             @equalLength false",
        ),
        (
            &format!("{head}1,2\n"),
            "a.ts: line 3: expected channels and a label, a `:` before each but the first, found no `:`",
        ),
        (
            &format!("{head}1,2:r\n"),
            "a.ts: line 3: expected one of the classes of the header, p, q, as the label, found `r`",
        ),
        (&format!("{head}1,x:p\n"), "a.ts: line 3: channel 1, step 2: expected a number, found `x`"),
        (&format!("{head}1,:p\n"), "a.ts: line 3: channel 1, step 2: expected a number, found nothing"),
        (&format!("{head}inf:p\n"), "a.ts: line 3: channel 1, step 1: expected a finite number, found `inf`"),
        (
            &format!("{head}1e999:p\n"),
            "a.ts: line 3: channel 1, step 1: expected a finite number, found `1e999`, which is beyond what 64 bits hold, \
             1.8e308",
        ),
        (
            &format!("{head}1,2:p\n1,2:p\n"),
            "a.ts: all rows are of the class `p`; at least two classes are needed",
        ),
        (
            "@targetlabel true\n@data\n1:nan\n",
            "a.ts: line 3: expected a finite number as the target, found `nan`",
        ),
    ] {
        assert_eq!(refused(text, TsConfig::default()), problem);
    }
    let latin = read(
        &[b"@classLabel true p q\n@data\n1,2:p\n1,2:\xe9\n"],
        TsConfig::default(),
        TaskKind::Classification,
    );
    assert!(plain(latin).starts_with("a.ts: line 4: expected text, found the byte 0xE9"));
}

#[test]
fn padding_does_not_fill_the_memory() {
    let mut text = format!("@classLabel true p q\n@data\n{}1:p\n", "1,".repeat(100_000));
    (0..10_000).for_each(|_| text.push_str("1:q\n"));
    let message = refused(&text, padding());
    let expected =
        "a.ts: 10001 series of 100001 steps in 2 channels take 16001760016 bytes; there is room for ";
    assert!(message.starts_with(expected), "{message}");
    let long = format!("@classLabel true p q\n@data\n{}:p\n", "1".repeat(65 << 20));
    let expected = "a.ts: line 3: the line is longer than 67108864 bytes; BRASA_LIMITS=row=SIZE takes more";
    assert_eq!(refused(&long, TsConfig::default()), expected);
}

#[test]
fn tables_that_make_no_sense_name_their_key() {
    let file = || Some("a.ts".to_owned());
    let files = Some(SplitFiles { train: "a".into(), test: Some("b".into()), valid: None });
    for (config, problem) in [
        (TsConfig::default(), "`ts.file`: missing"),
        (
            TsConfig { file: file(), files, ..TsConfig::default() },
            "`ts.files`: `file` is there, too; keep one of them",
        ),
        (
            TsConfig { file: file(), steps: Some(3), ..TsConfig::default() },
            "`ts.steps`: applies to pad = \"end\" alone; remove the key",
        ),
        (
            TsConfig { file: file(), steps: Some(0), ..padding() },
            "`ts.steps`: expected at least 1 step, found 0",
        ),
    ] {
        let message =
            DataConfig { ts: Some(config), ..DataConfig::default() }.check().unwrap_err().to_string();
        assert_eq!(message, format!("[data] {problem}"));
    }
}

#[test]
fn a_model_reads_what_it_was_trained_on() {
    let table =
        DataConfig { ts: Some(TsConfig { file: Some("a.ts".into()), ..padding() }), ..DataConfig::default() };
    let data = one(UNEVEN, padding()).unwrap();
    let spec = table.check().unwrap().input_of(&data);
    assert_eq!(spec.shape(), [3, 2]);
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(json, r#"{"kind":"ts","channels":1,"steps":3,"pad":"end","missing":"refuse"}"#);
    assert_eq!(serde_json::from_str::<InputSpec>(&json).unwrap(), spec);
    let raw = spec.read("new.ts", UNEVEN.as_bytes(), None).unwrap();
    assert_eq!((raw.samples, raw.names[1].as_str()), (data.samples, "new.ts:2"));
    let bare = spec.read("new.ts", b"@data\n4\n", None).unwrap();
    assert_eq!(bare.samples.f64_row(0), Some([4.0, 1.0, 0.0, 0.0, 0.0, 0.0].as_slice()));
    let wrong = |text: &[u8]| spec.read("new.ts", text, None).unwrap_err().to_string();
    assert!(wrong(b"@data\n1,2,3,4\n").starts_with("new.ts: line 2: this model takes at most 3 steps"));
    assert_eq!(wrong(b"@data\n1:2\n"), "new.ts: line 2: expected 1 channels, as in training, found 2");
}

#[test]
fn the_published_data_have_their_known_counts() {
    let Ok(folder) = std::env::var("BRASA_DATA") else {
        eprintln!("skipped: BRASA_DATA names no folder with data sets");
        return;
    };
    let folder = Path::new(&folder).join("ucr");
    for (name, rows, shape, classes) in [
        ("ArrowHead", [36, 175], [251, 1], 3),
        ("BasicMotions", [40, 40], [100, 6], 4),
        ("GunPoint", [50, 150], [150, 1], 2),
        ("ItalyPowerDemand", [67, 1029], [24, 1], 2),
        ("JapaneseVowels", [270, 370], [29, 13], 9),
        ("OSULeaf", [200, 242], [427, 1], 6),
    ] {
        let file = |part: &str| format!("{name}/{name}_{part}.ts");
        let files = SplitFiles { train: file("TRAIN"), test: Some(file("TEST")), valid: None };
        let pad = (name == "JapaneseVowels").then_some(Pad::End);
        let mut table = DataConfig {
            ts: Some(TsConfig { files: Some(files), pad, ..TsConfig::default() }),
            scaling: Scaling::Channels,
            ..DataConfig::default()
        };
        table.split.kind = crate::SplitKind::Given;
        let checked = table.check().unwrap();
        let data = load(&checked, &Files::directory(&folder)).unwrap();
        assert_eq!((data.samples.shape(), data.class_count()), (shape.as_slice(), classes), "{name}");
        let of = |role| data.roles.iter().flatten().filter(|&&own| own == role).count();
        assert_eq!([of(Role::Train), of(Role::Test)], rows, "{name}");
        let split = make_split(&data, checked.split()).unwrap();
        Scaler::fit(checked.scaling(), &data, &split.train).unwrap();
        if let Some(lengths) = &data.lengths {
            assert_eq!((lengths.iter().min(), lengths.iter().max()), (Some(&7), Some(&29)));
            // Of the 4274 readings of the first channel of the training file, by Python's `statistics`.
            let all = Scaler::fit(checked.scaling(), &data, &(0..270).collect::<Vec<_>>()).unwrap();
            let Scaler::Channels { mean, std } = all else { panic!("channels") };
            assert!((mean[0] - 0.869_105_500_467_945_4).abs() < 1e-12);
            assert!((std[0] - 0.487_619_884_165_169).abs() < 1e-12);
        }
        let spec = checked.input_of(&data);
        let path = folder.join(file("TRAIN"));
        let raw = spec.read("train.ts", &std::fs::read(path).unwrap(), None).unwrap();
        assert_eq!(raw.samples.f64_row(3), data.samples.f64_row(3), "{name}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        head in "(@[a-zA-Z]{1,10} (true|false|3|-1|p q)\n){0,3}",
        text in "[-+.,:?()@#%0-9a-zNe \n\u{e9}]{0,80}",
        pad: bool, previous: bool,
    ) {
        let missing = Some(if previous { Missing::Previous } else { Missing::Mean });
        let config = TsConfig { pad: pad.then_some(Pad::End), missing, ..TsConfig::default() };
        for start in ["", "@classLabel true p q\n@data\n"] {
            let _ = one(&format!("{head}{start}{text}"), config.clone());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(noise in proptest::collection::vec(any::<u8>(), 0..60), keep in 0_usize..220) {
        let mut bytes = TWO.as_bytes().to_vec();
        bytes.truncate(keep);
        bytes.extend(noise);
        let spec =
            InputSpec::Ts(TsInput { channels: 2, steps: 3, pad: Pad::End, missing: Missing::Mean });
        if let Ok(raw) = spec.read("x.ts", &bytes, None) {
            prop_assert_eq!(raw.samples.shape(), [3, 3]);
            prop_assert!(raw.samples.f64_row(0).unwrap().iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_its_lengths_with_it(
        series in proptest::collection::vec(proptest::collection::vec([-1e6..1e6_f64, -1e6..1e6], 1..6), 2..6),
    ) {
        let mut text = "@equalLength false\n@classLabel true p q\n@data\n".to_owned();
        for (case, steps) in series.iter().enumerate() {
            let channel = |place: usize| steps.iter().map(|step| step[place].to_string()).collect::<Vec<_>>().join(",");
            text.push_str(&format!("{}:{}:{}\n", channel(0), channel(1), ["p", "q"][case % 2]));
        }
        let data = one(&text, padding()).unwrap();
        for (row, steps) in series.iter().enumerate() {
            let sample = data.samples.f64_row(row).unwrap();
            let length = sample.chunks(3).filter(|step| step[2] == sample[2]).count();
            prop_assert_eq!(length, steps.len());
            prop_assert!(sample.chunks(3).zip(steps).all(|(own, step)| own[..2] == step[..]));
        }
    }
}
