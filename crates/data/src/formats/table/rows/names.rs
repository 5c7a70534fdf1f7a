use crate::interner::Interner;
use crate::{LabelEncoder, Result};

/// A name per row.
#[derive(Default)]
pub(super) struct Names {
    texts: Interner,
    numbers: Vec<u32>,
}

impl Names {
    pub fn push(&mut self, name: &str) {
        self.numbers.push(self.texts.number(name));
    }

    /// How many rows have one.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Takes over the names of rows behind these.
    pub fn append(&mut self, part: Self) {
        let texts = part.texts.into_texts();
        let numbers: Vec<u32> = texts.iter().map(|text| self.texts.number(text)).collect();
        self.numbers.extend(part.numbers.iter().filter_map(|&number| numbers.get(number as usize)));
    }

    /// The class of each, of the known ones or those that there are, sorted.
    ///
    /// # Errors
    /// A name that is no known class.
    pub fn encoded(self, known: Option<LabelEncoder>) -> Result<(Vec<u32>, LabelEncoder)> {
        let texts = self.texts.into_texts();
        let encoder = known.unwrap_or_else(|| LabelEncoder::fit(texts.iter().map(|text| &**text)));
        let classes = texts.iter().map(|text| encoder.encode(text)).collect::<Result<Vec<u32>>>()?;
        let class = |number: &u32| classes.get(*number as usize).copied();
        Ok((self.numbers.iter().filter_map(class).collect(), encoder))
    }
}
