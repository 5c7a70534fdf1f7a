//! The one error type of the crate.

use std::path::PathBuf;

/// What this crate returns.
pub type Result<T> = std::result::Result<T, DataError>;

/// Everything that can be wrong with data, files or settings.
///
/// Each variant carries the file and place, what was expected and what came; the message is one
/// sentence that says what to do something about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A named file is in none of the places that were searched.
    #[error("`{name}` was not found; looked in {}", places.join(", "))]
    MissingFile {
        /// The name that was asked for.
        name: String,
        /// The places, in the order they were searched.
        places: Vec<String>,
    },
    /// A folder lies where a file should be.
    #[error("{}: expected a file, found a folder", path.display())]
    IsFolder {
        /// The path of the folder.
        path: PathBuf,
    },
    /// The operating system refused to read or write.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was being done, such as "read".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// A key of the `[data]` table is missing, wrong, or does not apply.
    #[error("[data] `{key}`: {problem}")]
    Config {
        /// The key, such as `split.valid`.
        key: String,
        /// What is wrong and what is expected.
        problem: String,
    },
    /// A file is not well-formed CSV text.
    #[error("{file}: line {line}: {problem}")]
    CsvSyntax {
        /// The file.
        file: String,
        /// 1-based line.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// A CSV row has another number of cells than the header or the first row.
    #[error("{file}: line {line}: expected {expected} cells, found {found}")]
    RaggedRow {
        /// The file.
        file: String,
        /// 1-based line.
        line: u64,
        /// Cells of the first row.
        expected: usize,
        /// Cells of this row.
        found: usize,
    },
    /// A CSV cell does not hold what its column needs.
    #[error("{file}: line {line}, column `{column}`: expected {expected}, found {found}")]
    Cell {
        /// The file.
        file: String,
        /// 1-based line.
        line: u64,
        /// The column's name.
        column: String,
        /// What the column holds.
        expected: String,
        /// The cell, quoted, or "nothing".
        found: String,
    },
    /// Two columns of a CSV header have one name.
    #[error("{file}: columns {first} and {second} are both named `{column}`; rename one")]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The name.
        column: String,
        /// 1-based place of the first.
        first: usize,
        /// 1-based place of the second.
        second: usize,
    },
    /// A column that is needed is not in the file.
    #[error("{file}: there is no column `{column}`; the columns are {}", quoted(available))]
    MissingColumn {
        /// The file.
        file: String,
        /// The column asked for.
        column: String,
        /// The columns of the file.
        available: Vec<String>,
    },
    /// A file holds no samples.
    #[error("{file}: there are no rows")]
    NoRows {
        /// The file.
        file: String,
    },
    /// All samples are of one class, so there is nothing to learn.
    #[error("{file}: all rows are of the class `{class}`; at least two classes are needed")]
    OneClass {
        /// The file.
        file: String,
        /// The only class.
        class: String,
    },
    /// A label that is not one of the known classes.
    #[error("the label `{found}` is not one of the classes {}", quoted(known))]
    UnknownClass {
        /// The label.
        found: String,
        /// The classes.
        known: Vec<String>,
    },
    /// A gzip stream is cut short or damaged.
    #[error("{file}: the gzip stream breaks after {decoded} decoded bytes: {problem}")]
    Gzip {
        /// The file.
        file: String,
        /// How many bytes came out before the fault.
        decoded: u64,
        /// What broke.
        problem: String,
    },
    /// The first four bytes are not those of the expected IDX file.
    #[error("{file}: expected the IDX magic number {expected:#010x} ({what}), found {found:#010x}{meaning}")]
    IdxMagic {
        /// The file.
        file: String,
        /// What kind of IDX file was expected.
        what: &'static str,
        /// The magic number of that kind.
        expected: u32,
        /// The first four bytes, big-endian.
        found: u32,
        /// What these say of the file, to go on the sentence with.
        meaning: String,
    },
    /// The header and the length of an IDX file disagree.
    #[error("{file}: the header promises {expected} bytes, the file has {found}")]
    IdxSize {
        /// The file.
        file: String,
        /// Header and data, in bytes.
        expected: u64,
        /// Bytes in the file: exact, or "more than N", "at most N".
        found: String,
    },
    /// An image file and its label file hold different numbers of samples.
    #[error("{images} has {image_count} images, {labels} has {label_count} labels")]
    CountMismatch {
        /// The image file.
        images: String,
        /// Its count.
        image_count: usize,
        /// The label file.
        labels: String,
        /// Its count.
        label_count: usize,
    },
    /// Two parts of a data set have samples of different shapes.
    #[error("{file}: expected samples of the shape {expected:?}, found {found:?}")]
    ShapeMismatch {
        /// The file or the step.
        file: String,
        /// The shape that was expected.
        expected: Vec<usize>,
        /// The shape that came.
        found: Vec<usize>,
    },
    /// A label number that no class has.
    #[error("{file}: row {row}: expected a label below {classes}, found {label}")]
    LabelRange {
        /// The file or data set.
        file: String,
        /// 0-based sample.
        row: usize,
        /// The label.
        label: u32,
        /// Number of classes.
        classes: usize,
    },
    /// A target of a regression that is no finite number.
    #[error("{name}: row {row}: expected a finite number as the target")]
    NotFiniteTarget {
        /// The data set.
        name: String,
        /// 0-based sample.
        row: usize,
    },
    /// The number of values is no whole number of samples, or a shape is empty.
    #[error("samples of the shape {shape:?} cannot be made of {values} values")]
    SampleShape {
        /// The shape of one sample.
        shape: Vec<usize>,
        /// How many values there are.
        values: usize,
    },
    /// Parts of a data set that must be of one length are not.
    #[error("{name}: {samples} samples, but {found} {what}")]
    LengthMismatch {
        /// The data set.
        name: String,
        /// Number of samples.
        samples: usize,
        /// What has another length.
        what: &'static str,
        /// That length.
        found: usize,
    },
    /// A split or a set of folds that cannot be made.
    #[error("cannot split `{name}`: {problem}")]
    Split {
        /// The data set.
        name: String,
        /// Why not, and what to change.
        problem: String,
    },
    /// A scaler that does not fit the samples.
    #[error("cannot scale samples of the shape {shape:?}: {problem}")]
    Scaler {
        /// The shape of one sample.
        shape: Vec<usize>,
        /// Why not.
        problem: String,
    },
    /// A step of the `[augment]` table that makes no sense or does not fit the samples.
    #[error("[augment] step {step} (\"{kind}\"): {problem}")]
    Augment {
        /// 1-based place of the step.
        step: usize,
        /// The step's kind.
        kind: &'static str,
        /// What is wrong and what is expected.
        problem: String,
    },
    /// Probabilities of classes that are none.
    #[error("{name}: row {row}: expected probabilities that sum to 1, found {}", .found.map_or("a number outside 0 to 1".into(), |sum| format!("a sum of {sum}")))]
    Probabilities {
        /// The data set.
        name: String,
        /// 0-based sample.
        row: usize,
        /// Their sum, where each is a probability.
        found: Option<f32>,
    },
    /// Settings of a loader that make no sense.
    #[error("cannot load batches: {problem}")]
    Loader {
        /// Why not.
        problem: String,
    },
    /// An image that cannot be decoded.
    #[error("{label}: {problem}")]
    Image {
        /// The image's name.
        label: String,
        /// What is wrong.
        problem: String,
    },
    /// More images cannot be read than may be passed over.
    #[error("{}", bad_images(place, *count, *total, *allowed, first))]
    BadImages {
        /// The folder or archive.
        place: String,
        /// How many cannot be read.
        count: usize,
        /// How many images there are.
        total: usize,
        /// How many may be passed over.
        allowed: usize,
        /// What is wrong with the first of them.
        first: Vec<String>,
    },
    /// A folder or archive that holds nothing a model takes.
    #[error("{place}: expected {wanted} in it, found none")]
    NoInput {
        /// The folder or archive.
        place: String,
        /// What was looked for.
        wanted: String,
    },
    /// Data of one kind were given to a model of the other.
    #[error("{label}: this model takes {expected}")]
    WrongInput {
        /// The name of the input.
        label: String,
        /// What the model takes.
        expected: &'static str,
    },
    /// A manifest that is not TOML or breaks a rule.
    #[error("manifest: {problem}")]
    Manifest {
        /// What is wrong.
        problem: String,
    },
    /// A file has another size than the manifest says.
    #[error("{}: expected {expected} bytes, found {found}", path.display())]
    FileSize {
        /// The file.
        path: PathBuf,
        /// The manifest's size.
        expected: u64,
        /// The file's.
        found: u64,
    },
    /// A file has another checksum than the manifest says.
    #[error("{}: expected sha256 {expected}, found {found}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The manifest's checksum.
        expected: String,
        /// The file's.
        found: String,
    },
    /// No mirror gave the file.
    #[error("`{name}` could not be downloaded: {}", answers.join("; "))]
    Download {
        /// The file.
        name: String,
        /// What each attempt at each mirror answered.
        answers: Vec<String>,
    },

    /// No file of the manifest has an address.
    #[error("no address is known to fetch {} from; get it from {source_page} and give its folder with --data", files.join(", "))]
    NoAddress {
        /// The files.
        files: Vec<String>,
        /// The page of those who made the data.
        source_page: String,
    },

    /// A file lies where a folder should be.
    #[error("{}: expected a folder, found a file; for a zip archive use the key `archive`", path.display())]
    IsFile {
        /// The path of the file.
        path: PathBuf,
    },
    /// The folders of a set of images are not laid out as sides and classes.
    #[error("{place}: expected {expected}, found {found}")]
    ImageLayout {
        /// The folder or file, or the archive and the path in it.
        place: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Images differ in size, and nothing says which one to bring them to.
    #[error(
        "{second} has {} x {} pixels (height x width), {first} has {} x {}; give `size = [height, width]` in \
         [data.images]",
        second_size[0], second_size[1], first_size[0], first_size[1]
    )]
    ImageSizes {
        /// The first image.
        first: String,
        /// Its height and width.
        first_size: [usize; 2],
        /// The first image that has another size.
        second: String,
        /// Its height and width.
        second_size: [usize; 2],
    },
    /// A zip archive is damaged, or holds what is not read from one.
    #[error("{archive}: {problem}")]
    Archive {
        /// The archive.
        archive: String,
        /// The entry in question, what was expected of it and what came.
        problem: String,
    },
    /// A time series whose steps or labels are not right.
    #[error("{file}: line {line}: series `{series}`: {problem}")]
    Series {
        /// The file.
        file: String,
        /// 1-based line.
        line: u64,
        /// The id of the series.
        series: String,
        /// What was expected and what is there.
        problem: String,
    },
    /// Time series of another length than a model was trained on.
    #[error("{file}: this model takes series of {expected} steps, these have {found}")]
    SeriesSteps {
        /// The file.
        file: String,
        /// The model's number of steps.
        expected: usize,
        /// The file's.
        found: usize,
    },
    /// A time series with another number of steps than the first one.
    #[error("{file}: line {line}: series `{series}`: expected {expected}, found {found}")]
    SeriesLength {
        /// The file.
        file: String,
        /// 1-based line of the series' first row.
        line: u64,
        /// The id of the series.
        series: String,
        /// The number and range of the first series' steps, and its id.
        expected: String,
        /// The number and range of this series' steps.
        found: String,
    },
    /// An archive that does not hold exactly one file of the kind that is needed.
    #[error("{file}: expected an archive with one {wanted} file, found {found}")]
    ArchiveContent {
        /// The archive.
        file: String,
        /// The ending.
        wanted: &'static str,
        /// How many there are, or what is wrong with it.
        found: String,
    },
    /// A compressed or plain text that cannot be read to its end.
    #[error("{file}: line {line}: {problem}")]
    Text {
        /// The file.
        file: String,
        /// 1-based line.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// A line of a file of titles that cannot be used.
    #[error("{file}: line {line}: {problem}")]
    BadLine {
        /// The file.
        file: String,
        /// 1-based line.
        line: u64,
        /// What was expected and what came.
        problem: String,
    },
    /// One bad line more than were to be passed over.
    #[error("{source}; {allowed} bad lines were passed over before it, as skip_bad allows")]
    TooManyBadLines {
        /// How many may be bad.
        allowed: usize,
        /// The first that is too many.
        source: Box<DataError>,
    },
    /// Titles whose words make no usable vocabulary.
    #[error("{name}: {problem}")]
    Vocabulary {
        /// The data set.
        name: String,
        /// What is wrong and what to change.
        problem: String,
    },
}

