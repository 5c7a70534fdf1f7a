//! Batches in an order that depends on seed and epoch alone.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use crate::augment::{Appearance, Augment, Scratch, Unscaled};
use crate::batch::{Batch, BatchInputs, BatchTargets};
use crate::sampling::{ClassRows, copies};
use crate::scaler::PreparedScaler;
use crate::{DataError, Labelled, Result, Sampling, Scaler, Targets, Values, seed};

/// Finished batches that wait for the reader, per worker.
const AHEAD: usize = 2;

/// How a [`Loader`] works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoaderConfig {
    /// Samples per batch, at least 1; the last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// Threads that make batches ahead; with 0 the reader makes them itself.
    pub workers: usize,
    /// The seed of the orders, or `None` to keep the given order in every epoch.
    pub shuffle: Option<u64>,
    /// How often the rows come in an epoch; all but [`Sampling::Uniform`] need `shuffle`.
    pub sampling: Sampling,
}

impl Default for LoaderConfig {
    fn default() -> Self {
        Self { batch_size: 32, workers: 0, shuffle: None, sampling: Sampling::Uniform }
    }
}

/// Serves some rows of a data set in batches, epoch by epoch.
#[derive(Debug, Clone)]
pub struct Loader {
    data: Arc<Labelled>,
    scaler: Arc<PreparedScaler>,
    indices: Arc<Vec<usize>>,
    /// The rows to draw from, where the classes are balanced.
    balanced: Option<Arc<ClassRows>>,
    augment: Option<Augmentation>,
    config: LoaderConfig,
}

/// How samples are changed on the way, and the seed of the draws.
#[derive(Debug, Clone)]
struct Augmentation {
    steps: Arc<Augment>,
    seed: u64,
}

impl Loader {
    /// A loader of the rows `indices`; of none of them, it yields no batch.
    ///
    /// # Errors
    /// [`DataError::Refused`] for a batch size of 0, balanced classes without a seed, or a row that the data do not have,
    /// [`DataError::Refused`] when the scaler does not fit the samples, and what
    /// [`Labelled::check`] finds.
    pub fn new(
        data: Arc<Labelled>,
        scaler: Arc<Scaler>,
        indices: Vec<usize>,
        config: LoaderConfig,
    ) -> Result<Self> {
        data.check()?;
        if config.batch_size == 0 {
            return Err(refused("a batch needs at least 1 sample"));
        }
        if let Some(row) = indices.iter().find(|&&row| row >= data.len()) {
            let problem = format!("there is no row {row}; `{}` has {}", data.name, data.len());
            return Err(refused(problem));
        }
        let balanced = match (config.sampling, config.shuffle) {
            (Sampling::Uniform, _) => None,
            (Sampling::Balanced, _) if data.numbers().is_some() => {
                return Err(refused("numbers to predict have no classes to balance"));
            }
            (Sampling::Balanced, Some(_)) => Some(Arc::new(ClassRows::of(&data, &indices))),
            (Sampling::Balanced, None) => {
                return Err(refused("balanced classes are drawn at random and need the seed of `shuffle`"));
            }
        };
        let scaler = Arc::new(scaler.prepare(data.samples.shape())?);
        Ok(Self { data, scaler, indices: Arc::new(indices), balanced, augment: None, config })
    }

    /// Changes the samples at random on the way, in the loader's threads. What is drawn depends on `seed`, the epoch, the
    /// row and the step alone; a mixture also depends on who else is in the batch.
    ///
    /// # Errors
    /// [`DataError::Refused`] for steps that were checked for samples of another shape.
    pub fn with_augment(mut self, augment: Arc<Augment>, seed: u64) -> Result<Self> {
        if augment.shape() != self.data.samples.shape() {
            let problem = format!(
                "the augmentation is for samples of the shape {:?}; those of `{}` have {:?}",
                augment.shape(),
                self.data.name,
                self.data.samples.shape()
            );
            return Err(refused(problem));
        }
        if augment.mixes() && self.data.numbers().is_some() {
            return Err(refused("steps that mix samples need classes; these are numbers to predict"));
        }
        self.augment = Some(Augmentation { steps: augment, seed });
        Ok(self)
    }

