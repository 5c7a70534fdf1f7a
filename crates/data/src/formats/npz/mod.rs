//! NumPy's arrays: samples and targets of an `.npz` archive.

mod array;
mod config;
mod input;
#[cfg(test)]
mod tests;

pub use config::{ArrayKind, NpzConfig};
pub use input::NpzInput;

use array::{Archive, Array, Numbers};
use config::NpzSource;

use crate::config::TaskKind;
use crate::formats::images::{Crop, ImageInput, planes};
use crate::formats::{Features, Source};
use crate::{
    DataError, Files, InputSpec, LabelEncoder, Labelled, NumberTargets, Result, Samples, SourceFile, Values,
};

impl Source for NpzSource {
    fn name(&self) -> &'static str {
        "npz"
    }

    fn file_names(&self) -> Vec<&str> {
        vec![&self.file]
    }

    fn read(&self, files: &Files) -> Result<Labelled> {
        let content = files.read(&self.file)?;
        let mut archive = Archive::open(&content.label, &content.bytes)?;
        let samples = archive.read(&self.samples)?.samples(self.kind)?;
        let target = archive.read(&self.target)?;
        let rows = samples.len();
        let width = target.row_len(&[1, 2])?;
        if target.rows() != rows || (width != 1 && self.task == TaskKind::Classification) {
            let expected = match self.task {
                TaskKind::Classification => format!("a label for each of {rows} samples"),
                TaskKind::Regression => format!("a row for each of {rows} samples"),
            };
            return Err(target.wrong(&expected));
        }
        let data = match self.task {
            TaskKind::Regression => {
                let names = match width {
                    1 => vec![self.target.clone()],
                    _ => (0..width).map(|column| format!("{}[{column}]", self.target)).collect(),
                };
                let values = target.finite()?;
                Labelled::new(&self.file, samples, Vec::new(), Vec::new())
                    .with_numbers(NumberTargets { values, names })
            }
            TaskKind::Classification => {
                let names = target.names()?;
                let (labels, classes) = self.labels(&target, &names)?;
                Labelled::new(&self.file, samples, labels, classes)
            }
        };
        let feature_names = match self.kind {
            ArrayKind::Columns => {
                (0..data.samples.sample_len()).map(|column| format!("{}[{column}]", self.samples)).collect()
            }
            ArrayKind::Images => Vec::new(),
        };
        Ok(Labelled { files: vec![SourceFile::of(&self.file, &content.bytes)], feature_names, ..data })
    }

    fn features(&self) -> Features {
        match self.kind {
            ArrayKind::Columns => Features::Columns,
            ArrayKind::Images => Features::Pixels,
        }
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        match self.kind {
            ArrayKind::Columns => {
                InputSpec::Npz(NpzInput { array: self.samples.clone(), columns: data.samples.sample_len() })
            }
            ArrayKind::Images => {
                InputSpec::Image(ImageInput::of(&data.samples, self.resize, Crop::default()))
            }
        }
    }

    fn classes(&self) -> Option<&[String]> {
        self.classes.as_deref()
    }
}

impl NpzSource {
    /// The class of each sample, and their names: what the recipe names by number, or else what stands in the array.
    fn labels(&self, target: &Array<'_>, names: &[String]) -> Result<(Vec<u32>, Vec<String>)> {
        let whole = matches!(target.numbers, Numbers::Bytes(_) | Numbers::Whole(_));
        let encoder = match &self.classes {
            Some(classes) if whole => {
                let numbers = (0..classes.len()).map(|class| class.to_string()).collect();
                LabelEncoder::with_classes(numbers)
            }
            Some(classes) => LabelEncoder::with_classes(classes.clone()),
            None => LabelEncoder::fit(names.iter().map(String::as_str)),
        };
        let label = |(row, name): (usize, &String)| {
            encoder.encode(name).map_err(|_| {
                let classes = self.classes.as_deref().unwrap_or_default();
                let expected = match whole {
                    true => format!("whole numbers below {}, as many as `classes` names", classes.len()),
                    false => format!("one of {}", crate::name_list(classes)),
                };
                target.wrong_at(row, &expected, name)
            })
        };
        let labels = names.iter().enumerate().map(label).collect::<Result<Vec<_>>>()?;
        let classes = self.classes.clone().unwrap_or_else(|| encoder.classes().to_vec());
        match classes.as_slice() {
            [only] => Err(DataError::one_class(target.label(), only)),
            _ => Ok((labels, classes)),
        }
    }
}

impl Array<'_> {
    /// The array as samples.
    fn samples(mut self, kind: ArrayKind) -> Result<Samples> {
        match (kind, self.shape.as_slice(), &mut self.numbers) {
            (ArrayKind::Columns, &[_, columns], _) if columns > 0 => {
                Samples::new(vec![columns], Values::F64(self.finite()?.into()))
            }
            (ArrayKind::Columns, ..) => Err(self.wrong("numbers of the shape [rows, columns]")),
            (ArrayKind::Images, &[_, height, width], Numbers::Bytes(bytes)) => {
                Samples::new(vec![1, height, width], Values::U8(std::mem::take(bytes).into()))
            }
            (ArrayKind::Images, &[_, height, width, channels @ (1 | 3)], Numbers::Bytes(bytes)) => {
                // Brasa's images have the channels before the rows of pixels.
                let image = [height, width, channels].iter().product::<usize>();
                let mut all = vec![0; bytes.len()];
                for (from, to) in bytes.chunks(image.max(1)).zip(all.chunks_mut(image.max(1))) {
                    planes(from, channels, to);
                }
                Samples::new(vec![channels, height, width], Values::U8(all.into()))
            }
            (ArrayKind::Images, ..) => Err(self
                .wrong("unsigned bytes of the shape [rows, height, width] or [rows, height, width, 1 or 3]")),
        }
    }
}
