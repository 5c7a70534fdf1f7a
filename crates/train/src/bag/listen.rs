//! What the threads of a bag tell, put together epoch by epoch.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::Result;
use crate::callback::{Callback, Callbacks, Control, EpochRecord, Plan, StopReason};
use crate::metrics::Figures;
use crate::recipe::CheckedRecipe;

/// What the thread of a member says.
pub(super) enum Told {
    /// It has trained an epoch.
    Epoch(usize, Box<EpochRecord>),
    /// It is done.
    End(usize),
}

/// How long the callbacks are left unasked whether to stop now.
const ASK: Duration = Duration::from_millis(50);

/// Whether the members are to end.
#[derive(Debug, Default)]
pub(super) struct Stop(Mutex<Option<When>>);

/// When they are to end.
#[derive(Debug, Clone)]
enum When {
    /// After the epoch that they are in.
    Epoch,
    /// After the step that they are in, for this reason.
    Step(StopReason),
}

impl Stop {
    fn set(&self, when: When) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*now, Some(When::Step(_))) {
            *now = Some(when);
        }
    }

    fn get(&self) -> Option<When> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Ends all members when it goes.
pub(super) struct StopsAll<'a>(pub(super) &'a Stop);

impl Drop for StopsAll<'_> {
    fn drop(&mut self) {
        self.0.set(When::Epoch);
    }
}

/// Tells the thread of the bag what its member does, and ends it when it is told to. When it goes, it says so; a member that
/// failed or panicked ends the others, too.
pub(super) struct Teller {
    member: usize,
    to: Sender<Told>,
    stop: Arc<Stop>,
    succeeded: bool,
}

impl Teller {
    pub(super) fn new(member: usize, to: Sender<Told>, stop: Arc<Stop>) -> Self {
        Self { member, to, stop, succeeded: false }
    }

    pub(super) fn end(mut self, succeeded: bool) {
        self.succeeded = succeeded;
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if !self.succeeded {
            self.stop.set(When::Epoch);
        }
        // Whoever listens is gone only when all is over.
        let _ = self.to.send(Told::End(self.member));
    }
}

impl Teller {
    fn tell(&self, record: &EpochRecord) {
        // Whoever listens is gone only when all is over.
        let _ = self.to.send(Told::Epoch(self.member, Box::new(record.clone())));
    }
}

impl Callback for Teller {
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        let behind = plan.resumed.iter().flat_map(|resumed| &resumed.history);
        behind.for_each(|record| self.tell(record));
        Ok(())
    }

    fn stop_now(&mut self) -> Option<StopReason> {
        match self.stop.get() {
            Some(When::Step(reason)) => Some(reason),
            Some(When::Epoch) | None => None,
        }
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        self.tell(record);
        Ok(match self.stop.get() {
            Some(When::Epoch) => Control::Stop(StopReason::Interrupted),
            Some(When::Step(reason)) => Control::Stop(reason),
            None => Control::Continue,
        })
    }
}

/// The epochs of the members, their figures in the mean.
pub(super) struct Heard {
    pub(super) history: Vec<EpochRecord>,
    pub(super) stop: StopReason,
}

/// Tells the callbacks each epoch that every member which is still trained has behind it; of `members`, those count that are
/// told so.
pub(super) fn listen(
    receiver: &Receiver<Told>,
    members: &[bool],
    recipe: &CheckedRecipe,
    callbacks: &mut Callbacks<'_, '_>,
    stop: &Stop,
) -> Result<Heard> {
    let monitor = recipe.metrics().monitor();
    let mut waiting: Vec<VecDeque<EpochRecord>> = vec![VecDeque::new(); members.len()];
    let mut ended: Vec<bool> = members.iter().map(|counts| !counts).collect();
    // What a member that has ended counts as from then on.
    let mut last: Vec<Option<EpochRecord>> = vec![None; members.len()];
    let mut heard = Heard { history: Vec::new(), stop: StopReason::Completed };
    let mut best: Option<f64> = None;
    loop {
        if let Some(reason) = callbacks.stop_now() {
            heard.stop = reason.clone();
            stop.set(When::Step(reason));
        }
        let told = match receiver.recv_timeout(ASK) {
            Ok(told) => told,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => continue,
        };
        match told {
            Told::Epoch(member, record) if members.get(member) == Some(&true) => {
                waiting.get_mut(member).into_iter().for_each(|queue| queue.push_back(*record.clone()))
            }
            Told::Epoch(..) => {}
            Told::End(member) => ended.get_mut(member).into_iter().for_each(|ended| *ended = true),
        }
        let all = |waiting: &[VecDeque<EpochRecord>]| {
            let mut there =
                waiting.iter().zip(&ended).filter(|(queue, ended)| !queue.is_empty() || !**ended).peekable();
            there.peek().is_some() && there.all(|(queue, _)| !queue.is_empty())
        };
        while all(&waiting) {
            for (queue, last) in waiting.iter_mut().zip(&mut last) {
                if let Some(record) = queue.pop_front() {
                    *last = Some(record);
                }
            }
            let records: Vec<EpochRecord> = last.iter().flatten().cloned().collect();
            let mut record = mean(&records);
            let figure = record.valid.value(monitor.name());
            record.improved = best.is_none_or(|best| monitor.direction().improves(figure, best, 0.0));
            if record.improved {
                best = Some(figure);
            }
            let control = callbacks.on_epoch(&record)?;
            heard.history.push(record);
            if let Control::Stop(reason) = control {
                stop.set(When::Epoch);
                heard.stop = reason;
            }
        }
    }
    Ok(heard)
}

/// The records of one epoch as one.
fn mean(records: &[EpochRecord]) -> EpochRecord {
    let count = records.len().max(1) as f64;
    let of = |figures: fn(&EpochRecord) -> &Figures| -> Figures {
        let names = records
            .first()
            .map(|record| figures(record).iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>());
        let sum = |name: &str| records.iter().map(|record| figures(record).value(name)).sum::<f64>();
        names.into_iter().flatten().map(|name| (name.clone(), sum(&name) / count)).collect()
    };
    let seconds = |of: fn(&EpochRecord) -> f64| records.iter().map(of).sum::<f64>() / count;
    EpochRecord {
        epoch: records.iter().map(|record| record.epoch).max().unwrap_or(0),
        lr: records.iter().max_by_key(|record| record.epoch).map_or(0.0, |record| record.lr),
        train_seconds: seconds(|record| record.train_seconds),
        valid_seconds: seconds(|record| record.valid_seconds),
        train: of(|record| &record.train),
        valid: of(|record| &record.valid),
        improved: false,
    }
}
