//! Names as people type them: what is the same name for certain, and what is so by all likelihood.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Characters that no one sees and that part no words.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}')
}

/// Joiners show within some scripts, but never at an end.
fn blank(c: char) -> bool {
    c.is_whitespace() || invisible(c) || matches!(c, '\u{200C}' | '\u{200D}')
}

/// The name without what cannot be seen: blanks and zero-width characters around it, zero-width characters within it, and
/// the difference between an accented letter and a letter with an accent (Unicode's NFC).
pub(crate) fn normalised(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name.trim());
    }
    let visible = name.trim_matches(blank).chars().filter(|&c| !invisible(c));
    let normal = visible.nfc().collect::<String>();
    match normal == name {
        true => Cow::Borrowed(name),
        false => Cow::Owned(normal),
    }
}

/// What two spellings of one name have in common: letters without their case, single blanks, a number's value.
pub(crate) fn likeness(name: &str) -> String {
    let folded = name.nfkc().flat_map(char::to_lowercase).collect::<String>();
    let folded = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.parse::<f64>() {
        Ok(number) if number.is_finite() => (number + 0.0).to_string(),
        _ => folded,
    }
}

/// Whether a name says that there is none.
pub(crate) fn says_missing(name: &str) -> bool {
    const WORDS: [&str; 9] = ["na", "n/a", "nan", "null", "none", "nil", "?", "-", "missing"];
    WORDS.iter().any(|word| name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_does_not_count() {
        for spelling in [
            "caf\u{e9}",
            "cafe\u{301}",
            " caf\u{e9}\t",
            "\u{feff}caf\u{e9}",
            "ca\u{200b}f\u{e9}",
            "caf\u{e9}\u{a0}",
            "caf\u{e9}\u{200d}",
        ] {
            assert_eq!(normalised(spelling), "caf\u{e9}", "{spelling:?}");
        }
        assert_eq!(normalised(" wood "), "wood");
        // A joiner inside a word of Persian shows.
        assert_eq!(normalised("می\u{200c}خواهم"), "می\u{200c}خواهم");
        for other in ["Cafe", "cafe", "caf\u{e9} noir"] {
            assert_ne!(normalised(other), "caf\u{e9}");
        }
    }

    #[test]
    fn spellings_of_one_name_are_alike() {
        for (a, b) in [
            ("Cat", "cat"),
            ("STRASSE", "strasse"),
            ("new  york", "New York"),
            ("1", "1.0"),
            ("007", "7"),
            ("1e2", "100"),
            ("-0", "0"),
            ("\u{ff11}", "1"),
        ] {
            assert_eq!(likeness(a), likeness(b), "{a} and {b}");
        }
        for (a, b) in [("cat", "cats"), ("1", "10"), ("1", "-1"), ("a b", "ab"), ("é", "e")] {
            assert_ne!(likeness(a), likeness(b), "{a} and {b}");
        }
    }
}
