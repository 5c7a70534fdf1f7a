//! What every verb of the command line can do.

use crate::app::App;
use crate::args::{ChangeArgs, Common};
use crate::error::Result;
use crate::output::Screen;

/// One verb: what was typed for it is the implementor.
pub(crate) trait Verb {
    /// Whether a person types it; one that another process starts is not in the help, and ends with that process.
    const TYPED: bool = true;

    /// Whether `app` has it.
    fn belongs_to(_: &App) -> bool
    where
        Self: Sized,
    {
        true
    }

    /// The changes of a recipe that were typed, where it takes such: the app's short flags are put into them.
    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        None
    }

    /// Does it.
    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()>;
}
