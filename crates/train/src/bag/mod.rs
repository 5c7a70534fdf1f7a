//! A bag: networks trained on all but one of as many parts of the rows, whose mean is the model
//! ([Breiman 1996](https://doi.org/10.1007/BF00058655), with the parts of a cross-validation); and a blend of such bags, each
//! with its share.

mod blend;
mod listen;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

use brasa_data::{Fold, SplitKind, k_fold_of, seed};
use brasa_kernels::in_pool;
use brasa_models::{Bag, Network};
use burn::tensor::Device;

use crate::Result;
use crate::callback::{Callback, Callbacks, Plan, StopReason};
use crate::checkpoint::Leg;
use crate::evaluate::outputs;
use crate::fit::{Outcome, figures_given};
use crate::metrics::Direction;
use crate::network::train_network_leg;
use crate::prepared::{Prepared, check_training, seen};
use crate::recipe::{CheckedRecipe, RecipeError};
use listen::{Heard, Stop, StopsAll, Teller, listen};

/// What a bag leaves behind beside its mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Bagged {
    /// The epoch that the weights of each network come from, from 1; of those that are trained in epochs, where there are some.
    pub best_epochs: Vec<usize>,
    /// The kinds of model with the share of each in the mean, all its members together.
    pub shares: Vec<(&'static str, f64)>,
    /// Outputs for the validation split, row-major: of each row from the members that were not trained on it.
    pub valid_outputs: Vec<f32>,
}

