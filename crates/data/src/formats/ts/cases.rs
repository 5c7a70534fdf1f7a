//! The cases of a file: series of any length, and what is to be predicted of them.

use super::config::Missing;
use super::header::{Header, Targets};
use super::lines::{Line, Lines, shown};
use super::readings::{Place, append};
use crate::{DataError, LabelEncoder, Limit, Result, name_list};

/// The targets of cases, in their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// They are not looked at, or there are none.
    None,
    Labels(Vec<u32>, Vec<String>),
    Numbers(Vec<f64>),
}

/// The cases of a file.
#[derive(Debug)]
pub(super) struct Cases {
    /// Names the file in messages.
    pub label: String,
    pub channels: usize,
    /// Channel by channel in each case.
    pub readings: Vec<f64>,
    /// The steps of each case.
    pub steps: Vec<usize>,
    /// The line of each case.
    pub lines: Vec<u64>,
    pub found: Found,
    /// Bytes that there was room for when the reading began.
    room: u64,
}

/// What is wanted of a file.
pub(super) struct Wanted<'w> {
    pub missing: Missing,
    /// The channels, where they are known, and from what.
    pub channels: Option<(usize, &'w str)>,
    /// Whether targets are taken.
    pub targets: bool,
}

impl Cases {
    pub fn read(label: &str, bytes: &[u8], wanted: &Wanted<'_>) -> Result<Self> {
        let mut lines = Lines::of(label, bytes)?;
        let header = Header::read(&mut lines)?;
        let mut cases = Self {
            label: label.to_owned(),
            channels: 0,
            readings: Vec::new(),
            steps: Vec::new(),
            lines: Vec::new(),
            found: match &header.targets {
                Targets::Classes(classes) if wanted.targets => Found::Labels(Vec::new(), classes.clone()),
                Targets::Numbers if wanted.targets => Found::Numbers(Vec::new()),
                _ => Found::None,
            },
            room: Limit::Data.room(),
        };
        let encoder = match &header.targets {
            Targets::Classes(classes) => LabelEncoder::with_classes(classes.clone()),
            _ => LabelEncoder::with_classes(Vec::new()),
        };
        while let Some(line) = lines.next()? {
            cases.add(&line, &header, &encoder, wanted)?;
        }
        match cases.lines.is_empty() {
            true => Err(DataError::no_rows(label)),
            false => Ok(cases),
        }
    }

    fn add(
        &mut self,
        line: &Line<'_>,
        header: &Header,
        encoder: &LabelEncoder,
        wanted: &Wanted<'_>,
    ) -> Result<()> {
        if line.text.starts_with('(') {
            return Err(line.fault(
                "readings with their time stamps, (time, reading), are not read; write the readings alone",
            ));
        }
        let (series, target) = match header.targets {
            Targets::None => (line.text, ""),
            _ => line.text.rsplit_once(':').ok_or_else(|| {
                let problem = "expected channels and a label, a `:` before each but the first, found no `:`";
                line.fault(problem)
            })?,
        };
        self.check_channels(line, series.split(':').count(), header, wanted)?;
        let start = self.readings.len();
        for (channel, text) in (1..).zip(series.split(':')) {
            let (from, place) = (self.readings.len(), Place { line, channel });
            append(text, place, wanted.missing, &mut self.readings)?;
            let (found, first) = (self.readings.len() - from, from - start);
            // Those before have one length, so what they have together tells it.
            if channel > 1 && found * (channel - 1) != first {
                let expected = first / (channel - 1);
                return Err(line.fault(format!(
                    "expected {expected} readings in channel {channel}, as in channel 1, found {found}"
                )));
            }
        }
        let steps = (self.readings.len() - start) / self.channels.max(1);
        if let Some((expected, at)) = header.steps.filter(|&(expected, _)| expected != steps) {
            return Err(line.fault(format!(
                "expected {expected} steps, as @seriesLength on line {at} says, found {steps}; series of several lengths \
                 need @equalLength false"
            )));
        }
        let most = self.room / size_of::<f64>() as u64;
        if self.readings.len() as u64 > most {
            let hint = Limit::Data.hint_beyond(self.room);
            return Err(line.fault(format!("more than {most} readings are too many for a file; {hint}")));
        }
        self.steps.push(steps);
        self.lines.push(line.number);
        let target = target.trim();
        match &mut self.found {
            Found::None => {}
            Found::Labels(labels, classes) => labels.push(encoder.encode(target).map_err(|_| {
                line.fault(format!(
                    "expected one of the classes of the header, {}, as the label, found {}",
                    name_list(classes),
                    shown(target)
                ))
            })?),
            Found::Numbers(numbers) => match target.parse::<f64>() {
                Ok(number) if number.is_finite() => numbers.push(number),
                _ => {
                    let found = shown(target);
                    return Err(line.fault(format!("expected a finite number as the target, found {found}")));
                }
            },
        }
        Ok(())
    }

    /// Whether a case has the channels that the header, the first case or another file says.
    fn check_channels(
        &mut self,
        line: &Line<'_>,
        found: usize,
        header: &Header,
        wanted: &Wanted<'_>,
    ) -> Result<()> {
        let (expected, from) = match (header.channels, self.lines.first(), wanted.channels) {
            (Some((channels, at)), ..) if channels != found => (channels, format!("line {at} says")),
            (_, Some(first), _) if self.channels != found => (self.channels, format!("on line {first}")),
            (_, _, Some((channels, from))) if channels != found => (channels, from.to_owned()),
            _ => {
                self.channels = found;
                return Ok(());
            }
        };
        let label = match header.targets {
            Targets::None => "",
            _ => " before the label",
        };
        Err(line.fault(format!("expected {expected} channels{label}, as {from}, found {found}")))
    }
}
