//! The command line.

mod shared;

use std::borrow::Cow;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Command, CommandFactory, FromArgMatches, Parser};

use crate::app::App;
use crate::output::{answer, note};
use crate::own;
use crate::printable::printable;
use crate::short_flags;
use crate::verbs::{Verbs, offers};

pub(crate) use shared::*;

/// Everything that was typed.
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub verb: Verbs,
}

/// What every verb takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Print one JSON object on stdout in place of text; progress and notes stay on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder that runs are kept in
    #[arg(long, global = true, value_name = "DIR", env = "BRASA_RUNS", default_value = "runs")]
    pub runs: PathBuf,
}

/// The command of `app`, with the verbs that it has.
pub(crate) fn command(app: &App) -> Command {
    let command = Cli::command().name(app.name).bin_name(app.name).about(app.about);
    let offers = offers(app);
    let order: Vec<&str> = offers.iter().map(|verb| verb.name.as_str()).collect();
    let absent: Vec<&str> =
        offers.iter().filter(|verb| !verb.present).map(|verb| verb.name.as_str()).collect();
    let hidden = offers.iter().filter(|verb| !verb.typed);
    let command =
        hidden.fold(command, |command, verb| command.mut_subcommand(&verb.name, |verb| verb.hide(true)));
    let command = own::declare(app, short_flags::declare(app, command));
    let command = match app.synthetic {
        Some(_) => command,
        None => command.mut_subcommand("data", |verb| without("data", verb, &["synth"], &[])),
    };
    without(app.name, command, &absent, &order)
}

/// The same without what no person types, for completions.
pub(crate) fn typed_command(app: &App) -> Command {
    let offers = offers(app);
    let order: Vec<&str> = offers.iter().map(|verb| verb.name.as_str()).collect();
    let untyped: Vec<&str> =
        offers.iter().filter(|verb| !verb.typed).map(|verb| verb.name.as_str()).collect();
    without(app.name, command(app), &untyped, &order)
}

/// `command` without some of its verbs; clap itself can but hide them. The help shows the others in `order`, which a change
/// of one of them would have clap forget.
fn without(name: &'static str, command: Command, absent: &[&str], order: &[&str]) -> Command {
    let verbs = command.get_subcommands().filter(|verb| !absent.contains(&verb.get_name()));
    let verbs = verbs.cloned().map(|verb| {
        let place = order.iter().position(|name| *name == verb.get_name());
        verb.display_order(place.unwrap_or(order.len()))
    });
    let rest = Command::new(name)
        .args(command.get_arguments().cloned())
        .subcommands(verbs)
        .about(command.get_about().cloned().unwrap_or_default())
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true);
    match command.get_bin_name() {
        // The root, which alone has a version.
        Some(name) => rest.bin_name(name.to_owned()).version(env!("CARGO_PKG_VERSION")),
        None => rest,
    }
}

