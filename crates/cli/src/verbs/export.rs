//! `export`: a trained model for other tools.

use std::path::PathBuf;

use brasa_models::{save_torch, save_weights_as};
use brasa_predict::SavedModel;
use brasa_run::write_atomic;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{Common, DeviceArgs, RunArgs};
use crate::context;
use crate::error::Result;
use crate::output::Screen;

/// Write a trained model for other tools: ONNX with its preprocessing, or weights for PyTorch
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Onnx)]
    pub format: Format,
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

impl Format {
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
        let out = self.out.clone().unwrap_or_else(|| self.format.file().into());
        let names = model.card().network.as_ref().map(|network| network.torch_names()).unwrap_or_default();
        match self.format {
            Format::Onnx => write_atomic(&out, &model.to_onnx()?)?,
            Format::Safetensors => save_weights_as(model.model(), &out, &names)?,
            Format::Torch => save_torch(model.model(), &out, &names)?,
        }
        let format = self.format.to_possible_value().map(|value| value.get_name().to_owned());
        let path = out.display().to_string();
        screen.object(&json!({ "run": folder.path().display().to_string(), "id": record.id, "format": format, "file": path }))?;
        screen.say(format!("the model of {} is in {path}", record.id));
        Ok(())
    }
}
