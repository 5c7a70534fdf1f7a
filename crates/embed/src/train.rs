//! Training, by fastText.

use std::io::{BufWriter, Write};
use std::path::Path;

use fasttext::FastText;
use fasttext::args::{Args, LossName, ModelName};
use tempfile::NamedTempFile;

use crate::config::{CheckedEmbedding, EmbeddingConfig};
use crate::subwords::{NGrams, Subwords};
use crate::{EmbedError, Embedding, Result};

/// What fastText takes for the end of a line.
const END_OF_LINE: &str = "</s>";

impl CheckedEmbedding {
    /// Trains vectors on `titles`: numbers of words from 1 on, so that `vocabulary[0]` is number 1; 0 is padding and
    /// passed over. Training rows only: what the test rows hold is not to be known. And shuffled ones: fastText takes them in
    /// turn, so that titles sorted by category make poor vectors.
    ///
    /// The result is a function of the arguments. The titles go through a temporary file.
    ///
    /// # Errors
    /// [`EmbedError::WordNumber`] and [`EmbedError::Word`] for titles and words that cannot be used,
    /// [`EmbedError::TooFewWords`], [`EmbedError::Io`] for the temporary file, [`EmbedError::Training`] when the
    /// values run away, as they do with a high learning rate.
    pub fn train<'t>(
        &self,
        vocabulary: &[String],
        titles: impl Iterator<Item = &'t [u32]> + Clone,
        seed: u64,
    ) -> Result<Embedding> {
        let config = &self.0;
        let counts = count(vocabulary, titles.clone())?;
        let frequent = counts.iter().filter(|&&count| count >= config.min_count).count();
        if frequent < 2 {
            return Err(EmbedError::TooFewWords { found: frequent, min_count: config.min_count });
        }
        let kept = |word: u32| {
            let place = (word as usize).checked_sub(1)?;
            let frequent = counts.get(place).is_some_and(|&count| count >= config.min_count);
            vocabulary.get(place).filter(|_| frequent)
        };
        let used = vocabulary.iter().zip(&counts).filter(|&(_, &count)| count >= config.min_count);
        for (word, _) in used {
            let separates = |c: char| c.is_whitespace() || c.is_control();
            if word.is_empty() || word == END_OF_LINE || word.contains(separates) {
                return Err(EmbedError::Word { word: word.clone() });
            }
        }

        let io = |action, source| EmbedError::Io { file: "a temporary file".to_owned(), action, source };
        let file = NamedTempFile::new().map_err(|error| io("create", error))?;
        let mut writer = BufWriter::new(file);
        for title in titles {
            let mut words = title.iter().filter_map(|&word| kept(word)).peekable();
            // fastText takes a line without words for the end of the file.
            if words.peek().is_none() {
                continue;
            }
            let mut line = words.try_for_each(|word| write!(writer, "{word} "));
            line = line.and_then(|()| writer.write_all(b"\n"));
            line.map_err(|error| io("write", error))?;
        }
        let file = writer.into_inner().map_err(|error| io("write", error.into_error()))?;

        let model = FastText::train(arguments(config, file.path(), seed))
            .map_err(|error| EmbedError::Training { problem: error.to_string() })?;
        let embedding = extract(config, &model);
        match embedding.vectors.iter().all(|value| value.is_finite()) {
            true => Ok(embedding),
            false => Err(EmbedError::Training {
                problem: "the vectors are not finite; lower learning_rate".to_owned(),
            }),
        }
    }
}

fn count<'t>(vocabulary: &[String], titles: impl Iterator<Item = &'t [u32]>) -> Result<Vec<u64>> {
    let mut counts = vec![0; vocabulary.len()];
    for (title, words) in titles.enumerate() {
        for &word in words.iter().filter(|&&word| word != 0) {
            match counts.get_mut(word as usize - 1) {
                Some(count) => *count += 1,
                None => return Err(EmbedError::WordNumber { title, words: vocabulary.len(), found: word }),
            }
        }
    }
    Ok(counts)
}

fn arguments(config: &EmbeddingConfig, input: &Path, seed: u64) -> Args {
    // All are checked to fit.
    let number = |value: usize| i32::try_from(value).unwrap_or(i32::MAX);
    Args {
        input: input.to_owned(),
        model: ModelName::SkipGram,
        loss: LossName::NegativeSampling,
        dim: number(config.dims),
        ws: number(config.window),
        epoch: number(config.epochs),
        min_count: i32::try_from(config.min_count).unwrap_or(i32::MAX),
        minn: number(config.min_n),
        maxn: number(config.max_n),
        bucket: if config.max_n == 0 { 0 } else { number(config.buckets) },
        neg: number(config.negatives),
        lr: config.learning_rate,
        t: config.sample,
        seed: (seed % 0x7FFF_FFFF) as i32,
        // More threads write to the same memory at once, and no two runs would agree.
        thread: 1,
        verbose: 0,
        // No word starts with a blank, so none is taken for a label.
        label: " ".to_owned(),
        ..Args::default()
    }
}

fn extract(config: &EmbeddingConfig, model: &FastText) -> Embedding {
    let known = model.dict().words().iter().filter(|entry| entry.word != END_OF_LINE);
    let words = known.map(|entry| entry.word.clone()).collect::<Vec<_>>();
    let vectors = words.iter().flat_map(|word| model.get_word_vector(word)).collect();
    let shape = NGrams { min: config.min_n, max: config.max_n, buckets: config.buckets as u32 };
    let first = i64::from(model.dict().nwords());
    let input = model.input_matrix();
    let subwords = (config.max_n != 0)
        .then(|| Subwords::collect(shape, &words, |bucket| input.row(first + i64::from(bucket))));
    Embedding::new(config.dims, words, vectors, subwords)
}
