//! The architectures of this crate behind one type. One more is a file, or a folder, with all there is to know of it, and its
//! lines in the lists here.

mod bag;
mod boosted_trees;
mod images;
mod inception_time;
mod kind;
mod mlp;
mod perceptron;
mod real_mlp;
mod recurrent;
mod rocket;
mod sequential;
mod series_resnet;
mod tabm;
mod text;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use brasa_onnx::Value;

use crate::diagram::Diagram;
use crate::{Emitter, Input, Model, ModelError, Rate, Result, Summary, TorchName};

pub use bag::{Bag, BagConfig};
pub use boosted_trees::{BoostedTrees, BoostedTreesConfig, BoostedTreesRecipe, Link, Tree, TreeNode};
pub use images::{
    AlexNetRecipe, CifarResNetRecipe, ConvNextRecipe, ConvNextSize, EfficientNetRecipe, EfficientNetVariant,
    MobileNetV2Recipe, MobileNetV3Recipe, NinRecipe, ResNetDepth, ResNetRecipe, SqueezeNetRecipe, VggDepth,
    VggRecipe, VitRecipe,
};
pub use inception_time::InceptionTimeRecipe;
pub use kind::{ArchitectureKind, DataSizes};
pub use mlp::{Mlp, MlpConfig, MlpRecipe};
pub use perceptron::{ON_THE_LINE, Perceptron, PerceptronConfig, PerceptronRecipe, PerceptronWeights};
pub use real_mlp::{RealMlp, RealMlpConfig, RealMlpRecipe, flat_cosine};
pub use recurrent::{Cell, GruRecipe, LstmRecipe, Pool, Recurrent, RecurrentConfig};
pub use rocket::{
    HydraMultiRocketRecipe, MiniRocketRecipe, Rocket, RocketConfig, RocketFeatures, RocketTargets,
};
pub use sequential::{Head, LayerSpec, Sequential, SequentialConfig, SequentialRecipe, specs};
pub use series_resnet::SeriesResNetRecipe;
pub use tabm::{Tabm, TabmConfig, TabmRecipe};
pub use text::{Text, TextCnnRecipe, TextConfig, TextMlpRecipe, TextReader, TextTransformerRecipe};

/// The configuration of one architecture: its file has the keys, their check, the shapes, the cost and the initial weights.
pub trait Architecture: std::fmt::Debug + Clone + PartialEq + Serialize + DeserializeOwned {
    /// What it makes.
    type Network: Model;

    /// Checks the configuration and draws the initial weights from `seed`.
    ///
    /// # Errors
    /// [`ModelError::Config`](crate::ModelError::Config) with the key, what it accepts and what it was given.
    fn build(&self, seed: u64, device: &Device) -> Result<Self::Network>;

    /// Layer by layer output shapes, parameters and FLOPs, without making the network.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    fn layers(&self) -> Result<Summary>;

    /// The network as boxes, see [`NetworkConfig::diagram`]: those of its summary's rows, where it says no more.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    fn diagram(&self) -> Result<Diagram> {
        Ok(Diagram::of_rows(&self.layers()?, 0..0))
    }

    /// Numbers in one sample, all axes multiplied.
    fn input_len(&self) -> usize;

    /// Outputs: classes, or numbers to predict.
    fn output_len(&self) -> usize;

    /// Rows of a batch that the network can be trained on, at least; see [`NetworkConfig::min_batch`].
    ///
    /// # Errors
    /// As [`build`](Self::build).
    fn min_batch(&self) -> Result<usize> {
        Ok(1)
    }

    /// Words that the network has vectors for, where samples are numbers of words.
    fn word_count(&self) -> Option<usize> {
        None
    }

    /// Training rows that the initial weights are fitted to, at most; 0 where they are drawn from the seed alone.
    fn initial_rows(&self) -> usize {
        0
    }

    /// The network with initial weights that fit `rows`, some of the training rows, on its device without autodiff. `range`
    /// are the least and the greatest target of each output, for numbers.
    ///
    /// # Errors
    /// [`ModelError::ReadBack`](crate::ModelError::ReadBack) where the device fails.
    fn fit_initial(
        &self,
        network: Self::Network,
        rows: &Input,
        range: &[[f32; 2]],
        seed: u64,
    ) -> Result<Self::Network> {
        let _ = (rows, range, seed);
        Ok(network)
    }

    /// How parameters are called in PyTorch, where that is known.
    fn torch_names(&self) -> Vec<TorchName> {
        Vec::new()
    }

    /// Where the names of the parameters begin that make the outputs, which those of a network over other classes do not fit.
    fn head(&self) -> Vec<String> {
        vec!["output".into()]
    }

    /// Its nodes in a graph, in evaluation, see [`NetworkConfig::emit`].
    ///
    /// # Errors
    /// As there.
    fn emit(&self, network: &Self::Network, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value>;

    /// The configuration of `network` as it became: with the sizes that learning decides, where it does.
    fn fitted(&self, network: &Self::Network) -> Self {
        let _ = network;
        self.clone()
    }
}

