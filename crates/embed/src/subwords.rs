//! Vectors of n-grams, as fastText hashes them.

use std::collections::BTreeSet;

/// The n-grams that training met, and their vectors.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subwords {
    pub shape: NGrams,
    /// The buckets with a vector, ascending.
    pub buckets: Vec<u32>,
    /// A row per bucket.
    pub vectors: Vec<f32>,
}

/// Which n-grams a word has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NGrams {
    pub min: usize,
    pub max: usize,
    pub buckets: u32,
}

impl NGrams {
    /// The buckets of a word's n-grams, with repetitions.
    pub fn buckets_of(self, word: &str) -> Vec<u32> {
        let marked = format!("<{word}>");
        let starts = marked.char_indices().map(|(place, _)| place).collect::<Vec<_>>();
        let mut buckets = Vec::new();
        for (first, &start) in starts.iter().enumerate() {
            for len in self.min..=self.max {
                let end = match starts.get(first + len) {
                    Some(&end) => end,
                    None if first + len == starts.len() => marked.len(),
                    None => break,
                };
                // A mark alone says nothing.
                if len == 1 && (start == 0 || end == marked.len()) {
                    continue;
                }
                let ngram = marked.as_bytes().get(start..end).unwrap_or_default();
                buckets.push(hash(ngram) % self.buckets.max(1));
            }
        }
        buckets
    }
}

/// 32-bit FNV-1a, but with bytes as signed numbers, as fastText has it.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(2_166_136_261, |hash: u32, &byte| {
        (hash ^ i32::from(byte.cast_signed()).cast_unsigned()).wrapping_mul(16_777_619)
    })
}

impl Subwords {
    /// Writes the mean of the vectors of a word's n-grams to `out`; one that training never met counts as zero.
    pub fn mean_into(&self, word: &str, out: &mut [f32]) {
        out.fill(0.0);
        let buckets = self.shape.buckets_of(word);
        for bucket in &buckets {
            if let Ok(place) = self.buckets.binary_search(bucket) {
                let row = self.vectors.get(place * out.len()..(place + 1) * out.len()).unwrap_or_default();
                out.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        }
        let count = buckets.len().max(1) as f32;
        out.iter_mut().for_each(|sum| *sum /= count);
    }

    /// The vectors of all n-grams of the words, which `row` gives.
    pub fn collect<'r>(shape: NGrams, words: &[String], row: impl Fn(u32) -> &'r [f32]) -> Self {
        let buckets = words.iter().flat_map(|word| shape.buckets_of(word)).collect::<BTreeSet<_>>();
        let vectors = buckets.iter().flat_map(|&bucket| row(bucket)).copied().collect();
        Self { shape, buckets: buckets.into_iter().collect(), vectors }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::sync::Arc;

    use fasttext::args::Args;
    use fasttext::dictionary::Dictionary;

    use super::*;

    #[test]
    fn ngrams_are_hashed_as_fasttext_does() {
        for (min, max) in [(3, 6), (1, 4), (2, 2)] {
            let shape = NGrams { min, max, buckets: 20_011 };
            let args = Args { minn: min as i32, maxn: max as i32, bucket: 20_011, ..Args::default() };
            let dictionary = Dictionary::new(Arc::new(args));
            for word in ["a", "iphone", "cañón", "64gb", "日本語", "\u{1F525}x", "İi\u{307}"] {
                let theirs = dictionary.get_subwords_for_string(word);
                let ours = shape.buckets_of(word).into_iter().map(|bucket| bucket as i32).collect::<Vec<_>>();
                assert_eq!(ours, theirs, "{word} {min} {max}");
            }
        }
    }
}
