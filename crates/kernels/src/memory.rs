//! Memory that outlives its tensors.

use std::sync::Once;

use libmimalloc_sys::{mi_collect, mi_option_set, mi_option_t};

/// `mi_option_purge_delay` of mimalloc's header, which the bindings leave out.
const PURGE_DELAY: mi_option_t = 15;

/// Never.
const KEEP: std::ffi::c_long = -1;

/// Has mimalloc keep all memory that is freed from now on, instead of handing it back to the system a while later.
///
/// A training frees and takes the same large blocks at every step. Each that went back to the system costs page faults
/// when it is taken again: a tenth of the time of a convolutional network's step. The program's memory then stays at its
/// highest point. What was freed before the first call goes back, if not all at once: reading a large table takes blocks that no step asks
/// for.
/// [`stay_awake`](crate::stay_awake) calls it; nothing happens where mimalloc is not the global allocator.
pub fn keep_freed() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        // SAFETY: collecting is what mimalloc does itself from time to time. The option exists and takes any number; mimalloc
        // keeps it in a plain word, written here and read when memory is purged, as it does itself when a thread is the
        // first to ask for an option.
        unsafe {
            mi_collect(true);
            mi_option_set(PURGE_DELAY, KEEP);
        }
    });
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::mi_option_get;

    use super::*;

    #[test]
    fn the_option_is_the_delay_of_purges() {
        // SAFETY: as in `keep_freed`.
        let option = || unsafe { mi_option_get(PURGE_DELAY) };
        let before = option();
        keep_freed();
        // A delay in milliseconds, if no other test was first; the options beside it are 0 by default.
        assert!(before > 0 || before == KEEP, "{before}");
        assert_eq!(option(), KEEP);
    }
}
