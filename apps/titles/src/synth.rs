//! Made-up titles, for tests of speed and memory.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

use brasa_data::{DataError, seed};
use flate2::Compression;
use flate2::write::GzEncoder;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

const CATEGORIES: usize = 100;
const WORDS: usize = 200_000;
const SYLLABLES: [&str; 16] =
    ["ca", "so", "mi", "lu", "ta", "ño", "re", "pá", "li", "do", "ce", "bri", "ú", "ga", "ten", "xi"];

/// Writes `spanish.train.jsonl.gz` to a folder, which is made: so many [`titles`].
///
/// # Errors
/// [`DataError::Io`] when the folder or the file cannot be written.
pub(crate) fn synth(folder: &Path, count: usize, seed: u64) -> brasa_data::Result<()> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DataError::Io { action: "write", path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let path = folder.join("spanish.train.jsonl.gz");
    let file = File::create(&path).map_err(failed(&path))?;
    let mut packed = GzEncoder::new(file, Compression::fast());
    let written = titles(count, seed, &mut packed).and_then(|()| packed.finish());
    written.map(|_| ()).map_err(failed(&path))
}

/// Writes titles as JSON lines in the form of MercadoLibre's: 4 to 12 words of 200,000, a few of them in most titles, of
/// 100 categories, each with words of its own in every other place; `tokenized_title` has the words as a list. A function
/// of the seed.
///
/// # Errors
/// What the writer answers.
fn titles(count: usize, seed: u64, writer: impl Write) -> Result<()> {
    let mut writer = BufWriter::with_capacity(1 << 16, writer);
    let mut rng = seed::rng(seed, &[0x7469_746C_6573]);
    for _ in 0..count {
        let category = seed::below(&mut rng, CATEGORIES);
        let words = (0..4 + seed::below(&mut rng, 9)).map(|place| {
            let rank = zipf(&mut rng);
            // Each category deals the ranks to other words.
            spelled(match place % 2 {
                0 => rank,
                _ => (rank * CATEGORIES + category) % WORDS,
            })
        });
        let words = words.collect::<Vec<_>>();
        writeln!(
            writer,
            "{{\"label_quality\": \"unreliable\", \"title\": \"{}\", \"language\": \"spanish\", \
             \"category\": \"CATEGORY_{category}\", \"tokenized_title\": [\"{}\"]}}",
            words.join(" "),
            words.join("\", \"")
        )?;
    }
    writer.flush()
}

/// A rank below [`WORDS`], in proportion to about 1 / (rank + 1).
fn zipf(rng: &mut ChaCha8Rng) -> usize {
    let uniform = f64::from(rng.next_u32()) / f64::from(u32::MAX);
    ((WORDS as f64).powf(uniform) as usize).saturating_sub(1).min(WORDS - 1)
}

fn spelled(mut word: usize) -> String {
    let mut text = String::new();
    loop {
        text.push_str(SYLLABLES.get(word % SYLLABLES.len()).copied().unwrap_or_default());
        word /= SYLLABLES.len();
        if word == 0 {
            return text;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_data::{Files, Labelled, TextConfig};

    use super::*;

    #[test]
    fn made_up_titles_are_read_whole_and_are_a_function_of_the_seed() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str, seed, tokens: Option<&str>| -> Labelled {
            let folder = folder.path().join(name);
            synth(&folder, 500, seed).unwrap();
            let config = TextConfig {
                file: Some("spanish.train.jsonl.gz".into()),
                tokens: tokens.map(String::from),
                ..TextConfig::default()
            };
            config.load(&Files::directory(folder)).unwrap()
        };
        let data = read("a", 7, None);
        assert_eq!((data.len(), data.text.as_ref().unwrap().skipped), (500, 0));
        assert!(data.class_names().len() > 50);
        assert_eq!(data.samples, read("b", 7, None).samples);
        assert_ne!(data.samples, read("c", 8, None).samples);
        assert_eq!(
            data.samples,
            read("d", 7, Some("tokenized_title")).samples,
            "the list of words is that of the title"
        );
    }
}
