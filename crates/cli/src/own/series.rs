//! Time series of a person's own: a table with a row for each step.

use std::io::Read;
use std::path::Path;

use brasa_data::{
    ColumnFacts, ColumnKind, ColumnUse, DataConfig, DataError, Notation, SeriesConfig, TableFacts,
    TableWishes, load,
};
use serde_json::{Value, json};

use super::args::{beside, place, reading, table_facts};
use super::toml_text::{Toml, inline, one_line};
use super::{Own, ROWS_OF_A_PART, TEST, Targets, VALID, imbalance, kind_of_split, show_questions};
use crate::args::OwnArgs;
use crate::error::{CliError, Result};
use crate::output::Screen;

/// Series, looked at.
pub(super) struct OwnSeries {
    name: String,
    config: SeriesConfig,
    targets: Targets,
    /// Series, steps of each, channels.
    sizes: [usize; 3],
    channels: Vec<String>,
    /// Columns that are none, with the reason.
    left_out: Vec<(String, String)>,
    groups: usize,
    questions: Vec<String>,
}

impl OwnSeries {
    pub(super) fn look(args: &OwnArgs, path: &Path) -> Result<Self> {
        let (name, files) = place(path);
        let needed = |flag: &str, value: &Option<String>, what: &str| {
            value.clone().ok_or_else(|| CliError::Usage(format!("{flag} is missing: {what}")))
        };
        let labels = args.labels.as_deref().map(|labels| beside(labels, path, "--labels")).transpose()?;
        let mut config = SeriesConfig {
            file: Some(name.clone()),
            labels: labels.as_deref().map(Into::into),
            series: Some(needed(
                "--series",
                &args.series,
                "the column that says which series a row belongs to",
            )?),
            step: Some(needed("--step", &args.step, "the column with the number of the step in its series")?),
            target: Some(needed(
                "--target",
                &args.target,
                "the column with the class or number of each series",
            )?),
            group: args.group.clone(),
            ..SeriesConfig::default()
        };
        // The target is a column of the labels, or of the readings themselves.
        let of_target = TableWishes {
            target: config.target.clone(),
            task: args.wished_task(),
            labels: true,
            ..TableWishes::default()
        };
        let of_readings = if labels.is_some() { &TableWishes::default() } else { &of_target };
        let plain = |path: &Path, wishes: &TableWishes| {
            let table = table_facts(path, wishes)?;
            check_plain(path, &table).map(|()| table)
        };
        let table = plain(path, of_readings)?;
        let named = [&config.series, &config.step, &config.target, &config.group];
        let is_named = |column: &&ColumnFacts| named.iter().any(|name| name.as_ref() == Some(&column.name));
        let others: Vec<&ColumnFacts> = table.columns.iter().filter(|column| !is_named(column)).collect();
        if let Some(unknown) =
            args.drop.iter().find(|name| !others.iter().any(|column| column.name == **name))
        {
            let names: Vec<&str> = others.iter().map(|column| column.name.as_str()).collect();
            let names = names.join(", ");
            return Err(CliError::Usage(format!("--drop {unknown}: no such channel; there are {names}")));
        }
        let is_channel = |column: &&&ColumnFacts| {
            column.used == ColumnUse::Feature
                && matches!(column.kind, Some(ColumnKind::Number { optional: false }))
        };
        let kept = others.iter().filter(|column| !args.drop.contains(&column.name));
        let channels: Vec<String> =
            kept.clone().filter(is_channel).map(|column| column.name.clone()).collect();
        let left_out = kept.filter(|column| !is_channel(column));
        let reason = |column: &ColumnFacts| match column.missing {
            0 => column.reason.clone(),
            missing => format!("{missing} of its cells are missing, and a series needs all"),
        };
        let left_out: Vec<_> = left_out.map(|column| (column.name.clone(), reason(column))).collect();
        if channels.is_empty() {
            let problem = format!("no column of {name} holds numbers beside those that were named");
            return Err(CliError::Input { path: path.into(), problem });
        }
        config.features = Some(channels.clone());
        let labelled = args.labels.as_deref().map(|labels| plain(labels, &of_target)).transpose()?;
        let TableFacts { task, questions: asked, .. } = labelled.as_ref().unwrap_or(&table);
        let task = task.unwrap_or_default();
        let data = DataConfig { task, series: Some(config.clone()), ..DataConfig::default() }.check()?;
        let data = load(&data, &files).map_err(reading(path))?;
        let all: Vec<usize> = (0..data.len()).collect();
        let targets = Targets::of(&data, &all);
        let shape = data.samples.shape();
        let sizes = [data.len(), shape.first().copied().unwrap_or(0), shape.get(1).copied().unwrap_or(1)];
        let groups = data
            .groups
            .as_ref()
            .map_or(0, |groups| groups.iter().collect::<std::collections::BTreeSet<_>>().len());
        let mut questions = Vec::from_iter(imbalance(&targets.classes));
        if args.task.is_none() && targets.range.is_some() {
            let target = config.target.as_deref().unwrap_or_default();
            questions.push(format!("`{target}` holds numbers, which are predicted as such; --task classes takes each for a class."));
        }
        questions.extend(asked.iter().filter(|question| question.contains("--task")).cloned());
        if groups == 0 {
            questions.push(
                "Do several series come from one recording, device or person? Name its column by --group, or each is in every split"
                    .to_owned(),
            );
        }
        Ok(Self { name, config, targets, sizes, channels, left_out, groups, questions })
    }
}