impl DataError {
    pub(crate) fn config(key: &str, problem: impl Into<String>) -> Self {
        Self::Config { key: key.to_owned(), problem: problem.into() }
    }

    pub(crate) fn split(name: &str, problem: impl Into<String>) -> Self {
        Self::Split { name: name.to_owned(), problem: problem.into() }
    }
}

impl DataError {
    /// Whether the cause is in what the user gave (a file, a value, a name), rather than a failure on the way.
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Download { .. } | Self::NoAddress { .. } => false,
            Self::Io { action, .. } => *action == "read",
            _ => true,
        }
    }
}

/// `a`, `b`, ... and how many more, so that a wide table does not flood the terminal.
fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 24;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    if names.len() > SHOWN {
        text.push(format!("and {} more", names.len() - SHOWN));
    }
    text.join(", ")
}

/// One line per image, and how to go on.
fn bad_images(place: &str, count: usize, total: usize, allowed: usize, first: &[String]) -> String {
    let limit = if allowed > 0 { format!(", and skip_bad allows {allowed}") } else { String::new() };
    let mut lines = vec![format!("{place}: {count} of {total} images cannot be read{limit}:")];
    lines.extend(first.iter().map(|fault| format!("  {fault}")));
    if count > first.len() {
        lines.push(format!("  and {} more", count - first.len()));
    }
    lines.push(match count < total {
        true => {
            format!("mend or remove them, or write `skip_bad = {count}` in [data.images] to pass over them")
        }
        false => "mend them".to_owned(),
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_place_and_what_was_expected() {
        let error = DataError::Cell {
            file: "datasets/x.csv".into(),
            line: 12,
            column: "petal_width".into(),
            expected: "a number".into(),
            found: "`abc`".into(),
        };
        assert_eq!(
            error.to_string(),
            "datasets/x.csv: line 12, column `petal_width`: expected a number, found `abc`"
        );
    }

    #[test]
    fn long_lists_of_columns_are_cut() {
        let names = (0..30).map(|i| format!("c{i}")).collect::<Vec<_>>();
        assert!(quoted(&names).ends_with("`c23`, and 6 more"));
    }
}
