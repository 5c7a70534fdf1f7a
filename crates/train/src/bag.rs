//! A bag: networks trained on all but one of as many parts of the rows, whose mean is the model
//! ([Breiman 1996](https://doi.org/10.1007/BF00058655), with the parts of a cross-validation).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use brasa_data::{Fold, SplitKind, k_fold_of, seed};
use brasa_models::{Bag, Network};
use burn::tensor::Device;

use crate::Result;
use crate::callback::{Callback, Callbacks, Control, EpochRecord, Plan, StopReason};
use crate::evaluate::outputs;
use crate::fit::Outcome;
use crate::metrics::Figures;
use crate::network::train_network;
use crate::prepared::{Prepared, check_training, seen};
use crate::recipe::{CheckedRecipe, RecipeError};

/// What a bag leaves behind beside its mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Bagged {
    /// The epoch that the weights of each network come from, from 1.
    pub best_epochs: Vec<usize>,
    /// Outputs for the validation split, row-major: of each row from the network that was not trained on it.
    pub valid_outputs: Vec<f32>,
}

/// The bag of networks that the recipe says. Each is trained in a thread of its own; the result does not depend on how
/// the threads run.
pub(crate) fn train_bag(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
) -> Result<Outcome<Network>> {
    let folds = parts(recipe, prepared)?;
    let members: Vec<(CheckedRecipe, Prepared)> = folds
        .into_iter()
        .enumerate()
        .map(|(place, fold)| (recipe.member(place), prepared.with_split(fold.train, fold.held_out)))
        .collect();
    members.iter().try_for_each(|(recipe, own)| check_training(recipe, &own.data, own.split.train.len()))?;
    let mut callbacks = Callbacks::new(None, callbacks);
    let first = members.first().map_or(0, |(_, prepared)| prepared.split.train.len());
    let metrics = recipe.metrics().of_epoch().clone();
    callbacks.on_start(&Plan {
        epochs: recipe.recipe().training.epochs,
        steps: recipe.steps(first),
        train_rows: first,
        valid_rows: members.first().map_or(0, |(_, prepared)| prepared.split.valid.len()),
        metrics,
    })?;
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel();
    let (outcomes, told) = std::thread::scope(|scope| {
        let threads: Vec<_> = members
            .iter()
            .enumerate()
            .map(|(member, (recipe, prepared))| {
                let mut teller = Teller { member, to: sender.clone(), stop: stop.clone(), succeeded: false };
                scope.spawn(move || {
                    let outcome = train_network(recipe, prepared, None, device, &mut [&mut teller]);
                    teller.end(outcome.is_ok());
                    outcome
                })
            })
            .collect();
        drop(sender);
        // When all is told, and where a callback fails or panics, whatever still runs ends after its epoch.
        let listening = StopsAll(&stop);
        let told = listen(&receiver, members.len(), recipe, &mut callbacks, &stop);
        drop(listening);
        let ended = |thread: std::thread::ScopedJoinHandle<'_, Result<Outcome<Network>>>| match thread.join()
        {
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        (threads.into_iter().map(ended).collect::<Vec<_>>(), told)
    });
    let outcomes = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
    let Heard { history, stop } = told?;
    let ended_by_itself =
        outcomes.iter().map(|outcome| &outcome.stop).find(|stop| **stop != StopReason::Completed);
    let stop = match stop {
        StopReason::Completed => ended_by_itself.cloned().unwrap_or(stop),
        told => told,
    };
    let best_epochs = outcomes.iter().map(|outcome| outcome.best_epoch).collect();
    let bag = Bag::of(outcomes.into_iter().map(|outcome| outcome.model).collect());
    let valid_outputs = held_out(&bag, recipe, prepared, device)?;
    let model = Network::Bag(bag);
    let best_epoch = history.iter().rev().find(|record| record.improved).map_or(0, |record| record.epoch);
    callbacks.on_improvement(best_epoch, &model)?;
    callbacks.on_end(&stop)?;
    Ok(Outcome { model, best_epoch, history, stop, bagged: Some(Bagged { best_epochs, valid_outputs }) })
}

/// The rows that each network is trained on and chosen by.
fn parts(recipe: &CheckedRecipe, prepared: &Prepared) -> Result<Vec<Fold>> {
    let (data, rows) = (&prepared.data, seen(&prepared.split));
    let split = recipe.data().split();
    let seed = seed::derive(split.seed(), &[recipe.recipe().training.bag as u64]);
    let bag = recipe.recipe().training.bag;
    let deal = |kind| k_fold_of(data, &rows, kind, bag, seed);
    let dealt = match split.kind() {
        SplitKind::Grouped => deal(SplitKind::Grouped),
        SplitKind::Given if data.groups.is_some() => deal(SplitKind::Grouped),
        // A class may be too rare to be in every part.
        _ => deal(SplitKind::Stratified).or_else(|_| deal(SplitKind::Random)),
    };
    dealt.map_err(|error| {
        let expected =
            format!("so many networks as the training and validation rows can be parted for ({error})");
        recipe.recipe().locate(RecipeError::value("training.bag", expected, bag)).into()
    })
}

/// What the thread of a network says.
enum Told {
    /// It has trained an epoch.
    Epoch(usize, Box<EpochRecord>),
    /// It is done.
    End(usize),
}

/// Ends all networks when it goes.
struct StopsAll<'a>(&'a AtomicBool);

