//! Where each key of a recipe was written.

use std::collections::BTreeMap;

use brasa_data::Location;
use brasa_data::keys::Fault;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::RecipeError;

/// The place of every key that was written, by its dotted path. Two recipes that say the same are equal wherever they
/// were written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// The file as a whole.
    file: Option<String>,
    keys: BTreeMap<String, Location>,
}

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Places {
    /// The places of all keys of `text`, the content of `file`.
    ///
    /// # Errors
    /// [`RecipeError::Syntax`].
    pub(super) fn of(file: &str, text: &str) -> Result<Self, RecipeError> {
        let document = DeTable::parse(text).map_err(|error| syntax(file, text, &error))?;
        let mut places = Self { file: Some(file.to_owned()), keys: BTreeMap::new() };
        places.add_table("", document.get_ref(), &|start| Location::in_text(file, text, start));
        Ok(places)
    }

    fn add_table(&mut self, above: &str, table: &DeTable<'_>, at: &dyn Fn(usize) -> Location) {
        for (key, value) in table {
            let path = match above {
                "" => key.get_ref().to_string(),
                above => format!("{above}.{}", key.get_ref()),
            };
            self.keys.insert(path.clone(), at(key.span().start));
            self.add_value(&path, value, at);
        }
    }

    fn add_value(&mut self, path: &str, value: &Spanned<DeValue<'_>>, at: &dyn Fn(usize) -> Location) {
        match value.get_ref() {
            DeValue::Table(table) => self.add_table(path, table, at),
            DeValue::Array(list) => {
                for (place, element) in list.iter().enumerate() {
                    let path = format!("{path}[{place}]");
                    self.keys.insert(path.clone(), at(element.span().start));
                    self.add_value(&path, element, at);
                }
            }
            _ => {}
        }
    }

    /// Says that `key` and all below it were given by `by`, and the tables around it, too, where nothing gave them before.
    /// Where `by` is `None`, nobody gave it.
    pub(super) fn set(&mut self, key: &str, by: Option<Location>) {
        self.keys.retain(|path, _| !is_at_or_below(path, key));
        let Some(by) = by else { return };
        for (end, _) in key.match_indices('.') {
            self.keys.entry(key[..end].to_owned()).or_insert_with(|| by.clone());
        }
        self.keys.insert(key.to_owned(), by);
    }

    /// Takes over what `others` knows of `key` and all below it.
    pub(super) fn take_over(&mut self, key: &str, others: &Self) {
        self.set(key, None);
        let below = others.keys.iter().filter(|(path, _)| is_at_or_below(path, key));
        self.keys.extend(below.map(|(path, at)| (path.clone(), at.clone())));
    }

    /// The place of `key`, or of the nearest table around it that was written.
    pub(super) fn find(&self, key: &str) -> Location {
        let mut path = key;
        loop {
            if let Some(at) = self.keys.get(path) {
                return at.clone().with_key(key);
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => break,
            }
        }
        let file = Location { file: self.file.clone(), ..Location::default() };
        if key.is_empty() { file } else { file.with_key(key) }
    }

    /// The fault with its place.
    pub(super) fn locate(&self, Fault { key, problem }: Fault) -> RecipeError {
        RecipeError::Key { at: self.find(&key), problem }
    }
}

fn is_at_or_below(path: &str, key: &str) -> bool {
    path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The parser's words and place.
pub(super) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> RecipeError {
    let at = match error.span() {
        Some(span) => Location::in_text(file, text, span.start),
        None => Location::file(file),
    };
    RecipeError::Syntax { at, message: error.message().trim().replace('\n', ", ") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TEXT: &str = "top = 1\n[data]\nlimit = 3\n  [data.csv]\n  file = \"a\"\n[augment]\nsteps = [\n  { kind = \"x\" },\n  { kind = \"y\", p = 2 },\n]\nmodel.hidden = [1, 2]\n";

    fn place(places: &Places, key: &str) -> (Option<usize>, Option<usize>) {
        let at = places.find(key);
        assert_eq!(at.key.as_deref(), Some(key));
        (at.line, at.column)
    }

    #[test]
    fn every_key_is_found_in_its_line_however_deep() {
        let places = Places::of("r.toml", TEXT).unwrap();
        for (key, line, column) in [
            ("top", 1, 1),
            ("data", 2, 2),
            ("data.limit", 3, 1),
            ("data.csv.file", 5, 3),
            ("augment.steps[1].p", 9, 17),
            ("augment.model.hidden[1]", 11, 20),
        ] {
            assert_eq!(place(&places, key), (Some(line), Some(column)), "{key}");
        }
        // What was not written is looked for in the table around it.
        assert_eq!(place(&places, "data.csv.target"), (Some(4), Some(9)));
        assert_eq!(place(&places, "augment.steps[0].p"), (Some(8), Some(3)));
        assert_eq!(place(&places, "optimizer.lr"), (None, None));
        assert_eq!(places.find("").to_string(), "r.toml");
    }

    #[test]
    fn an_override_takes_the_place_of_a_key_and_of_all_below_it() {
        let mut places = Places::of("r.toml", TEXT).unwrap();
        places.set("augment.steps", Some(Location::file("--set x")));
        assert_eq!(places.find("augment.steps[1].p").to_string(), "--set x: `augment.steps[1].p`");
        places.set("data.limit", None);
        assert_eq!(places.find("data.limit").to_string(), "r.toml, line 2: `data.limit`");
        assert_eq!(places.find("data.csv.file").to_string(), "r.toml, line 5: `data.csv.file`");
    }
}
