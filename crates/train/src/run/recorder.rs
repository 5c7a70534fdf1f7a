//! The callback that writes a run's folder while it trains.

use brasa_embed::Embedding;
use brasa_models::Network;

use super::RunFolder;
use crate::Result;
use crate::callback::{Callback, Control, EpochRecord, Plan};
use crate::saved_model::{ModelCard, save_network};

/// Writes each epoch's metrics, and the best model as soon as it is the best.
#[derive(Debug)]
pub struct Recorder<'a> {
    folder: &'a RunFolder,
    card: ModelCard,
    subwords: Option<Embedding>,
}

impl<'a> Recorder<'a> {
    /// Records into `folder`; `card` is saved beside the weights, and so are the `subwords` that it speaks of.
    pub fn new(folder: &'a RunFolder, card: ModelCard, subwords: Option<Embedding>) -> Self {
        Self { folder, card, subwords }
    }
}

impl Callback for Recorder<'_> {
    fn on_start(&mut self, _plan: &Plan) -> Result<()> {
        self.folder.write("metrics.jsonl", b"")
    }

    fn on_improvement(&mut self, _epoch: usize, network: &Network) -> Result<()> {
        save_network(&self.folder.model(), &self.card, self.subwords.as_ref(), network)
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        self.folder.append_epoch(record)?;
        Ok(Control::Continue)
    }
}
