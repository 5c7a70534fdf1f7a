//! Flags of an app that are short for keys of its recipes.

use clap::{Arg, ArgMatches, Command};

use crate::app::App;
use crate::verbs::Verbs;

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
    to_verbs_with_changes(command, with_flags)
}

/// The command with what `add` adds to each verb that takes changes of a recipe.
pub(crate) fn to_verbs_with_changes(command: Command, add: impl Fn(Command) -> Command) -> Command {
    let takes_changes = |verb: &&Command| verb.get_arguments().any(|arg| arg.get_id() == "overrides");
    let verbs: Vec<String> =
        command.get_subcommands().filter(takes_changes).map(|verb| verb.get_name().to_owned()).collect();
    verbs.into_iter().fold(command, |command, verb| command.mut_subcommand(verb, &add))
}

/// Puts what was typed before the overrides of `--set`, which have the last word.
pub(crate) fn apply(app: &App, matches: &ArgMatches, verb: &mut Verbs) {
    let Some((_, matches)) = matches.subcommand() else { return };
    let Some(changes) = verb.changes() else { return };
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
        assert_eq!(cli.verb.changes().unwrap().overrides, expected);
    }

    #[test]
    fn other_apps_do_not_have_them() {
        let line = "iris train --batch-size 8";
        assert!(command(&App::BARE).try_get_matches_from(line.split(' ')).is_err());
    }
}
