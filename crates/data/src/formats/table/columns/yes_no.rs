//! Yes and no.

use crate::labels::normalised;

/// No and yes as people write them, a pair for each way; in lower case.
pub(crate) const LANGUAGES: [[&str; 2]; 19] = [
    ["no", "yes"],
    ["n", "y"],
    ["false", "true"],
    ["f", "t"],
    ["off", "on"],
    ["nein", "ja"],
    ["non", "oui"],
    ["no", "sí"],
    ["no", "si"],
    ["no", "sì"],
    ["não", "sim"],
    ["nao", "sim"],
    ["nee", "ja"],
    ["nej", "ja"],
    ["nei", "ja"],
    ["nie", "tak"],
    ["нет", "да"],
    ["hayır", "evet"],
    // As capitals of Turkish become small ones elsewhere.
    ["hayir", "evet"],
];

/// A cell as the words are written.
pub(crate) fn lower(cell: &str) -> String {
    normalised(cell).to_lowercase()
}

/// Whether a cell says yes, in any of the languages; none where it says neither.
pub(crate) fn yes_or_no(cell: &str) -> Option<bool> {
    let lower = lower(cell);
    LANGUAGES.iter().flatten().position(|word| *word == lower).map(|place| place % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_means_yes_in_one_language_and_no_in_another() {
        for [no, yes] in LANGUAGES {
            assert_eq!((yes_or_no(no), yes_or_no(yes)), (Some(false), Some(true)));
        }
        assert_eq!((yes_or_no("YES"), yes_or_no("Não"), yes_or_no("maybe")), (Some(true), Some(false), None));
        assert_eq!((yes_or_no(""), yes_or_no("1")), (None, None));
        assert_eq!((yes_or_no("HAYIR"), yes_or_no("si\u{301}")), (Some(false), Some(true)));
    }
}
