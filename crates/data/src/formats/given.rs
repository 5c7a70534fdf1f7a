//! Splits that the data bring along: a column that names them, or a file for each.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::encoder::LabelEncoder;
use crate::formats::table::check_classes;
use crate::spill::Spill;
use crate::{
    Buffer, ClassTargets, DataError, Labelled, NumberTargets, Result, Role, Samples, Targets, Values,
};

/// A file for each split, `files = { train = "a.csv", valid = "b.csv", test = "c.csv" }` in a recipe. Without `valid`,
/// the validation rows are cut from the training rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitFiles {
    /// The file with the training rows.
    pub train: String,
    /// The file with the validation rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<String>,
    /// The file with the test rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
}

impl SplitFiles {
    /// The files, each with its split.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &str)> {
        by_role(&self.train, self.valid.as_deref(), self.test.as_deref())
    }

    /// The file of a split.
    #[must_use]
    pub fn of(&self, role: Role) -> Option<&str> {
        self.iter().find(|&(of, _)| of == role).map(|(_, file)| file)
    }

    pub(crate) fn check(&self, key: &str) -> Result<()> {
        let names = self.iter().map(|(_, file)| file.to_owned()).collect::<Vec<_>>();
        if names.len() == 1 {
            let problem = "names the training file alone; use the key `file`, or name a test file, too";
            return Err(DataError::config(key, problem));
        }
        crate::checked::distinct(key, &names)
    }
}

/// What the splits are called in a column, `split_names = { train = "Training", test = "PrivateTest" }` in a recipe.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitNames {
    /// Training rows.
    pub train: String,
    /// Validation rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<String>,
    /// Test rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
}

impl SplitNames {
    fn iter(&self) -> impl Iterator<Item = (Role, &str)> {
        by_role(&self.train, self.valid.as_deref(), self.test.as_deref())
    }
}

/// What is given of each split, those left out that have none.
fn by_role<'a>(
    train: &'a str,
    valid: Option<&'a str>,
    test: Option<&'a str>,
) -> impl Iterator<Item = (Role, &'a str)> {
    let all = [(Role::Train, Some(train)), (Role::Valid, valid), (Role::Test, test)];
    all.into_iter().filter_map(|(role, given)| Some((role, given?)))
}

/// A column that says which split each row belongs to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct SplitColumn {
    pub column: String,
    names: Option<SplitNames>,
}

impl SplitColumn {
    /// The keys `split` and `split_names` of the table `format`.
    pub fn checked(
        format: &str,
        column: Option<&String>,
        names: Option<&SplitNames>,
    ) -> Result<Option<Self>> {
        match (column, names) {
            (None, Some(_)) => {
                let problem = "needs `split`, the column in which these names are";
                Err(DataError::config(&format!("{format}.split_names"), problem))
            }
            (column, names) => {
                Ok(column.map(|column| Self { column: column.clone(), names: names.cloned() }))
            }
        }
    }

    /// The split that a cell means: by the names of the recipe, or else `train`, `valid` and `test` in any longer form
    /// (`Training`, `validation`) and case, `val` and `dev`.
    pub fn role(&self, cell: &str) -> Option<Role> {
        let cell = cell.trim();
        let Some(names) = &self.names else {
            let word = cell.to_lowercase();
            let named = |role: &Role| word.starts_with(role.name());
            let short = matches!(word.as_str(), "val" | "dev").then_some(Role::Valid);
            return Role::ALL.into_iter().find(named).or(short);
        };
        names.iter().find(|&(_, name)| name == cell).map(|(role, _)| role)
    }

    /// What a cell may hold, in words.
    pub fn expected(&self) -> String {
        match &self.names {
            None => "train, valid or test".into(),
            Some(names) => {
                let mut all = names.iter().map(|(_, name)| name).collect::<Vec<_>>();
                match all.pop() {
                    Some(last) if !all.is_empty() => format!("{} or {last}", all.join(", ")),
                    last => last.unwrap_or_default().to_owned(),
                }
            }
        }
    }
}

