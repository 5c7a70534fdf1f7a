//! Buffers that outlive the call: a large block that is returned to the system costs page faults the next time.

use std::cell::RefCell;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Hands `work` a buffer of `len` elements with whatever an earlier user of this thread left in it. Calls nest.
pub(crate) fn with_scratch<R>(len: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    let mut buffer = BUFFERS.with_borrow_mut(|buffers| {
        // The smallest one that is large enough, or the largest.
        let enough = |buffer: &Vec<f32>| buffer.len() >= len;
        let best = (0..buffers.len()).min_by_key(|&i| {
            let size = buffers[i].len();
            if enough(&buffers[i]) { (0, size) } else { (1, usize::MAX - size) }
        });
        best.map(|i| buffers.swap_remove(i)).unwrap_or_default()
    });
    if buffer.len() < len {
        buffer = vec![0.0; len];
    }
    let result = work(&mut buffer[..len]);
    BUFFERS.with_borrow_mut(|buffers| buffers.push(buffer));
    result
}
