//! What the formats have in common.

use crate::config::{Resize, Scaling, SplitKind, ValidFrom};
use crate::csv::CsvSource;
use crate::faces::FacesSource;
use crate::idx::IdxSource;
use crate::images::{Crop, ImagesSource};
use crate::points::PointsSource;
use crate::series::SeriesSource;
use crate::titles::TitlesSource;
use crate::{DataConfig, DataError, Files, InputSpec, Labelled, Result, SplitConfig, csv, idx};

/// Where the data are, by format.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    Csv(CsvSource),
    Idx(IdxSource),
    Images(ImagesSource),
    Points(PointsSource),
    Series(SeriesSource),
    Faces(FacesSource),
    Titles(TitlesSource),
}

/// What the numbers of one sample are, as far as scaling is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Columns,
    Pixels,
    Steps,
    Words,
}

/// Which sides the data name by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sides {
    None,
    /// Training and test.
    Test,
    /// Whatever a column says.
    Column,
    /// What the folders are called.
    Layout,
}

impl Source {
    /// The one format that the table describes.
    pub(crate) fn of(config: &DataConfig) -> Result<Self> {
        let given = [
            config.csv.as_ref().map(|csv| ("csv", csv.check().map(Self::Csv))),
            config.idx.as_ref().map(|idx| ("idx", idx.check().map(Self::Idx))),
            config.images.as_ref().map(|images| ("images", images.check().map(Self::Images))),
            config.points.as_ref().map(|points| ("points", points.check().map(Self::Points))),
            config.series.as_ref().map(|series| ("series", series.check().map(Self::Series))),
            config.faces.as_ref().map(|faces| ("faces", faces.check().map(Self::Faces))),
            config.titles.as_ref().map(|titles| ("titles", titles.check().map(Self::Titles))),
        ];
        let mut given = given.into_iter().flatten();
        let Some((first, source)) = given.next() else {
            return Err(DataError::config(
                "csv",
                "missing; a table like [data.csv] or [data.idx] says where the data are",
            ));
        };
        match given.next() {
            Some((second, _)) => {
                Err(DataError::config(second, format!("[data.{first}] is there, too; keep one of them")))
            }
            None => source,
        }
    }

