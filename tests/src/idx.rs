//! Small made-up data in the shape of Fashion-MNIST.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The four files: training images and labels, test images and labels.
pub const FASHION_FILES: [&str; 4] = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
];

pub(crate) const SIDE: usize = 28;

/// An IDX file as its parts, so that a test can break one of them.
#[derive(Debug, Clone)]
pub struct Idx {
    /// The first four bytes, big-endian.
    pub magic: u32,
    /// Number of samples, then the shape of one.
    pub dims: Vec<u32>,
    /// One byte per value.
    pub data: Vec<u8>,
}

impl Idx {
    /// Pictures of ten classes in turn: each class has a bright block in its own place on noise that differs from
    /// picture to picture. `first` numbers the first picture.
    #[must_use]
    pub fn images(first: usize, count: usize) -> Self {
        let data = (first..first + count).flat_map(picture).collect();
        Self { magic: 0x0803, dims: vec![count as u32, SIDE as u32, SIDE as u32], data }
    }

    /// The labels of those pictures.
    #[must_use]
    pub fn labels(first: usize, count: usize) -> Self {
        let data = (first..first + count).map(|number| (number % 10) as u8).collect();
        Self { magic: 0x0801, dims: vec![count as u32], data }
    }

    /// The file, not compressed.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let header = std::iter::once(self.magic).chain(self.dims.iter().copied());
        header.flat_map(u32::to_be_bytes).chain(self.data.iter().copied()).collect()
    }

    /// Writes the file, compressed.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn write(&self, path: &Path) {
        std::fs::write(path, gzip(&self.bytes())).unwrap();
    }
}

pub(crate) fn picture(number: usize) -> Vec<u8> {
    let class = number % 10;
    let (top, left) = (2 + class / 5 * 13, 1 + class % 5 * 5);
    let mut state = number as u64 ^ 0x9E37_79B9_7F4A_7C15;
    let pixel = |place: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let noise = (state >> 58) as u8;
        let (row, column) = (place / SIDE, place % SIDE);
        let bright = (top..top + 10).contains(&row) && (left..left + 5).contains(&column);
        if bright { 180 + noise } else { noise }
    };
    (0..SIDE * SIDE).map(pixel).collect()
}

/// Compresses as gzip does.
///
/// # Panics
/// Never, as memory takes all.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Writes the four files with so many pictures, no picture twice.
///
/// # Panics
/// Where they cannot be written.
pub fn write_fashion(folder: &Path, train: usize, test: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let [train_images, train_labels, test_images, test_labels] = FASHION_FILES.map(|name| folder.join(name));
    Idx::images(0, train).write(&train_images);
    Idx::labels(0, train).write(&train_labels);
    Idx::images(train, test).write(&test_images);
    Idx::labels(train, test).write(&test_labels);
}