/// Reads the process's arguments; a wrong one is told and answered with exit code 2.
pub(crate) fn parse(app: &App) -> Result<Cli, ExitCode> {
    let outcome = command(app).try_get_matches().and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        short_flags::apply(app, &matches, &mut cli.verb);
        own::apply(app, &matches, &mut cli.verb)?;
        Ok(cli)
    });
    outcome.map_err(|error| {
        let text = error.render().to_string();
        let typed = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
        // What was typed may be the name of a file that somebody else chose.
        match typed.into_iter().any(|word| matches!(printable(&word), Cow::Owned(escaped) if escaped != word))
        {
            true => note(&text),
            // In colours on a terminal. Help and version go to stdout and are no error.
            false => drop(error.print()),
        }
        if error.use_stderr() && std::env::args_os().any(|word| word == "--json") {
            let message = text.split("\n\n").next().unwrap_or_default();
            let message = message.trim().trim_start_matches("error: ");
            answer(&serde_json::json!({ "error": message }).to_string());
        }
        ExitCode::from(if error.use_stderr() { 2 } else { 0 })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::app::{Lesson, RecipeFile, Synthetic, TutorialFigure};
    use brasa_run::lesson::BATCH_SIZE;

    const BARE: App = App {
        name: "flowers",
        about: "Species",
        recipes: &[RecipeFile { name: "small", text: "" }],
        default_recipe: "small",
        manifest: "name = \"flowers\"",
        ..App::BARE
    };

    /// With every verb that there is.
    const APP: App = App {
        asks: true,
        tutorial_figures: &[TutorialFigure {
            recipe: "small",
            train_loss: None,
            valid_loss: None,
            valid_accuracy: None,
            test_accuracy: None,
        }],
        lessons: &[Lesson { name: "size", title: "Size", kind: BATCH_SIZE, recipes: &["small"] }],
        synthetic: Some(Synthetic { about: "flowers", samples: 1, write: |_, _, _| Ok(()) }),
        ..BARE
    };

    #[test]
    fn verbs_that_an_app_does_not_have_are_unknown() {
        for line in ["ask rose", "compare", "lesson", "data synth x"] {
            let parse = |app| command(app).try_get_matches_from(format!("flowers {line}").split(' '));
            assert!(parse(&APP).is_ok(), "{line}");
            assert_eq!(parse(&BARE).unwrap_err().kind(), clap::error::ErrorKind::InvalidSubcommand, "{line}");
        }
        let names = |command: &Command| {
            command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect::<Vec<_>>()
        };
        assert!(names(&command(&BARE)).contains(&"trial".into()));
        let typed = names(&typed_command(&BARE));
        assert!(typed.contains(&"train".into()) && !typed.contains(&"trial".into()), "{typed:?}");
    }

    #[test]
    fn numbers_and_characters_out_of_range_say_what_is_expected() {
        let message = |line: &str| {
            let words = line.split(' ');
            command(&APP).try_get_matches_from(words).unwrap_err().to_string()
        };
        for seed in ["9223372036854775808", "99999999999999999999999", "-1", "1.5", "x"] {
            for verb in ["train --seed=", "data synth d --seed=", "compare --seeds=1,"] {
                let message = message(&format!("flowers {verb}{seed}"));
                assert!(message.contains("from 0 to 9223372036854775807"), "{message}");
            }
        }
        let parsed = |delimiter: &str| {
            let line = ["flowers", "predict", "-", "--delimiter", delimiter];
            let found = command(&APP).try_get_matches_from(line)?;
            match Cli::from_arg_matches(&found)?.verb {
                Verbs::Predict(verb) => Ok(verb.delimiter),
                _ => unreachable!(),
            }
        };
        for (typed, delimiter) in [("tab", b'\t'), ("\\t", b'\t'), ("\t", b'\t'), (";", b';'), ("|", b'|')] {
            assert_eq!(parsed(typed).map_err(|error: clap::Error| error.to_string()), Ok(Some(delimiter)));
        }
        for typed in ["", ";;", "semicolon", "\u{e9}", "\"", "\n"] {
            let message = parsed(typed).unwrap_err().to_string();
            assert!(message.contains("one ASCII character") && message.contains("`tab`"), "{message}");
        }
    }

    #[test]
    fn every_verb_parses() {
        command(&APP).debug_assert();
        for line in [
            "train --recipe small --set a.b=1 --seed 3 --data x --device flex --track mlflow=http://a --tui",
            "cv --recipe small --folds 10 --repeats 3 --jobs 2 --seed 3 --set a.b=1 --data x --device flex",
            "trial --data x --device flex",
            "tune --objective cv=5 --executor ray=local --track mlflow=http://a --memory 9",
            "eval --run latest --split test",
            "predict a.csv - --top 2 --delimiter ;",
            "inspect --augment --out pictures",
            "ask --run latest --top 2 --device flex a title",
            "look kernels --run latest --split valid --out x",
            "look features --layer 2 --sample 3",
            "look grad-cam --image a.png b.png --device flex",
            "summary --data x --graph net.svg",
            "recipes small",
            "runs list",
            "runs show x",
            "runs compare a b",
            "runs push --track mlflow=http://a",
            "bench --batch 4 --steps 2 --loader",
            "data synth x --samples 5 --seed 2",
            "data fetch --to x --mirror http://127.0.0.1",
            "compare --regenerate x --recipes a,b --seeds 1,2 --track none",
            "lesson batch-size --set a.b=1 --seed 3 --data x --device flex --track none",
            "completions bash",
        ] {
            let words =
                std::iter::once("flowers").chain(line.split(' ')).chain(["--json", "--runs", "elsewhere"]);
            let cli =
                command(&APP).try_get_matches_from(words).and_then(|found| Cli::from_arg_matches(&found));
            let cli = cli.unwrap();
            assert!(cli.common.json && cli.common.runs == std::path::Path::new("elsewhere"), "{line}");
        }
    }
}
