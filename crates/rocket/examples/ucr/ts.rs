//! The `.ts` files of the archives: `@` lines, then a series per line, channels parted by `:`, the class at the end.

use std::path::Path;

use brasa_rocket::Series;

use super::Outcome;

/// One file.
pub struct Split {
    series: Vec<(Vec<f32>, usize)>,
    /// The class of each series, by its place in `names`.
    pub classes: Vec<u32>,
    /// All classes, in the order of the file's head.
    pub names: Vec<String>,
}

impl Split {
    /// Reads a file.
    pub fn read(path: &Path) -> Outcome<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut split = Self { series: Vec::new(), classes: Vec::new(), names: Vec::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(names) = line.strip_prefix("@classLabel true ") {
                split.names = names.split_whitespace().map(String::from).collect();
            } else if !line.starts_with('@') {
                split.push(line).map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
        Ok(split)
    }

    fn push(&mut self, line: &str) -> Outcome<()> {
        let (channels, class) = line.rsplit_once(':').ok_or("expected a class at the end of the line")?;
        let place = self.names.iter().position(|name| name == class.trim());
        self.classes
            .push(place.ok_or_else(|| format!("expected a class of the head, found `{class}`"))? as u32);
        let mut values = Vec::new();
        for value in channels.split([',', ':']) {
            values.push(value.trim().parse::<f32>()?);
        }
        self.series.push((values, channels.split(':').count()));
        Ok(())
    }

    /// The series, borrowed.
    pub fn series(&self) -> brasa_rocket::Result<Vec<Series<'_>>> {
        self.series.iter().map(|(values, channels)| Series::new(values, *channels)).collect()
    }
}
