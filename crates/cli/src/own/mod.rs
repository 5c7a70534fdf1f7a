//! Data of a person's own in the place of a recipe.

mod args;
mod images;
mod series;
mod table;
mod text;
mod toml_text;
mod ts;

use brasa_data::Labelled;
use clap::{Args, Command, FromArgMatches};
use serde_json::Value;

use crate::app::App;
use crate::args::OwnArgs;
use crate::error::Result;
use crate::names::short_names;
use crate::output::{Screen, one_message};
use crate::short_flags::to_verbs_with_changes;
use crate::table::table as table_of;
use crate::verbs::Verbs;

/// Shares of the samples that choose the weights and that judge them.
const VALID: f64 = 0.16;
const TEST: f64 = 0.2;

/// Widest name of a class.
const WIDTH: usize = 40;

/// Samples of the smallest class below which classes are not dealt evenly to three splits.
const FEWEST_TO_STRATIFY: usize = 8;

/// Data of a person's own, looked at. One more kind is a file with this trait, and its line in [`OwnArgs::look`].
pub(crate) trait Own {
    /// The recipe that they would be trained by: TOML with a comment for each decision.
    ///
    /// # Errors
    /// Where what is to be predicted was not named.
    fn recipe(&self, args: &OwnArgs) -> Result<String>;

    /// What was found out, for a person.
    fn show(&self, screen: Screen);

    /// What was found out, for a program.
    fn facts(&self) -> Value;

    /// What each column holds, by its name; of a table.
    fn columns(&self) -> Value {
        Value::Null
    }

    /// What may be the target, where one has to be named and was not.
    fn choices(&self) -> Option<Value> {
        None
    }

    /// What a person should answer.
    fn questions(&self) -> &[String];
}

/// The command with the arguments for data of one's own, where the app takes such.
pub(crate) fn declare(app: &App, command: Command) -> Command {
    match app.own_data {
        // The arguments' own description is not that of the verb.
        true => to_verbs_with_changes(command, |verb| {
            let about = verb.get_about().cloned().unwrap_or_default();
            OwnArgs::augment_args(verb).about(about).long_about(None)
        }),
        false => command,
    }
}

/// Hands on what was typed of them.
pub(crate) fn apply(
    app: &App,
    matches: &clap::ArgMatches,
    verb: &mut Verbs,
) -> std::result::Result<(), clap::Error> {
    if let (true, Some((_, matches)), Some(changes)) = (app.own_data, matches.subcommand(), verb.changes()) {
        changes.own = OwnArgs::from_arg_matches(matches)?;
    }
    Ok(())
}

/// The kind of split for classes of which the smallest has so many samples.
fn kind_of_split(grouped: bool, smallest: usize) -> &'static str {
    match (grouped, smallest) {
        (true, _) => "grouped",
        (false, rows) if rows < FEWEST_TO_STRATIFY => "random",
        _ => "stratified",
    }
}

/// Samples of a part of the training samples, at least, that one network of a bag is trained without.
const ROWS_OF_A_PART: usize = 20;

/// The classes with how many of `rows` are of each.
fn counted(data: &Labelled, rows: &[usize]) -> Vec<(String, usize)> {
    data.class_names().iter().cloned().zip(data.class_counts(rows)).collect()
}

/// What is predicted of series.
struct Targets {
    /// With how many series are of each; none where numbers are predicted.
    classes: Vec<(String, usize)>,
    /// The least and the greatest number, where it is numbers.
    range: Option<[f64; 2]>,
}

impl Targets {
    /// Of some rows.
    fn of(data: &Labelled, rows: &[usize]) -> Self {
        let range = data.numbers().map(|numbers| {
            let values = rows.iter().flat_map(|&row| numbers.row(row));
            let widen = |[least, most]: [f64; 2], value: &f64| [least.min(*value), most.max(*value)];
            values.fold([f64::INFINITY, f64::NEG_INFINITY], widen)
        });
        Self { classes: counted(data, rows), range }
    }

    fn words(&self) -> String {
        match self.range {
            Some([least, most]) => format!("a number to predict, {least} to {most}"),
            None => format!("{} classes", self.classes.len()),
        }
    }

    /// The line of `[data]` that says so.
    fn task(&self) -> &'static str {
        if self.range.is_some() { "task = \"regression\"\n" } else { "" }
    }

    /// Series of the smallest class; numbers have none that is too small.
    fn smallest(&self) -> usize {
        if self.range.is_some() { usize::MAX } else { smallest(&self.classes) }
    }

    fn show(&self, screen: Screen) {
        match self.range {
            Some(_) => screen.say(self.words()),
            None => show_classes(&self.classes, "series", screen),
        }
    }
}

/// Samples of the smallest class.
fn smallest(classes: &[(String, usize)]) -> usize {
    classes.iter().map(|(_, count)| *count).min().unwrap_or(0)
}

/// Passes over `rows` training samples, as many as `samples` are in all, within bounds.
fn epochs(samples: usize, rows: usize, [least, most]: [usize; 2]) -> usize {
    (samples / rows.max(1)).clamp(least, most)
}

/// A question where the largest class has many times the samples of the smallest.
fn imbalance(counts: &[(String, usize)]) -> Option<String> {
    const TIMES: usize = 10;
    let (least, most) =
        (counts.iter().min_by_key(|(_, count)| count)?, counts.iter().max_by_key(|(_, count)| count)?);
    (most.1 >= TIMES * least.1.max(1)).then(|| {
        format!(
            "`{}` has {} samples, `{}` {}: does each class count alike? Then `class_weights = \"balanced\"` in [loss], or \
             monitor = \"f1_macro\"",
            most.0, most.1, least.0, least.1
        )
    })
}

/// The classes with the samples of each, which are called `what`.
fn show_classes(classes: &[(String, usize)], what: &str, screen: Screen) {
    let names: Vec<&str> = classes.iter().map(|(name, _)| name.as_str()).collect();
    let counts = classes.iter().map(|(_, count)| count.to_string());
    let rows = short_names(&names, WIDTH).into_iter().zip(counts);
    screen.say(table_of(&["class", what], &rows.map(|(name, count)| vec![name, count]).collect::<Vec<_>>()));
}

/// Questions at the end of what is shown.
fn show_questions(questions: &[String], screen: Screen) {
    if !questions.is_empty() {
        screen.say("\nto be answered by you:");
        // Set in once more, as the questions are.
        let set_in = questions.iter().map(|question| one_message(question).replace('\n', "\n  "));
        set_in.for_each(|question| screen.say(format!("  {question}")));
    }
}
