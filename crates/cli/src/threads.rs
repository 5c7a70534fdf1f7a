//! The threads that readers and kernels share.

use rayon::ThreadPoolBuilder;

/// Starts them: as many as the processor has or `RAYON_NUM_THREADS` names, fewer where the system allows no more. This thread is one of
/// them, so that handing work over does not send it to sleep. Another thread may therefore not hand work to them while this one
/// waits for it, since there may be no third: it takes a pool of its own (`brasa_kernels::in_pool`).
///
/// # Errors
/// The system's answer where not even that can be.
pub(crate) fn start() -> Result<(), String> {
    // A shared pool that cannot be made is not made another time: one that goes is tried first.
    let wanted = std::thread::available_parallelism().map_or(1, usize::from);
    let sizes = [0]
        .into_iter()
        .chain(std::iter::successors(Some(wanted), |size| Some(size / 2)).take_while(|size| *size > 0));
    let allowed = sizes.into_iter().find(|size| ThreadPoolBuilder::new().num_threads(*size).build().is_ok());
    match ThreadPoolBuilder::new().num_threads(allowed.unwrap_or(1)).use_current_thread().build_global() {
        // Whoever calls us may have made one.
        Err(error) if !error.to_string().contains("already") => {
            Err(format!("the system allows no threads: {error}"))
        }
        _ => Ok(()),
    }
}
