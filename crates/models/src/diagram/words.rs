//! Numbers and layers in few characters.

use crate::summary::grouped;

/// `1,290 parameters`; nothing where there are none.
pub(super) fn parameters(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 parameter".into()),
        _ => Some(format!("{} parameters", grouped(count))),
    }
}

/// `803 FLOPs`, `8.18 GFLOPs`.
pub(super) fn flops(count: usize) -> String {
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let value = count as f64;
    // What would be rounded to 1,000 of a unit is 1 of the next.
    match units.into_iter().find(|(unit, _)| value >= *unit * 0.9995) {
        Some((unit, prefix)) if count >= 1000 => format!("{} {prefix}FLOPs", significant(value / unit)),
        _ => format!("{count} FLOPs"),
    }
}

/// Three digits of a number from 1 to 1,000, or of one below 1.
fn significant(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.01 => 3,
        _ => 5,
    };
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Words on one line, a number that was reckoned (`0.037500000000000006`) with three digits.
pub(super) fn tidy(text: &str) -> String {
    let word = |word: &str| {
        let number = word.parse::<f64>().ok().filter(|number| (1e-5..1e3).contains(&number.abs()));
        match number {
            Some(number) if word.len() > 6 && word.contains('.') => significant(number),
            _ => clean(word),
        }
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Without what no file of text may hold, or what changes the direction of the text around it.
pub(super) fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}')
    };
    text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect()
}

/// From one layer to another of its kind: `dropout 0.1 … 0.3`.
pub(super) fn span(first: Option<&str>, last: Option<&str>) -> String {
    let (first, last) = (first.unwrap_or("none"), last.unwrap_or("none"));
    let shared = first.split(' ').zip(last.split(' ')).take_while(|(a, b)| a == b).count();
    let rest: Vec<_> = last.split(' ').skip(shared).collect();
    format!("{first} … {}", rest.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_told_in_three_digits() {
        let told = [0, 803, 1_000, 8_178_000_000, 45_600_000, 999_600].map(flops);
        assert_eq!(told, ["0 FLOPs", "803 FLOPs", "1 kFLOPs", "8.18 GFLOPs", "45.6 MFLOPs", "1 MFLOPs"]);
    }

    #[test]
    fn numbers_that_were_reckoned_are_shortened() {
        assert_eq!(tidy("stochastic-depth 0.037500000000000006"), "stochastic-depth 0.038");
        assert_eq!(tidy("dropout 0.25"), "dropout 0.25");
        assert_eq!(tidy("a\u{0}b\n c"), "a b c");
    }

    #[test]
    fn what_two_layers_share_is_told_once() {
        assert_eq!(span(Some("dropout 0.1"), Some("dropout 0.3")), "dropout 0.1 … 0.3");
        assert_eq!(span(None, Some("dropout 0.3")), "none … dropout 0.3");
    }
}
