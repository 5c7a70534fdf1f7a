//! A study: trials, and what has become of them, in a file that survives the end of the process at any moment.
//!
//! Everything that happens is an event, written before it is acted on. What follows from the events (whose turn it is, which
//! rung a trial is on, what the sampler knows) is not written: it is computed by hearing them again.

mod apply;
mod checkpoints;
mod error;
mod event;
mod header;
mod journal;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
mod trial;

use std::collections::BTreeSet;
use std::path::Path;

pub use error::{Result, StudyError};
pub use event::End;
use event::Event;
pub use header::{Header, Score, Unit};
use journal::Journal;
pub use journal::Recovery;
pub use trial::{Difference, State, Trial};

use crate::Values;
use crate::metric::by_loss;
use crate::sampler::{Outcome, SamplerConfig, Sampling};
use crate::scheduler::{RungView, Scheduler, Verdict};

/// What a worker is to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Number of the trial.
    pub trial: usize,
    /// Its values.
    pub values: Values,
    /// Epochs that its checkpoint has behind it; 0 starts from scratch.
    pub from_epoch: usize,
    /// The epoch after which it is next decided whether the trial goes on. Only the verdicts count: one may be to continue.
    pub until_epoch: usize,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// This.
    Run(Job),
    /// Nothing until a running trial has reported or ended.
    Wait,
    /// Nothing: all trials are over.
    Finished,
}

/// A study.
#[derive(Debug)]
pub struct Study {
    header: Header,
    /// None for one in memory.
    journal: Option<Journal>,
    sampling: Sampling,
    scheduler: Box<dyn Scheduler>,
    trials: Vec<Trial>,
    /// Of each trial what the sampler may know.
    outcomes: Vec<Outcome>,
    /// Trials wanted.
    total: usize,
    /// Trials whose process is gone: they run according to the events, and are handed out again.
    interrupted: BTreeSet<usize>,
}

impl Study {
    /// A new study in a new file.
    pub fn create(path: &Path, header: Header) -> Result<Self> {
        let mut study = Self::in_memory(header)?;
        let mut journal = Journal::create(path)?;
        journal.append(&Event::Study(Box::new(study.header.clone())))?;
        study.journal = Some(journal);
        Ok(study)
    }

    /// A study that is forgotten with the process.
    pub fn in_memory(mut header: Header) -> Result<Self> {
        header.check()?;
        header.format = header::FORMAT;
        let sampling = Sampling::new(&header.space, &header.sampler, header.seed)?;
        let total = limited(&header, header.trials);
        let scheduler = header.scheduler.build(header.max_epochs, total, header.seed, header.sampler.waits());
        Ok(Self {
            header,
            journal: None,
            sampling,
            scheduler,
            trials: Vec::new(),
            outcomes: Vec::new(),
            total,
            interrupted: BTreeSet::new(),
        })
    }

    /// Goes on with a study. The trials that ran are handed out again.
    pub fn open(path: &Path) -> Result<(Self, Recovery)> {
        let (journal, events, mut recovery) = Journal::open(path)?;
        let mut study = Self::replay(path, events)?;
        study.journal = Some(journal);
        recovery.interrupted = study.interrupted.iter().copied().collect();
        Ok((study, recovery))
    }

    /// The same where it is this study; the number of trials may differ.
    pub fn resume(path: &Path, header: &Header) -> Result<(Self, Recovery)> {
        let (study, recovery) = Self::open(path)?;
        match header.difference(&study.header) {
            None => Ok((study, recovery)),
            Some((key, expected, found)) => {
                Err(StudyError::Other { path: path.into(), key, expected, found })
            }
        }
    }

    /// A copy of a study as it stands, to look at, also while another process runs it. What is told to the copy is not written.
    pub fn read(path: &Path) -> Result<Self> {
        Self::replay(path, Journal::read(path)?)
    }

    fn replay(path: &Path, events: Vec<Event>) -> Result<Self> {
        let mut events = (1..).zip(events);
        let Some((_, Event::Study(header))) = events.next() else {
            return Err(journal::damage(path, 1, "the first line of a study", b""));
        };
        if header.format != header::FORMAT {
            let (expected, found) = (header::FORMAT.to_string(), header.format.to_string());
            return Err(StudyError::Other { path: path.into(), key: "format", expected, found });
        }
        let mut study = Self::in_memory(*header)?;
        for (line, event) in events {
            study.check(&event).map_err(|error| StudyError::Damaged {
                path: path.into(),
                line,
                expected: "an event that can follow the ones before".into(),
                found: error.to_string(),
            })?;
            study.apply(&event);
        }
        let ran = study.trials.iter().filter(|trial| trial.state == State::Running);
        study.interrupted = ran.map(|trial| trial.number).collect();
        Ok(study)
    }

