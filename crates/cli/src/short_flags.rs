//! Flags of an app that are short for keys of its recipes.

use clap::{Arg, ArgMatches, Command};

use crate::app::App;
use crate::args::{ChangeArgs, Verb};

/// `--name VALUE`, short for `--set key=VALUE`.
#[derive(Debug, Clone, Copy)]
pub struct ShortFlag {
    /// The flag, without its dashes.
    pub name: &'static str,
    /// The key of the recipe.
    pub key: &'static str,
    /// What its value is called in `--help`.
    pub value: &'static str,
    /// Whether the key takes a list, which is then written with commas.
    pub list: bool,
}

/// Verbs that take changes of a recipe.
const VERBS: [&str; 6] = ["train", "cv", "inspect", "summary", "bench", "lesson"];

/// The command with the app's flags.
pub(crate) fn declare(app: &App, command: Command) -> Command {
    let with_flags = |verb: Command| {
        verb.args(app.short_flags.iter().map(|flag| {
            Arg::new(flag.name).long(flag.name).value_name(flag.value).help(format!(
                "Short for --set {}={}",
                flag.key,
                flag.shown(flag.value)
            ))
        }))
    };
    VERBS.into_iter().fold(command, |command, verb| command.mut_subcommand(verb, with_flags))
}

/// Puts what was typed before the overrides of `--set`, which have the last word.
pub(crate) fn apply(app: &App, matches: &ArgMatches, verb: &mut Verb) {
    let Some((_, matches)) = matches.subcommand() else { return };
    let Some(changes) = changes(verb) else { return };
    let given = app.short_flags.iter().filter_map(|flag| {
        let value = matches.try_get_one::<String>(flag.name).ok().flatten()?;
        let names_it = |text: &String| text.split_once('=').is_some_and(|(key, _)| key.trim() == flag.key);
        let outdone = changes.overrides.iter().any(names_it);
        (!outdone).then(|| format!("{}={}", flag.key, flag.shown(value)))
    });
    let given: Vec<String> = given.collect();
    changes.overrides.splice(..0, given);
}

impl ShortFlag {
    fn shown(&self, value: &str) -> String {
        if self.list { format!("[{value}]") } else { value.to_owned() }
    }
}

fn changes(verb: &mut Verb) -> Option<&mut ChangeArgs> {
    Some(match verb {
        Verb::Train(args) => &mut args.recipe.changes,
        Verb::Cv(args) => &mut args.recipe.changes,
        Verb::Inspect(args) => &mut args.recipe.changes,
        Verb::Summary(args) => &mut args.recipe.changes,
        Verb::Bench(args) => &mut args.recipe.changes,
        Verb::Lesson(args) => &mut args.changes,
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::FromArgMatches;

    use super::*;
    use crate::args::{Cli, command};

    const APP: App = App {
        name: "titles",
        short_flags: &[
            ShortFlag { name: "filter-sizes", key: "model.filter_sizes", value: "N,..", list: true },
            ShortFlag { name: "batch-size", key: "training.batch_size", value: "N", list: false },
        ],
        ..App::BARE
    };

    #[test]
    fn flags_become_overrides_that_set_outdoes() {
        command(&APP).debug_assert();
        let line = "titles train --set training.batch_size=4 --batch-size 8 --filter-sizes 2,3";
        let matches = command(&APP).try_get_matches_from(line.split(' ')).unwrap();
        let mut cli = Cli::from_arg_matches(&matches).unwrap();
        apply(&APP, &matches, &mut cli.verb);
        let expected = ["model.filter_sizes=[2,3]", "training.batch_size=4"];
        assert_eq!(changes(&mut cli.verb).unwrap().overrides, expected);
    }

    #[test]
    fn other_apps_do_not_have_them() {
        let line = "iris train --batch-size 8";
        assert!(command(&App::BARE).try_get_matches_from(line.split(' ')).is_err());
    }
}
