//! A model with its preprocessing: what `predict` needs and nothing else.

use std::fs;
use std::path::Path;

use brasa_data::{InputSpec, RawSamples, Samples, read_regular, sync_folder, write_atomic};
use brasa_embed::Embedding;
use brasa_models::{
    Input, Model, Network, first_not_finite, load_weights, read_back, save_weights, stored_numbers,
};
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::{ModelCard, Outside, PredictError, Prediction, Result};

const CARD: &str = "model.json";
const WEIGHTS: &str = "weights.safetensors";
const SUBWORDS: &str = "embedding.safetensors";

/// Words of a million titles are some ten million bytes.
const MOST_CARD: u64 = 1 << 28;

/// Vectors of the parts of words: 200,000 rows of 300 numbers are a quarter of this.
const MOST_SUBWORDS: u64 = 1 << 30;

/// Samples per batch: large enough to fill the processor, small enough for its caches.
const BATCH: usize = 512;

/// Writes a model's folder; the card last, so that a folder with a card is complete. `weights` writes the weights to the
/// path that it is given.
///
/// # Errors
/// [`PredictError::Write`], and whatever `weights` returns.
pub fn save<E: From<PredictError>>(
    folder: &Path,
    card: &ModelCard,
    subwords: Option<&Embedding>,
    weights: impl FnOnce(&Path) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| PredictError::Write { path, source }
    };
    match fs::create_dir(folder) {
        // A run that is gone is not begun again by halves.
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(failed(folder)(error).into());
        }
        _ => {}
    }
    let path = folder.join(CARD);
    let text = serde_json::to_string_pretty(card).map_err(|error| failed(&path)(error.into()))?;
    let same_card = fs::read(&path).is_ok_and(|before| before == text.as_bytes());
    if !same_card && path.exists() {
        fs::remove_file(&path).map_err(failed(&path))?;
    }
    let unfinished = folder.join(".weights.safetensors.part");
    let outcome = weights(&unfinished);
    if outcome.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    outcome?;
    let target = folder.join(WEIGHTS);
    settle(&unfinished).map_err(failed(&unfinished))?;
    fs::rename(&unfinished, &target).map_err(failed(&target))?;
    sync_folder(folder);
    if same_card {
        return Ok(());
    }
    if let Some(subwords) = subwords {
        let path = folder.join(SUBWORDS);
        let bytes = subwords.to_bytes(SUBWORDS).map_err(PredictError::from)?;
        write_atomic(&path, &bytes).map_err(failed(&path))?;
    }
    write_atomic(&path, text.as_bytes()).map_err(failed(&path))?;
    Ok(())
}

/// Has a file on the disk, to be read by whoever may read those beside it: some writers make theirs private.
fn settle(path: &Path) -> std::io::Result<()> {
    // Open for writing: not every system lets a reader sync.
    let file = fs::OpenOptions::new().write(true).open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    file.sync_all()
}

/// As [`save`], of a model that is at hand.
///
/// # Errors
/// [`PredictError::Write`] and [`PredictError::Model`].
pub fn save_model(folder: &Path, card: &ModelCard, model: &impl Model) -> Result<()> {
    save(folder, card, None, |path| Ok::<(), PredictError>(save_weights(model, path)?))
}

/// Changes the card of a model that is in its folder, such as by what was measured with it.
///
/// # Errors
/// [`PredictError::Broken`] where there is none, [`PredictError::Write`].
pub fn amend_card(folder: &Path, amend: impl FnOnce(&mut ModelCard)) -> Result<()> {
    let mut card = read_card(folder)?;
    amend(&mut card);
    let path = folder.join(CARD);
    let failed = |source| PredictError::Write { path: path.clone(), source };
    let text = serde_json::to_string_pretty(&card).map_err(|error| failed(error.into()))?;
    write_atomic(&path, text.as_bytes()).map_err(failed)
}

/// A model read back from its folder, ready to predict.
#[derive(Debug)]
pub struct SavedModel<M = Network> {
    card: ModelCard,
    model: M,
    subwords: Option<Embedding>,
    device: Device,
}

impl SavedModel {
    /// Reads a model of one of brasa's architectures.
    ///
    /// # Errors
    /// [`PredictError::Broken`] where there is none, [`PredictError::Model`] for weights that do not fit.
    pub fn load(folder: &Path, device: &Device) -> Result<Self> {
        let card = read_card(folder)?;
        let network = card.network.as_ref().ok_or_else(|| PredictError::Broken {
            path: folder.join(CARD),
            problem: "names no architecture: the model was trained by code of one's own, which loads it, too"
                .into(),
        })?;
        // Before anything is made of what the card says: the network is not larger than the file.
        let (weights, wanted) = (folder.join(WEIGHTS), network.summary()?.parameters());
        let stored = stored_numbers(&weights)?;
        if wanted > stored {
            let problem = format!("holds {stored} numbers, and the network of {CARD} has {wanted} weights");
            return Err(PredictError::Broken { path: weights, problem });
        }
        let model = network.init(0, device)?;
        Self::with_card(folder, card, model, device)
    }

    /// Predicts texts with words that the model does not know: such a word gets the vector of its parts where the model
    /// has vectors for these, and is left out otherwise.
    fn predict_words(&self, text: &RawSamples) -> Result<Vec<Prediction>> {
        let rows = match &self.subwords {
            Some(subwords) if !text.unknown.is_empty() => {
                subwords.table(&text.unknown).split_off(subwords.dims())
            }
            _ => return self.predict_samples(text.known()),
        };
        match self.model.clone().with_more_words(&rows) {
            Some(network) => self.predict_by(&network, &text.samples),
            None => self.predict_samples(text.known()),
        }
    }

