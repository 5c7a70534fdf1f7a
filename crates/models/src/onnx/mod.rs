//! Networks as ONNX graphs: each layer writes its own nodes.

mod emitter;
mod weights;

use brasa_onnx::{Graph, Value};

use crate::{Network, NetworkConfig, Result};

pub use emitter::Emitter;
pub(crate) use emitter::Node;
pub use weights::{LEAST_INT8, WeightType};

impl NetworkConfig {
    /// Adds the nodes of `network`, in evaluation, to `graph`, which is to be finished as opset 17; its outputs, `[batch, outputs]`, are what comes back.
    ///
    /// # Shapes
    /// `input` has the shape of a sample behind its batch axis, of 32-bit floats; numbers of words are 64-bit integers.
    ///
    /// # Errors
    /// [`ModelError::ReadBack`](crate::ModelError::ReadBack) where the device fails.
    ///
    /// ```
    /// use brasa_models::{MlpConfig, NetworkConfig};
    /// use brasa_onnx::{Dim, Element, Graph, Opset};
    ///
    /// let config = NetworkConfig::Mlp(MlpConfig { hidden: vec![8], ..MlpConfig::new(4, 3) });
    /// let mut graph = Graph::new("flowers");
    /// let input = graph.input("input", Element::F32, &[Dim::named("batch"), 4.into()]);
    /// let logits = config.emit(&config.init(1, &Default::default())?, &mut graph, &input)?;
    /// graph.output("logits", &logits, Element::F32, &[Dim::named("batch"), 3.into()]);
    /// assert!(!graph.finish(Opset::V17, "example", "1")?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn emit(&self, network: &Network, graph: &mut Graph, input: &Value) -> Result<Value> {
        self.emit_as(network, graph, input, WeightType::F32)
    }

    /// As [`emit`](Self::emit), with weights of this type.
    ///
    /// # Errors
    /// As there.
    pub fn emit_as(
        &self,
        network: &Network,
        graph: &mut Graph,
        input: &Value,
        weights: WeightType,
    ) -> Result<Value> {
        self.emit_into(network, &mut Emitter::new(graph, weights), input)
    }
}