    /// The format's name, which is that of its table.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Idx(_) => "idx",
            Self::Images(_) => "images",
            Self::Points(_) => "points",
            Self::Series(_) => "series",
            Self::Faces(_) => "faces",
            Self::Titles(_) => "titles",
        }
    }

    /// The files that [`read`](Self::read) needs.
    pub(crate) fn file_names(&self) -> Vec<&str> {
        match self {
            Self::Csv(csv) => vec![&csv.file],
            Self::Idx(idx) => {
                vec![&idx.train_images, &idx.train_labels, &idx.test_images, &idx.test_labels]
            }
            Self::Images(images) => images.file_names(),
            Self::Points(points) => points.file_names(),
            Self::Series(series) => series.file_names(),
            Self::Faces(faces) => faces.file_names(),
            Self::Titles(titles) => titles.file_names(),
        }
    }

    pub(crate) fn read(&self, files: &Files) -> Result<Labelled> {
        match self {
            Self::Csv(source) => csv::read(source, files),
            Self::Idx(source) => idx::read(source, files),
            Self::Images(source) => source.read(files),
            Self::Points(source) => source.read(files),
            Self::Series(source) => source.read(files),
            Self::Faces(source) => source.read(files),
            Self::Titles(source) => source.read(files),
        }
    }

    /// The classes, where the table names them.
    pub(crate) fn classes(&self) -> Option<&[String]> {
        match self {
            Self::Csv(csv) => csv.classes.as_deref(),
            Self::Idx(idx) => Some(&idx.classes),
            Self::Images(images) => images.settings.classes.as_deref(),
            Self::Points(points) => Some(&points.classes),
            Self::Series(series) => series.classes.as_deref(),
            Self::Faces(faces) => Some(&faces.classes),
            // The most frequent ones are known when the titles have been counted.
            Self::Titles(_) => None,
        }
    }

    /// The shape of one sample, where the table tells it.
    pub(crate) fn shape(&self) -> Option<Vec<usize>> {
        match self {
            Self::Csv(csv) => csv.features.as_ref().map(|features| vec![features.len()]),
            Self::Idx(_) => None,
            Self::Images(images) => images
                .settings
                .channels
                .zip(images.settings.size)
                .map(|(channels, [height, width])| vec![channels, height, width]),
            Self::Points(_) => Some(vec![2]),
            // How many steps they have, the files tell.
            Self::Series(_) => None,
            Self::Faces(faces) => Some(vec![1, faces.size[0], faces.size[1]]),
            Self::Titles(titles) => Some(vec![titles.length]),
        }
    }

    /// How images given to `predict` are resized.
    fn resize(&self) -> Resize {
        match self {
            Self::Idx(idx) => idx.resize,
            Self::Images(images) => images.resize(),
            _ => Resize::default(),
        }
    }

    /// What becomes of images of other proportions.
    fn crop(&self) -> Crop {
        match self {
            Self::Images(images) => images.crop(),
            _ => Crop::default(),
        }
    }

    /// What a model trained on `data` takes.
    pub(crate) fn input(&self, data: &Labelled) -> InputSpec {
        match self {
            Self::Series(series) => series.input(data),
            _ => InputSpec::of(data, self.resize(), self.crop()),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Csv(_) | Self::Points(_) => Kind::Columns,
            Self::Idx(_) | Self::Images(_) | Self::Faces(_) => Kind::Pixels,
            Self::Series(_) => Kind::Steps,
            Self::Titles(_) => Kind::Words,
        }
    }

    fn has_groups(&self) -> bool {
        match self {
            Self::Csv(csv) => csv.group.is_some(),
            Self::Series(series) => series.group.is_some(),
            _ => false,
        }
    }

    fn sides(&self) -> Sides {
        match self {
            Self::Csv(csv) if csv.side.is_some() => Sides::Column,
            Self::Csv(_) | Self::Points(_) | Self::Series(_) | Self::Titles(_) => Sides::None,
            Self::Idx(_) => Sides::Test,
            Self::Images(_) => Sides::Layout,
            Self::Faces(faces) if faces.side.is_some() => Sides::Column,
            Self::Faces(_) => Sides::None,
        }
    }

    /// Whether a scaling means anything for these samples.
    pub(crate) fn check_scaling(&self, scaling: Scaling) -> Result<()> {
        let fits = match scaling {
            Scaling::None => true,
            Scaling::Standard => self.kind() == Kind::Columns,
            Scaling::Pixels => self.kind() == Kind::Pixels,
            Scaling::Channels => self.kind() == Kind::Steps,
        };
        match fits {
            true => Ok(()),
            false => Err(DataError::config("scaling", format!("does not apply to [data.{}]", self.name()))),
        }
    }

    /// Whether the data have what the split goes by.
    pub(crate) fn check_split(&self, split: &SplitConfig) -> Result<()> {
        let name = self.name();
        let problem = |key, problem: String| Err(DataError::config(key, problem));
        match (split.kind, self.sides()) {
            (SplitKind::Given, Sides::None) => problem(
                "split.kind",
                "\"given\" needs the key `side`, a column that names each row's side".into(),
            ),
            (SplitKind::Given, Sides::Test) => problem(
                "split.kind",
                format!("[data.{name}] gives no validation side; use \"stratified\" or \"random\""),
            ),
            (SplitKind::Grouped, _) if !self.has_groups() => {
                let key = match self {
                    Self::Csv(_) | Self::Series(_) => "the key `group`, a column with the groups",
                    _ => "data with groups, which these have not",
                };
                problem("split.kind", format!("\"grouped\" needs {key}"))
            }
            (_, Sides::Test) if split.test != 0.0 => {
                problem("split.test", format!("[data.{name}] gives a test side; remove the key"))
            }
            (_, Sides::None) if split.valid_from == ValidFrom::Test => {
                problem("split.valid_from", "\"test\" applies only to data that give a test side".into())
            }
            _ => Ok(()),
        }
    }
}
