//! Embeddings as a safetensors file.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::subwords::{NGrams, Subwords};
use crate::{EmbedError, Embedding, Result};

/// The one key of the metadata.
const KEY: &str = "brasa-embedding";

/// What the tensors do not say.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    dims: usize,
    ngrams: Option<Saved>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    min: usize,
    max: usize,
    buckets: u32,
}

impl Embedding {
    /// The embedding as the bytes of a safetensors file: the words in `words`, one per line, their vectors in
    /// `vectors`, the numbers of n-grams in `ngrams` and their vectors in `ngram_vectors`.
    ///
    /// # Errors
    /// [`EmbedError::Saved`] when safetensors refuses; `label` names the file in it.
    pub fn to_bytes(&self, label: &str) -> Result<Vec<u8>> {
        let wrong = |error: &dyn std::error::Error| saved_error(label, error.to_string());
        let header = Header {
            dims: self.dims,
            ngrams: self.subwords.as_ref().map(|subwords| {
                let NGrams { min, max, buckets } = subwords.shape;
                Saved { min, max, buckets }
            }),
        };
        let header = serde_json::to_string(&header).map_err(|error| wrong(&error))?;
        let words = self.words.iter().flat_map(|word| word.bytes().chain([b'\n'])).collect::<Vec<_>>();
        let (buckets, ngram_vectors) = match &self.subwords {
            Some(subwords) => (subwords.buckets.as_slice(), subwords.vectors.as_slice()),
            None => (&[][..], &[][..]),
        };
        let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
        let numbers = buckets.iter().flat_map(|bucket| bucket.to_le_bytes()).collect::<Vec<_>>();
        let (vectors, ngram_vectors) = (floats(&self.vectors), floats(ngram_vectors));
        let tensors = [
            ("words", Dtype::U8, vec![words.len()], &words),
            ("vectors", Dtype::F32, vec![self.words.len(), self.dims], &vectors),
            ("ngrams", Dtype::U32, vec![buckets.len()], &numbers),
            ("ngram_vectors", Dtype::F32, vec![buckets.len(), self.dims], &ngram_vectors),
        ];
        let views = tensors
            .into_iter()
            .map(|(name, dtype, shape, bytes)| TensorView::new(dtype, shape, bytes).map(|view| (name, view)));
        let views = views.collect::<std::result::Result<Vec<_>, _>>().map_err(|error| wrong(&error))?;
        let metadata = HashMap::from([(KEY.to_owned(), header)]);
        safetensors::serialize(views, Some(metadata)).map_err(|error| wrong(&error))
    }

    /// Reads what [`to_bytes`](Self::to_bytes) made. `label` names the file in messages.
    ///
    /// # Errors
    /// [`EmbedError::Saved`] for anything else.
    pub fn from_bytes(label: &str, bytes: &[u8]) -> Result<Self> {
        let wrong = |problem: &str| saved_error(label, problem.to_owned());
        let text = |error: &dyn std::error::Error| saved_error(label, error.to_string());
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| text(&error))?;
        let header = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
        let header = header.ok_or_else(|| wrong("its metadata lack `brasa-embedding`"))?;
        let Header { dims, ngrams } = serde_json::from_str::<Header>(header).map_err(|error| text(&error))?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| text(&error))?;
        let tensor = |name: &str, dtype: Dtype, shape: &[usize]| {
            let view = file.tensor(name).map_err(|error| text(&error))?;
            match view.dtype() == dtype && (shape.is_empty() || view.shape() == shape) {
                true => Ok(view.data()),
                false => Err(saved_error(label, format!("`{name}` is not as `dims` and the counts say"))),
            }
        };
        let words = std::str::from_utf8(tensor("words", Dtype::U8, &[])?).map_err(|error| text(&error))?;
        let words = words.lines().map(str::to_owned).collect::<Vec<_>>();
        let vectors = floats(tensor("vectors", Dtype::F32, &[words.len(), dims])?);
        let (chunks, _) = tensor("ngrams", Dtype::U32, &[])?.as_chunks::<4>();
        let buckets = chunks.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect::<Vec<_>>();
        let ngram_vectors = floats(tensor("ngram_vectors", Dtype::F32, &[buckets.len(), dims])?);
        if dims == 0 {
            return Err(wrong("`dims` is 0"));
        }
        if !buckets.is_sorted_by(|a, b| a < b) {
            return Err(wrong("`ngrams` is not in ascending order"));
        }
        let subwords = ngrams.map(|Saved { min, max, buckets: count }| Subwords {
            shape: NGrams { min, max, buckets: count },
            buckets,
            vectors: ngram_vectors,
        });
        if let Some(NGrams { min, max, buckets }) = subwords.as_ref().map(|subwords| subwords.shape)
            && (min == 0 || max < min || max > 100 || buckets == 0)
        {
            return Err(wrong("the n-grams are out of range"));
        }
        Ok(Self::new(dims, words, vectors, subwords))
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<4>();
    chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
}

fn saved_error(file: &str, problem: String) -> EmbedError {
    EmbedError::Saved { file: file.to_owned(), problem }
}
