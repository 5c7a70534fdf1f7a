//! What the parameters of a module are called.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// The names of all parameters of `module`, in its order: those that a file of weights has, but for `gamma` and `beta` of a norm.
///
/// ```
/// use brasa_models::{MlpConfig, parameter_names};
///
/// let network = MlpConfig { hidden: vec![8], ..MlpConfig::new(4, 3) }.init(0, &Default::default())?;
/// assert_eq!(parameter_names(&network)[0], "hidden.0.linear.weight");
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
pub fn parameter_names<M: Module>(module: &M) -> Vec<String> {
    names_below(module, None)
}

/// As [`parameter_names`], of what is called `path` itself.
pub(crate) fn names_below<M: Module>(module: &M, path: Option<String>) -> Vec<String> {
    let mut names = Names { path: path.into_iter().collect(), found: Vec::new() };
    module.visit(&mut names);
    names.found
}

struct Names {
    path: Vec<String>,
    found: Vec<String>,
}

/// What a module is in, as Burn tells it, where that is no part of its name: the variant of an enum.
const VARIANT: &str = "Enum:";

impl ModuleVisitor for Names {
    fn enter_module(&mut self, name: &str, container: &str) {
        if !container.starts_with(VARIANT) {
            self.path.push(name.into());
        }
    }

    fn exit_module(&mut self, _: &str, container: &str) {
        if !container.starts_with(VARIANT) {
            self.path.pop();
        }
    }

    fn visit_float<const D: usize>(&mut self, _: &Param<Tensor<D>>) {
        self.found.push(self.path.join("."));
    }
}
