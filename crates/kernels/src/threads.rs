//! The threads that the kernels share.

use burn::tensor::Device;

/// Has the other threads of the calling thread's pool look for work without sleeping, until there has been none for half a
/// millisecond: to be called at the start of each step of many short operations.
///
/// A thread that sleeps takes longer to wake than such an operation takes: tens of microseconds, in a virtual machine a
/// tenth of a millisecond. The calling thread should be one of the pool's: by `rayon::ThreadPool::install`, or by
/// `rayon::ThreadPoolBuilder::use_current_thread`. Whoever hands work to a pool from outside sleeps until it is done, each time.
///
/// Nothing happens where `device` is not flex.
pub fn stay_awake(device: &Device) {
    #[cfg(feature = "flex")]
    if matches!(device.clone().inner().as_dispatch(), burn::backend::DispatchDevice::Flex(_)) {
        awake::others();
    }
    #[cfg(not(feature = "flex"))]
    let _ = device;
}

/// Threads of the calling thread's pool.
pub fn threads() -> usize {
    #[cfg(feature = "flex")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "flex"))]
    1
}

/// Runs `work` in a pool of `threads` of its own, at least one: what runs beside other trainings shares no threads with them.
/// Where the system has no more threads, it runs in the calling thread's pool.
pub fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    #[cfg(feature = "flex")]
    if let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build() {
        return pool.install(work);
    }
    let _ = threads;
    work()
}

#[cfg(feature = "flex")]
mod awake {
    use std::cell::{Cell, RefCell};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use rayon::Yield;

    /// How long a thread looks for work before it sleeps.
    const PATIENCE: Duration = Duration::from_micros(500);

    /// Looks for work between two at the clock, and a chance for others who want the processor.
    const LOOKS: usize = 64;

    thread_local! {
        /// How many look for work at the request of this thread.
        static AWAKE: RefCell<Arc<AtomicUsize>> = RefCell::default();
        /// Whether this thread is one that looks.
        static LOOKING: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn others() {
        let awake = AWAKE.with_borrow(Arc::clone);
        let wanted = rayon::current_num_threads() - 1;
        // Only this thread adds to its number.
        for _ in awake.load(Ordering::Relaxed)..wanted {
            awake.fetch_add(1, Ordering::Relaxed);
            let awake = Arc::clone(&awake);
            rayon::spawn(move || {
                // Another of them may be the work that one finds.
                if !LOOKING.replace(true) {
                    look_for_work();
                    LOOKING.set(false);
                }
                awake.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    fn look_for_work() {
        let mut since = Instant::now();
        'waiting: while since.elapsed() < PATIENCE {
            for _ in 0..LOOKS {
                match rayon::yield_now() {
                    Some(Yield::Executed) => {
                        since = Instant::now();
                        continue 'waiting;
                    }
                    Some(Yield::Idle) => std::hint::spin_loop(),
                    None => return,
                }
            }
            std::thread::yield_now();
        }
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use burn::tensor::Device;
    use rayon::prelude::*;

    use super::{in_pool, stay_awake};

    #[test]
    fn work_is_done_once_however_often_the_threads_are_kept_awake() {
        for threads in [1, 2, 3] {
            let done = AtomicUsize::new(0);
            in_pool(threads, || {
                assert_eq!(rayon::current_num_threads(), threads);
                for _ in 0..50 {
                    stay_awake(&Device::flex());
                    (0..10).into_par_iter().for_each(|_| {
                        done.fetch_add(1, Ordering::Relaxed);
                    });
                }
            });
            assert_eq!(done.into_inner(), 500);
        }
    }

    #[test]
    fn trainings_side_by_side_keep_their_own_threads_awake() {
        let sums: Vec<usize> = std::thread::scope(|scope| {
            let work = || {
                in_pool(2, || {
                    stay_awake(&Device::flex());
                    (0..1000usize).into_par_iter().sum::<usize>()
                })
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
        });
        assert_eq!(sums, [499_500; 4]);
    }
}
