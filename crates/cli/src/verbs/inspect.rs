//! `inspect`: what the data are, in figures and pictures.

use std::path::PathBuf;

use brasa_data::{
    CheckedData, Description, Files, Labelled, Role, Values, describe, name_list, scan_missing,
};
use brasa_plot::{BarChart, BarSeries, HistogramChart, ScatterMatrix};
use brasa_run::look::{augment_sheet, sample_sheet};
use brasa_run::write_atomic;
use brasa_train::{CheckedRecipe, Prepared, TrainError};
use serde_json::json;

use super::Verb;
use super::scores::CLASS_WIDTH;
use crate::app::App;
use crate::args::{ChangeArgs, Common, DataArgs, RecipeArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::names::short_names;
use crate::output::{Screen, note};
use crate::own::Own;
use crate::table::table;
use clap::Args;

/// Look at the data: classes, ranges, duplicates, leaks, pictures
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    /// Also draw what the recipe's [augment] makes of samples
    #[arg(long)]
    pub augment: bool,
    /// Folder for the pictures [default: RUNS/APP/inspect]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl Verb for Inspect {
    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.recipe.changes)
    }

    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let own = &self.recipe.changes.own;
        if let (Some(path), None) = (own.data(), &own.target) {
            let data = own.look(path)?;
            if data.choices().is_some() {
                data.show(screen);
                return screen.object(&json!({
                    "app": app.name,
                    "rows": data.facts()["rows"],
                    "columns": data.columns(),
                    "questions": data.questions(),
                    "targets": data.choices(),
                    "facts": data.facts(),
                }));
            }
        }
        let (named, files) = context::recipe_and_files(app, &self.recipe, &self.data)?;
        let own = named.own.as_deref();
        own.into_iter().for_each(|own| own.show(screen));
        let prepared = match Prepared::new(&named.recipe, &files) {
            Err(TrainError::Data(error)) => {
                report_missing(named.recipe.data(), &files);
                return Err(error.into());
            }
            outcome => outcome?,
        };
        let description = describe(&prepared.data, &prepared.split);
        let out = self.out.clone().unwrap_or_else(|| common.runs.join(app.name).join("inspect"));
        let write_failed = |source| CliError::Write { path: out.clone(), source };
        std::fs::create_dir_all(&out).map_err(write_failed)?;
        let mut drawn = draw(&prepared, &description)?;
        if self.augment {
            drawn.extend(draw_augmented(&named.recipe, &prepared)?);
        }
        let mut pictures = Vec::new();
        for (name, bytes) in drawn {
            let path = out.join(name);
            write_atomic(&path, &bytes)?;
            pictures.push(path.display().to_string());
        }
        screen.object(&json!({
            "app": app.name,
            "recipe": named.name,
            "data": description,
            "files": prepared.data.files,
            "missing": missing_cells(&prepared.data),
            "columns": own.map(Own::columns),
            "questions": own.map(Own::questions),
            "leaks": prepared.leaks,
            "warnings": prepared.data.warnings,
            "absent_classes": prepared.absent_classes(),
            "pictures": pictures,
        }))?;
        show(app, &description, &prepared, screen);
        screen.say(format!("\npictures in {}", out.display()));
        Ok(())
    }
}

/// A table with missing cells does not load; say how many there are before saying where the first one is.
fn report_missing(data: &CheckedData, files: &Files) {
    let Some(name) = data.file_names().first().map(ToString::to_string) else { return };
    let Ok(content) = files.read(&name) else { return };
    let Ok(columns) = scan_missing(&content.bytes, data) else { return };
    let missing: Vec<_> = columns.into_iter().filter(|(_, count)| *count > 0).collect();
    if !missing.is_empty() {
        let columns: Vec<String> =
            missing.iter().map(|(column, count)| format!("{column}: {count}")).collect();
        note(format!("missing cells in {name}: {}", name_list(&columns)));
    }
}

/// Numbers that are missing; a missing category is a level.
fn missing_cells(data: &Labelled) -> usize {
    match data.samples.values() {
        Values::F64(values) => values.iter().filter(|value| value.is_nan()).count(),
        _ => 0,
    }
}

fn show(app: &App, description: &Description, prepared: &Prepared, screen: Screen) {
    let predicted = match description.targets.len() {
        0 => format!("{} classes", description.class_names.len()),
        1 => "a number to predict".into(),
        several => format!("{several} numbers to predict"),
    };
    screen.say(format!(
        "{}: {} rows of shape {:?}, {predicted}\n",
        app.name, description.rows, description.shape
    ));
    let header: Vec<String> = description.splits.iter().map(|split| split.role.to_string()).collect();
    let header: Vec<&str> = std::iter::once("class").chain(header.iter().map(String::as_str)).collect();
    let mut rows: Vec<Vec<String>> = short_names(&description.class_names, CLASS_WIDTH)
        .into_iter()
        .enumerate()
        .map(|(class, name)| {
            let counts =
                description.splits.iter().map(|split| split.class_counts.get(class).copied().unwrap_or(0));
            std::iter::once(name).chain(counts.map(|count| count.to_string())).collect()
        })
        .collect();
    rows.push(
        std::iter::once("all".to_string())
            .chain(description.splits.iter().map(|split| split.rows.to_string()))
            .collect(),
    );
    screen.say(table(&header, &rows));
    let columns = || description.targets.iter().chain(&description.features);
    let names: Vec<&str> = columns().map(|column| column.name.as_str()).collect();
    let rows: Vec<Vec<String>> = columns()
        .zip(short_names(&names, CLASS_WIDTH))
        .map(|(f, name)| {
            vec![name, short(f.min), short(f.max), format!("{:.4}", f.mean), format!("{:.4}", f.std)]
        })
        .collect();
    if !rows.is_empty() {
        screen.say(format!("\n{}", table(&["values", "min", "max", "mean", "std"], &rows)));
    }
    if let Some(text) = &description.text {
        screen.say(format!("\n{text}"));
    }
    let missing = match missing_cells(&prepared.data) {
        0 => "none".to_owned(),
        missing => missing.to_string(),
    };
    screen.say(format!("\nmissing values: {missing}\nduplicate rows: {}", description.duplicates));
    if !description.constant.is_empty() {
        let constant = &description.constant;
        screen.say(format!("constant values ({}): {}", constant.len(), name_list(constant)));
    }
    screen.say(format!("leak check: {}", prepared.leaks));
    prepared.absent_classes().iter().for_each(|sentence| screen.say(sentence));
    prepared.data.warnings.iter().for_each(|warning| screen.say(format!("warning: {warning}")));
}

