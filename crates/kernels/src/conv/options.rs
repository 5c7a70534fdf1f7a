/// How [`conv1d`](crate::conv1d) (`N` = 1) and [`conv2d`](crate::conv2d) (`N` = 2) move the kernel, and what follows.
///
/// ```
/// use brasa_kernels::{ConvOptions, Epilogue};
///
/// let options = ConvOptions::<2> { padding: [1, 1], ..Default::default() };
/// assert_eq!((options.stride, options.groups, options.epilogue), ([1, 1], 1, Epilogue::None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvOptions<const N: usize> {
    /// Steps of the kernel along each axis; at least 1. Default 1.
    pub stride: [usize; N],
    /// Zeros on both sides of each axis. Default 0.
    pub padding: [usize; N],
    /// Blocks into which the channels are cut: outputs of a block see the inputs of that block alone. Default 1.
    pub groups: usize,
    /// What becomes of each output, in the same pass. Default nothing.
    pub epilogue: Epilogue,
}

/// What a kernel does to each of its outputs before it stores it, which costs no pass over memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Epilogue {
    /// Stores it.
    #[default]
    None,
    /// Stores 0 for what is negative.
    Relu,
}

impl<const N: usize> Default for ConvOptions<N> {
    fn default() -> Self {
        Self { stride: [1; N], padding: [0; N], groups: 1, epilogue: Epilogue::None }
    }
}
