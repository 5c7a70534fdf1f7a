//! Tokens beside words: words in a row, and parts of words.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What is a token beside each word, as fastText's classifier has it
/// ([Joulin et al. 2017](https://arxiv.org/abs/1607.01759)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grams {
    /// Words in a row that are a token together, at most: 2 are pairs; 1 is each word alone.
    pub words: usize,
    /// Parts of words: the shortest and the longest in characters, `<` and `>` for the start and the end among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<[usize; 2]>,
}

impl Default for Grams {
    /// Words alone.
    fn default() -> Self {
        Self { words: 1, parts: None }
    }
}

impl Grams {
    /// Whether words alone are tokens.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a token is a word.
    pub(super) fn is_word(&self, token: &str) -> bool {
        self.is_none() || !token.contains(' ') && !token.starts_with('#')
    }

    /// Adds to the words of a text what else is a token of it: rows of words after the words, then parts. What is no word says
    /// so: a row has a blank in it, a part begins with `#`.
    pub(super) fn add<'t>(&self, mut tokens: Vec<Cow<'t, str>>) -> Vec<Cow<'t, str>> {
        let words = tokens.len();
        for length in 2..=self.words {
            let own = tokens.get(..words).unwrap_or_default();
            let rows: Vec<String> = own.windows(length).map(|row| row.join(" ")).collect();
            tokens.extend(rows.into_iter().map(Cow::Owned));
        }
        if let Some([shortest, longest]) = self.parts {
            let own: Vec<String> = tokens.iter().take(words).map(|word| format!("<{word}>")).collect();
            for word in own {
                let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
                for length in shortest..=longest {
                    // The whole word is a token already.
                    if length + 1 >= starts.len() {
                        break;
                    }
                    for ends in starts.windows(length + 1) {
                        let (start, end) = (ends.first().copied(), ends.last().copied());
                        let part = start.zip(end).and_then(|(start, end)| word.get(start..end));
                        tokens.extend(part.map(|part| Cow::Owned(format!("#{part}"))));
                    }
                }
            }
        }
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(grams: Grams, text: &str) -> Vec<String> {
        grams.add(text.split(' ').map(Cow::Borrowed).collect()).into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn rows_come_after_words_and_parts_last() {
        let grams = Grams { words: 3, parts: Some([3, 4]) };
        assert_eq!(
            of(grams, "my né card"),
            [
                "my",
                "né",
                "card",
                "my né",
                "né card",
                "my né card",
                "#<my",
                "#my>",
                "#<né",
                "#né>",
                "#<ca",
                "#car",
                "#ard",
                "#rd>",
                "#<car",
                "#card",
                "#ard>"
            ]
        );
        assert_eq!(of(grams, "a"), ["a"]);
    }

    #[test]
    fn words_alone_are_what_they_were() {
        assert!(Grams::default().is_none());
        assert_eq!(of(Grams::default(), "red cup"), ["red", "cup"]);
        assert_eq!(serde_json::from_str::<Grams>("{}").ok(), Some(Grams::default()));
    }
}
