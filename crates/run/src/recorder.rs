//! The callback that writes a run's folder while it trains.

use brasa_embed::Embedding;
use brasa_models::Network;
use brasa_predict::{ModelCard, save};
use brasa_train::{Callback, Control, EpochRecord, Plan, Snapshot, TrainError};

use crate::{RunError, RunFolder, RunObserver, writing};

type Result<T> = std::result::Result<T, TrainError>;

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
        Ok(self.folder.write("metrics.jsonl", b"")?)
    }

    fn on_improvement(&mut self, _epoch: usize, model: &dyn Snapshot) -> Result<()> {
        let _writing = writing();
        // Its sizes may be what was learnt.
        let known = self.card.network.as_ref().zip(model.as_any().downcast_ref::<Network>());
        let card = ModelCard {
            network: known
                .map(|(network, model)| network.fitted(model))
                .or_else(|| self.card.network.clone()),
            ..self.card.clone()
        };
        Ok(save::<RunError>(&self.folder.model(), &card, self.subwords.as_ref(), |path| {
            Ok(model.save(path)?)
        })?)
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        self.folder.append_epoch(record)?;
        Ok(Control::Continue)
    }
}

impl RunObserver for Recorder<'_> {}