/// One data set of the data sets of several files, each row in the split of its file. Classes and groups are those of all.
/// Many numbers lie in a file of the folder, where there is one.
///
/// # Errors
/// [`DataError::Refused`] for samples of different shapes, [`DataError::Content`] for a single class in all.
pub(crate) fn join(parts: Vec<(Role, Labelled)>, folder: Option<&Path>) -> Result<Labelled> {
    let name = parts.iter().map(|(_, part)| part.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut roles = Vec::new();
    parts.iter().for_each(|&(role, ref part)| roles.resize(roles.len() + part.len(), role));
    let parts = parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>();
    let samples = samples(&parts, folder)?;
    let targets = targets(&name, &parts)?;
    let groups = parts.iter().map(|part| Some((part.groups.as_deref()?, part.group_names.as_slice())));
    let groups = groups.collect::<Option<Vec<_>>>().map(|groups| renumbered(&groups)).transpose()?;
    let (groups, group_names) = groups.unzip();
    let lengths = parts.iter().map(|part| part.lengths.as_deref()).collect::<Option<Vec<_>>>();
    let files = parts.iter().flat_map(|part| part.files.clone()).collect();
    let warnings = parts.iter().flat_map(|part| part.warnings.clone()).collect();
    let first = parts.first();
    let feature_names = first.map(|part| part.feature_names.clone()).unwrap_or_default();
    let levels = first.map(|part| part.levels.clone()).unwrap_or_default();
    let columns = first.map(|part| part.columns.clone()).unwrap_or_default();
    Ok(Labelled {
        feature_names,
        levels,
        columns,
        groups,
        group_names: group_names.unwrap_or_default(),
        roles: Some(roles),
        lengths: lengths.map(|lengths| lengths.concat()),
        files,
        targets,
        warnings,
        ..Labelled::new(name, samples, Vec::new(), Vec::new())
    })
}

fn samples(parts: &[Labelled], folder: Option<&Path>) -> Result<Samples> {
    let shape = parts.first().map(|part| part.samples.shape().to_vec()).unwrap_or_default();
    if let Some(other) = parts.iter().find(|part| part.samples.shape() != shape) {
        let values = other.samples.values().len();
        return Err(crate::samples::sample_shape(&shape, values));
    }
    let doubles = parts.iter().map(|part| match part.samples.values() {
        Values::F64(values) => Some(&**values),
        _ => None,
    });
    let values = match doubles.collect::<Option<Vec<_>>>() {
        // What the folder has no room for is kept in memory.
        Some(parts) => Values::F64(spilled(&parts, folder).or_else(|_| spilled(&parts, None))?),
        None => {
            let rows = |part: &Labelled| {
                (0..part.len()).flat_map(|row| part.samples.row_f32(row)).collect::<Vec<_>>()
            };
            Values::F32(parts.iter().flat_map(rows).collect())
        }
    };
    Samples::new(shape, values)
}

fn spilled(parts: &[&[f64]], folder: Option<&Path>) -> Result<Buffer<f64>> {
    let mut all = Spill::beyond(Spill::<f64>::MOST, folder);
    parts.iter().try_for_each(|part| all.write(part))?;
    all.into_buffer()
}

fn targets(name: &str, parts: &[Labelled]) -> Result<Targets> {
    let numbers = parts.iter().map(Labelled::numbers).collect::<Option<Vec<_>>>();
    if let Some(numbers) = numbers {
        let names = numbers.first().map(|numbers| numbers.names.clone()).unwrap_or_default();
        let values = numbers.iter().flat_map(|numbers| numbers.values.iter().copied()).collect();
        return Ok(Targets::Numbers(NumberTargets { values, names }));
    }
    let classes = parts.iter().map(|part| (part.labels(), part.class_names())).collect::<Vec<_>>();
    let (labels, names) = renumbered(&classes)?;
    check_classes(name, &LabelEncoder::with_classes(names.clone()), &labels)?;
    Ok(Targets::Classes(ClassTargets { labels, names, soft: None }))
}

/// Numbers under the names of all parts: as they are where all have the same, sorted where not.
fn renumbered(parts: &[(&[u32], &[String])]) -> Result<(Vec<u32>, Vec<String>)> {
    let same = parts.windows(2).all(|pair| matches!(pair, [a, b] if a.1 == b.1));
    let encoder = match parts.first().filter(|_| same) {
        Some((_, names)) => LabelEncoder::with_classes(names.to_vec()),
        None => LabelEncoder::fit(parts.iter().flat_map(|(_, names)| names.iter().map(String::as_str))),
    };
    let mut numbers = Vec::new();
    for (part, names) in parts {
        let new = names.iter().map(|name| encoder.encode(name)).collect::<Result<Vec<_>>>()?;
        numbers.extend(part.iter().filter_map(|&old| new.get(old as usize)));
    }
    Ok((numbers, encoder.classes().to_vec()))
}
