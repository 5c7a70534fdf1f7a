use std::sync::atomic::{AtomicBool, Ordering};

static REFERENCE: AtomicBool = AtomicBool::new(false);

/// Which bodies the operations of this crate run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// Fused kernels where the backend has them (flex, `f32`), Burn's primitives elsewhere.
    #[default]
    Fast,
    /// Burn's differentiable primitives everywhere: for comparison, and to rule the kernels out when in doubt.
    Reference,
}

/// Chooses the bodies for the whole process, from the next call on. A graph that was recorded in one mode is
/// differentiated in that mode.
pub fn set_mode(mode: Mode) {
    REFERENCE.store(mode == Mode::Reference, Ordering::Relaxed);
}

/// The mode that [`set_mode`] chose, [`Mode::Fast`] if it never did.
pub fn mode() -> Mode {
    if REFERENCE.load(Ordering::Relaxed) { Mode::Reference } else { Mode::Fast }
}
