//! What a terminal shows as it is written: names from data, files and messages may hold characters that it would obey.

use std::borrow::Cow;

/// `text` with every character escaped that a terminal would obey or that nobody would see: control characters but
/// tabs and line breaks, marks of direction and zero width, other separators of lines. A joiner of zero width stays
/// between characters beyond ASCII, where scripts and emoji need it.
///
/// ```
/// assert_eq!(brasa_cli::printable("red\u{1b}[31m"), "red\\u{1b}[31m");
/// assert_eq!(brasa_cli::printable("caf\u{e9}"), "caf\u{e9}");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, |c| c == '\n' || c == '\t')
}

/// As [`printable`], with tabs and line breaks escaped too: for a name in a line or a cell.
pub(crate) fn printable_name(name: &str) -> Cow<'_, str> {
    escape(name, |_| false)
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let harmless = |c: char| (' '..='~').contains(&c) || keep(c);
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let between = before.is_some_and(joins) && rest.peek().copied().is_some_and(joins);
        let obeyed = match c {
            '\u{200c}' | '\u{200d}' => !between,
            c => is_hidden(c),
        };
        if obeyed && !keep(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
        before = Some(c);
    }
    Cow::Owned(shown)
}

/// Whether a joiner beside this character may be part of a script or an emoji.
fn joins(c: char) -> bool {
    !c.is_ascii() && !is_hidden(c)
}

/// Whether a terminal would obey a character, or nobody would see it.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' // soft hyphen
                | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // direction
                | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' // zero width
                | '\u{2028}' | '\u{2029}' // lines and paragraphs
                | '\u{fff9}'..='\u{fffb}' // annotations
                | '\u{e0000}'..='\u{e007f}' // tags
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        for (text, shown) in [
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{7f}", "\\u{7f}"),
            ("back\u{8}\rgone", "back\\u{8}\\u{d}gone"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("\u{2066}a\u{2069}\u{200f}", "\\u{2066}a\\u{2069}\\u{200f}"),
            ("cat\u{200b}", "cat\\u{200b}"),
            ("ca\u{200d}t", "ca\\u{200d}t"),
            ("\u{e0041}", "\\u{e0041}"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn what_people_write_stays() {
        let family = "\u{1f469}\u{200d}\u{1f467}";
        let persian = "\u{645}\u{6cc}\u{200c}\u{62e}";
        for text in
            ["", "plain", "caf\u{e9} \u{4e2d}\u{6587}", family, persian, "\u{2588}\u{258c}", "a\tb\nc"]
        {
            assert_eq!(printable(text), text);
        }
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(printable_name("a\nb\tc\r"), "a\\u{a}b\\u{9}c\\u{d}");
    }
}
