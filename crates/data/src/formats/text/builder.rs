//! From lines to numbers: words and categories are numbered as they come, and renumbered when all are known.

use std::borrow::Cow;
use std::path::Path;

use super::cells::{Cell, Cells};
use super::config::{Choice, TitlesSource};
use super::{MAX_WORDS, PlainWords, TextFacts, tokenise};
use crate::formats::delimited::BadRows;
use crate::formats::{GivenSplit, Source};
use crate::interner::Interner;
use crate::labels::normalised;
use crate::spill::Spill;
use crate::{DataError, LabelEncoder, Labelled, Result, Role, Samples, SourceFile, Values};

/// The tokens of a title, or what is wrong with it.
pub(super) fn tokens<'c>(
    words: &'c Option<Cell<'_>>,
    name: &str,
    given: bool,
) -> std::result::Result<Vec<Cow<'c, str>>, String> {
    let tokens = match words {
        Some(Cell::List(list)) if given => {
            // A token with blanks in it is several, as embedding files separate words by blanks.
            list.iter().flat_map(|text| text.split_whitespace()).map(Cow::Borrowed).collect()
        }
        cell => {
            let text = Cells::text(cell, name)?;
            match given {
                true => text.split_whitespace().map(Cow::Borrowed).collect::<Vec<_>>(),
                false => tokenise(text).map(Cow::Owned).collect(),
            }
        }
    };
    match tokens.is_empty() {
        true => Err(format!("`{name}` holds no letter or digit")),
        false => Ok(tokens),
    }
}

/// What has been read.
pub(super) struct Builder<'s> {
    source: &'s TitlesSource,
    words: Interner,
    categories: Interner,
    /// Titles of each category.
    titles: Vec<usize>,
    /// Category, split, number of words and the words of each title, as first numbered.
    rows: Spill<u32>,
    row: Vec<u32>,
    bad: BadRows,
}

impl<'s> Builder<'s> {
    /// Keeps the titles in a temporary file of the folder, if there is one.
    pub fn new(source: &'s TitlesSource, folder: Option<&Path>) -> Self {
        let mut categories = Interner::default();
        if let Choice::Listed(classes) = &source.choice {
            classes.iter().for_each(|class| {
                categories.number(&normalised(class));
            });
        }
        Self {
            source,
            words: Interner::default(),
            titles: vec![0; categories.len()],
            categories,
            rows: Spill::beyond(0, folder),
            row: Vec::new(),
            bad: BadRows::allow(source.skip_bad),
        }
    }

    /// Takes a line, or counts it as bad.
    pub fn take(
        &mut self,
        file: &str,
        line: u64,
        role: Option<Role>,
        cells: std::result::Result<Cells<'_>, String>,
    ) -> Result<()> {
        match cells.and_then(|cells| self.row(&cells, role)) {
            Ok(true) => self.rows.write(&self.row),
            Ok(false) => Ok(()),
            Err(problem) => self.bad.pass(DataError::in_line(file, line, problem)),
        }
    }

    /// Makes the row of a line; false when it is one of those that are left out.
    fn row(&mut self, cells: &Cells<'_>, role: Option<Role>) -> std::result::Result<bool, String> {
        let fields = &self.source.fields;
        if let (Some(field), Some(language)) = (&fields.language, &self.source.language)
            && Cells::text(&cells.language, field)? != language
        {
            return Ok(false);
        }
        let target = fields.target.as_deref().unwrap_or_default();
        let category = normalised(Cells::text(&cells.target, target)?);
        let category = &*category;
        let role = match (&self.source.split, &fields.split) {
            (Some(split), Some(field)) => {
                let text = Cells::text(&cells.split, field)?;
                let wrong = || format!("`{field}`: expected {}, found `{text}`", split.expected());
                Some(split.role(text).ok_or_else(wrong)?)
            }
            _ => role,
        };
        let listed = matches!(self.source.choice, Choice::Listed(_));
        if listed && !self.categories.has(category) {
            return Ok(false);
        }
        let tokens = tokens(&cells.words, &fields.words, self.source.tokens)?;
        let tokens = self.source.grams.add(tokens);
        let category = self.categories.number(category);
        self.row.clear();
        self.row.extend([category, role.map_or(0, |role| role as u32), tokens.len() as u32]);
        for token in &tokens {
            self.row.push(self.words.number(token));
        }
        self.titles.resize(self.categories.len(), 0);
        if let Some(count) = self.titles.get_mut(category as usize) {
            *count += 1;
        }
        Ok(true)
    }

