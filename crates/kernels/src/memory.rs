//! Memory that outlives its tensors.

use libmimalloc_sys::{mi_option_set, mi_option_t};

/// `mi_option_purge_delay` of mimalloc's header, which the bindings leave out.
const PURGE_DELAY: mi_option_t = 15;

/// Never.
const KEEP: std::ffi::c_long = -1;

/// Has mimalloc keep all memory that is freed, instead of handing it back to the system after some milliseconds.
///
/// A training frees and takes the same large blocks at every step. Each that went back to the system costs page faults
/// when it is taken again: a tenth of the time of a convolutional network's step. The program's memory then stays at its
/// highest point. Nothing happens where mimalloc is not the global allocator.
pub fn keep_freed() {
    // SAFETY: any number may be set at any time, from any thread: mimalloc stores it in an atomic of its own and reads
    // it when it frees.
    unsafe { mi_option_set(PURGE_DELAY, KEEP) };
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::mi_option_get;

    use super::*;

    #[test]
    fn the_option_is_the_delay_of_purges() {
        // SAFETY: as in `keep_freed`; reading is as harmless.
        let before = unsafe { mi_option_get(PURGE_DELAY) };
        keep_freed();
        // SAFETY: as above.
        let after = unsafe { mi_option_get(PURGE_DELAY) };
        // Ten milliseconds are this option's default and no neighbour's.
        assert_eq!((before, after), (10, KEEP));
    }
}