fn draw(prepared: &Prepared, description: &Description) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let series = description.splits.iter().filter(|split| split.rows > 0).map(|split| BarSeries {
        name: split.role.to_string(),
        values: split.class_counts.iter().map(|count| *count as f64).collect(),
    });
    let classes = BarChart {
        title: "Rows of each class".into(),
        category_label: "class".into(),
        value_label: "rows".into(),
        categories: description.class_names.clone(),
        series: series.collect(),
    };
    let splits = description.splits.iter().filter(|split| split.rows > 0);
    let splits = BarChart {
        title: "Rows of each split".into(),
        category_label: "split".into(),
        value_label: "rows".into(),
        categories: splits.clone().map(|split| split.role.to_string()).collect(),
        series: vec![BarSeries {
            name: "rows".into(),
            values: splits.map(|split| split.rows as f64).collect(),
        }],
    };
    let data = &prepared.data;
    let mut pictures = vec![("splits.svg", splits.to_svg()?.into_bytes())];
    match data.numbers() {
        None => pictures.push(("classes.svg", classes.to_svg()?.into_bytes())),
        Some(numbers) => {
            let train = prepared.split.rows(Role::Train);
            let chart = HistogramChart {
                title: "Target (training split)".into(),
                value_label: numbers.names.first().cloned().unwrap_or_default(),
                count_label: "rows".into(),
                values: train.iter().filter_map(|&row| numbers.row(row).first().copied()).collect(),
                line_at: None,
            };
            pictures.push(("target.svg", chart.to_svg()?.into_bytes()));
        }
    }
    if let Some(sheet) = sample_sheet(data, prepared.split.rows(Role::Train)) {
        pictures.push(("samples.svg", sheet.to_svg()?.into_bytes()));
        pictures.push(("samples.png", sheet.to_png()?));
    } else if data.feature_names.len() > 1 && data.feature_names.len() == data.samples.sample_len() {
        let pairs = pairs(data, prepared.split.rows(Role::Train));
        pictures.push(("pairs.svg", pairs.to_svg()?.into_bytes()));
    }
    Ok(pictures)
}

fn draw_augmented(recipe: &CheckedRecipe, prepared: &Prepared) -> Result<Vec<(&'static str, Vec<u8>)>> {
    if recipe.recipe().augment.steps.is_empty() {
        return Err(CliError::Usage("--augment: the recipe has no [augment] table with steps".into()));
    }
    let Some(sheet) = augment_sheet(recipe, prepared)? else {
        let shape = prepared.data.samples.shape();
        let problem = format!("--augment draws pictures; the samples have the shape {shape:?}");
        return Err(CliError::Usage(problem));
    };
    Ok(vec![("augmented.svg", sheet.to_svg()?.into_bytes()), ("augmented.png", sheet.to_png()?)])
}

/// Every pair of at most six columns, coloured by class; the training split alone, as a person may choose a
/// model by what is seen here.
fn pairs(data: &Labelled, rows: &[usize]) -> ScatterMatrix {
    const COLUMNS: usize = 6;
    // Of each class: more than are drawn, and few enough to be held.
    const MOST_ROWS: usize = 30_000;
    let features: Vec<String> = data.feature_names.iter().take(COLUMNS).cloned().collect();
    let of_class = |class: usize| {
        let values = |row| data.samples.row_f32(row).into_iter().take(COLUMNS).map(f64::from).collect();
        let every = data.of_class(class, rows).count().div_ceil(MOST_ROWS).max(1);
        data.of_class(class, rows).step_by(every).map(values).collect()
    };
    let every = rows.len().div_ceil(MOST_ROWS).max(1);
    let values = |&row: &usize| data.samples.row_f32(row).into_iter().take(COLUMNS).map(f64::from).collect();
    let groups = match data.numbers() {
        Some(_) => vec![("rows".into(), rows.iter().step_by(every).map(values).collect())],
        None => data
            .class_names()
            .iter()
            .enumerate()
            .map(|(class, name)| (name.clone(), of_class(class)))
            .collect(),
    };
    ScatterMatrix { title: "Pairs of features (training split)".into(), features, groups }
}

/// A value without the digits that a sum in binary left behind it, `0.97728` for `0.9772799999999999`.
fn short(value: f64) -> String {
    format!("{value:.12e}").parse::<f64>().unwrap_or(value).to_string()
}
