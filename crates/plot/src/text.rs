//! How wide text is, how it is shortened, and how numbers are written.

/// Estimated width of `text` in pixels at `size` pixels.
///
/// SVG text is laid out by the viewer, whose font is unknown; the widths are those of DejaVu Sans, the widest
/// of the common sans-serif fonts, so that real text is rarely wider than the estimate.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(char_width).sum::<f64>() * size
}

/// Estimated width of a character at a size of 1.
pub(crate) fn char_width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | 'I' => 0.32,
        ' ' | '.' | ',' | ':' | ';' | '/' | '!' | '-' => 0.36,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' => 0.41,
        'm' | 'M' | 'w' | 'W' | '%' | '@' => 0.95,
        '+' | '<' | '=' | '>' | '~' => 0.84,
        '…' => 1.0,
        'A'..='Z' => 0.71,
        '0'..='9' => 0.64,
        c if (c as u32) >= 0x2E80 => 1.0,
        _ => 0.61,
    }
}

/// `text` without control characters, cut with an ellipsis where it is wider than `max_width`.
pub(crate) fn fit(text: &str, size: f64, max_width: f64) -> String {
    let text = clean(text);
    if width(&text, size) <= max_width {
        return text;
    }
    let room = max_width - char_width('…') * size;
    let mut used = 0.0;
    let mut kept: String = text
        .chars()
        .take_while(|&c| {
            used += char_width(c) * size;
            used <= room
        })
        .collect();
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// `text` broken at spaces into lines no wider than `max_width`, at most `max_lines` of them.
pub(crate) fn wrap(text: &str, size: f64, max_width: f64, max_lines: usize) -> Vec<String> {
    let text = clean(text);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if lines_full(line, word, size, max_width) => lines.push(word.to_owned()),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    if lines.len() > max_lines {
        let rest = lines.split_off(max_lines.saturating_sub(1)).join(" ");
        lines.push(rest);
    }
    lines.iter().map(|line| fit(line, size, max_width)).collect()
}

fn lines_full(line: &str, word: &str, size: f64, max_width: f64) -> bool {
    width(line, size) + char_width(' ') * size + width(word, size) > max_width
}

/// Control characters are not allowed in XML, not even escaped.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') { ' ' } else { c })
        .collect()
}

/// `text` with the five special characters of XML replaced, for attributes and element text.
pub(crate) fn escape(text: &str) -> String {
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

/// Labels of evenly spaced ticks: the same number of decimals, `k`/`M`/`G`/`T` from 10 000 on, and
/// scientific notation below 0.001.
pub(crate) fn tick_labels(ticks: &[f64], step: f64) -> Vec<String> {
    let largest = ticks.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    if largest > 0.0 && !(1e-3..1e15).contains(&largest) {
        let digits = (largest / step).log10().ceil().clamp(0.0, 12.0) as usize + 1;
        return ticks.iter().map(|&t| scientific(t, digits)).collect();
    }
    let (unit, suffix) = match largest {
        l if l >= 1e12 => (1e12, "T"),
        l if l >= 1e9 => (1e9, "G"),
        l if l >= 1e6 => (1e6, "M"),
        l if l >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let decimals = (-(step / unit).log10() - 1e-9).ceil().clamp(0.0, 12.0) as usize;
    ticks
        .iter()
        .map(|&t| if t == 0.0 { "0".to_owned() } else { format!("{:.decimals$}{suffix}", t / unit) })
        .collect()
}

/// One number in few characters: `0`, `12`, `0.05`, `3.2e-5`, `15k`.
pub(crate) fn short_number(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e15).contains(&magnitude) {
        scientific(value, 2)
    } else if magnitude >= 1e4 {
        let (unit, suffix) = [(1e12, "T"), (1e9, "G"), (1e6, "M")]
            .into_iter()
            .find(|(unit, _)| magnitude >= *unit)
            .unwrap_or((1e3, "k"));
        format!("{}{suffix}", trim_zeros(&format!("{:.1}", value / unit)))
    } else {
        let decimals = (3 - magnitude.log10().floor() as i32).clamp(0, 6) as usize;
        trim_zeros(&format!("{value:.decimals$}"))
    }
}

/// `value` as mantissa and exponent with at most `digits` digits after the point.
pub(crate) fn scientific(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let written = format!("{value:.digits$e}");
    match written.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trim_zeros(mantissa)),
        None => written,
    }
}

fn trim_zeros(number: &str) -> String {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        number.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_to_the_width_it_may_take() {
        let cut = fit("a very long class name indeed", 12.0, 80.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0) <= 80.0, "{cut}");
        assert_eq!(fit("short", 12.0, 80.0), "short");
    }

    #[test]
    fn wrapping_keeps_every_line_within_the_width() {
        let lines = wrap("petal length of the flower in centimetres", 12.0, 90.0, 3);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| width(line, 12.0) <= 90.0), "{lines:?}");
    }

    #[test]
    fn tick_labels_stay_short_and_distinct() {
        assert_eq!(
            tick_labels(&[0.0, 2e-5, 4e-5, 6e-5, 8e-5, 1e-4], 2e-5),
            ["0", "2e-5", "4e-5", "6e-5", "8e-5", "1e-4"]
        );
        assert_eq!(tick_labels(&[0.9995, 0.9996], 1e-4), ["0.9995", "0.9996"]);
        assert_eq!(tick_labels(&[0.0, 10_000.0, 20_000.0], 10_000.0), ["0", "10k", "20k"]);
        assert_eq!(tick_labels(&[-1.0, 0.0, 1.0], 1.0), ["-1", "0", "1"]);
    }

    #[test]
    fn short_numbers() {
        let written: Vec<String> =
            [0.0, 12.0, 0.05, 3.2e-5, 15_000.0, 0.123_456, -2.5e6].into_iter().map(short_number).collect();
        assert_eq!(written, ["0", "12", "0.05", "3.2e-5", "15k", "0.1235", "-2.5M"]);
    }
}
