//! The threads that the kernels share.

use burn::tensor::Device;

/// Has the other threads of the calling thread's pool look for work without sleeping, until there has been none for half a
/// millisecond, and with the feature `mimalloc` the allocator keep what is freed (`memory::keep_freed`): to be called at the start
/// of each step of many short operations.
///
/// A thread that sleeps takes longer to wake than such an operation takes: tens of microseconds, in a virtual machine a
/// tenth of a millisecond. The calling thread should be one of the pool's: by `rayon::ThreadPool::install`, or by
/// `rayon::ThreadPoolBuilder::use_current_thread`. Whoever hands work to a pool from outside sleeps until it is done, each time.
///
/// No thread is woken where `device` is not flex.
pub fn stay_awake(device: &Device) {
    #[cfg(feature = "mimalloc")]
    crate::memory::keep_freed();
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

/// What `run` makes of each task, where they do not depend on each other and each is too small to be divided: on the threads of the
/// calling thread's pool, if it is in one and `device` is flex without gradients; else one after another. The first should be the largest.
pub fn side_by_side<T: Send, R: Send>(
    device: &Device,
    tasks: Vec<T>,
    run: impl Fn(T) -> R + Sync + Send,
) -> Vec<R> {
    #[cfg(feature = "flex")]
    if matches!(device.as_dispatch(), burn::backend::DispatchDevice::Flex(_))
        && rayon::current_thread_index().is_some()
    {
        use rayon::prelude::*;

        let mode = crate::mode();
        return tasks.into_par_iter().map(|task| mode.scope(|| run(task))).collect();
    }
    let _ = device;
    tasks.into_iter().map(run).collect()
}

/// Runs `work` in a pool of `threads` of its own, at least one, by the calling thread's [`Mode`](crate::Mode): what runs beside
/// other trainings shares no threads with them. Where the system has no more threads, the calling thread is the pool.
pub fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    #[cfg(feature = "flex")]
    {
        use rayon::ThreadPoolBuilder;

        if let Ok(pool) = ThreadPoolBuilder::new().num_threads(threads.max(1)).build() {
            let mode = crate::mode();
            return pool.install(|| mode.scope(work));
        }
        // It is of this thread as long as this runs; a thread that is in a pool already stays in that.
        let _alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
        work()
    }
    #[cfg(not(feature = "flex"))]
    {
        let _ = threads;
        work()
    }
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

    /// The other threads of a pool, as one of them knows it.
    #[derive(Default)]
    struct Others {
        /// How many look for work.
        looking: AtomicUsize,
        /// How many have been asked to and do not know it yet.
        asked: AtomicUsize,
    }

    thread_local! {
        static OTHERS: RefCell<Arc<Others>> = RefCell::default();
        /// Whether this thread is one that looks.
        static LOOKING: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn others() {
        let me = rayon::current_thread_index();
        let wanted = rayon::current_num_threads() - usize::from(me.is_some());
        let others = OTHERS.with_borrow(Arc::clone);
        let (looking, asked) = (others.looking.load(Ordering::Relaxed), others.asked.load(Ordering::Relaxed));
        if asked > 0 || looking >= wanted {
            return;
        }
        others.asked.store(wanted, Ordering::Relaxed);
        // To each thread by itself: of work for any of them, the first to wake would find all.
        rayon::spawn_broadcast(move |context| {
            if Some(context.index()) == me {
                return;
            }
            others.asked.fetch_sub(1, Ordering::Relaxed);
            // One that looks already may find this as its work.
            if !LOOKING.replace(true) {
                others.looking.fetch_add(1, Ordering::Relaxed);
                look_for_work();
                others.looking.fetch_sub(1, Ordering::Relaxed);
                LOOKING.set(false);
            }
        });
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

    #[cfg(test)]
    mod tests {
        use std::time::{Duration, Instant};

        use super::*;
        use crate::in_pool;

        #[test]
        fn all_others_look_and_sleep_again() {
            in_pool(4, || {
                let looking = || OTHERS.with_borrow(|others| others.looking.load(Ordering::Relaxed));
                let wait_for = |count: usize, ask: bool| {
                    let since = Instant::now();
                    while looking() != count && since.elapsed() < Duration::from_secs(20) {
                        if ask {
                            others();
                        }
                        std::thread::yield_now();
                    }
                    looking()
                };
                assert_eq!(wait_for(3, true), 3);
                assert_eq!(wait_for(0, false), 0);
            });
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
    fn tasks_side_by_side_stay_in_their_order_and_their_mode() {
        use crate::{Mode, mode, side_by_side};

        let run = |device: &Device| side_by_side(device, (0..20).collect(), |task| (task, mode()));
        let expected: Vec<_> = (0..20).map(|task| (task, Mode::Reference)).collect();
        for device in [Device::flex(), Device::flex().autodiff()] {
            assert_eq!(Mode::Reference.scope(|| run(&device)), expected);
            assert_eq!(in_pool(3, || Mode::Reference.scope(|| run(&device))), expected);
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
