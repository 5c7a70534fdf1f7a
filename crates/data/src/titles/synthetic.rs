//! Made-up titles, for tests of speed and memory.

use std::io::{BufWriter, Result, Write};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::seed;

const CATEGORIES: usize = 100;
const WORDS: usize = 200_000;
const SYLLABLES: [&str; 16] =
    ["ca", "so", "mi", "lu", "ta", "ño", "re", "pá", "li", "do", "ce", "bri", "ú", "ga", "ten", "xi"];

/// Writes titles as JSON lines in the form of MercadoLibre's: 4 to 12 words of 200,000, a few of them in most titles, of
/// 100 categories, each with words of its own in every other place. A function of the seed.
///
/// # Errors
/// What the writer answers.
pub fn synthetic_titles(lines: usize, seed: u64, writer: impl Write) -> Result<()> {
    let mut writer = BufWriter::with_capacity(1 << 16, writer);
    let mut rng = seed::rng(seed, &[0x7469_746C_6573]);
    for _ in 0..lines {
        let category = seed::below(&mut rng, CATEGORIES);
        write!(writer, "{{\"label_quality\": \"unreliable\", \"title\": \"")?;
        for place in 0..4 + seed::below(&mut rng, 9) {
            let rank = zipf(&mut rng);
            // Each category deals the ranks to other words.
            let word = match place % 2 {
                0 => rank,
                _ => (rank * CATEGORIES + category) % WORDS,
            };
            let blank = if place == 0 { "" } else { " " };
            write!(writer, "{blank}{}", spelled(word))?;
        }
        writeln!(writer, "\", \"language\": \"spanish\", \"category\": \"CATEGORY_{category}\"}}")?;
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