impl Drop for StopsAll<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Tells the thread of the bag what its network does, and ends it when it is told to. When it goes, it says so; a network
/// that failed or panicked ends the others, too.
struct Teller {
    member: usize,
    to: Sender<Told>,
    stop: Arc<AtomicBool>,
    succeeded: bool,
}

impl Teller {
    fn end(mut self, succeeded: bool) {
        self.succeeded = succeeded;
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if !self.succeeded {
            self.stop.store(true, Ordering::Relaxed);
        }
        // Whoever listens is gone only when all is over.
        let _ = self.to.send(Told::End(self.member));
    }
}

impl Callback for Teller {
    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        // Whoever listens is gone only when all is over.
        let _ = self.to.send(Told::Epoch(self.member, Box::new(record.clone())));
        Ok(match self.stop.load(Ordering::Relaxed) {
            true => Control::Stop(StopReason::Interrupted),
            false => Control::Continue,
        })
    }
}

/// The epochs of all networks, their figures in the mean.
struct Heard {
    history: Vec<EpochRecord>,
    stop: StopReason,
}

/// Tells the callbacks each epoch that every network which is still trained has behind it.
fn listen(
    receiver: &Receiver<Told>,
    members: usize,
    recipe: &CheckedRecipe,
    callbacks: &mut Callbacks<'_, '_>,
    stop: &AtomicBool,
) -> Result<Heard> {
    let monitor = recipe.metrics().monitor();
    let mut waiting: Vec<VecDeque<EpochRecord>> = vec![VecDeque::new(); members];
    let mut ended = vec![false; members];
    // What a network that has ended counts as from then on.
    let mut last: Vec<Option<EpochRecord>> = vec![None; members];
    let mut heard = Heard { history: Vec::new(), stop: StopReason::Completed };
    let mut best: Option<f64> = None;
    for told in receiver {
        match told {
            Told::Epoch(member, record) => {
                waiting.get_mut(member).into_iter().for_each(|queue| queue.push_back(*record.clone()))
            }
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
                stop.store(true, Ordering::Relaxed);
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

/// Outputs of a bag for the validation split, each row's from the network that was not trained on it: the recipe and the split
/// say which that is.
pub(crate) fn held_out(
    bag: &Bag,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
) -> Result<Vec<f32>> {
    let valid = &prepared.split.valid;
    let width = prepared.data.output_count();
    let mut found = vec![0.0; valid.len() * width];
    for (fold, member) in parts(recipe, prepared)?.iter().zip(bag.members()) {
        let is_own = |row: &usize| fold.held_out.binary_search(row).is_ok();
        let rows: Vec<usize> = valid.iter().copied().filter(is_own).collect();
        if rows.is_empty() {
            continue;
        }
        let outputs = outputs(member, recipe, &prepared.eval_loader(&rows, 0)?, device)?;
        let places = found.chunks_mut(width).zip(valid).filter(|(_, row)| is_own(row));
        places.zip(outputs.chunks(width)).for_each(|((place, _), outputs)| place.copy_from_slice(outputs));
    }
    Ok(found)
}