    /// Samples per epoch.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.indices.len()
    }

    /// Samples in the first batches of an epoch.
    #[must_use]
    pub fn samples_of(&self, batches: usize) -> usize {
        self.samples().min(batches.saturating_mul(self.config.batch_size))
    }

    /// Batches per epoch.
    #[must_use]
    pub fn batches(&self) -> usize {
        self.indices.len().div_ceil(self.config.batch_size)
    }

    /// The data set.
    #[must_use]
    pub fn data(&self) -> &Arc<Labelled> {
        &self.data
    }

    /// The rows in the order of an epoch: a function of the seed and `epoch` alone.
    #[must_use]
    pub fn order(&self, epoch: u64) -> Vec<usize> {
        if let (Some(rows), Some(seed)) = (&self.balanced, self.config.shuffle) {
            return rows.draw(self.indices.len(), seed, epoch);
        }
        let mut order = self.indices.to_vec();
        if let Some(seed) = self.config.shuffle {
            seed::shuffle(&mut order, &mut seed::rng(seed, &[seed::purpose::SHUFFLE, epoch]));
        }
        order
    }

    /// The batches of an epoch. Dropping them early stops the threads.
    #[must_use]
    pub fn epoch(&self, epoch: u64) -> Batches {
        self.epoch_from(epoch, 0)
    }

    /// As [`epoch`](Self::epoch), without the `first` batches, which are not made: the others are the same as with them.
    #[must_use]
    pub fn epoch_from(&self, epoch: u64, first: usize) -> Batches {
        let order = match self.config.shuffle {
            Some(_) => Arc::new(self.order(epoch)),
            None => Arc::clone(&self.indices),
        };
        let plan = Plan {
            data: Arc::clone(&self.data),
            scaler: Arc::clone(&self.scaler),
            copies: self.balanced.as_ref().map(|_| Arc::new(copies(&order, &self.data))),
            order,
            epoch,
            augment: self.augment.clone(),
            batch_size: self.config.batch_size,
        };
        let batches = self.batches();
        let first = first.min(batches);
        let workers = self.config.workers.min(batches - first);
        let (lanes, threads) =
            (0..workers).map(|worker| plan.start(first + worker, workers, batches)).unzip();
        Batches { plan, lanes, threads, first, next: first, batches, scratch: Scratch::default() }
    }
}

/// All that is needed to make any batch of an epoch.
#[derive(Debug, Clone)]
struct Plan {
    data: Arc<Labelled>,
    scaler: Arc<PreparedScaler>,
    order: Arc<Vec<usize>>,
    /// How often each row of the order came before, where any can come twice.
    copies: Option<Arc<Vec<u64>>>,
    epoch: u64,
    augment: Option<Augmentation>,
    batch_size: usize,
}

impl Plan {
    fn make(&self, batch: usize, scratch: &mut Scratch) -> Batch {
        let start = batch * self.batch_size;
        let end = (start + self.batch_size).min(self.order.len());
        let indices = self.order[start..end].to_vec();
        let mut targets = self.targets(&indices);
        let len = self.data.samples.sample_len();
        if let Values::U32(ids) = self.data.samples.values() {
            let ids = indices.iter().flat_map(|&row| &ids[row * len..(row + 1) * len]).copied().collect();
            return Batch { inputs: BatchInputs::Ids(ids), targets, indices };
        }
        let mut inputs = Vec::with_capacity(indices.len() * len);
        if let Some(Augmentation { steps, seed }) = &self.augment {
            indices.iter().for_each(|&row| self.data.samples.append_row(row, &mut inputs));
            let copy = |place| self.copies.as_ref().map_or(0, |copies| copies[place]);
            let appearances = (start..end)
                .map(|place| Appearance { epoch: self.epoch, row: self.order[place], copy: copy(place) })
                .collect::<Vec<_>>();
            let mut unscaled = Unscaled {
                values: &mut inputs,
                soft: targets.soft_mut(),
                appearances: &appearances,
                units: self.scaler.deviations(),
            };
            steps.apply(*seed, &mut unscaled, scratch);
            inputs.chunks_exact_mut(len).for_each(|sample| self.scaler.scale(sample));
        } else {
            for &row in &indices {
                self.scaler.append(&self.data.samples, row, &mut inputs);
            }
        }
        Batch { inputs: BatchInputs::Numbers(inputs), targets, indices }
    }