/// Refuses tables that are written in another way than series are read.
fn check_plain(path: &Path, table: &TableFacts) -> Result<()> {
    let (name, files) = place(path);
    let (_, reader, _) = files.open(&name)?;
    let mut start = Vec::new();
    reader.take(4).read_to_end(&mut start).map_err(|source| DataError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    // What else is missing elsewhere in it does not matter.
    let notation = Notation { missing: Vec::new(), ..table.notation.clone() };
    let packed = [b"PK".as_slice(), b"PAR1"].iter().any(|mark| start.starts_with(mark));
    match table.charset.is_some() || notation != Notation::default() || packed {
        true => {
            let problem = "series are read from text in UTF-8 with a decimal point and nothing else in numbers; save it so";
            Err(CliError::Input { path: path.into(), problem: problem.into() })
        }
        false => Ok(()),
    }
}

impl Own for OwnSeries {
    fn recipe(&self, args: &OwnArgs) -> Result<String> {
        let [rows, steps, channels] = self.sizes;
        let mut text = Toml::default();
        text.line(format_args!(
            "# {}: {rows} series of {steps} steps, {channels} channels, {}. Edit what is wrong here; every key is in the guide.",
            one_line(&self.name),
            self.targets.words()
        ));
        text.questions(&self.questions);
        let target = self.config.target.clone().unwrap_or_default();
        text.entry("description", format!("{target} from {}", self.name));
        let task = self.targets.task();
        text.line(format_args!(
            "\n[data]\n{task}scaling = \"channels\"  # each to mean 0 and deviation 1\n\n[data.series]"
        ));
        let data = toml::Table::try_from(&self.config);
        data.into_iter()
            .flatten()
            .for_each(|(key, value)| text.line(format_args!("{}", inline(&key, &value))));
        for (name, why) in &self.left_out {
            text.line(format_args!("# {}: left out, {}", one_line(name), one_line(why)));
        }
        text.dealt_split(kind_of_split(self.groups > 0, self.targets.smallest()));
        let training = (rows as f64 * (1.0 - VALID - TEST)) as usize;
        let parts = if self.groups > 0 { self.groups } else { training / ROWS_OF_A_PART };
        text.inception(args, steps, training, parts);
        Ok(text.finish())
    }

    fn show(&self, screen: Screen) {
        let [rows, steps, _] = self.sizes;
        screen.say(format!(
            "{}: {rows} series of {steps} steps; channels: {}\n",
            self.name,
            self.channels.join(", ")
        ));
        self.targets.show(screen);
        for (name, why) in &self.left_out {
            screen.say(format!("\n{name}: left out, {why}"));
        }
        if self.groups > 0 {
            screen.say(format!("\n{} groups, each of which stays in one split", self.groups));
        }
        show_questions(&self.questions, screen);
        screen.say("");
    }

    fn facts(&self) -> Value {
        let [series, steps, _] = self.sizes;
        let Self { channels, left_out, targets: Targets { classes, range }, groups, .. } = self;
        json!({ "series": series, "steps": steps, "channels": channels, "left_out": left_out, "classes": classes, "range": range, "groups": groups })
    }

    fn questions(&self) -> &[String] {
        &self.questions
    }
}
