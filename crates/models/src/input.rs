//! What a model sees of a batch.

use burn::tensor::{Device, Int, Tensor};

/// The inputs of a batch: numbers of any rank, whole numbers that stand for words or categories, or both.
///
/// ```
/// use brasa_models::Input;
/// use burn::tensor::{Device, Int, Tensor};
///
/// let device = Device::default();
/// let images = Input::numbers(Tensor::zeros([8, 3 * 32 * 32], &device), &[3, 32, 32]);
/// assert_eq!(images.folded::<4>().dims(), [8, 3, 32, 32]);
/// let words = Input::ids(Tensor::<2, Int>::zeros([8, 20], &device));
/// assert_eq!((words.batch(), words.words().dims()), (8, [8, 20]));
/// ```
#[derive(Debug, Clone)]
pub struct Input {
    numbers: Option<Tensor<2>>,
    shape: Vec<usize>,
    ids: Option<Tensor<2, Int>>,
}

impl Input {
    /// Numbers whose samples have `shape`.
    ///
    /// # Shapes
    /// `values [batch, features]`, each sample row-major.
    pub fn numbers(values: Tensor<2>, shape: &[usize]) -> Self {
        Self { numbers: Some(values), shape: shape.to_vec(), ids: None }
    }

    /// Numbers of words or categories, 0 for none.
    ///
    /// # Shapes
    /// `ids [batch, length]`.
    pub fn ids(ids: Tensor<2, Int>) -> Self {
        let [_, length] = ids.dims();
        Self { numbers: None, shape: vec![length], ids: Some(ids) }
    }

    /// Numbers with categories beside them, as tables have them.
    ///
    /// # Shapes
    /// `values [batch, features]`, `categories [batch, columns]`.
    pub fn mixed(values: Tensor<2>, categories: Tensor<2, Int>) -> Self {
        let [_, features] = values.dims();
        Self { numbers: Some(values), shape: vec![features], ids: Some(categories) }
    }

    /// Number of samples.
    pub fn batch(&self) -> usize {
        match (&self.numbers, &self.ids) {
            (Some(numbers), _) => numbers.dims()[0],
            (None, Some(ids)) => ids.dims()[0],
            (None, None) => 0,
        }
    }

    /// The shape of the numbers of one sample, or of its words where there are no numbers.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The numbers of each sample in a row; words as floats where there are no numbers.
    ///
    /// # Shapes
    /// `[batch, features]`.
    pub fn flat(&self) -> Tensor<2> {
        match (&self.numbers, &self.ids) {
            (Some(numbers), _) => numbers.clone(),
            (None, Some(ids)) => ids.clone().float(),
            (None, None) => Tensor::zeros([0, 0], &Device::default()),
        }
    }

    /// The numbers with the axes of a sample: `[batch, channels, height, width]` of images.
    ///
    /// # Panics
    /// Where a sample has another number of axes than `D - 1`.
    pub fn folded<const D: usize>(&self) -> Tensor<D> {
        let mut dims = [self.batch(); D];
        assert_eq!(
            self.shape.len() + 1,
            D,
            "samples of the shape {:?} have not {D} axes with the batch",
            self.shape
        );
        for (dim, &size) in dims.iter_mut().skip(1).zip(&self.shape) {
            *dim = size;
        }
        self.flat().reshape(dims)
    }

    /// The words or categories; numbers cut to whole ones where there are only these.
    ///
    /// # Shapes
    /// `[batch, length]`.
    pub fn words(&self) -> Tensor<2, Int> {
        match &self.ids {
            Some(ids) => ids.clone(),
            None => self.flat().int(),
        }
    }
}

/// Samples of one axis.
impl From<Tensor<2>> for Input {
    fn from(values: Tensor<2>) -> Self {
        let [_, features] = values.dims();
        Self::numbers(values, &[features])
    }
}
