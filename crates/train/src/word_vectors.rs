//! Vectors of words, made when a training first asks for them.

use std::collections::HashSet;
use std::io::BufReader;
use std::sync::{Arc, Mutex, PoisonError};

use brasa_data::{Files, Labelled, TextFacts, seed};
use brasa_embed::Embedding;

use crate::Result;
use crate::recipe::{EmbeddingKind, EmbeddingRecipe, Recipe, RecipeError, VecFile};

/// Purpose of the embedding's seed, for [`seed::derive`].
const VECTORS: u64 = 0x776f7264; // "word"

/// The vectors that were made last; copies share them.
#[derive(Debug, Clone)]
pub(crate) struct WordVectors {
    files: Files,
    made: Arc<Mutex<Option<Made>>>,
}

/// Vectors with all that they are a function of, but for the data, which are shared with them.
#[derive(Debug)]
struct Made {
    recipe: EmbeddingRecipe,
    seed: u64,
    rows: Vec<usize>,
    embedding: Arc<Embedding>,
}

impl WordVectors {
    pub(crate) fn new(files: &Files) -> Self {
        Self { files: files.clone(), made: Arc::default() }
    }

    /// Where files are looked for.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// The vectors for `data` of which `rows` are the training split.
    pub(crate) fn get(
        &self,
        recipe: &Recipe,
        data: &Labelled,
        rows: &[usize],
    ) -> Result<Option<Arc<Embedding>>> {
        let (Some(wanted), Some(text)) = (&recipe.embedding, &data.text) else { return Ok(None) };
        let seed = seed::derive(recipe.training.seed, &[VECTORS]);
        // Whoever panicked while holding it left a whole value or none.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |made: &&Made| made.recipe == *wanted && made.seed == seed && made.rows == rows;
        if let Some(made) = made.as_ref().filter(fits) {
            return Ok(Some(made.embedding.clone()));
        }
        let embedding = match wanted {
            EmbeddingRecipe::Random(_) => return Ok(None),
            EmbeddingRecipe::Fasttext(fasttext) => {
                let order = mixed(rows, seed);
                let titles = order.iter().filter_map(|&row| data.samples.u32_row(row));
                fasttext.config().check()?.train(&text.vocabulary, titles, seed)?
            }
            EmbeddingRecipe::Vec(vectors) => self.read(vectors, text, recipe)?,
        };
        let embedding = Arc::new(embedding);
        *made =
            Some(Made { recipe: wanted.clone(), seed, rows: rows.to_vec(), embedding: embedding.clone() });
        Ok(Some(embedding))
    }

    fn read(&self, vectors: &VecFile, text: &TextFacts, recipe: &Recipe) -> Result<Embedding> {
        let (label, reader, _) = self.files.open(&vectors.file)?;
        let vocabulary: HashSet<&str> = text.vocabulary.iter().map(String::as_str).collect();
        let keep = |word: &str| vocabulary.contains(word);
        let embedding = Embedding::read_vec(&label, BufReader::new(reader), keep)?;
        match embedding.dims() == vectors.dims {
            true => Ok(embedding),
            false => {
                let expected = format!("{}, the numbers of a vector in {label}", embedding.dims());
                Err(recipe.locate(RecipeError::value("embedding.dims", expected, vectors.dims)).into())
            }
        }
    }
}

/// The rows in an order drawn from the seed. Files are often sorted by category, and fastText, which takes its titles in
/// turn, would end every pass with the words of the last one: on PriceRunner's titles that costs three points of accuracy.
fn mixed(rows: &[usize], seed: u64) -> Vec<usize> {
    let mut order = rows.to_vec();
    seed::shuffle(&mut order, &mut seed::rng(seed, &[seed::purpose::SHUFFLE]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_taken_in_an_order_of_the_seed_not_of_the_file() {
        let rows = (0..1_000).map(|row| row * 3).collect::<Vec<_>>();
        let order = mixed(&rows, 7);
        assert_eq!(order, mixed(&rows, 7));
        assert_ne!(order, mixed(&rows, 8));
        // Each tenth of the order has titles of every tenth of the file.
        for part in order.chunks(100) {
            let tenths = part.iter().map(|row| row / 300).collect::<HashSet<_>>();
            assert_eq!(tenths.len(), 10, "{tenths:?}");
        }
        let mut sorted = order;
        sorted.sort_unstable();
        assert_eq!(sorted, rows);
    }
}
