//! Names of classes and columns in tables.

use std::collections::BTreeSet;

use crate::printable::printable_name;

/// The names as a table shows them: those of more than `width` characters without their middle. Names that differ still
/// do.
pub(crate) fn short_names<S: AsRef<str>>(names: &[S], width: usize) -> Vec<String> {
    let fits = |name: &str| name.chars().count() <= width;
    let whole: Vec<String> = names.iter().map(|name| printable_name(name.as_ref()).into_owned()).collect();
    let mut taken: BTreeSet<String> = whole.iter().filter(|name| fits(name)).cloned().collect();
    let mut short = Vec::with_capacity(whole.len());
    for name in whole {
        if fits(&name) {
            short.push(name);
            continue;
        }
        let mut number = 1;
        let chosen = loop {
            let chosen = without_middle(&name, number, width);
            if !taken.contains(&chosen) {
                break chosen;
            }
            number += 1;
        };
        taken.insert(chosen.clone());
        short.push(chosen);
    }
    short
}

/// The start and the end of a name; with its number, where others look the same.
fn without_middle(name: &str, number: usize, width: usize) -> String {
    let mark = if number == 1 { "\u{2026}".to_owned() } else { format!("\u{2026}{number}\u{2026}") };
    let left = width.saturating_sub(mark.chars().count());
    let (head, tail) = (left - left / 2, left / 2);
    let count = name.chars().count();
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(count - tail.min(count)).collect();
    format!("{start}{mark}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_ends_and_differ() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(60), "z".repeat(60));
        let names = [long("1"), "short".into(), long("2"), long("3"), format!("{}9", "a".repeat(60))];
        let short = short_names(&names, 40);
        assert!(short.iter().all(|name| name.chars().count() <= 40), "{short:?}");
        assert_eq!(short.iter().collect::<BTreeSet<_>>().len(), names.len(), "{short:?}");
        assert_eq!(short[1], "short");
        assert!(short[0].starts_with("aaaa") && short[0].ends_with("zzzz") && short[4].ends_with("a9"));
    }

    #[test]
    fn a_short_name_that_looks_like_a_cut_one_stays_itself() {
        let long = format!("{}{}", "a".repeat(60), "z".repeat(60));
        let same = without_middle(&long, 1, 40);
        let short = short_names(&[long, same.clone()], 40);
        assert_eq!(short[1], same);
        assert_ne!(short[0], same);
    }
}
