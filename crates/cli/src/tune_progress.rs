//! Progress of a search: a bar with the running trials, the best and the time left; some twenty lines off a terminal.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use brasa_tune::Study;
use brasa_tune::executor::Progress;
use brasa_tune::study::State;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::note;
use crate::search::words;
use crate::tracking::Teller;

/// Lines off a terminal.
const LINES: usize = 20;

/// Shows progress on stderr.
pub(crate) struct TuneProgress {
    bar: Option<ProgressBar>,
    running: Vec<usize>,
    told: usize,
}

impl TuneProgress {
    pub(crate) fn new(study: &Study) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let bar = ProgressBar::with_draw_target(Some(study.total() as u64), target);
            if let Ok(style) = ProgressStyle::with_template(
                "{bar:24.cyan/blue} {pos}/{len} trials  {elapsed} and {eta} left  {wide_msg}",
            ) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar.set_position(done(study) as u64);
            bar
        });
        Self { bar, running: Vec::new(), told: done(study) }
    }

    /// Tells beside the bar.
    pub(crate) fn teller(&self) -> Teller {
        let bar = self.bar.clone();
        Arc::new(move |words| match &bar {
            Some(bar) => bar.suspend(|| note(words)),
            None => note(words),
        })
    }

    pub(crate) fn show(&mut self, study: &Study, progress: &Progress<'_>) {
        match progress {
            Progress::Started(job) => self.running.push(job.trial),
            Progress::Left { trial } => self.running.retain(|running| running != trial),
            _ => {}
        }
        let Progress::Left { trial } = progress else {
            if let Some(bar) = &self.bar {
                bar.set_message(self.message(study));
            }
            return;
        };
        let done = done(study);
        match &self.bar {
            Some(bar) => {
                bar.set_position(done as u64);
                bar.set_message(self.message(study));
            }
            None if done > self.told => {
                let part = |done: usize| done * LINES / study.total().max(1);
                if done == 1 || part(done) > part(self.told) {
                    note(line(study, *trial, done));
                }
            }
            None => {}
        }
        self.told = self.told.max(done);
    }

    fn message(&self, study: &Study) -> String {
        let running = self.running.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let best = study.best().and_then(|best| Some((best.number, study.result(best)?.1)));
        let best =
            best.map(|(number, value)| format!("best {value:.4} (trial {number})  ")).unwrap_or_default();
        format!("{best}running {running}")
    }
}

/// Trials that are over, or wait for a promotion that may not come.
fn done(study: &Study) -> usize {
    study.trials().iter().filter(|trial| trial.state != State::Running).count()
}

fn line(study: &Study, trial: usize, done: usize) -> String {
    let metric = &study.header().metric.name;
    let of = |number: usize| {
        let trial = study.trials().get(number)?;
        Some(format!(
            "{metric} {:.4} after {}, {}",
            study.result(trial)?.1,
            study.header().unit.count(trial.epochs()),
            words(&trial.values)
        ))
    };
    let own = of(trial).unwrap_or_else(|| "no result".into());
    let best = study.best().map(|best| format!("; best: trial {}", best.number)).unwrap_or_default();
    format!("{done:>4}/{}  trial {trial}: {own}{best}", study.total())
}

impl Drop for TuneProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
