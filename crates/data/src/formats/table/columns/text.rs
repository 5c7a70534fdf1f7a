//! Sentences as numbers.

/// Numbers that a text becomes.
pub(super) const DIMS: usize = 32;

/// The words and the triples of letters of a text, each added to or taken from the number that its hash names; then all of
/// length 1 ([Weinberger et al. 2009](https://arxiv.org/abs/0902.2206)).
pub(super) fn push(cell: &str, out: &mut Vec<f64>) {
    let mut sums = [0.0_f64; DIMS];
    let mut add = |part: &str, weight: f64| {
        let hash = hash(part.as_bytes());
        let sign = if hash >> 63 == 0 { weight } else { -weight };
        if let Some(sum) = sums.get_mut((hash % DIMS as u64) as usize) {
            *sum += sign;
        }
    };
    let lower = cell.to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        add(word, 1.0);
        let edges: Vec<char> = std::iter::once('<').chain(word.chars()).chain(['>']).collect();
        for triple in edges.windows(3) {
            add(&triple.iter().collect::<String>(), 0.25);
        }
    }
    let length = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt();
    out.extend(sums.map(|sum| if length > 0.0 { sum / length } else { 0.0 }));
}

/// FNV-1a, and its bits mixed: the same on every machine and in every version.
fn hash(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(cell: &str) -> Vec<f64> {
        let mut out = Vec::new();
        push(cell, &mut out);
        out
    }

    #[test]
    fn equal_words_make_equal_numbers_whatever_their_case_and_order() {
        assert_eq!(numbers("Mr. Owen Harris"), numbers("harris, owen; MR"));
        assert_ne!(numbers("Mr. Owen Harris"), numbers("Mrs. Owen Harris"));
        assert_eq!(numbers("?!"), vec![0.0; DIMS]);
        let length: f64 = numbers("some words").iter().map(|value| value * value).sum();
        assert!((length - 1.0).abs() < 1e-12);
    }
}
