//! Progress of a training: bars on a terminal, some twenty lines off it.

use std::io::IsTerminal;
use std::sync::Arc;

use brasa_train::{Callback, Control, EpochRecord, Plan, Position, Result, Resumed, StepRecord, StopReason};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::milestones::Milestones;
use crate::output::note;
use crate::tracking::Teller;

/// Shows progress on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    epochs: usize,
    terminal: bool,
    milestones: Milestones,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let (bar, terminal) = (ProgressBar::hidden(), std::io::stderr().is_terminal());
        Self { bar, epochs: 0, terminal, milestones: Milestones::default() }
    }

    /// Tells beside the bar.
    pub(crate) fn teller(&self) -> Teller {
        let bar = self.bar.clone();
        Arc::new(move |words| bar.suspend(|| note(words)))
    }
}

impl Callback for Progress {
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        self.epochs = plan.epochs;
        self.milestones = Milestones::new(plan.epochs);
        if let Some(Resumed { history, steps, passed_over }) = &plan.resumed {
            passed_over.iter().for_each(|problem| note(format!("passed over: {problem}")));
            let behind = Position { epochs: history.len(), steps: *steps };
            note(format!("going on after {behind} of {}", if *steps > 0 { plan.steps } else { plan.epochs }));
        }
        if self.terminal {
            self.bar.set_length((plan.epochs * plan.train_rows) as u64);
            if let Ok(style) =
                ProgressStyle::with_template("{bar:30.cyan/blue} {percent:>3} %  {eta:>4} left  {wide_msg}")
            {
                self.bar.set_style(style);
            }
            self.bar.reset();
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Ok(())
    }

    fn on_step(&mut self, step: &StepRecord) {
        if self.terminal {
            let before =
                (step.epoch - 1) as u64 * (self.bar.length().unwrap_or(0) / self.epochs.max(1) as u64);
            self.bar.set_position(before + step.rows as u64);
        }
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        if self.terminal {
            self.bar.set_message(epoch_line(record, self.epochs));
        } else if self.milestones.tells(record) {
            note(epoch_line(record, self.epochs));
        }
        Ok(Control::Continue)
    }

    fn on_end(&mut self, _reason: &StopReason) -> Result<()> {
        self.bar.finish_and_clear();
        if !self.terminal {
            let (last, best) = std::mem::take(&mut self.milestones).rest();
            last.iter().for_each(|record| note(epoch_line(record, self.epochs)));
            best.iter().for_each(|record| note(format!("best: {}", epoch_line(record, self.epochs))));
        }
        Ok(())
    }
}

impl brasa_run::RunObserver for Progress {
    fn on_divergence(&mut self, epoch: usize, step: usize) {
        self.bar.finish_and_clear();
        note(format!(
            "the loss is not finite at epoch {epoch}, step {step}: the steps since the last checkpoint are done once more, to see \
             where it begins"
        ));
    }
}

fn epoch_line(record: &EpochRecord, epochs: usize) -> String {
    let EpochRecord { epoch, lr, train, valid, .. } = record;
    let width = epochs.to_string().len();
    format!(
        "epoch {epoch:>width$}/{epochs}  train{}  valid{}  lr {lr:.2e}  {:.2} s{}",
        named(train.iter().take(TRAIN_FIGURES)),
        named(valid.iter()),
        record.train_seconds + record.valid_seconds,
        if record.improved { "  *" } else { "" },
    )
}

/// Figures of the training split in a line; those of the validation split are all there.
const TRAIN_FIGURES: usize = 2;

/// ` loss 0.1234 accuracy 0.9876`.
fn named<'a>(figures: impl Iterator<Item = (&'a str, f64)>) -> String {
    figures.map(|(name, value)| format!(" {name} {value:.4}")).collect()
}
