//! Delimited text and JSON lines in all readers, in training and in prediction.

mod encodings;
mod json_lines;
mod layouts;
mod numbers;
mod prediction;
mod quotes;
mod skip_bad;

use std::io::Write;

use brasa_data::{
    CsvConfig, DataConfig, Files, InputSpec, Labelled, PixelsConfig, RawSamples, Result, SeriesConfig,
    SeriesInput, TableInput, TargetColumns, TextConfig, TextInput, load,
};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Reads raw samples from the bytes of a file.
pub type Predict = fn(&[u8]) -> Result<RawSamples>;

/// One format: a small file of it, and how it is read.
pub struct Reader {
    /// For messages.
    pub name: &'static str,
    /// Good rows below a header, separated by commas.
    pub text: &'static str,
    /// Reads it as a data set.
    pub train: fn(&[u8]) -> Result<Labelled>,
    /// `None` where a model takes something else than files of this format.
    pub predict: Option<Predict>,
}

/// All readers of delimited text.
pub const READERS: [Reader; 4] = [
    Reader {
        name: "csv",
        text: "a,b,y\n1,2,cat\n3,4.5,dog\n5,6,cat\n",
        train: |bytes| read(bytes, "x.csv", csv(|_| {})),
        predict: Some(|bytes| table().read("new.csv", bytes, None)),
    },
    Reader {
        name: "series",
        text: "id,step,a,y\nr,0,1.5,cat\nr,1,2,cat\ns,0,3,dog\ns,1,4,dog\n",
        train: |bytes| {
            let series = SeriesConfig {
                file: Some("x.csv".into()),
                series: Some("id".into()),
                step: Some("step".into()),
                features: Some(vec!["a".into()]),
                target: Some("y".into()),
                ..SeriesConfig::default()
            };
            read(bytes, "x.csv", DataConfig { series: Some(series), ..DataConfig::default() })
        },
        predict: Some(|bytes| {
            let (series, step, columns) = ("id".into(), "step".into(), vec!["a".into()]);
            InputSpec::Series(SeriesInput { series, step, columns, steps: 2 }).read("new.csv", bytes, None)
        }),
    },
    Reader {
        name: "pixels",
        text: "emotion,pixels\n0,1 2 3\n1,4 5 6\n0,7 8 9\n",
        train: |bytes| {
            let pixels = PixelsConfig {
                file: Some("x.csv".into()),
                pixels: Some("pixels".into()),
                label: Some("emotion".into()),
                size: Some([1, 3]),
                classes: Some(vec!["sad".into(), "glad".into()]),
                ..PixelsConfig::default()
            };
            read(bytes, "x.csv", DataConfig { pixels: Some(pixels), ..DataConfig::default() })
        },
        predict: None,
    },
    Reader {
        name: "text",
        text: "title,category\nred cup,cup\nblue plate,plate\ngreen cup,cup\n",
        train: |bytes| read(bytes, "x.csv", titles("x.csv", |_| {})),
        predict: Some(|bytes| title_input().read("new.csv", bytes, None)),
    },
];

/// A recipe for a table whose target is `y`.
pub fn csv(edit: impl FnOnce(&mut CsvConfig)) -> DataConfig {
    let target = Some(TargetColumns::One("y".into()));
    let mut csv = CsvConfig { file: Some("x.csv".into()), target, ..CsvConfig::default() };
    edit(&mut csv);
    DataConfig { csv: Some(csv), ..DataConfig::default() }
}

/// A recipe for titles.
pub fn titles(file: &str, edit: impl FnOnce(&mut TextConfig)) -> DataConfig {
    let mut text = TextConfig { file: Some(file.into()), length: Some(3), ..TextConfig::default() };
    edit(&mut text);
    DataConfig { text: Some(text), ..DataConfig::default() }
}

/// What a model takes that was trained on the columns `a` and `b`.
pub fn table() -> InputSpec {
    InputSpec::Table(TableInput::of(vec!["a".into(), "b".into()]))
}

/// What a model takes that was trained on titles.
pub fn title_input() -> InputSpec {
    let vocabulary = ["cup", "red", "blue", "plate", "green"].map(String::from).to_vec();
    InputSpec::Text(TextInput {
        field: "title".into(),
        tokens: false,
        grams: Default::default(),
        length: 3,
        vocabulary,
    })
}

/// Reads a file of that name and content, whose folder is left out of messages.
pub fn read(bytes: &[u8], name: &str, config: DataConfig) -> Result<Labelled> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    load(&config.check()?, &Files::directory(folder.path()))
}

/// A message without the temporary folder.
pub fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
    let message = result.unwrap_err().to_string();
    match (message.find("/"), message.rfind("/x.")) {
        (Some(0), Some(end)) => message[end + 1..].to_owned(),
        _ => message,
    }
}

/// The bytes in gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What is compared of a data set: all but the files and their checksums.
fn content(data: Labelled) -> Labelled {
    Labelled { files: Vec::new(), ..data }
}

/// That a file in another form is read as `reader.text` is, in training and prediction.
pub fn assert_same(reader: &Reader, bytes: &[u8], what: &str) {
    let expected = content((reader.train)(reader.text.as_bytes()).unwrap());
    let found = (reader.train)(bytes).map(content).map_err(|error| error.to_string());
    assert_eq!(found, Ok(expected), "training, {}, {what}", reader.name);
    if let Some(predict) = reader.predict {
        let expected = predict(reader.text.as_bytes()).unwrap();
        let found = predict(bytes).map_err(|error| error.to_string());
        assert_eq!(found, Ok(expected), "prediction, {}, {what}", reader.name);
    }
}

/// That a file is refused with a message that has all these parts, in training and prediction.
pub fn assert_refused(reader: &Reader, bytes: &[u8], parts: &[&str]) {
    let mut messages = vec![message((reader.train)(bytes))];
    messages.extend(reader.predict.map(|predict| message(predict(bytes))));
    for message in messages {
        for part in parts {
            assert!(message.contains(part), "{}: `{message}` has no `{part}`", reader.name);
        }
    }
}
