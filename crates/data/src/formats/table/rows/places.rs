use crate::formats::records::Header;
use crate::formats::table::CsvSource;
use crate::{DataError, Result};

/// Where the columns are.
pub(super) struct Places {
    pub features: Vec<usize>,
    pub targets: Vec<usize>,
    pub group: Option<usize>,
    pub split: Option<usize>,
}

impl Places {
    pub fn of(source: &CsvSource, header: &Header) -> Result<Self> {
        let all = |names: &[String]| names.iter().map(|name| header.column(name)).collect::<Result<Vec<_>>>();
        let optional = |name: &Option<String>| name.as_deref().map(|name| header.column(name)).transpose();
        let targets = all(source.target.names())?;
        let group = optional(&source.group)?;
        let split = source.split.as_ref().map(|split| header.column(&split.column)).transpose()?;
        let dropped = all(&source.drop)?;
        let features = match (&source.features, &source.columns) {
            (Some(names), _) => all(names)?,
            (None, Some(kinds)) => {
                // In the order of their names, which is that of every file.
                kinds.keys().map(|name| header.column(name)).collect::<Result<Vec<_>>>()?
            }
            (None, None) => {
                let used = |column: usize| {
                    targets.contains(&column)
                        || dropped.contains(&column)
                        || [group, split].contains(&Some(column))
                };
                let others = header.columns.iter().enumerate().filter(|(column, _)| !used(*column));
                others.map(|(_, name)| header.column(name)).collect::<Result<Vec<_>>>()?
            }
        };
        match features.is_empty() {
            true => Err(DataError::config("csv.target", format!("{} has no column beside it", header.file))),
            false => Ok(Self { features, targets, group, split }),
        }
    }
}
