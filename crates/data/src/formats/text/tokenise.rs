//! Titles to tokens.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The tokens of a title: runs of letters, digits and marks, in lower case, composed (NFC). Accents are kept, and
/// everything else separates.
///
/// ```
/// use brasa_data::tokenise;
/// let tokens = tokenise("Cámara digital 12.1MP - CAN\u{303}ON, ¡nueva!");
/// assert_eq!(tokens.collect::<Vec<_>>(), ["cámara", "digital", "12", "1mp", "cañon", "nueva"]);
/// ```
pub fn tokenise(title: &str) -> impl Iterator<Item = String> + '_ {
    let composed = match title.is_ascii() || is_nfc(title) {
        true => Cow::Borrowed(title),
        false => Cow::Owned(title.nfc().collect()),
    };
    // Lower case can bring combining marks of its own, which stay with their letter.
    let lower = composed.to_lowercase();
    let mut rest = 0;
    std::iter::from_fn(move || {
        let (start, end) = next_run(lower.get(rest..)?)?;
        let token = lower.get(rest + start..rest + end)?.to_owned();
        rest += end;
        Some(token)
    })
}

/// Where the first token of a text starts and ends.
fn next_run(text: &str) -> Option<(usize, usize)> {
    let start = text.find(char::is_alphanumeric)?;
    let tail = text.get(start..)?;
    let len = tail.find(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)).unwrap_or(tail.len());
    Some((start, start + len))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn tokens(title: &str) -> Vec<String> {
        tokenise(title).collect()
    }

    #[test]
    fn letters_of_every_script_are_kept_and_lowered() {
        assert_eq!(tokens("ÁRBOL Ñandú ÇA"), ["árbol", "ñandú", "ça"]);
        assert_eq!(tokens("ΣΊΣΥΦΟΣ Straße"), ["σίσυφος", "straße"]);
        assert_eq!(tokens("हिन्दी 64GB"), ["हिन्दी", "64gb"]);
        assert_eq!(tokens("İstanbul"), ["i\u{307}stanbul"]);
    }

    #[test]
    fn composed_and_decomposed_accents_are_one_word() {
        assert_eq!(tokens("e\u{301}te\u{301}"), tokens("été"));
        assert_eq!(tokens("\u{301}x"), ["x"]);
    }

    #[test]
    fn what_holds_no_letter_or_digit_has_no_tokens() {
        for title in ["", "   ", "-- !!! ¿?", "\u{301}", "👍"] {
            assert!(tokens(title).is_empty(), "{title}");
        }
    }
}
