//! Training, reading, writing and keeping embeddings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_embed::{EmbedError, Embedding, EmbeddingConfig};

/// Two topics whose words never meet.
fn corpus() -> (Vec<String>, Vec<Vec<u32>>) {
    let words = ["phone", "charger", "screen", "teléfono", "shirt", "cotton", "sleeve", "button", "once"];
    let vocabulary = words.map(String::from).to_vec();
    let titles = (0..400_u32).map(|title| {
        let first = if title % 2 == 0 { 1 } else { 5 };
        let mut words =
            (0..4).map(|place| first + (title / 2 + place * (1 + title / 8)) % 4).collect::<Vec<_>>();
        words.extend([0, 0]);
        words
    });
    let mut titles = titles.collect::<Vec<_>>();
    titles[0][4] = 9;
    (vocabulary, titles)
}

fn config() -> EmbeddingConfig {
    EmbeddingConfig { dims: 10, buckets: 5_000, epochs: 20, sample: 1.0, ..EmbeddingConfig::default() }
}

fn train(config: &EmbeddingConfig, seed: u64) -> Embedding {
    let (vocabulary, titles) = corpus();
    config.check().unwrap().train(&vocabulary, titles.iter().map(Vec::as_slice), seed).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_does_not() {
    let embedding = train(&config(), 7);
    assert_eq!(embedding, train(&config(), 7));
    assert_ne!(embedding, train(&config(), 8));
}

#[test]
fn words_of_one_topic_and_unknown_words_like_them_are_near() {
    let embedding = train(&config(), 1);
    let near = |a: &str, b: &str| cosine(&embedding.vector(a), &embedding.vector(b));
    assert!(near("phone", "charger") > near("phone", "cotton") + 0.3);
    assert!(near("phones", "phone") > near("phones", "shirt") + 0.3);
    assert!(near("teléfonos", "screen") > near("teléfonos", "button") + 0.3);
    assert!(!embedding.words().contains(&"once".to_owned()), "it occurs once");
    assert!(embedding.vector("once").iter().all(|value| value.is_finite()));
}

#[test]
fn the_table_has_a_row_of_zeros_for_padding_then_one_per_word() {
    let embedding = train(&config(), 1);
    let vocabulary = ["cotton", "phonebook", "ßßßßß"].map(String::from);
    let table = embedding.table(&vocabulary);
    assert_eq!(table.len(), 4 * embedding.dims());
    assert_eq!(table[..10], [0.0; 10]);
    assert_eq!(table[10..20], embedding.vector("cotton"));
    assert_eq!(table[20..30], embedding.vector("phonebook"));
    assert_eq!(table[30..], [0.0; 10], "training met none of its n-grams");
}

#[test]
fn without_ngrams_unknown_words_are_zeros() {
    let embedding = train(&EmbeddingConfig { max_n: 0, ..config() }, 1);
    assert!(!embedding.has_subwords());
    assert_eq!(embedding.vector("phones"), [0.0; 10]);
    assert_ne!(embedding.vector("phone"), [0.0; 10]);
}

#[test]
fn titles_that_cannot_be_used_are_refused() {
    let (mut vocabulary, titles) = corpus();
    let train = |vocabulary: &[String], titles: &[Vec<u32>], config: EmbeddingConfig| {
        let titles = titles.iter().map(Vec::as_slice);
        config.check().unwrap().train(vocabulary, titles, 1).unwrap_err()
    };
    let error = train(&vocabulary, &[vec![1, 2], vec![1, 10]], config());
    assert!(matches!(error, EmbedError::WordNumber { title: 1, words: 9, found: 10 }), "{error}");
    let error = train(&vocabulary, &[vec![1, 1, 2]], config());
    assert!(matches!(error, EmbedError::TooFewWords { found: 1, min_count: 2 }), "{error}");
    let error = train(&vocabulary, &titles, EmbeddingConfig { min_count: 10_000, ..config() });
    assert!(matches!(error, EmbedError::TooFewWords { found: 0, .. }), "{error}");
    for word in ["two words", "", "</s>", "line\n", "nul\0"] {
        vocabulary[2] = word.to_owned();
        let error = train(&vocabulary, &titles, config());
        assert!(matches!(&error, EmbedError::Word { word: found } if found == word), "{error}");
    }
}

#[test]
fn vec_files_are_written_and_read_without_loss() {
    let embedding = train(&config(), 3);
    let mut text = Vec::new();
    embedding.write_vec("a.vec", &mut text).unwrap();
    let read = Embedding::read_vec("a.vec", text.as_slice(), |_| true).unwrap();
    assert_eq!(read.words(), embedding.words());
    assert_eq!(read.table(embedding.words()), embedding.table(embedding.words()));
    assert!(!read.has_subwords());
}

#[test]
fn vec_files_of_other_programs_are_read() {
    // fastText ends lines with a blank, others with CR LF; words may hold blanks, and be there twice.
    let text = "4 3\nthe 0.1 -2 3e-1 \r\nNew York 1 2 3\n\nNew 4 5 6\nthe 7 8 9";
    let embedding = Embedding::read_vec("a.vec", text.as_bytes(), |_| true).unwrap();
    assert_eq!(embedding.vector("the"), [0.1, -2.0, 0.3]);
    assert_eq!(embedding.vector("New York"), [1.0, 2.0, 3.0]);
    assert_eq!(embedding.vector("New"), [4.0, 5.0, 6.0]);
    assert_eq!(embedding.vector("york"), [0.0; 3]);
}

#[test]
fn faults_in_vec_files_have_their_line() {
    for (text, message) in [
        (&b""[..], "line 1: expected the number of words and of values, found the end of the file"),
        (b"the 0.1 0.2\n", "line 1: expected the number of words and of values, found `the 0.1 0.2`"),
        (b"1 0\n", "line 1: expected vectors of 1 to 4096 values, found 0"),
        (b"1 99999999999\n", "line 1: expected vectors of 1 to 4096 values, found 99999999999"),
        (b"2 2\na 1 2\n", "line 3: expected 2 words, as line 1 says, found 1"),
        (b"1 2\na 1 2\nb 1 2\n", "line 3: expected the end after 1 words, as line 1 says, found `b 1 2`"),
        (b"2 2\na 1 2\nb 1\n", "line 3: expected a finite number as value 1 of 2, found `b`"),
        (b"1 2\na 1 x\n", "line 2: expected a finite number as value 2 of 2, found `x`"),
        (b"1 2\na NaN 1\n", "line 2: expected a finite number as value 1 of 2, found `NaN`"),
        (b"1 2\n1 2\n", "line 2: expected a word and 2 values, found 2 values"),
        (b"1 2\n\xFF 1 2\n", "line 2: expected UTF-8 text, found another byte at 1"),
    ] {
        let error = Embedding::read_vec("a.vec", text, |_| true).unwrap_err();
        assert_eq!(error.to_string(), format!("a.vec: {message}"));
    }
    let long = format!("1 2\n{}", "a".repeat(2 << 20));
    let error = Embedding::read_vec("a.vec", long.as_bytes(), |_| true).unwrap_err().to_string();
    assert_eq!(error, "a.vec: line 2: expected a line of at most 1048576 bytes, found a longer one");
}

#[test]
fn saved_embeddings_come_back_and_know_unknown_words_without_their_own() {
    let embedding = train(&config(), 5);
    let bytes = embedding.to_bytes("e").unwrap();
    assert_eq!(bytes, embedding.to_bytes("e").unwrap(), "the same bytes each time");
    assert_eq!(Embedding::from_bytes("e", &bytes).unwrap(), embedding);
    let small = embedding.clone().without_words();
    let small = Embedding::from_bytes("e", &small.to_bytes("e").unwrap()).unwrap();
    assert!(small.words().is_empty());
    assert_eq!(small.vector("phones"), embedding.vector("phones"));

    let read = Embedding::read_vec("a", "1 2\na 1 2\n".as_bytes(), |_| true).unwrap();
    assert_eq!(Embedding::from_bytes("e", &read.to_bytes("e").unwrap()).unwrap(), read);
}

#[test]
fn damaged_embeddings_are_refused_or_read_but_never_a_panic() {
    let bytes = train(&EmbeddingConfig { dims: 2, ..config() }, 5).to_bytes("e").unwrap();
    for len in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        let error = Embedding::from_bytes("e", &bytes[..len]).unwrap_err().to_string();
        assert!(error.starts_with("e: not a saved embedding: "), "{error}");
    }
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for at in 0..header {
        let mut bad = bytes.clone();
        bad[at] ^= 0x01;
        if let Ok(embedding) = Embedding::from_bytes("e", &bad) {
            assert_eq!(embedding.vector("phones").len(), embedding.dims());
        }
    }
}
