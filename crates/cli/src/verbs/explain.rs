//! `explain`: which columns a run's answers depend on, and how.

use brasa_data::Role;
use brasa_plot::{BarChart, BarSeries, Line, LineChart};
use brasa_run::explain::{ExplainedRows, Importance, Partial, importance, partial_dependence};
use brasa_run::write_atomic;
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{Common, DataArgs, DeviceArgs, RunArgs, Split};
use crate::context;
use crate::error::{CliError, Result};
use crate::names::short_names;
use crate::output::Screen;
use crate::table::table;
use clap::Args;

/// Widest name of a column.
const WIDTH: usize = 40;

/// Bars of the picture, and lines of one.
const BARS: usize = 20;
const LINES: usize = 6;

/// Which columns a run's answers depend on, and how
#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Split of the data that is asked about
    #[arg(long, value_enum, default_value = "test")]
    split: Split,
    /// Rows of it at most, evenly spread
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    rows: usize,
    /// How often each column is shuffled
    #[arg(long, value_name = "N", default_value_t = 5)]
    repeats: usize,
    /// Columns of which the partial dependence is drawn, the most important ones
    #[arg(long, value_name = "N", default_value_t = 6)]
    partial: usize,
}

impl Verb for Explain {
    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        if self.rows == 0 || self.repeats == 0 {
            return Err(CliError::Usage("--rows and --repeats take numbers from 1".into()));
        }
        let device = context::device(&self.device)?;
        let run = context::loaded_run(app, &common.runs, &self.run.run, None, &self.data, &device)?;
        let split = Role::from(self.split);
        let rows = ExplainedRows::new(&run.prepared, run.prepared.split.rows(split), self.rows)?;
        let (model, metric) = (run.model.model(), run.recipe.metrics().monitor());
        let (base, columns) = importance(model, &run.recipe, &rows, &**metric, self.repeats, &device)?;
        let strongest = columns.iter().filter(|column| column.interval[0] > 0.0);
        let mut partial = Vec::new();
        for column in strongest {
            if partial.len() == self.partial {
                break;
            }
            partial.extend(partial_dependence(model, &run.recipe, &rows, &column.column, &device)?);
        }

        let folder = run.folder.path().join("explain");
        std::fs::create_dir_all(&folder)
            .map_err(|source| CliError::Write { path: folder.clone(), source })?;
        let mut pictures = vec![("importance.svg".to_owned(), bars(&columns, metric.label()).to_svg()?)];
        for (place, one) in partial.iter().enumerate() {
            pictures.push((format!("partial-{}.svg", place + 1), drawn(one)?));
        }
        let mut paths = Vec::new();
        for (name, picture) in pictures {
            let path = folder.join(name);
            write_atomic(&path, picture.as_bytes())?;
            paths.push(path.display().to_string());
        }
        screen.object(&json!({
            "run": run.folder.path().display().to_string(),
            "id": run.record.id,
            "split": split,
            "rows": rows.len(),
            "repeats": self.repeats,
            "metric": metric.name(),
            "figure": base,
            "importance": columns,
            "partial": partial,
            "pictures": paths,
        }))?;
        screen.say(format!(
            "{} rows of the {split} split, {} {base:.4}; how much worse it is when a column's cells change places \
             ({} times; columns that say the same share it)\n",
            rows.len(),
            metric.label(),
            self.repeats
        ));
        let names: Vec<&str> = columns.iter().map(|column| column.column.as_str()).collect();
        let row = |(column, name): (&Importance, String)| {
            let [low, high] = column.interval;
            vec![name, format!("{:.4}", column.mean), format!("{low:.4} to {high:.4}")]
        };
        let table_rows: Vec<_> = columns.iter().zip(short_names(&names, WIDTH)).map(row).collect();
        screen.say(table(&["column", "worse by", "95 % interval"], &table_rows));
        screen.say("");
        paths.iter().for_each(|path| screen.say(path));
        Ok(())
    }
}

fn bars(columns: &[Importance], metric: &str) -> BarChart {
    let shown = columns.iter().take(BARS);
    let names: Vec<&str> = shown.clone().map(|column| column.column.as_str()).collect();
    BarChart {
        title: "Importance of columns".into(),
        category_label: "column".into(),
        value_label: format!("{metric} is worse by"),
        categories: short_names(&names, WIDTH),
        series: vec![BarSeries { name: String::new(), values: shown.map(|column| column.mean).collect() }],
    }
}

/// The picture of a partial dependence: lines over numbers, bars over levels. Of two classes the second is shown, of many the
/// ones that change most.
fn drawn(partial: &Partial) -> Result<String> {
    let spread = |answers: &[f64]| {
        let (low, high) =
            answers.iter().fold((f64::MAX, f64::MIN), |(low, high), &one| (low.min(one), high.max(one)));
        high - low
    };
    let mut shown: Vec<(&String, &Vec<f64>)> = partial.names.iter().zip(&partial.answers).collect();
    let what = match shown.len() {
        1 => format!("mean {}", partial.names.concat()),
        _ => "mean probability".to_owned(),
    };
    if shown.len() == 2 {
        shown.remove(0);
    }
    shown.sort_by(|a, b| spread(b.1).total_cmp(&spread(a.1)));
    shown.truncate(LINES);
    let title = format!("Partial dependence on {}", partial.column);
    Ok(match partial.levels.as_slice() {
        [] => LineChart {
            title,
            x_label: partial.column.clone(),
            y_label: what,
            series: shown
                .into_iter()
                .map(|(name, answers)| Line {
                    name: name.clone(),
                    points: partial.values.iter().copied().zip(answers.iter().copied()).collect(),
                    dashed: false,
                })
                .collect(),
            ..LineChart::default()
        }
        .to_svg()?,
        levels => BarChart {
            title,
            category_label: partial.column.clone(),
            value_label: what,
            categories: levels.iter().map(|level| name_of_level(level)).collect(),
            series: shown
                .into_iter()
                .map(|(name, answers)| BarSeries { name: name.clone(), values: answers.clone() })
                .collect(),
        }
        .to_svg()?,
    })
}

/// What a bar is called: the level of missing cells has no name.
fn name_of_level(level: &str) -> String {
    if level.is_empty() { "(missing)".into() } else { level.into() }
}
