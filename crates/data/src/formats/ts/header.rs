//! The lines before `@data`.

use super::lines::{Lines, shown};
use crate::checked::distinct;
use crate::{DataError, Result};

/// What stands behind the last `:` of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Targets {
    /// A channel like the others.
    None,
    /// A class, of these.
    Classes(Vec<String>),
    /// A number.
    Numbers,
}

/// What a header says of the cases. Its other lines (`@problemName`, `@missing` and whatever else there is) say nothing that
/// the cases do not.
#[derive(Debug)]
pub(super) struct Header {
    pub targets: Targets,
    /// The channels of each case, and the line that says so.
    pub channels: Option<(usize, u64)>,
    /// The steps of each series, likewise.
    pub steps: Option<(usize, u64)>,
}

impl Header {
    /// Reads up to `@data`, that line included.
    pub fn read(lines: &mut Lines<'_>) -> Result<Self> {
        let mut header = Self { targets: Targets::None, channels: None, steps: None };
        let (mut equal, mut any) = (true, false);
        while let Some(line) = lines.next()? {
            any = true;
            let Some(tag) = line.text.strip_prefix('@') else {
                let problem = format!(
                    "expected a line of the header, which starts with @, or @data, found {}",
                    shown(line.text)
                );
                return Err(line.fault(problem));
            };
            let (tag, value) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            let value = value.trim();
            let says = || match value.to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(line.fault(format!("expected true or false, found {}", shown(value)))),
            };
            let count = || match value.parse::<usize>() {
                Ok(count) if count > 0 => Ok(Some((count, line.number))),
                _ => Err(line.fault(format!("expected a whole number above 0, found {}", shown(value)))),
            };
            match tag.to_ascii_lowercase().as_str() {
                "data" => {
                    // The length of unequal series is that of the longest, or nonsense.
                    header.steps = header.steps.filter(|_| equal);
                    return Ok(header);
                }
                "timestamps" if says()? => {
                    return Err(line.fault(
                        "series with time stamps are not read; write the readings alone, at equal distances, and \
                         @timeStamps false",
                    ));
                }
                "univariate" if says()? => header.channels = header.channels.or(Some((1, line.number))),
                "dimension" | "dimensions" => header.channels = count()?,
                "equallength" => equal = says()?,
                "serieslength" if !value.starts_with('-') => header.steps = count()?,
                "classlabel" => {
                    if let Some(targets) = classes(value).map_err(|problem| line.fault(problem))? {
                        header.set(targets).map_err(|problem| line.fault(problem))?;
                    }
                }
                "targetlabel" if says()? => {
                    header.set(Targets::Numbers).map_err(|problem| line.fault(problem))?;
                }
                _ => {}
            }
        }
        let problem = if any { "there is no line @data" } else { "the file is empty" };
        Err(DataError::in_file(lines.label(), problem))
    }

    fn set(&mut self, targets: Targets) -> std::result::Result<(), String> {
        match self.targets {
            Targets::None => self.targets = targets,
            _ => return Err("another line says what the labels are already; keep one of them".into()),
        }
        Ok(())
    }
}

/// The classes behind `@classLabel`; none where it says that there are none.
fn classes(value: &str) -> std::result::Result<Option<Targets>, String> {
    let mut words = value.split_whitespace();
    let first = words.next().unwrap_or_default();
    if first.eq_ignore_ascii_case("false") {
        return Ok(None);
    }
    let classes = words.map(str::to_owned).collect::<Vec<_>>();
    if !first.eq_ignore_ascii_case("true") || classes.is_empty() {
        return Err(format!("expected true and the names of the classes, or false, found {}", shown(value)));
    }
    match distinct("classLabel", &classes) {
        Ok(()) => Ok(Some(Targets::Classes(classes))),
        Err(_) => Err("a class is named twice".into()),
    }
}
