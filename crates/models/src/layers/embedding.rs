//! Vectors for numbered things: words, categories.

use brasa_kernels::embedding;
use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor};

use crate::checks::{fits_layer, layer_at_least_one};
use crate::init::{Initializer, Spread};
use crate::{Init, Result};

/// What makes an [`Embedding`], as `torch.nn.Embedding` is made: vectors from `N(0, 1)`.
///
/// ```
/// use brasa_models::layers::EmbeddingConfig;
/// use burn::tensor::{Device, Int, Tensor};
///
/// let device = Device::default();
/// let words = EmbeddingConfig::new(1_000, 50).with_padding(0).init(&device)?;
/// let ids = Tensor::<2, Int>::from_ints([[5, 17, 0], [999, 0, 0]], &device);
/// assert_eq!(words.forward(ids).dims(), [2, 3, 50]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingConfig {
    count: usize,
    dims: usize,
    padding: Option<usize>,
    trained: bool,
    seed: u64,
}

impl EmbeddingConfig {
    /// `count` vectors of `dims` numbers.
    pub fn new(count: usize, dims: usize) -> Self {
        Self { count, dims, padding: None, trained: true, seed: 0 }
    }

    /// The id of what is no thing: its vector begins as zeros and is not trained.
    pub fn with_padding(self, id: usize) -> Self {
        Self { padding: Some(id), ..self }
    }

    /// Trains none of the vectors: for those that were trained elsewhere.
    pub fn frozen(self) -> Self {
        Self { trained: false, ..self }
    }

    /// The seed that [`init`](Self::init) draws from. Default 0: give each layer of a model its own.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Checks the sizes and draws the vectors.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for a size of zero, or a padding that is no id.
    pub fn init(&self, device: &Device) -> Result<Embedding> {
        self.init_with(&mut Initializer::new(Init::default(), self.seed, device))
    }

    /// As [`init`](Self::init), drawn by `initializer` as the next layer of a model, whatever its distribution.
    ///
    /// # Errors
    /// As there.
    pub fn init_with(&self, initializer: &mut Initializer<'_>) -> Result<Embedding> {
        let layer = "EmbeddingConfig";
        layer_at_least_one(layer, "count", self.count)?;
        layer_at_least_one(layer, "dims", self.dims)?;
        if let Some(id) = self.padding {
            let expected = || format!("an id below {}", self.count);
            fits_layer(layer, "padding", id < self.count, expected, id)?;
        }
        let mut vectors = initializer.draw(Spread::Normal(1.0), self.count * self.dims);
        let padding = self.padding.and_then(|id| vectors.chunks_mut(self.dims).nth(id));
        padding.into_iter().flatten().for_each(|value| *value = 0.0);
        let weight = initializer.param(vectors, [self.count, self.dims]);
        let weight = if self.trained { weight } else { weight.no_grad() };
        Ok(Embedding { weight, padding: self.padding })
    }
}

/// A table of vectors, laid out and named as in `torch.nn.Embedding`.
#[derive(Module, Debug)]
pub struct Embedding {
    /// One row for each id, `[count, dims]`.
    pub weight: Param<Tensor<2>>,
    #[module(skip)]
    padding: Option<usize>,
}

impl Embedding {
    /// The vector of each id.
    ///
    /// # Shapes
    /// `[batch, length]` to `[batch, length, dims]`.
    ///
    /// # Panics
    /// On the CPU, if an id has no vector.
    pub fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        embedding(self.weight.val(), ids, self.padding)
    }
}
