//! From the list of kinds to the types that hold any of them.

/// `LayerSpec`, any layer as a recipe writes it, and `Layer`, any layer that runs, from the list of kinds, each of which
/// implements [`LayerKind`](super::kind::LayerKind). This is the only place where layers are told apart.
macro_rules! layer_kinds {
    ($($module:ident: $kind:ident($spec:ident)),* $(,)?) => {
        $(pub use $module::$spec;)*

        /// One layer, written as a few words (`conv 16 5x5 stride=2`, `relu`, `batch-norm`, `max-pool 2`, `dropout 0.2`,
        /// `linear 120`, `residual 64 stride=2`) or, where it has branches, as a table:
        /// `{ add = [["conv 64 3x3", "batch-norm"], []] }`.
        ///
        /// ```
        /// use brasa_models::LayerSpec;
        ///
        /// use brasa_models::specs::AnyLayer;
        ///
        /// let layer: LayerSpec = "conv 16 5x5".parse()?;
        /// assert!(matches!(&layer.kind, AnyLayer::Conv(conv) if conv.padding == [2, 2]));
        /// assert_eq!(layer.to_string(), "conv 16 5x5");
        /// let error = "conv 16 5x5 step=2".parse::<LayerSpec>().unwrap_err();
        /// assert_eq!(error, "`conv 16 5x5 step=2`: unknown option `step`; conv takes stride, padding, groups, bias, as");
        /// # Ok::<(), String>(())
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        pub struct LayerSpec {
            /// The layer.
            pub kind: AnyLayer,
            /// What the module is called in PyTorch that has the same parameters, `name=layer1.0.conv1`: by it, weights are read
            /// from there and written for it.
            pub name: Option<String>,
        }

        /// A layer of any kind.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum AnyLayer {
            $(
                #[doc = concat!("See [`", stringify!($spec), "`](crate::specs::", stringify!($spec), ").")]
                $kind($spec),
            )*
        }

        /// Any layer that runs.
        #[derive(Module, Debug)]
        // Layer norm is a layer as any other.
        #[allow(clippy::large_enum_variant, clippy::enum_variant_names)]
        pub(crate) enum Layer {
            $($kind(<$spec as LayerKind>::Module),)*
        }

        /// The names of each kind.
        pub(super) const NAMES: &[&[&str]] = &[$(<$spec as LayerKind>::NAMES),*];

        impl LayerSpec {
            /// The layer of the words; nothing where they begin with no layer's name.
            pub(super) fn of(words: &Words<'_>) -> Option<std::result::Result<Self, String>> {
                $(
                    if $spec::NAMES.contains(&words.kind) {
                        return Some($spec::parse(words).map(|spec| Self::from(spec).named(words.name)));
                    }
                )*
                None
            }

            /// What the layer says of itself.
            pub(super) fn described(&self) -> &dyn Described {
                match &self.kind {
                    $(AnyLayer::$kind(spec) => spec,)*
                }
            }

            /// The layer with its first weights.
            pub(super) fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Layer> {
                match &self.kind {
                    $(AnyLayer::$kind(spec) => spec.build(before, initializer).map(Layer::$kind),)*
                }
            }
        }

        $(
            /// Without a name.
            impl From<$spec> for LayerSpec {
                fn from(spec: $spec) -> Self {
                    Self { kind: AnyLayer::$kind(spec), name: None }
                }
            }
        )*

        impl Layer {
            pub(super) fn running(&self) -> &dyn Run {
                match self {
                    $(Self::$kind(layer) => layer,)*
                }
            }
        }
    };
}
pub(super) use layer_kinds;
