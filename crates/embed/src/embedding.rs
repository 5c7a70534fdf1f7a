//! Words and their vectors.

use std::collections::HashMap;

use crate::subwords::Subwords;

/// Vectors of words, and where they were trained with subwords, vectors for any other word.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    pub(crate) dims: usize,
    pub(crate) words: Vec<String>,
    places: HashMap<String, usize>,
    /// A row per word.
    pub(crate) vectors: Vec<f32>,
    pub(crate) subwords: Option<Subwords>,
}

impl Embedding {
    /// `vectors` is `[words, dims]`. Of a word that is there twice, the first counts.
    pub(crate) fn new(
        dims: usize,
        words: Vec<String>,
        vectors: Vec<f32>,
        subwords: Option<Subwords>,
    ) -> Self {
        let mut places = HashMap::with_capacity(words.len());
        for (place, word) in words.iter().enumerate() {
            places.entry(word.clone()).or_insert(place);
        }
        Self { dims, words, places, vectors, subwords }
    }

    /// Length of a vector.
    #[must_use]
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// The words with a vector of their own, the most frequent first.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether words without a vector of their own get one from their n-grams.
    #[must_use]
    pub fn has_subwords(&self) -> bool {
        self.subwords.is_some()
    }

    /// The vector of a word: its own, or the mean of its n-grams', or zeros.
    #[must_use]
    pub fn vector(&self, word: &str) -> Vec<f32> {
        let mut vector = vec![0.0; self.dims];
        self.vector_into(word, &mut vector);
        vector
    }

    fn vector_into(&self, word: &str, out: &mut [f32]) {
        let own = self.places.get(word);
        let own = own.and_then(|place| self.vectors.get(place * self.dims..(place + 1) * self.dims));
        match (own, &self.subwords) {
            (Some(own), _) => out.iter_mut().zip(own).for_each(|(out, &value)| *out = value),
            (None, Some(subwords)) => subwords.mean_into(word, out),
            (None, None) => out.fill(0.0),
        }
    }

    /// The weights of an embedding layer: `[vocabulary.len() + 1, dims]`, row-major; row 0, the padding, is zeros, row
    /// `i + 1` is the vector of `vocabulary[i]`.
    #[must_use]
    pub fn table(&self, vocabulary: &[String]) -> Vec<f32> {
        let mut table = vec![0.0; (vocabulary.len() + 1) * self.dims];
        for (word, row) in vocabulary.iter().zip(table.chunks_exact_mut(self.dims).skip(1)) {
            self.vector_into(word, row);
        }
        table
    }

    /// Only what gives vectors to unknown words: a model has those of its vocabulary in its own table.
    #[must_use]
    pub fn without_words(self) -> Self {
        Self::new(self.dims, Vec::new(), Vec::new(), self.subwords)
    }
}
