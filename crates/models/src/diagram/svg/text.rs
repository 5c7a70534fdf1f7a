//! Text in SVG: how wide it is, where it is broken, and what is escaped.

use super::super::words::clean;

/// Width of a character at a size of 1: all letters are of one width, and no common font for that has wider ones.
const CHARACTER: f64 = 0.61;

/// Characters of a line of a box, and of one layer, at most.
const LINE: usize = 38;
const LONGEST: usize = 56;

/// Estimated width of `text` in pixels at `size` pixels. Letters of Chinese, Japanese and Korean are two wide.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let characters: usize = text.chars().map(|c| if u32::from(c) >= 0x2E80 { 2 } else { 1 }).sum();
    characters as f64 * CHARACTER * size
}

/// The first characters of a longer text.
pub(super) fn cut(text: &str, longest: usize) -> String {
    match text.chars().count() > longest {
        true => text.chars().take(longest.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// Layers as lines of a box, filled from the end: what does not fit beside the first layer stands together below it.
pub(super) fn lines<'a>(words: impl DoubleEndedIterator<Item = &'a str>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.rev().map(|word| cut(word, LONGEST)) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() + 3 <= LINE => {
                *line = format!("{word} · {line}");
            }
            _ => lines.push(word),
        }
    }
    lines.reverse();
    lines
}

/// With the special characters of XML replaced.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_share_a_line_while_there_is_room() {
        let words = ["conv 256 1x1 bias=no", "batch-norm", "relu"];
        assert_eq!(lines(words.into_iter()), ["conv 256 1x1 bias=no", "batch-norm · relu"]);
        assert_eq!(lines(words[1..].iter().copied()), ["batch-norm · relu"]);
        let long = "x".repeat(100);
        assert_eq!(lines([long.as_str()].into_iter())[0].chars().count(), LONGEST);
    }

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escape("a<b> & \"c\" 'd'\u{1}"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; ");
    }
}
