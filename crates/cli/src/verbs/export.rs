//! `export`: a trained model for other tools.

use std::path::{Path, PathBuf};

use brasa_data::Role;
use brasa_models::{WeightType, torch_bytes, weights_bytes};
use brasa_predict::{PredictError, SavedModel};
use brasa_run::write_atomic;
use brasa_train::metrics::Scores;
use brasa_train::score;
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::Verb;
use super::scores::figure_words;
use crate::app::App;
use crate::args::{Common, DataArgs, DeviceArgs, RunArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::output::{Screen, note};

/// Write a trained model as ONNX, or its weights for PyTorch
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// What to write; without it, what the file's ending says, or else onnx
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// What the weights of an ONNX file are
    #[arg(long, value_enum, default_value = "f32")]
    pub weights: Weights,
    #[command(flatten)]
    pub data: DataArgs,
    /// The file; without it, `model` with the format's ending in this folder
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What a model is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A graph from raw samples to answers, for ONNX Runtime and others
    Onnx,
    /// Weights with the names of PyTorch's modules, where the network has such
    Safetensors,
    /// The same as a file for `torch.load`
    Torch,
}

/// What weights are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weights {
    /// 32-bit floats
    F32,
    /// Whole numbers of 8 bits, a quarter of the size: what it costs is measured on the validation rows, where the data are at hand
    Int8,
}

impl Format {
    /// By the ending of a file.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "onnx" => Some(Self::Onnx),
            "safetensors" => Some(Self::Safetensors),
            "pt" | "pth" => Some(Self::Torch),
            _ => None,
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Onnx => "model.onnx",
            Self::Safetensors => "model.safetensors",
            Self::Torch => "model.pt",
        }
    }
}

impl Verb for Export {
    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let (folder, record) = context::model_run(app, &common.runs, &self.run.run)?;
        let device = context::device(&self.device)?;
        let model = SavedModel::load(&folder.model(), &device)?;
        let format = self.format.or_else(|| self.out.as_deref().and_then(Format::of)).unwrap_or(Format::Onnx);
        let out = self.out.clone().unwrap_or_else(|| format.file().into());
        let names = model.card().network.as_ref().map(|network| network.torch_names()).unwrap_or_default();
        let bytes = match format {
            Format::Onnx => model.to_onnx_as(match self.weights {
                Weights::F32 => WeightType::F32,
                Weights::Int8 => WeightType::Int8,
            })?,
            _ if self.weights == Weights::Int8 => {
                return Err(CliError::Usage("--weights int8 is for ONNX files".into()));
            }
            Format::Safetensors => weights_bytes(model.model(), &names).map_err(PredictError::from)?,
            Format::Torch => torch_bytes(model.model(), &names).map_err(PredictError::from)?,
        };
        write_atomic(&out, &bytes)?;
        let name =
            |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
        let path = out.display().to_string();
        let mut object = json!({
            "run": folder.path().display().to_string(),
            "id": record.id,
            "format": name(format.to_possible_value()),
            "weights": name(self.weights.to_possible_value()),
            "file": path,
            "bytes": bytes.len(),
        });
        let mut words = format!("the model of {} is in {path}", record.id);
        if self.weights == Weights::Int8 {
            match self.measured(app, common, &device) {
                Ok((told, [before, after])) => {
                    words.push_str(&told);
                    object["valid"] = json!({ "f32": before, "int8": after });
                }
                Err(error) => note(format!("what 8 bits cost was not measured: {error}")),
            }
        }
        screen.object(&object)?;
        screen.say(words);
        Ok(())
    }
}

impl Export {
    /// The scores of the validation rows with weights of 32 bits and of 8, and a line for each.
    fn measured(&self, app: &App, common: &Common, device: &Device) -> Result<(String, [Scores; 2])> {
        let run = context::loaded_run(app, &common.runs, &self.run.run, None, &self.data, device)?;
        let rounded = run.model.model().clone().with_int8_weights();
        let mut words = String::new();
        let mut scores_of = |network, weights: &str| {
            let scores = score(network, &run.recipe, &run.prepared, Role::Valid, device)?;
            let figures = figure_words(&scores, run.recipe.metrics().of_tables().iter());
            words.push_str(&format!("\n{weights:>5}  {figures} (valid)"));
            Ok::<_, CliError>(scores)
        };
        let scores = [scores_of(run.model.model(), "f32")?, scores_of(&rounded, "int8")?];
        Ok((words, scores))
    }
}