    /// What is to be done next; a job counts as started.
    pub fn next_job(&mut self) -> Result<Next> {
        let again = self.interrupted.first().copied().or_else(|| Some(self.scheduler.promotion()?.trial));
        let (trial, values) = if let Some(trial) = again {
            (trial, None)
        } else if self.trials.len() < self.total
            && self.scheduler.admits()
            && self.sampling.is_ready(&self.outcomes)
        {
            (self.trials.len(), Some(self.sampling.draw(&self.outcomes)))
        } else {
            let runs = self.trials.iter().any(|trial| trial.state == State::Running);
            return Ok(if runs { Next::Wait } else { Next::Finished });
        };
        // A new one has none yet.
        let from = self.trials.get(trial).map_or(0, |trial| trial.checkpoint);
        self.tell(&Event::Start { trial, values, from })?;
        let Some(Trial { values, until, .. }) = self.trials.get(trial) else { return Ok(Next::Wait) };
        Ok(Next::Run(Job { trial, values: values.clone(), from_epoch: from, until_epoch: *until }))
    }

    /// A running trial has ended an epoch, from 1, with this value of the metric.
    ///
    /// An epoch that was reported already, by a process that is gone, changes nothing. A value that is not finite ends the trial.
    pub fn report(&mut self, trial: usize, epoch: usize, value: f64) -> Result<Verdict> {
        let value = value.is_finite().then_some(value);
        if let Some(known) = self.trials.get(trial)
            && let Some(before) = epoch.checked_sub(1).and_then(|index| known.curve.get(index))
            && known.state == State::Running
        {
            let same = before.is_finite().then_some(*before) == value;
            if !same && known.differs.is_none() {
                self.tell(&Event::Differs { trial, epoch, value })?;
            }
            return Ok(Verdict::Continue);
        }
        self.tell(&Event::Report { trial, epoch, value })
    }

    /// A running trial ended by itself. Of one that was paused or stopped already this says nothing new.
    pub fn ended(&mut self, trial: usize, mut end: End) -> Result<()> {
        match self.trials.get(trial) {
            Some(known) if known.state != State::Running => return Ok(()),
            Some(known) if known.curve.is_empty() && end == End::Completed => {
                end = End::Failed("it ended without having reported an epoch".into());
            }
            _ => {}
        }
        self.tell(&Event::Ended { trial, end }).map(|_| ())
    }

    /// Adds trials, also to a study that is over. Answers how many there will be; a grid has no more than its combinations.
    pub fn extend(&mut self, trials: usize) -> Result<usize> {
        if limited(&self.header, self.total.saturating_add(trials)) > self.total {
            self.tell(&Event::Extend { trials })?;
        }
        Ok(self.total)
    }

    /// Writes an event down, and then does what it says.
    fn tell(&mut self, event: &Event) -> Result<Verdict> {
        self.check(event)?;
        if let Some(journal) = &mut self.journal {
            journal.append(event)?;
        }
        Ok(self.apply(event))
    }

    /// What the study is.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// All trials that have started, by number.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// How many trials there will be.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Who reached which rung.
    #[must_use]
    pub fn rungs(&self) -> Vec<RungView> {
        self.scheduler.rungs()
    }

    /// A trial's result, as [`Trial::result`] by the study's score and direction: the epoch and the value.
    #[must_use]
    pub fn result(&self, trial: &Trial) -> Option<(usize, f64)> {
        trial.result(self.header.score, self.header.metric.direction)
    }

    /// The trials from the best to the worst: those without a result, which have failed or diverged, last.
    #[must_use]
    pub fn ranked(&self) -> Vec<&Trial> {
        let loss = |trial: &Trial| {
            self.result(trial).map_or(f64::INFINITY, |(_, value)| self.header.metric.direction.loss(value))
        };
        let mut ranked: Vec<_> = self.trials.iter().map(|trial| (loss(trial), trial)).collect();
        ranked.sort_by(|a, b| by_loss((a.0, a.1.number), (b.0, b.1.number)));
        ranked.into_iter().map(|(_, trial)| trial).collect()
    }

    /// The best trial, where any has a result.
    #[must_use]
    pub fn best(&self) -> Option<&Trial> {
        self.ranked().into_iter().next().filter(|trial| self.result(trial).is_some())
    }
}

/// As many trials as there are combinations, where the sampler is a grid.
fn limited(header: &Header, trials: usize) -> usize {
    if header.sampler != SamplerConfig::Grid {
        return trials;
    }
    let size = header.space.size().and_then(|size| usize::try_from(size).ok());
    trials.min(size.unwrap_or(usize::MAX))
}
