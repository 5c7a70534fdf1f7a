//! One file per verb: its arguments and what it does. One more is a file, and its two lines here.

mod answers;
mod ask;
mod bench;
mod compare;
mod completions;
mod cv;
mod data;
mod eval;
mod explain;
mod export;
mod init;
mod inspect;
mod keys;
mod lesson;
mod look;
mod predict;
#[cfg(feature = "mlflow")]
mod push;
mod recipes;
mod runs;
mod scores;
mod study;
mod summary;
mod train;
mod trial;
mod tune;
mod upkeep;
mod verb;
mod weights;

use clap::{CommandFactory, Subcommand};

use crate::app::App;
use crate::args::{ChangeArgs, Cli, Common};
use crate::error::Result;
use crate::interrupt;
use crate::output::Screen;

pub(crate) use verb::Verb;

/// Writes [`Verbs`]: a variant for each verb of the list, in the order of the help.
macro_rules! verbs {
    ($($module:ident::$verb:ident,)*) => {
        /// The verb that was typed, with its arguments.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Verbs {
            $($verb($module::$verb),)*
        }

        impl Verbs {
            fn is_typed(&self) -> bool {
                match self {
                    $(Self::$verb(_) => $module::$verb::TYPED,)*
                }
            }

            fn act(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
                match self {
                    $(Self::$verb(verb) => verb.run(app, common, screen),)*
                }
            }

            /// The changes of a recipe that were typed, where the verb takes such.
            pub(crate) fn changes(&mut self) -> Option<&mut ChangeArgs> {
                match self {
                    $(Self::$verb(verb) => verb.changes(),)*
                }
            }

            /// Of each verb of the list, in its order: whether `app` has it and a person types it.
            fn offered(app: &App) -> Vec<(bool, bool)> {
                vec![$(($module::$verb::belongs_to(app), $module::$verb::TYPED),)*]
            }
        }
    };
}

verbs! {
    train::Train,
    cv::Cv,
    tune::Tune,
    trial::Trial,
    study::Study,
    eval::Eval,
    predict::Predict,
    ask::Ask,
    look::Look,
    explain::Explain,
    export::Export,
    inspect::Inspect,
    init::Init,
    summary::Summary,
    recipes::Recipes,
    keys::Keys,
    runs::Runs,
    bench::Bench,
    data::Data,
    weights::Weights,
    compare::Compare,
    lesson::Lesson,
    completions::Completions,
}

/// Whether a verb is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Its name.
    pub name: String,
    /// Whether the app has it.
    pub present: bool,
    /// Whether a person types it.
    pub typed: bool,
}

/// All verbs in the order of the list, and what is offered of them by `app`.
pub(crate) fn offers(app: &App) -> Vec<Offer> {
    let declared = Cli::command();
    let names = declared.get_subcommands().map(|verb| verb.get_name().to_owned());
    let facts = Verbs::offered(app).into_iter();
    names.zip(facts).map(|(name, (present, typed))| Offer { name, present, typed }).collect()
}

/// Runs what was typed.
pub(crate) fn run(app: &App, cli: &Cli, screen: Screen) -> Result<()> {
    if cli.verb.is_typed() {
        interrupt::listen(screen);
    }
    cli.verb.act(app, &cli.common, screen)
}