impl Bagged {
    /// Of what the model is the mean, in words.
    pub fn mean_words(&self) -> String {
        match self.shares.as_slice() {
            [] | [_] => format!("mean of {} members", self.best_epochs.len()),
            shares => {
                let words = |(kind, share): &(&str, f64)| format!("{:.0} % {kind}", share * 100.0);
                format!("mean ({})", shares.iter().map(words).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// The bag of networks that the recipe says, or the blend of bags. Each member is trained in a thread of its own; the result
/// does not depend on how the threads run.
pub(crate) fn train_bag(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
    leg: Leg<'_>,
) -> Result<Outcome<Network>> {
    let folds = parts(recipe, prepared)?;
    let kinds: Vec<_> = recipe.recipe().models().map(|model| &model.architecture).collect();
    let members: Vec<(CheckedRecipe, Prepared)> = (0..kinds.len())
        .flat_map(|kind| folds.iter().enumerate().map(move |(part, fold)| (kind, part, fold)))
        .map(|(kind, part, fold)| {
            let own = prepared.with_split(fold.train.clone(), fold.held_out.clone());
            (recipe.member(kind, part), own)
        })
        .collect();
    // Whoever is trained in epochs is followed; all are, where nobody is.
    let in_steps =
        |(recipe, _): &(CheckedRecipe, Prepared)| recipe.recipe().model.architecture.kind().learns_in_steps();
    let any = members.iter().any(in_steps);
    let followed: Vec<bool> = members.iter().map(|member| !any || in_steps(member)).collect();
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
        resumed: None,
    })?;
    let stop = Arc::new(Stop::default());
    // Each member has checkpoints of its own; those that ended are read from theirs.
    let own = |folder: Option<&Path>, member: usize| {
        folder.map(|folder| folder.join(format!("member-{}", member + 1)))
    };
    let (sender, receiver) = channel();
    let (outcomes, told) = std::thread::scope(|scope| {
        // Each network has a thread; what takes all rows at once comes one after the other, since it holds them all.
        let (alone, in_turn): (Vec<_>, Vec<_>) =
            members.iter().enumerate().partition(|(_, member)| in_steps(member));
        // Networks share the threads, each with a pool of its own, so that none waits for the work of another.
        let threads = brasa_kernels::threads();
        let (networks, in_turn) = (alone.len(), (!in_turn.is_empty()).then_some((in_turn, threads)));
        let share = |network: usize| threads / networks + usize::from(network < threads % networks);
        let alone = alone.into_iter().enumerate().map(|(network, member)| (vec![member], share(network)));
        let works = alone.chain(in_turn);
        let threads: Vec<_> = works
            .map(|(work, threads)| {
                let teller = |member| Teller::new(member, sender.clone(), stop.clone());
                let work: Vec<_> =
                    work.into_iter().map(|(member, own)| (member, own, teller(member))).collect();
                scope.spawn(move || {
                    let train = |(member, (recipe, prepared), mut teller): (
                        usize,
                        &(CheckedRecipe, Prepared),
                        Teller,
                    )| {
                        let (from, save) = (own(leg.from, member), own(leg.save, member));
                        let leg = Leg { from: from.as_deref(), save: save.as_deref(), at: None, ..leg };
                        let outcome =
                            train_network_leg(recipe, prepared, None, device, &mut [&mut teller], leg);
                        teller.end(outcome.is_ok());
                        (member, outcome)
                    };
                    in_pool(threads, || work.into_iter().map(train).collect::<Vec<_>>())
                })
            })
            .collect();
        drop(sender);
        // When all is told, and where a callback fails or panics, whatever still runs ends after its epoch.
        let listening = StopsAll(&stop);
        let told = listen(&receiver, &followed, recipe, &mut callbacks, &stop);
        drop(listening);
        let mut outcomes = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(ended) => outcomes.extend(ended),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        outcomes.sort_by_key(|(member, _)| *member);
        (outcomes, told)
    });
    let mut outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect::<Result<Vec<_>>>()?;
    let Heard { history, stop } = told?;
    let ended_by_itself =
        outcomes.iter().map(|outcome| &outcome.stop).find(|stop| **stop != StopReason::Completed);
    let stop = match stop {
        StopReason::Completed => ended_by_itself.cloned().unwrap_or(stop),
        told => told,
    };
    let unsaved = outcomes.iter_mut().find_map(|outcome| outcome.unsaved.take());
    // It goes on another time, or was ended before every member had an epoch: there is no mean to judge.
    let unready = outcomes.iter().position(|outcome| outcome.best_epoch == 0 || stop.is_pause());
    if let Some(Outcome { model, .. }) = unready.and_then(|member| outcomes.get(member)) {
        callbacks.on_end(&stop)?;
        return Ok(Outcome { model: model.clone(), best_epoch: 0, history, stop, unsaved, bagged: None });
    }
    let best_epochs = outcomes.iter().zip(&followed).filter(|(_, followed)| **followed);
    let best_epochs = best_epochs.map(|(outcome, _)| outcome.best_epoch).collect();
    let mut bag = Bag::of(outcomes.into_iter().map(|outcome| outcome.model).collect());
    let mut shares = vec![1.0];
    if kinds.len() > 1 {
        shares = chosen_shares(&bag, recipe, prepared, device)?;
        let each = |share: &f64| vec![share / folds.len() as f64; folds.len()];
        bag = bag.weighted(shares.iter().flat_map(each).collect());
    }
    let shares = kinds.iter().map(|kind| kind.name()).zip(shares).collect();
    let valid_outputs = held_out(&bag, recipe, prepared, device)?;
    let model = Network::Bag(bag);
    let best_epoch = history.iter().rev().find(|record| record.improved).map_or(0, |record| record.epoch);
    callbacks.on_improvement(best_epoch, &model)?;
    callbacks.on_end(&stop)?;
    Ok(Outcome {
        model,
        best_epoch,
        history,
        stop,
        unsaved,
        bagged: Some(Bagged { best_epochs, shares, valid_outputs }),
    })
}

/// The rows that each member of a kind is trained on and chosen by.
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

/// The share of each kind of model, chosen by the monitored metric over the rows of the training and the validation split, each
/// row answered by the members that were not trained on it.
fn chosen_shares(
    bag: &Bag,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
) -> Result<Vec<f64>> {
    let rows = seen(&prepared.split);
    let kinds = out_of_fold(bag, recipe, prepared, &rows, device)?;
    let monitor = recipe.metrics().monitor();
    blend::shares(&kinds, |outputs| {
        let figure = figures_given(outputs, recipe, prepared, &rows)?.value(monitor.name());
        Ok(match monitor.direction() {
            _ if figure.is_nan() => f64::INFINITY,
            Direction::LowerIsBetter => figure,
            Direction::HigherIsBetter => -figure,
        })
    })
}

/// Outputs of a bag for the validation split, each row's from the members that were not trained on it: the recipe and the split
/// say which these are.
pub(crate) fn held_out(
    bag: &Bag,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
) -> Result<Vec<f32>> {
    let mut kinds = out_of_fold(bag, recipe, prepared, &prepared.split.valid, device)?.into_iter();
    let first = kinds.next().unwrap_or_default();
    let weights = bag.weights();
    if weights.is_empty() {
        return Ok(first);
    }
    let size = weights.len() / recipe.recipe().models().count().max(1);
    let shares: Vec<f64> = weights.chunks(size.max(1)).map(|own| own.iter().sum()).collect();
    let share = |place: usize| shares.get(place).copied().unwrap_or_default();
    let mut mean: Vec<f64> = first.iter().map(|output| f64::from(*output) * share(0)).collect();
    for (place, outputs) in kinds.enumerate() {
        let own = outputs.iter().map(|output| f64::from(*output) * share(place + 1));
        mean.iter_mut().zip(own).for_each(|(mean, own)| *mean += own);
    }
    Ok(mean.into_iter().map(|output| output as f32).collect())
}

/// Outputs of each kind of model for `rows`, which are of the training or the validation split, each row's from the member that
/// was not trained on it.
fn out_of_fold(
    bag: &Bag,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
    device: &Device,
) -> Result<Vec<Vec<f32>>> {
    let width = prepared.data.output_count();
    let folds = parts(recipe, prepared)?;
    let of_kind = |members: &[Network]| {
        let mut found = vec![0.0; rows.len() * width];
        for (fold, member) in folds.iter().zip(members) {
            let is_own = |row: &usize| fold.held_out.binary_search(row).is_ok();
            let own: Vec<usize> = rows.iter().copied().filter(is_own).collect();
            if own.is_empty() {
                continue;
            }
            let outputs = outputs(member, recipe, &prepared.eval_loader(&own, 0)?, device)?;
            let places = found.chunks_mut(width).zip(rows).filter(|(_, row)| is_own(row));
            places
                .zip(outputs.chunks(width))
                .for_each(|((place, _), outputs)| place.copy_from_slice(outputs));
        }
        Ok(found)
    };
    bag.members().chunks(folds.len().max(1)).map(of_kind).collect()
}
