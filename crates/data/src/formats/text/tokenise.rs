//! Titles to tokens.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_segmentation::UnicodeSegmentation;

/// The tokens of a title: runs of letters, digits and marks, in lower case, composed (NFC). Accents are kept, and
/// everything else separates. Runs of a script that is written without blanks are split at the word boundaries of Unicode
/// (UAX #29), which without a dictionary means: at every Chinese character, Hiragana, Thai, Lao, Khmer or Burmese letter
/// with its marks, and not within Katakana.
///
/// ```
/// use brasa_data::tokenise;
/// let tokens = tokenise("Cámara digital 12.1MP - CAN\u{303}ON, ¡nueva!");
/// assert_eq!(tokens.collect::<Vec<_>>(), ["cámara", "digital", "12", "1mp", "cañon", "nueva"]);
/// assert_eq!(tokenise("红色杯子 500ml").collect::<Vec<_>>(), ["红", "色", "杯", "子", "500ml"]);
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
        let run = lower.get(rest + start..rest + end)?;
        let word = match run.contains(is_unspaced) {
            true => run.split_word_bounds().next()?,
            false => run,
        };
        rest += start + word.len();
        Some(word.to_owned())
    })
}

/// Whether a character is of a script that is written without blanks between words.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' // Burmese
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{1950}'..='\u{19FF}' // Tai Le, New Tai Lue
        | '\u{1A20}'..='\u{1AAF}' // Tai Tham
        | '\u{2E80}'..='\u{31FF}' // radicals, Kana, Bopomofo
        | '\u{3400}'..='\u{9FFF}' // Chinese characters
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' // narrow Katakana
        | '\u{1B000}'..='\u{1B16F}' // more Kana
        | '\u{20000}'..='\u{3FFFF}' // more Chinese characters
    )
}

/// Where the first run of letters and digits of a text starts and ends.
fn next_run(text: &str) -> Option<(usize, usize)> {
    let start = text.find(char::is_alphanumeric)?;
    let tail = text.get(start..)?;
    let len = tail.find(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)).unwrap_or(tail.len());
    Some((start, start + len))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

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

    #[test]
    fn scripts_without_blanks_are_split_at_the_word_boundaries_of_unicode() {
        assert_eq!(tokens("红色杯子"), ["红", "色", "杯", "子"]);
        assert_eq!(tokens("コーヒーカップ 大きい"), ["コーヒーカップ", "大", "き", "い"]);
        assert_eq!(tokens("iPhone15ケース手机"), ["iphone15", "ケース", "手", "机"]);
        assert_eq!(tokens("กาแฟ"), ["ก", "า", "แ", "ฟ"]);
        assert_eq!(tokens("빨간 컵"), ["빨간", "컵"], "Korean has blanks");
    }

    /// The rule before words of Unicode were looked at.
    fn runs(title: &str) -> Vec<String> {
        let lower = title.nfc().collect::<String>().to_lowercase();
        let mut tokens = Vec::new();
        let mut rest = lower.as_str();
        while let Some((start, end)) = next_run(rest) {
            tokens.push(rest[start..end].to_owned());
            rest = &rest[end..];
        }
        tokens
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn titles_in_scripts_with_blanks_have_the_tokens_they_always_had(
            title in "[\u{20}-\u{24f}\u{300}-\u{36f}\u{370}-\u{5ff}\u{600}-\u{6ff}\u{900}-\u{97f}\u{ac00}-\u{ac20}]{0,30}",
        ) {
            prop_assert_eq!(tokens(&title), runs(&title));
        }

        #[test]
        fn no_letter_of_any_script_is_lost(title in "\\PC{0,30}") {
            prop_assert_eq!(tokens(&title).concat(), runs(&title).concat());
        }
    }
}
