//! The callback that writes a run's folder while it trains.

use brasa_embed::Embedding;
use brasa_models::Network;
use brasa_predict::{ModelCard, save};
use brasa_train::{Callback, Control, EpochRecord, Plan, Snapshot, TrainError};

use crate::{DataFacts, Environment, RunError, RunFolder, RunObserver, RunRecord, writing};

type Result<T, E = TrainError> = std::result::Result<T, E>;

/// Writes each epoch's metrics, and the best model as soon as it is the best.
#[derive(Debug)]
pub struct Recorder<'a> {
    folder: &'a RunFolder,
    card: ModelCard,
    subwords: Option<Embedding>,
    /// Of a run that goes on: what it is from its first step on.
    goes_on: Option<(RunRecord, Says)>,
}

/// What a run's folder says of what is trained.
#[derive(Debug)]
pub(crate) struct Says {
    /// The resolved recipe.
    pub(crate) recipe: String,
    pub(crate) environment: Environment,
    pub(crate) data: DataFacts,
}

impl Says {
    pub(crate) fn write(&self, folder: &RunFolder) -> crate::Result<()> {
        folder.write("recipe.toml", self.recipe.as_bytes())?;
        folder.write_json("environment.json", &self.environment)?;
        folder.write_json("data.json", &self.data)
    }
}

impl<'a> Recorder<'a> {
    /// Records into `folder`; `card` is saved beside the weights, and so are the `subwords` that it speaks of.
    pub fn new(folder: &'a RunFolder, card: ModelCard, subwords: Option<Embedding>) -> Self {
        Self { folder, card, subwords, goes_on: None }
    }

    /// The same, of a run that goes on: these take the place of its own when it does.
    pub(crate) fn that_goes_on(self, record: RunRecord, says: Says) -> Self {
        Self { goes_on: Some((record, says)), ..self }
    }
}

impl Callback for Recorder<'_> {
    /// A run that goes on has its epochs up to the checkpoint; those behind it come again.
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        if let Some((record, says)) = &self.goes_on {
            says.write(self.folder)?;
            self.folder.write_record(record)?;
        }
        let behind = plan.resumed.as_ref().map_or(&[][..], |resumed| &resumed.history);
        Ok(self.folder.write_lines("metrics.jsonl", behind)?)
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
