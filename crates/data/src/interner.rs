//! Texts numbered by their first appearance.

use std::collections::HashMap;

/// Numbers texts by first appearance.
#[derive(Default)]
pub(crate) struct Interner(HashMap<Box<str>, u32>);

impl Interner {
    /// The number of a text, which is the next one where it is new.
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.0.get(text) {
            return number;
        }
        let number = self.0.len() as u32;
        self.0.insert(text.into(), number);
        number
    }

    /// How many different texts there were.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has a number.
    pub fn has(&self, text: &str) -> bool {
        self.0.contains_key(text)
    }

    /// The texts in the order of their numbers.
    pub fn into_texts(self) -> Vec<Box<str>> {
        let mut pairs = self.0.into_iter().collect::<Vec<_>>();
        pairs.sort_unstable_by_key(|&(_, number)| number);
        pairs.into_iter().map(|(text, _)| text).collect()
    }
}