    fn targets(&self, indices: &[usize]) -> BatchTargets {
        match &self.data.targets {
            Targets::Classes(classes) => {
                let labels = indices.iter().map(|&row| classes.labels[row]).collect::<Vec<_>>();
                let soft = self.soft_targets(indices, &labels);
                BatchTargets::Classes { labels, soft }
            }
            Targets::Numbers(numbers) => {
                BatchTargets::Numbers(indices.iter().flat_map(|&row| numbers.row(row)).copied().collect())
            }
        }
    }

    /// Rows of probabilities, where the data have them or a step of the augmentation makes them.
    fn soft_targets(&self, indices: &[usize], targets: &[u32]) -> Option<Vec<f32>> {
        let classes = self.data.class_count();
        if let Some(soft) = self.data.soft_labels() {
            return Some(
                indices.iter().flat_map(|&row| &soft[row * classes..(row + 1) * classes]).copied().collect(),
            );
        }
        if !self.augment.as_ref().is_some_and(|augment| augment.steps.mixes()) {
            return None;
        }
        let mut soft = vec![0.0; targets.len() * classes];
        for (row, &target) in soft.chunks_exact_mut(classes).zip(targets) {
            row[target as usize] = 1.0;
        }
        Some(soft)
    }

    /// A thread that makes every `workers`-th batch from `first` on.
    fn start(
        &self,
        first: usize,
        workers: usize,
        batches: usize,
    ) -> (Option<Receiver<Batch>>, Option<JoinHandle<()>>) {
        let (sender, receiver) = sync_channel(AHEAD);
        let plan = self.clone();
        let work = move || {
            let mut scratch = Scratch::default();
            for batch in (first..batches).step_by(workers) {
                if sender.send(plan.make(batch, &mut scratch)).is_err() {
                    return;
                }
            }
        };
        let name = format!("loader-{first}");
        // Without the thread, the reader makes its batches: slower, but the same.
        match std::thread::Builder::new().name(name).spawn(work) {
            Ok(thread) => (Some(receiver), Some(thread)),
            Err(_) => (None, None),
        }
    }
}

/// The batches of one epoch, in order.
#[derive(Debug)]
pub struct Batches {
    plan: Plan,
    lanes: Vec<Option<Receiver<Batch>>>,
    threads: Vec<Option<JoinHandle<()>>>,
    first: usize,
    next: usize,
    batches: usize,
    scratch: Scratch,
}

impl Iterator for Batches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        if self.next >= self.batches {
            return None;
        }
        let batch = self.next;
        self.next += 1;
        let lane = match self.lanes.len() {
            0 => None,
            workers => self.lanes[(batch - self.first) % workers].as_ref(),
        };
        let made = lane.and_then(|receiver| receiver.recv().ok());
        Some(made.unwrap_or_else(|| self.plan.make(batch, &mut self.scratch)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.batches - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Batches {}

impl Drop for Batches {
    fn drop(&mut self) {
        // A worker that waits to hand over sees its receiver gone, and ends.
        self.lanes.clear();
        for thread in self.threads.drain(..).flatten() {
            drop(thread.join());
        }
    }
}

fn refused(problem: impl Into<String>) -> DataError {
    DataError::refused("load batches", problem)
}
