//! Long names made to fit so that they can still be told apart.

use std::collections::HashMap;

use crate::canvas::{Canvas, Point};
use crate::text::{char_width, clean, fit, width};

/// `text` without control characters, cut in its middle where it is wider than `max_width`: names of one kind often
/// begin alike and differ at their end.
pub(crate) fn fit_middle(text: &str, size: f64, max_width: f64) -> String {
    let text = clean(text);
    if width(&text, size) <= max_width {
        return text;
    }
    let room = max_width - width("…", size);
    let (mut head, mut tail) = (text.chars(), text.chars().rev());
    let (mut kept, mut end) = (String::new(), Vec::new());
    let mut used = 0.0;
    // From the start and from the end in turn; the two never meet, since the whole is too wide.
    for turn in 0.. {
        let next = if turn % 2 == 0 { head.next() } else { tail.next() };
        let Some(next) = next else { break };
        used += char_width(next) * size;
        if used > room {
            break;
        }
        if turn % 2 == 0 { kept.push(next) } else { end.push(next) }
    }
    let end: String = end.into_iter().rev().collect();
    format!("{}…{}", kept.trim_end(), end.trim_start())
}

/// Each of `names` cut to `max_width`, no two different names alike: what [`fit_middle`] leaves alike is cut from the
/// start up to where it differs, and numbered by its place where that does not help.
pub(crate) fn short_names<'a>(
    names: impl IntoIterator<Item = &'a str>,
    size: f64,
    max_width: f64,
) -> Vec<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let mut short: Vec<String> = names.iter().map(|name| fit_middle(name, size, max_width)).collect();
    for group in alike(&names, &short) {
        let same = common_start(&names, &group);
        for index in group {
            set(&mut short, index, || Some(fit_from(names.get(index)?, same, size, max_width)));
        }
    }
    for group in alike(&names, &short) {
        for index in group {
            let number = format!(" #{}", index + 1);
            let room = max_width - width(&number, size);
            set(&mut short, index, || Some(fit_middle(names.get(index)?, size, room) + &number));
        }
    }
    short
}

fn set(short: &mut [String], index: usize, value: impl FnOnce() -> Option<String>) {
    if let (Some(place), Some(value)) = (short.get_mut(index), value()) {
        *place = value;
    }
}

/// Places of different names that were cut to the same.
fn alike(names: &[&str], short: &[String]) -> Vec<Vec<usize>> {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::with_capacity(short.len());
    for (index, cut) in short.iter().enumerate() {
        groups.entry(cut).or_default().push(index);
    }
    let differ = |group: &Vec<usize>| {
        group.windows(2).any(|pair| match pair {
            [a, b] => names.get(*a) != names.get(*b),
            _ => false,
        })
    };
    groups.into_values().filter(differ).collect()
}

/// How many characters all names of a group begin with.
fn common_start(names: &[&str], group: &[usize]) -> usize {
    let mut of_group = group.iter().filter_map(|&index| names.get(index));
    let Some(first) = of_group.next() else { return 0 };
    of_group
        .map(|name| first.chars().zip(name.chars()).take_while(|(a, b)| a == b).count())
        .min()
        .unwrap_or(0)
}

/// The end of `name`, as much of it as fits, its characters from `start` on before all.
fn fit_from(name: &str, start: usize, size: f64, max_width: f64) -> String {
    let characters: Vec<char> = clean(name).chars().collect();
    let room = max_width - width("…", size);
    let mut used = 0.0;
    let fitting = characters.iter().rev().take_while(|&&c| {
        used += char_width(c) * size;
        used <= room
    });
    let first = characters.len() - fitting.count();
    let kept: String = characters.get(first.min(start)..).unwrap_or_default().iter().collect();
    fit(&format!("…{kept}"), size, max_width)
}

/// Shows the whole `name` where the pointer rests between two corners, if what is `shown` there is not all of it.
pub(crate) fn tell_whole(canvas: &Canvas<'_>, corners: (Point, Point), name: &str, shown: &str) {
    if shown != clean(name) {
        canvas.tooltip(corners.0, corners.1, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distinct(names: &[String], room: f64) -> Vec<String> {
        let short = short_names(names.iter().map(String::as_str), 13.0, room);
        let different: std::collections::BTreeSet<&String> = short.iter().collect();
        assert_eq!(different.len(), names.len(), "{short:?}");
        assert!(short.iter().all(|name| width(name, 13.0) <= room + 1e-9), "{short:?}");
        short
    }

    #[test]
    fn a_long_name_keeps_its_start_and_its_end() {
        assert_eq!(fit_middle("short", 13.0, 110.0), "short");
        let cut = fit_middle("Residential/Kitchen/Cutlery/Forks", 13.0, 110.0);
        assert!(cut.starts_with("Resid") && cut.ends_with("Forks") && cut.contains('…'), "{cut}");
    }

    #[test]
    fn names_that_differ_anywhere_stay_different_and_fit() {
        let long = "a very long name that many classes share ";
        let ends: Vec<String> = (0..300).map(|i| format!("{long}{i}")).collect();
        distinct(&ends, 110.0);
        let starts: Vec<String> = (0..300).map(|i| format!("{i} {long}")).collect();
        distinct(&starts, 110.0);
        let middles: Vec<String> = (0..300).map(|i| format!("{long}{i} {long}")).collect();
        let short = distinct(&middles, 110.0);
        assert!(short.iter().all(|name| name.contains('…')), "{short:?}");
    }

    #[test]
    fn equal_names_are_left_equal_and_short_ones_as_they_are() {
        assert_eq!(short_names(["a", "a", "b"], 13.0, 110.0), ["a", "a", "b"]);
    }
}
