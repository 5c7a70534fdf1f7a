//! Progress of a cross-validation: a line per finished fold, on a terminal above a bar.

use std::io::IsTerminal;

use brasa_run::cross_validation::FoldResult;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use brasa_train::metrics::Metrics;

use crate::output::note;

/// Lines off a terminal.
const LINES: usize = 20;

/// Shows progress on stderr.
#[derive(Debug)]
pub(crate) struct FoldProgress {
    bar: Option<ProgressBar>,
    repeats: usize,
    wanted: usize,
    done: usize,
}

impl FoldProgress {
    pub(crate) fn new(wanted: usize, repeats: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let bar = ProgressBar::with_draw_target(Some(wanted as u64), target);
            if let Ok(style) = ProgressStyle::with_template(
                "{bar:30.cyan/blue} {pos}/{len} folds  {eta:>4} left  {wide_msg}",
            ) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(std::time::Duration::from_millis(200));
            bar
        });
        Self { bar, repeats, wanted, done: 0 }
    }

    pub(crate) fn fold_done(&mut self, result: &FoldResult) {
        self.done += 1;
        let line = self.line(result);
        match &self.bar {
            Some(bar) => {
                bar.println(line);
                bar.inc(1);
            }
            None if self.tells() => note(line),
            None => {}
        }
    }

    /// Off a terminal, some twenty folds are told: the first, and every twentieth part of all.
    fn tells(&self) -> bool {
        let part = |done: usize| done * LINES / self.wanted.max(1);
        self.done == 1 || part(self.done) > part(self.done - 1)
    }

    fn line(&self, result: &FoldResult) -> String {
        let summary = &result.summary;
        let repeat = match self.repeats {
            1 => String::new(),
            _ => format!("repeat {:>2} ", summary.id.repeat),
        };
        let scores = &summary.scores;
        let columns = Metrics::epoch_columns(scores.task());
        let figures: String =
            columns.iter().map(|name| format!(" {name} {:.4}", scores.value(name))).collect();
        format!(
            "{:>3}/{}  {repeat}fold {:>2} {figures}  epoch {} of {}  {:.2} s",
            self.done, self.wanted, summary.id.fold, summary.best_epoch, summary.epochs, summary.seconds,
        )
    }
}

impl Drop for FoldProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