    /// The data set: categories chosen, words counted in their titles and numbered by frequency.
    pub fn finish(mut self, folder: Option<&Path>, files: Vec<SourceFile>) -> Result<Labelled> {
        let source = self.source;
        let name = source.file_names().join(", ");
        let categories = std::mem::take(&mut self.categories).into_texts();
        let rows = self.titles.iter().sum::<usize>();
        if rows == 0 {
            return Err(DataError::no_rows(name));
        }
        let classes = choose(&source.choice, &categories, &self.titles, &name)?;
        let encoder = LabelEncoder::with_classes(classes);
        let labels = categories.iter().map(|category| encoder.encode(category).ok()).collect::<Vec<_>>();

        let words = std::mem::take(&mut self.words).into_texts();
        let mut counts = vec![0_u64; words.len()];
        each_row(&mut self.rows, rows, |[category, _], words| {
            if labels.get(category as usize).is_some_and(Option::is_some) {
                for &word in words {
                    if let Some(count) = counts.get_mut(word as usize) {
                        *count += 1;
                    }
                }
            }
            Ok(())
        })?;
        let is_word = |word: &str| source.grams.is_word(word);
        let (numbers, facts) = vocabulary(words, &counts, source.min_count, is_word, &name)?;
        let plain_words = facts.vocabulary.iter().take_while(|word| is_word(word)).count();

        let (skipped, first_skipped) = std::mem::take(&mut self.bad).passed();
        let mut facts = TextFacts {
            field: source.fields.words.clone(),
            tokens: source.tokens,
            grams: source.grams,
            length: source.length,
            skipped,
            first_skipped,
            ..facts
        };
        let mut ids = Spill::beyond(0, folder);
        let mut kept_labels = Vec::new();
        let mut roles = Vec::new();
        let mut sample = Vec::with_capacity(source.length);
        // Titles of so many plain words.
        let mut plain_lengths = vec![0_usize; source.length + 1];
        each_row(&mut self.rows, rows, |[category, role], words| {
            let Some(label) = labels.get(category as usize).copied().flatten() else { return Ok(()) };
            sample.clear();
            let kept =
                words.iter().filter_map(|&word| numbers.get(word as usize).copied().filter(|&id| id > 0));
            sample.extend(kept);
            facts.cut += usize::from(sample.len() > source.length);
            sample.resize(source.length, 0);
            let plain = sample.iter().take_while(|&&id| (1..=plain_words).contains(&(id as usize))).count();
            if let Some(count) = plain_lengths.get_mut(plain) {
                *count += 1;
            }
            kept_labels.push(label);
            roles.extend(Role::ALL.get(role as usize));
            ids.write(&sample)
        })?;
        let ids = ids.into_buffer()?;
        facts.plain = (!source.grams.is_none())
            .then(|| PlainWords { words: plain_words, length: most_but_a_twentieth(&plain_lengths).max(1) });
        Ok(Labelled {
            files,
            text: Some(facts),
            roles: (source.given_split() == GivenSplit::Any).then_some(roles),
            ..Labelled::new(
                name,
                Samples::new(vec![source.length], Values::U32(ids))?,
                kept_labels,
                encoder.classes().to_vec(),
            )
        })
    }
}

fn each_row(
    spill: &mut Spill<u32>,
    rows: usize,
    mut take: impl FnMut([u32; 2], &[u32]) -> Result<()>,
) -> Result<()> {
    let mut reader = spill.reader()?;
    let mut row = Vec::new();
    for _ in 0..rows {
        let mut head = [0; 3];
        reader.read(&mut head)?;
        let [category, role, len] = head;
        row.resize(len as usize, 0);
        reader.read(&mut row)?;
        take([category, role], &row)?;
    }
    Ok(())
}

/// The categories to keep, in the order of their numbers.
fn choose(choice: &Choice, categories: &[Box<str>], titles: &[usize], name: &str) -> Result<Vec<String>> {
    let with_titles = || categories.iter().zip(titles).filter(|&(_, &count)| count > 0);
    let kept = match choice {
        Choice::Listed(classes) => {
            if let Some(class) =
                classes.iter().find(|&class| !with_titles().any(|(c, _)| **c == *normalised(class)))
            {
                let problem = format!("no title of {name} is of the category `{class}`");
                return Err(DataError::config("text.classes", problem));
            }
            classes.clone()
        }
        Choice::Top(top) => {
            let mut ranked = with_titles().collect::<Vec<_>>();
            ranked.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            let kept = ranked.iter().take(*top).map(|(category, _)| &***category);
            LabelEncoder::fit(kept).classes().to_vec()
        }
        Choice::All => LabelEncoder::fit(with_titles().map(|(category, _)| &**category)).classes().to_vec(),
    };
    match &*kept {
        [only] => Err(DataError::one_class(name, only.clone())),
        _ => Ok(kept),
    }
}

/// The place that is not exceeded but in one case of twenty, by how many there are of each.
fn most_but_a_twentieth(counts: &[usize]) -> usize {
    let beyond = counts.iter().sum::<usize>() / 20;
    let mut seen = 0;
    let reached = |count: &usize| {
        seen += count;
        seen > beyond
    };
    counts.len().saturating_sub(1 + counts.iter().rev().position(reached).unwrap_or(0))
}

/// The new number of each word, 0 for those that are left out, and the words by number: those that are words before other tokens.
fn vocabulary(
    words: Vec<Box<str>>,
    counts: &[u64],
    min_count: u64,
    is_word: impl Fn(&str) -> bool,
    name: &str,
) -> Result<(Vec<u32>, TextFacts)> {
    let mut order = (0..words.len()).filter(|&word| counts[word] >= min_count).collect::<Vec<_>>();
    let key = |&place: &usize| (!is_word(&words[place]), std::cmp::Reverse(counts[place]), &words[place]);
    order.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
    let wrong = |problem: String| Err(DataError::in_file(name, problem));
    if order.is_empty() {
        let most = counts.iter().max().copied().unwrap_or_default();
        return wrong(format!(
            "no word occurs {min_count} times, the most frequent one {most} times; lower min_count"
        ));
    }
    if order.len() >= MAX_WORDS {
        return wrong(format!(
            "{} different words are too many, expected less than {MAX_WORDS}; raise min_count",
            order.len()
        ));
    }
    let mut numbers = vec![0; words.len()];
    for (id, &word) in (1..).zip(&order) {
        numbers[word] = id;
    }
    let facts = TextFacts {
        counts: order.iter().map(|&word| counts[word]).collect(),
        vocabulary: order.iter().map(|&word| words[word].to_string()).collect(),
        ..TextFacts::default()
    };
    Ok((numbers, facts))
}
