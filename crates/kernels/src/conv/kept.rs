//! Weights as a method wants them, kept from one evaluation of few images to the next: laying them out takes longer
//! than the convolution of one image.

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::flex::FlexTensor;

use super::pass::Pass;

/// Bytes of all that is kept.
const MOST: usize = if cfg!(miri) { 1 << 12 } else { 128 << 20 };

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
    /// An owner of its own: nobody writes to weights that have several, and no others come to lie at their address.
    weight: FlexTensor,
    layout: Layout,
    prepared: Arc<Vec<f32>>,
}

impl Entry {
    fn bytes(&self) -> usize {
        size_of::<f32>() * (self.prepared.len() + self.weight.storage::<f32>().len())
    }
}

/// The last used come last.
static ENTRIES: Mutex<Vec<Entry>> = Mutex::new(vec![]);

/// What `prepare` makes of `weight`, now or at an earlier call. Weights that nobody else holds are not kept: they
/// cannot come again.
pub(super) fn prepared(
    weight: &FlexTensor,
    layout: Layout,
    prepare: impl FnOnce() -> Vec<f32>,
) -> Arc<Vec<f32>> {
    if weight.is_unique() {
        return Arc::new(prepare());
    }
    if let Some(prepared) = find(weight, layout) {
        return prepared;
    }
    let entry = Entry { weight: weight.clone(), layout, prepared: Arc::new(prepare()) };
    let prepared = entry.prepared.clone();
    keep(entry);
    prepared
}

fn find(weight: &FlexTensor, layout: Layout) -> Option<Arc<Vec<f32>>> {
    let place = weight.storage::<f32>().as_ptr();
    let mut entries = ENTRIES.lock().unwrap_or_else(PoisonError::into_inner);
    let at = entries
        .iter()
        .position(|entry| entry.weight.storage::<f32>().as_ptr() == place && entry.layout == layout)?;
    let entry = entries.remove(at);
    let prepared = entry.prepared.clone();
    entries.push(entry);
    Some(prepared)
}

fn keep(entry: Entry) {
    let mut entries = ENTRIES.lock().unwrap_or_else(PoisonError::into_inner);
    entries.retain(|entry| !entry.weight.is_unique());
    entries.push(entry);
    let mut bytes: usize = entries.iter().map(Entry::bytes).sum();
    let mut oldest = 0;
    while bytes > MOST && oldest < entries.len() {
        bytes -= entries[oldest].bytes();
        oldest += 1;
    }
    entries.drain(..oldest);
}
