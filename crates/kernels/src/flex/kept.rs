//! The weight cache: weights as a method wants them, kept from one evaluation of few rows to the next, because laying them
//! out takes longer than the products of one row.
//!
//! All threads of a process share what is kept, but each has its own limit: what one of them evaluates does not decide by
//! which method, and so with which roundings, another computes.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use burn::backend::flex::FlexTensor;

/// Bytes of all that a thread has kept.
const MOST: usize = if cfg!(miri) { 1 << 12 } else { 128 << 20 };

/// Layouts that are kept of a weight.
const LAYOUTS: usize = 2;

/// What weights are prepared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preparation {
    Convolution,
    Winograd,
    Product,
    /// A product whose columns are those of a recurrent layer's slots.
    Slots,
}

/// All that the order of prepared weights depends on: what they are for, and its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout(pub(crate) Preparation, pub(crate) [usize; 7]);

/// A weight with all that is kept of it.
struct Entry {
    /// A hold of its own: nobody writes to a buffer that others hold, too, and no other comes to lie at its address.
    weight: FlexTensor,
    prepared: Mutex<Vec<(Layout, Arc<Vec<f32>>)>>,
}

impl Entry {
    fn is_of(&self, weight: &FlexTensor) -> bool {
        self.weight.storage::<f32>().as_ptr() == weight.storage::<f32>().as_ptr()
    }
}

/// What a thread has kept of a weight.
struct Share {
    entry: Weak<Entry>,
    weight_bytes: usize,
    /// The first layout and the latest, for two numbers of images or of threads, with their bytes.
    layouts: Vec<(Layout, usize)>,
}

impl Share {
    fn bytes(&self) -> usize {
        self.weight_bytes + self.layouts.iter().map(|(_, bytes)| bytes).sum::<usize>()
    }
}

static ENTRIES: Mutex<Vec<Arc<Entry>>> = Mutex::new(vec![]);

thread_local! {
    static SHARES: RefCell<Vec<Share>> = const { RefCell::new(vec![]) };
}

/// Runs `work` on the entries, without those whose weights nobody else holds any more: they cannot come again.
fn with_entries<T>(work: impl FnOnce(&mut Vec<Arc<Entry>>) -> T) -> T {
    let mut entries = ENTRIES.lock().unwrap_or_else(PoisonError::into_inner);
    entries.retain(|entry| !entry.weight.is_unique());
    work(&mut entries)
}

/// Runs `work` on the calling thread's shares, without those of weights that are gone.
fn with_shares<T>(work: impl FnOnce(&mut Vec<Share>) -> T) -> T {
    SHARES.with_borrow_mut(|shares| {
        shares.retain(|share| share.entry.upgrade().is_some_and(|entry| !entry.weight.is_unique()));
        work(shares)
    })
}

fn share_of<'a>(shares: &'a mut [Share], weight: &FlexTensor) -> Option<&'a mut Share> {
    shares.iter_mut().find(|share| share.entry.upgrade().is_some_and(|entry| entry.is_of(weight)))
}

/// Whether what is prepared of `weight` is there at the thread's next call: it is held elsewhere, and there is room.
/// A layout has `elements` at most.
pub(crate) fn keeps(weight: &FlexTensor, elements: usize) -> bool {
    if weight.is_unique() {
        return false;
    }
    with_shares(|shares| {
        let taken: usize = shares.iter().map(Share::bytes).sum();
        let wanted = size_of_val(weight.storage::<f32>()) + LAYOUTS * elements * size_of::<f32>();
        taken + wanted <= MOST || share_of(shares, weight).is_some()
    })
}

/// What `prepare` makes of a weight that [`keeps`] is true of, now or at an earlier call of any thread.
pub(crate) fn prepared(
    weight: &FlexTensor,
    layout: Layout,
    prepare: impl FnOnce() -> Vec<f32>,
) -> Arc<Vec<f32>> {
    let entry = with_entries(|entries| {
        if let Some(entry) = entries.iter().find(|entry| entry.is_of(weight)) {
            return entry.clone();
        }
        let entry = Arc::new(Entry { weight: weight.clone(), prepared: Mutex::default() });
        entries.push(entry.clone());
        entry
    });
    let values = entry.find(layout).unwrap_or_else(|| entry.keep(layout, Arc::new(prepare())));
    let bytes = size_of_val(values.as_slice());
    with_shares(|shares| match share_of(shares, weight) {
        Some(share) if share.layouts.iter().any(|(of, _)| *of == layout) => {}
        Some(share) => {
            share.layouts.truncate(1);
            share.layouts.push((layout, bytes));
        }
        None => {
            let weight_bytes = size_of_val(weight.storage::<f32>());
            let entry = Arc::downgrade(&entry);
            shares.push(Share { entry, weight_bytes, layouts: vec![(layout, bytes)] });
        }
    });
    values
}

impl Entry {
    fn find(&self, layout: Layout) -> Option<Arc<Vec<f32>>> {
        let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.iter().find(|(of, _)| *of == layout).map(|(_, values)| values.clone())
    }

    /// Keeps `made` beside the first layout that was kept; others need not wait while it is made.
    fn keep(&self, layout: Layout, made: Arc<Vec<f32>>) -> Arc<Vec<f32>> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, values)) = prepared.iter().find(|(of, _)| *of == layout) {
            return values.clone();
        }
        prepared.truncate(1);
        prepared.push((layout, made.clone()));
        made
    }
}