    /// Answers for raw samples, as [`InputSpec`] reads them.
    ///
    /// # Errors
    /// [`PredictError::Model`] where the backend fails.
    pub fn predict(&self, raw: &RawSamples) -> Result<Vec<Prediction>> {
        match &self.card.input {
            InputSpec::Text(_) => self.predict_words(raw),
            _ => self.predict_samples(&raw.samples),
        }
    }
}

impl<M: Model> SavedModel<M> {
    /// Reads a model of one's own: its weights are filled into `model`.
    ///
    /// # Errors
    /// As [`load`](SavedModel::load).
    pub fn load_into(folder: &Path, model: M, device: &Device) -> Result<Self> {
        Self::with_card(folder, read_card(folder)?, model, device)
    }

    fn with_card(folder: &Path, card: ModelCard, model: M, device: &Device) -> Result<Self> {
        let path = folder.join(WEIGHTS);
        let model = load_weights(model, &path, &[])?.valid();
        if let Some(parameter) = first_not_finite(&model) {
            let problem = format!("the weights `{parameter}` are not all finite numbers");
            return Err(PredictError::Broken { path, problem });
        }
        let subwords = match card.subwords {
            false => None,
            true => {
                let path = folder.join(SUBWORDS);
                let problem = |error| format!("cannot be read: {error}");
                let bytes = read_regular(&path, MOST_SUBWORDS)
                    .map_err(|error| PredictError::Broken { path: path.clone(), problem: problem(error) })?;
                Some(Embedding::from_bytes(&path.display().to_string(), &bytes)?)
            }
        };
        Ok(Self { card, model, subwords, device: device.clone() })
    }

    /// What is known of the model.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// The model, in evaluation mode.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// What of a table's raw rows is not like anything that the model was trained on, column by column.
    pub fn outside(&self, raw: &RawSamples) -> Vec<Outside> {
        self.card.ranges.outside(&raw.samples)
    }

    /// Whether new words get the vectors of their parts.
    pub fn has_subwords(&self) -> bool {
        self.subwords.is_some()
    }

    /// Some raw samples, scaled, on the model's device.
    ///
    /// # Errors
    /// [`PredictError::Data`] for samples of another shape than the model takes.
    pub fn input(&self, samples: &Samples, rows: &[usize]) -> Result<Input> {
        let features = samples.sample_len();
        if samples.u32_row(0).is_some() {
            let ids = rows.iter().flat_map(|&row| samples.u32_row(row).unwrap_or_default());
            let ids = TensorData::new(ids.map(|&id| id as i32).collect::<Vec<_>>(), [rows.len(), features]);
            return Ok(Input::ids(Tensor::<2, Int>::from_data(ids, &self.device)));
        }
        let scaler = self.card.scaler.prepare(samples.shape())?;
        let mut scaled = vec![0.0; rows.len() * features];
        for (&row, target) in rows.iter().zip(scaled.chunks_mut(features.max(1))) {
            scaler.transform_into(samples, row, target);
        }
        let scaled = TensorData::new(scaled, [rows.len(), features]);
        Ok(Input::numbers(Tensor::from_data(scaled, &self.device), samples.shape()))
    }

    /// Answers for samples whose words, if they are words, the model all knows.
    ///
    /// # Errors
    /// As [`predict`](SavedModel::predict).
    pub fn predict_samples(&self, samples: &Samples) -> Result<Vec<Prediction>> {
        self.predict_by(&self.model, samples)
    }

    fn predict_by(&self, model: &M, samples: &Samples) -> Result<Vec<Prediction>> {
        let mut predictions = Vec::with_capacity(samples.len());
        let rows: Vec<usize> = (0..samples.len()).collect();
        for chunk in rows.chunks(BATCH) {
            brasa_kernels::stay_awake(&self.device);
            predictions.extend(self.answer_by(model, &self.input(samples, chunk)?)?);
        }
        Ok(predictions)
    }

    /// Answers for a batch that [`input`](Self::input) has scaled.
    ///
    /// # Errors
    /// As [`predict`](SavedModel::predict).
    pub fn answer(&self, input: &Input) -> Result<Vec<Prediction>> {
        self.answer_by(&self.model, input)
    }

    fn answer_by(&self, model: &M, input: &Input) -> Result<Vec<Prediction>> {
        let outputs = model.forward(input);
        let ([_, found], width) = (outputs.dims(), self.card.answers.names().len());
        if found != width || width == 0 {
            return Err(PredictError::Outputs { expected: width, found });
        }
        let outputs = read_back(outputs, "outputs")?;
        Ok(outputs.chunks(width).map(|row| Prediction::of_outputs(&self.card, row)).collect())
    }
}

fn read_card(folder: &Path) -> Result<ModelCard> {
    let path = folder.join(CARD);
    let bytes = read_regular(&path, MOST_CARD).map_err(|error| PredictError::Broken {
        path: folder.into(),
        problem: match error.kind() {
            std::io::ErrorKind::NotFound => {
                "holds no model: the run was interrupted before its first epoch ended".into()
            }
            _ => format!("cannot be read: {error}"),
        },
    })?;
    let broken = |problem: String| PredictError::Broken { path: path.clone(), problem };
    let card: ModelCard =
        serde_json::from_slice(&bytes).map_err(|error| broken(format!("is damaged: {error}")))?;
    card.check().map_err(broken)?;
    Ok(card)
}

#[cfg(test)]
#[path = "saved_tests.rs"]
mod tests;
