//! Weights as a method wants them, kept from one evaluation of few images to the next: laying them out takes longer
//! than the convolution of one image.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::backend::flex::FlexTensor;

use super::pass::Pass;

/// Bytes of all that is kept.
const MOST: usize = if cfg!(miri) { 1 << 12 } else { 128 << 20 };

/// Bytes that are kept for one weight at most, per byte of its own: itself, and two transforms of four times its size.
const PER_BYTE: usize = 9;

/// All that the order of prepared weights depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    inputs: usize,
    outputs: usize,
    groups: usize,
    kernel: [usize; 2],
    lanes: usize,
    /// Vectors of the widest panel.
    widest: usize,
    winograd: bool,
}

impl Layout {
    pub(super) fn new(pass: &Pass, lanes: usize, widest: usize, winograd: bool) -> Self {
        let Pass { inputs, outputs, groups, kernel, .. } = *pass;
        Self { inputs, outputs, groups, kernel, lanes, widest, winograd }
    }
}

struct Entry {
    /// A hold of its own: nobody writes to a buffer that others hold, too, and no other comes to lie at its address.
    weight: FlexTensor,
    /// The first and the latest.
    prepared: Vec<(Layout, Arc<Vec<f32>>)>,
}

impl Entry {
    fn is_of(&self, weight: &FlexTensor) -> bool {
        self.weight.storage::<f32>().as_ptr() == weight.storage::<f32>().as_ptr()
    }

    fn bytes(&self) -> usize {
        let prepared = self.prepared.iter().map(|(_, prepared)| size_of_val(prepared.as_slice()));
        size_of_val(self.weight.storage::<f32>()) + prepared.sum::<usize>()
    }
}

static ENTRIES: Mutex<Vec<Entry>> = Mutex::new(vec![]);

/// Without those whose weights nobody else holds any more: they cannot come again.
fn entries() -> MutexGuard<'static, Vec<Entry>> {
    let mut entries = ENTRIES.lock().unwrap_or_else(PoisonError::into_inner);
    entries.retain(|entry| !entry.weight.is_unique());
    entries
}

/// Whether what is prepared of `weight` is there at the next call: it is held elsewhere, and there is room.
pub(super) fn keeps(weight: &FlexTensor) -> bool {
    if weight.is_unique() {
        return false;
    }
    let entries = entries();
    let taken: usize = entries.iter().map(Entry::bytes).sum();
    let wanted = PER_BYTE * size_of_val(weight.storage::<f32>());
    taken + wanted <= MOST || entries.iter().any(|entry| entry.is_of(weight))
}

/// What `prepare` makes of a weight that [`keeps`] is true of, now or at an earlier call.
pub(super) fn prepared(
    weight: &FlexTensor,
    layout: Layout,
    prepare: impl FnOnce() -> Vec<f32>,
) -> Arc<Vec<f32>> {
    if let Some(prepared) = find(&entries(), weight, layout) {
        return prepared;
    }
    // Others need not wait for it.
    let made = Arc::new(prepare());
    let mut entries = entries();
    if let Some(prepared) = find(&entries, weight, layout) {
        return prepared;
    }
    match entries.iter_mut().find(|entry| entry.is_of(weight)) {
        // Two are kept, for two numbers of images or of threads.
        Some(entry) => {
            entry.prepared.truncate(1);
            entry.prepared.push((layout, made.clone()));
        }
        None => {
            entries.push(Entry { weight: weight.clone(), prepared: vec![(layout, made.clone())] });
        }
    }
    made
}

fn find(entries: &[Entry], weight: &FlexTensor, layout: Layout) -> Option<Arc<Vec<f32>>> {
    let entry = entries.iter().find(|entry| entry.is_of(weight))?;
    entry.prepared.iter().find(|(of, _)| *of == layout).map(|(_, prepared)| prepared.clone())
}
