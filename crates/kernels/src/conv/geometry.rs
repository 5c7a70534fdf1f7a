use super::ConvOptions;

/// The sizes of a convolution that fits together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) batch: usize,
    pub(super) groups: usize,
    /// Input channels of all groups.
    pub(super) inputs: usize,
    /// Output channels of all groups.
    pub(super) outputs: usize,
    /// Height and width of an input.
    pub(super) size: [usize; 2],
    /// Height and width of the kernel.
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 2],
    /// Height and width of an output.
    pub(super) output: [usize; 2],
}

#[cfg_attr(not(feature = "flex"), allow(dead_code))]
impl Geometry {
    /// # Panics
    ///
    /// If the sizes do not fit together.
    pub(super) fn new(
        x: [usize; 4],
        weight: [usize; 4],
        bias: Option<[usize; 1]>,
        options: ConvOptions<2>,
    ) -> Self {
        let ConvOptions { stride, padding, groups, .. } = options;
        let [batch, inputs, height, width] = x;
        let [outputs, inputs_of_group, kernel_height, kernel_width] = weight;
        assert!(groups > 0, "a convolution has at least one group, got 0");
        assert!(stride.iter().all(|&stride| stride > 0), "a stride is at least 1, got {stride:?}");
        assert!(
            inputs_of_group * groups == inputs,
            "the weight {weight:?} in {groups} groups takes {} input channels, got {inputs}",
            inputs_of_group * groups
        );
        assert!(
            outputs.is_multiple_of(groups),
            "the {outputs} output channels do not divide into {groups} groups"
        );
        if let Some([elements]) = bias {
            assert!(elements == outputs, "the bias needs one element per output: {outputs}, got {elements}");
        }
        let (size, kernel) = ([height, width], [kernel_height, kernel_width]);
        let padded = [height + 2 * padding[0], width + 2 * padding[1]];
        assert!(
            (0..2).all(|axis| 0 < kernel[axis] && kernel[axis] <= padded[axis]),
            "the kernel {kernel:?} does not fit into the padded input {padded:?}"
        );
        let output = [0, 1].map(|axis| (padded[axis] - kernel[axis]) / stride[axis] + 1);
        Self { batch, groups, inputs, outputs, size, kernel, stride, padding, output }
    }

    /// The same convolution with longer rows, where the kernel is a single tap: images as one row, for the sake of
    /// small ones.
    pub(super) fn flattened(self) -> Self {
        if self.kernel == [1, 1] && self.stride == [1, 1] && self.padding == [0, 0] {
            let row = [1, self.size[0] * self.size[1]];
            Self { size: row, output: row, ..self }
        } else {
            self
        }
    }
}
