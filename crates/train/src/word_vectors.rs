//! Vectors of words, made when a training first asks for them.

use std::collections::HashSet;
use std::io::BufReader;
use std::sync::{Arc, Mutex, PoisonError};

use brasa_data::{Files, Labelled, TextFacts, seed};
use brasa_embed::Embedding;

use crate::Result;
use crate::recipe::{EmbeddingKind, EmbeddingRecipe, Recipe, RecipeError};

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

    /// The vectors for `data` of which `rows` are the training side.
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
        let embedding = match wanted.kind {
            EmbeddingKind::Random => return Ok(None),
            EmbeddingKind::Fasttext => {
                let titles = rows.iter().filter_map(|&row| data.samples.u32_row(row));
                wanted.config().check()?.train(&text.vocabulary, titles, seed)?
            }
            EmbeddingKind::Vec => self.read(wanted, text)?,
        };
        let embedding = Arc::new(embedding);
        *made =
            Some(Made { recipe: wanted.clone(), seed, rows: rows.to_vec(), embedding: embedding.clone() });
        Ok(Some(embedding))
    }

    fn read(&self, recipe: &EmbeddingRecipe, text: &TextFacts) -> Result<Embedding> {
        let name = recipe.file.as_deref().unwrap_or_default();
        let (label, reader) = self.files.open(name)?;
        let vocabulary: HashSet<&str> = text.vocabulary.iter().map(String::as_str).collect();
        let keep = |word: &str| vocabulary.contains(word);
        let embedding = Embedding::read_vec(&label, BufReader::new(reader), keep)?;
        match embedding.dims() == recipe.dims() {
            true => Ok(embedding),
            false => {
                let expected = format!("{}, the numbers of a vector in {label}", embedding.dims());
                Err(RecipeError::value("embedding.dims", expected, recipe.dims()).into())
            }
        }
    }
}