/// Writes [`NetworkConfig`] and [`Network`]: a variant for each architecture of the list, all of them dispatched here.
macro_rules! networks {
    ($($(#[$doc:meta])* $kind:ident($config:ident),)*) => {
        /// The configuration of any architecture of this crate, as it is saved beside the weights.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum NetworkConfig {
            $($(#[$doc])* $kind($config),)*
        }

        /// Any architecture of this crate: one module, one optimizer state, one compiled training loop.
        // There is one of it per model: what a smaller variant leaves empty does not matter.
        #[allow(clippy::large_enum_variant)]
        #[derive(Module, Debug)]
        pub enum Network {
            $($(#[$doc])* $kind($kind),)*
        }

        impl NetworkConfig {
            /// Checks the configuration and draws the initial weights from `seed`.
            ///
            /// # Errors
            /// [`ModelError::Config`](crate::ModelError::Config) with the key, what it accepts and what it was given.
            pub fn init(&self, seed: u64, device: &Device) -> Result<Network> {
                match self {
                    $(Self::$kind(config) => config.build(seed, device).map(Network::$kind),)*
                }
            }

            /// Layer by layer output shapes, parameters and FLOPs, without making the network.
            ///
            /// # Errors
            /// As [`init`](Self::init).
            pub fn summary(&self) -> Result<Summary> {
                match self {
                    $(Self::$kind(config) => config.layers(),)*
                }
            }

            /// The network as boxes of layers that belong together, for a picture.
            ///
            /// # Errors
            /// As [`init`](Self::init).
            pub fn diagram(&self) -> Result<Diagram> {
                match self {
                    $(Self::$kind(config) => Architecture::diagram(config),)*
                }
            }

            /// Numbers in one sample, all axes multiplied.
            pub fn inputs(&self) -> usize {
                match self {
                    $(Self::$kind(config) => config.input_len(),)*
                }
            }

            /// Outputs: classes, or numbers to predict.
            pub fn outputs(&self) -> usize {
                match self {
                    $(Self::$kind(config) => config.output_len(),)*
                }
            }

            /// Rows of a batch that the network can be trained on, at least: two where a batch norm has one value for
            /// each of its features in a row, since one value has no variance; else one.
            ///
            /// ```
            /// use brasa_models::{MlpConfig, NetworkConfig};
            ///
            /// let mlp = MlpConfig { hidden: vec![8], batch_norm: true, ..MlpConfig::new(4, 3) };
            /// assert_eq!(NetworkConfig::Mlp(mlp).min_batch()?, 2);
            /// assert_eq!(NetworkConfig::Mlp(MlpConfig::new(4, 3)).min_batch()?, 1);
            /// # Ok::<(), brasa_models::ModelError>(())
            /// ```
            ///
            /// # Errors
            /// As [`init`](Self::init).
            pub fn min_batch(&self) -> Result<usize> {
                match self {
                    $(Self::$kind(config) => Architecture::min_batch(config),)*
                }
            }

            /// Training rows that the initial weights are fitted to, at most; 0 where they are drawn from the seed alone.
            pub fn initial_rows(&self) -> usize {
                match self {
                    $(Self::$kind(config) => config.initial_rows(),)*
                }
            }

            /// The network with initial weights that fit `rows`, see [`Architecture::fit_initial`]; one of another
            /// architecture stays as it is.
            ///
            /// # Errors
            /// As there.
            pub fn fit_initial(
                &self,
                network: Network,
                rows: &Input,
                range: &[[f32; 2]],
                seed: u64,
            ) -> Result<Network> {
                match (self, network) {
                    $((Self::$kind(config), Network::$kind(network)) => {
                        config.fit_initial(network, rows, range, seed).map(Network::$kind)
                    })*
                    (_, network) => Ok(network),
                }
            }

            /// The configuration of `network` as it became, see [`Architecture::fitted`].
            #[must_use]
            pub fn fitted(&self, network: &Network) -> Self {
                match (self, network) {
                    $((Self::$kind(config), Network::$kind(network)) => Self::$kind(config.fitted(network)),)*
                    (config, _) => config.clone(),
                }
            }

            /// As [`emit`](Self::emit), as a part of a graph.
            pub(crate) fn emit_into(
                &self,
                network: &Network,
                emitter: &mut Emitter<'_>,
                input: &Value,
            ) -> Result<Value> {
                match (self, network) {
                    $((Self::$kind(config), Network::$kind(network)) => {
                        Architecture::emit(config, network, emitter, input)
                    })*
                    _ => {
                        let expected = "the network of its configuration".into();
                        Err(ModelError::Config { key: "kind", expected, found: "another".into() })
                    }
                }
            }

            /// How parameters are called in PyTorch, see [`Architecture::torch_names`].
            pub fn torch_names(&self) -> Vec<TorchName> {
                match self {
                    $(Self::$kind(config) => Architecture::torch_names(config),)*
                }
            }

            /// Where the parameters begin that make the outputs, see [`Architecture::head`].
            pub fn head(&self) -> Vec<String> {
                match self {
                    $(Self::$kind(config) => Architecture::head(config),)*
                }
            }

            /// Words that the network has vectors for, where samples are numbers of words.
            pub fn words(&self) -> Option<usize> {
                match self {
                    $(Self::$kind(config) => config.word_count(),)*
                }
            }
        }

        impl Model for Network {
            fn forward(&self, input: &Input) -> Tensor<2> {
                match self {
                    $(Self::$kind(network) => Model::forward(network, input),)*
                }
            }

            fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
                match self {
                    $(Self::$kind(network) => Model::forward_train(network, input, draws),)*
                }
            }

            fn answers(&self) -> usize {
                match self {
                    $(Self::$kind(network) => Model::answers(network),)*
                }
            }

            fn rate(&self, path: &str) -> Rate {
                match self {
                    $(Self::$kind(network) => Model::rate(network, path),)*
                }
            }

            fn set_learning(&mut self, learns: &dyn Fn(&str) -> bool) {
                match self {
                    $(Self::$kind(network) => Model::set_learning(network, learns),)*
                }
            }

            fn set_progress(&mut self, progress: f64) {
                match self {
                    $(Self::$kind(network) => Model::set_progress(network, progress),)*
                }
            }
        }
    };
}

networks! {
    /// A multilayer perceptron.
    Mlp(MlpConfig),
    /// Layers one after another, convolutions among them.
    Sequential(SequentialConfig),
    /// Recurrent layers over a time series.
    Recurrent(RecurrentConfig),
    /// A network over short texts.
    Text(TextConfig),
    /// A perceptron, for two classes.
    Perceptron(PerceptronConfig),
    /// A perceptron for the columns of a table.
    RealMlp(RealMlpConfig),
    /// Many perceptrons for the columns of a table in one.
    Tabm(TabmConfig),
    /// Sums of decision trees.
    BoostedTrees(BoostedTreesConfig),
    /// Features of fixed convolutions over time series, and a linear layer.
    Rocket(RocketConfig),
    /// Several networks, whose mean is the answer.
    Bag(BagConfig),
}

brasa_keys::kinds! {
    /// The kinds of network, each with its keys, every one with a value.
    pub enum ArchitectureRecipe: pub ArchitectureKind, default Mlp {
        Mlp(MlpRecipe),
        Sequential(SequentialRecipe),
        Lstm(LstmRecipe),
        Gru(GruRecipe),
        TextCnn(TextCnnRecipe),
        TextMlp(TextMlpRecipe),
        TextTransformer(TextTransformerRecipe),
        Perceptron(PerceptronRecipe),
        InceptionTime(InceptionTimeRecipe),
        SeriesResNet(SeriesResNetRecipe),
        RealMlp(RealMlpRecipe),
        Tabm(TabmRecipe),
        BoostedTrees(BoostedTreesRecipe),
        AlexNet(AlexNetRecipe),
        Vgg(VggRecipe),
        Nin(NinRecipe),
        ResNet(ResNetRecipe),
        CifarResNet(CifarResNetRecipe),
        SqueezeNet(SqueezeNetRecipe),
        MobileNetV2(MobileNetV2Recipe),
        MobileNetV3(MobileNetV3Recipe),
        EfficientNet(EfficientNetRecipe),
        ConvNext(ConvNextRecipe),
        Vit(VitRecipe),
        MiniRocket(MiniRocketRecipe),
        HydraMultiRocket(HydraMultiRocketRecipe),
    }
}

impl Network {
    /// The network as a convolutional one, whose maps and kernels can be looked at.
    pub fn as_sequential(&self) -> Option<&Sequential> {
        match self {
            Self::Sequential(network) => Some(network),
            _ => None,
        }
    }
}
