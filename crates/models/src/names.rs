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

/// The names of those parameters of `module` that no gradient is computed of.
pub fn fixed_parameters<M: Module>(module: &M) -> Vec<String> {
    let found = found_below(module, None).into_iter();
    found.filter(|(_, learns)| !learns).map(|(name, _)| name).collect()
}

/// Whether the parameter or module called `name` is the one called `begin`, or is within it.
///
/// ```
/// use brasa_models::is_within;
/// assert!(is_within("layer1.0.conv1", "layer1") && !is_within("layer10.conv1", "layer1"));
/// ```
pub fn is_within(name: &str, begin: &str) -> bool {
    name.strip_prefix(begin).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// As [`parameter_names`], of what is called `path` itself.
pub(crate) fn names_below<M: Module>(module: &M, path: Option<String>) -> Vec<String> {
    found_below(module, path).into_iter().map(|(name, _)| name).collect()
}

/// Names, and whether a gradient is computed of each.
fn found_below<M: Module>(module: &M, path: Option<String>) -> Vec<(String, bool)> {
    let mut names = Names { path: ParameterPath(path.into_iter().collect()), found: Vec::new() };
    module.visit(&mut names);
    names.found
}

/// Where a walk over a module is, in the names of its parameters: for visitors and mappers, which tell it what they enter and leave.
#[derive(Debug, Clone, Default)]
pub struct ParameterPath(Vec<String>);

/// What a module is in, as Burn tells it, where that is no part of its name: the variant of an enum.
const VARIANT: &str = "Enum:";

impl ParameterPath {
    /// For `enter_module`.
    pub fn enter(&mut self, name: &str, container: &str) {
        if !container.starts_with(VARIANT) {
            self.0.push(name.into());
        }
    }

    /// For `exit_module`.
    pub fn exit(&mut self, container: &str) {
        if !container.starts_with(VARIANT) {
            self.0.pop();
        }
    }

    /// What the parameter is called that the walk is at.
    pub fn name(&self) -> String {
        self.0.join(".")
    }
}

struct Names {
    path: ParameterPath,
    found: Vec<(String, bool)>,
}

impl ModuleVisitor for Names {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.push((self.path.name(), param.is_require_grad()));
    }
}
