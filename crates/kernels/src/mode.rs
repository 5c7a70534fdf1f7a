use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    static MODE: Cell<Mode> = const { Cell::new(Mode::Fast) };
}

/// Which bodies the operations of this crate run.
///
/// Each thread has its own mode, so that what one training in a process asks for never reaches another; a thread that is
/// spawned begins with [`Mode::Fast`]. An operation looks at the mode when it is called: a graph that was recorded in one
/// mode is differentiated in that mode.
///
/// ```
/// use brasa_kernels::{Mode, mode};
///
/// let inside = Mode::Reference.scope(mode);
/// assert_eq!((inside, mode()), (Mode::Reference, Mode::Fast));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// Fused kernels where the backend has them (flex, `f32`), Burn's primitives elsewhere.
    #[default]
    Fast,
    /// Burn's differentiable primitives everywhere: for comparison, and to rule the kernels out when in doubt.
    Reference,
}

impl Mode {
    /// Runs `work` in this mode, and goes back to the mode of before, also when `work` panics.
    pub fn scope<T>(self, work: impl FnOnce() -> T) -> T {
        let _scope = self.enter();
        work()
    }

    /// This mode for the calling thread until what is returned is dropped, which brings back the mode of before. Scopes
    /// end in the reverse of the order in which they began, as local variables do.
    #[must_use = "the mode ends with the scope"]
    pub fn enter(self) -> ModeScope {
        ModeScope { before: MODE.replace(self), _of_its_thread: PhantomData }
    }
}

/// What [`Mode::enter`] began; it stays on its thread.
#[derive(Debug)]
pub struct ModeScope {
    before: Mode,
    _of_its_thread: PhantomData<*const ()>,
}

impl Drop for ModeScope {
    fn drop(&mut self) {
        MODE.set(self.before);
    }
}

/// The mode of the calling thread, [`Mode::Fast`] outside any [`Mode::scope`].
pub fn mode() -> Mode {
    MODE.get()
}
