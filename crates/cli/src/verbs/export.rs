//! `export`: a trained model for other tools.

use std::path::{Path, PathBuf};

use brasa_models::{torch_bytes, weights_bytes};
use brasa_predict::{PredictError, SavedModel};
use brasa_run::write_atomic;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{Common, DeviceArgs, RunArgs};
use crate::context;
use crate::error::Result;
use crate::output::Screen;

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
            Format::Onnx => model.to_onnx()?,
            Format::Safetensors => weights_bytes(model.model(), &names).map_err(PredictError::from)?,
            Format::Torch => torch_bytes(model.model(), &names).map_err(PredictError::from)?,
        };
        write_atomic(&out, &bytes)?;
        let format = format.to_possible_value().map(|value| value.get_name().to_owned());
        let path = out.display().to_string();
        screen.object(&json!({ "run": folder.path().display().to_string(), "id": record.id, "format": format, "file": path }))?;
        screen.say(format!("the model of {} is in {path}", record.id));
        Ok(())
    }
}
