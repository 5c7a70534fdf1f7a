//! `ask`: titles as they are typed to the most probable classes, as bars.

use std::io::{BufRead, IsTerminal, Read, Write};

use brasa_data::InputSpec;
use brasa_predict::SavedModel;
use serde_json::{Value, json};

use super::Verb;
use super::answers::ranked;
use super::scores::CLASS_WIDTH;
use crate::app::App;
use crate::args::{Common, DeviceArgs, RunArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::names::short_names;
use crate::output::{Screen, note};
use clap::Args;

/// Characters of the bar of a certain class.
const WIDTH: f64 = 30.0;

/// Type titles and see the most probable classes
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// Titles; without any they are read from stdin, one per line
    #[arg(value_name = "TITLE")]
    pub titles: Vec<String>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Classes to show for each title
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub top: usize,
}

impl Verb for Ask {
    fn belongs_to(app: &App) -> bool {
        app.asks
    }

    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let (folder, record) = context::model_run(app, &common.runs, &self.run.run)?;
        let model = SavedModel::load(&folder.model(), &context::device(&self.device)?)?;
        let mut answers = Vec::new();
        let mut answer = |title: &str| match title.trim() {
            "" => Ok(()),
            title => ask(&model, title, self.top, screen).map(|answer| answers.extend(answer)),
        };
        match self.titles.is_empty() {
            false => self.titles.iter().try_for_each(|title| answer(title))?,
            true => typed(answer)?,
        }
        screen.object(
            &json!({ "run": folder.path().display().to_string(), "id": record.id, "answers": answers }),
        )
    }
}

/// As the lines of a file of titles.
const LONGEST: u64 = 1 << 16;

/// Every line of stdin, one at a time; a person is told where to type, and how to end.
fn typed(mut answer: impl FnMut(&str) -> Result<()>) -> Result<()> {
    let stdin = std::io::stdin();
    let person = stdin.is_terminal();
    if person {
        note("type a title and Enter; end with Ctrl-D");
    }
    let failed = |problem: String| CliError::Input { path: "stdin".into(), problem };
    let mut line = Vec::new();
    loop {
        if person {
            let mut stderr = std::io::stderr();
            // Without the prompt, typing works as well.
            let _ = stderr.write_all(b"title> ").and_then(|()| stderr.flush());
        }
        line.clear();
        let limited = stdin.lock().take(LONGEST + 1).read_until(b'\n', &mut line);
        let read = limited.map_err(|error| failed(error.to_string()))?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 > LONGEST {
            return Err(failed(format!("a line is longer than {LONGEST} bytes")));
        }
        match std::str::from_utf8(&line) {
            Ok(title) => answer(title)?,
            Err(_) => note("this line is not UTF-8 text; it is passed over"),
        }
    }
}

fn ask(model: &SavedModel, title: &str, top: usize, screen: Screen) -> Result<Option<Value>> {
    let InputSpec::Text(input) = &model.card().input else {
        return Err(CliError::Usage("the model takes no texts; use predict".into()));
    };
    let Some(text) = input.type_text(title)? else {
        note(format!("`{title}` holds no letter or digit; it is passed over"));
        return Ok(None);
    };
    let predictions = model.predict(&text)?;
    let unknown = text.unknown;
    let Some(prediction) = predictions.first() else { return Ok(None) };
    let mut ranked = ranked(prediction, model.card().classes());
    ranked.truncate(top.max(1));
    screen.say(title);
    if !unknown.is_empty() {
        let read = if model.has_subwords() { "read by their parts" } else { "left out" };
        screen.say(format!("  new words, {read}: {}", unknown.join(", ")));
    }
    let shown = short_names(&ranked.iter().map(|(class, _)| *class).collect::<Vec<_>>(), CLASS_WIDTH);
    let names = shown.iter().map(|class| class.chars().count()).max().unwrap_or(0);
    for (class, (_, probability)) in shown.iter().zip(&ranked) {
        screen.say(format!("  {class:<names$}  {probability:.4}  {}", bar(*probability)).trim_end());
    }
    let classes: Vec<Value> = ranked
        .iter()
        .map(|(class, probability)| json!({ "class": class, "probability": probability }))
        .collect();
    Ok(Some(json!({ "title": title, "new_words": unknown, "classes": classes })))
}

/// A bar to an eighth of a character.
fn bar(probability: f64) -> String {
    const PARTS: [&str; 8] =
        ["", "\u{258F}", "\u{258E}", "\u{258D}", "\u{258C}", "\u{258B}", "\u{258A}", "\u{2589}"];
    let eighths = (probability.clamp(0.0, 1.0) * WIDTH * 8.0).round() as usize;
    "\u{2588}".repeat(eighths / 8) + PARTS.get(eighths % 8).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_the_probability() {
        assert_eq!(bar(1.0), "\u{2588}".repeat(30));
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(0.05), "\u{2588}\u{258C}");
        assert_eq!(bar(f64::NAN), "");
    }
}
