//! Data made ready for training: read, split, checked for leaks, scaled.

use std::collections::BTreeSet;
use std::sync::Arc;

use brasa_data::{
    Files, Labelled, LeakReport, Loader, LoaderConfig, Scaler, Split, absent_classes, check_leaks, load,
    make_split, name_list,
};
use brasa_embed::Embedding;
use brasa_models::{Input, Network, NetworkConfig};
use burn::tensor::Device;
use serde::Serialize;

use crate::Result;
use crate::evaluate::input;
use crate::loss::Criterion;
use crate::recipe::{CheckedRecipe, EmbeddingRecipe, ModelRecipe, RecipeError, sizes_of};
use crate::target_scale::TargetScale;
use crate::transfer::{check_pretrained, load_pretrained, weights_sum};
use crate::update::kernels_of;
use crate::word_vectors::WordVectors;

/// The three splits of a data set; they can be shared by many trainings.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// All samples.
    pub data: Arc<Labelled>,
    /// Which sample plays which role.
    pub split: Split,
    /// What occurs in more than one split.
    pub leaks: LeakReport,
    /// Fitted on the training split alone; for a bag of networks, on the validation split as well.
    pub scaler: Arc<Scaler>,
    /// Of the numbers to predict, likewise.
    pub target_scale: TargetScale,
    vectors: WordVectors,
    /// SHA-256 of the file of weights that the network begins with.
    pub(crate) weights_sum: Option<String>,
}

/// How much of the test split belongs to groups (recordings, patients, shops) that training saw, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GroupOverlap {
    /// Rows of the test split.
    pub rows: usize,
    /// Those of groups that also train.
    pub known_rows: usize,
    /// Groups of the test split.
    pub groups: usize,
    /// Those that also train.
    pub known_groups: usize,
}

impl Prepared {
    /// Reads and splits what the recipe's `[data]` names.
    ///
    /// # Errors
    /// [`TrainError::Data`](crate::TrainError::Data) with file and place; [`TrainError::Recipe`](crate::TrainError::Recipe) for a key that does not fit the data;
    /// [`TrainError::WeightsNotThere`](crate::TrainError::WeightsNotThere).
    pub fn new(recipe: &CheckedRecipe, files: &Files) -> Result<Self> {
        Self::check_files(recipe, files)?;
        let data = Self::load(recipe, files)?;
        let split = make_split(&data, recipe.data().split())?;
        Self::from_split(recipe, Arc::new(data), split, files)
    }

    /// Whether the weights that the recipe begins with are there, which are read after the data.
    ///
    /// # Errors
    /// [`TrainError::WeightsNotThere`](crate::TrainError::WeightsNotThere) with the places that were looked in.
    pub fn check_files(recipe: &CheckedRecipe, files: &Files) -> Result<()> {
        check_pretrained(recipe, files)
    }

    /// Reads what the recipe's `[data]` names and checks that the recipe fits it, without splitting it.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn load(recipe: &CheckedRecipe, files: &Files) -> Result<Labelled> {
        let data = load(recipe.data(), files)?;
        Self::check_data(recipe, &data)?;
        Ok(data)
    }

    /// Whether another recipe over the same data and the same split fits them.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn check(&self, recipe: &CheckedRecipe) -> Result<()> {
        Self::check_data(recipe, &self.data)?;
        check_training(recipe, &self.data, self.split.train.len())
    }

    /// Whether a recipe fits data that were read for another, whatever their split.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn check_data(recipe: &CheckedRecipe, data: &Labelled) -> Result<()> {
        let declared = &recipe.recipe().model.input;
        if !declared.is_empty() && declared != data.samples.shape() {
            let shape = data.samples.shape();
            let expected = format!("{shape:?}, the shape of a sample of {}", data.name);
            let error = RecipeError::value("model.input", expected, format!("{declared:?}"));
            return Err(recipe.recipe().locate(error).into());
        }
        recipe.recipe().augment.check(data.samples.shape())?;
        recipe.check_classes(data.output_count())?;
        for (table, model) in recipe.recipe().model_tables() {
            let fits = model.architecture.kind().check_shape(data.samples.shape());
            fits.map_err(|fault| recipe.recipe().located(fault.within(&table)))?;
            check_levels(recipe, &table, model, data)?;
        }
        if recipe.recipe().training.linear && (data.samples.shape().len() != 1 || data.text.is_some()) {
            let found = format!("samples of the shape {:?}", data.samples.shape());
            let error = RecipeError::value("training.linear", "the columns of a table", found);
            return Err(recipe.recipe().locate(error).into());
        }
        recipe.recipe().network(&sizes_of(data)).summary()?;
        if let Some(loss) = recipe.recipe().loss.classes() {
            let classes = data.class_count();
            if let Some(k) = recipe.recipe().training.top_k.filter(|k| *k > classes) {
                let expected = format!("at most {classes}, the number of classes");
                return Err(recipe.recipe().locate(RecipeError::value("training.top_k", expected, k)).into());
            }
            check_decision(recipe, data)?;
            Criterion::new(loss, &vec![1; classes]).map_err(|error| recipe.recipe().locate(error))?;
        }
        Ok(())
    }

    /// Data that were read before, under any split of their rows: checked for leaks, the scaler fitted on the
    /// training split. Of `files`, only the vectors of words are read, where they come from a file.
    ///
    /// # Errors
    /// [`TrainError::Recipe`](crate::TrainError::Recipe) where the schedule or the batch size does not fit the training split, [`TrainError::Data`](crate::TrainError::Data) where the
    /// scaling does not fit the data.
    pub fn from_split(
        recipe: &CheckedRecipe,
        data: Arc<Labelled>,
        split: Split,
        files: &Files,
    ) -> Result<Self> {
        check_training(recipe, &data, split.train.len())?;
        let leaks = check_leaks(&data, &split);
        let learnt = learnt_rows(recipe, &split);
        let scaler = Scaler::fit(recipe.data().scaling(), &data, &learnt)?;
        let target_scale = TargetScale::fit(&data.targets, &learnt);
        let (scaler, vectors) = (Arc::new(scaler), WordVectors::new(files));
        let weights_sum = weights_sum(recipe, files)?;
        Ok(Self { data, split, leaks, scaler, target_scale, vectors, weights_sum })
    }

    /// The rows that the scales are fitted on: those of the training split, of a bag those of the validation split as well.
    pub fn learnt_rows(&self, recipe: &CheckedRecipe) -> Vec<usize> {
        learnt_rows(recipe, &self.split)
    }

    /// The same data and scales, with other rows to train on and to choose by.
    pub(crate) fn with_split(&self, train: Vec<usize>, valid: Vec<usize>) -> Self {
        Self { split: Split { train, valid, test: Vec::new() }, leaks: LeakReport::default(), ..self.clone() }
    }

    /// The same rows as other samples, which are taken as they are.
    pub(crate) fn over(&self, data: Arc<Labelled>) -> Self {
        Self { data, scaler: Arc::new(Scaler::Identity), ..self.clone() }
    }

    /// Data for a trained model to be scored on, scaled as that model takes and answers them: whether a network could be
    /// trained on them is not asked. Of `files`, only the vectors of words are read, where they come from a file.
    pub fn for_scoring(
        data: Arc<Labelled>,
        split: Split,
        scaler: Scaler,
        target_scale: TargetScale,
        files: &Files,
    ) -> Self {
        let leaks = check_leaks(&data, &split);
        let (scaler, vectors) = (Arc::new(scaler), WordVectors::new(files));
        Self { data, split, leaks, scaler, target_scale, vectors, weights_sum: None }
    }

    /// The recipe's network for these data.
    pub fn network(&self, recipe: &CheckedRecipe) -> NetworkConfig {
        recipe.recipe().network(&sizes_of(&self.data))
    }

    /// The network with its initial weights on `device`, the vectors of words being those of `[embedding]`.
    ///
    /// # Errors
    /// [`TrainError::Model`](crate::TrainError::Model) for a configuration that cannot be, else as [`embedding`](Self::embedding).
    pub fn init(&self, recipe: &CheckedRecipe, device: &Device) -> Result<Network> {
        let config = self.network(recipe);
        let network = self.drawn(recipe, &config, device)?;
        load_pretrained(network, &config, recipe, self.vectors.files())
    }

    /// As it is drawn and fitted, before any weights are read.
    fn drawn(&self, recipe: &CheckedRecipe, config: &NetworkConfig, device: &Device) -> Result<Network> {
        let seed = recipe.recipe().training.seed;
        let mut network = config.init(seed, device)?;
        if config.initial_rows() > 0 {
            let _kernels = kernels_of(recipe);
            if let Some(rows) = self.some_training_rows(config.initial_rows(), device)? {
                network = config.fit_initial(network, &rows, &self.target_range(), seed)?;
            }
        }
        let (Network::Text(text), Some(facts)) = (&network, &self.data.text) else { return Ok(network) };
        if let Some(EmbeddingRecipe::Random(random)) = &recipe.recipe().embedding {
            return Ok(Network::Text(text.clone().with_deviation(random.deviation)));
        }
        let Some(embedding) = self.embedding(recipe)? else { return Ok(network) };
        let misfit = || {
            let expected = format!("vectors of {} numbers", embedding.dims());
            recipe.recipe().locate(RecipeError::value("embedding.dims", expected, "others"))
        };
        let text = text.clone().with_embedding(embedding.table(&facts.vocabulary)).ok_or_else(misfit)?;
        Ok(Network::Text(text))
    }

    /// At most so many training rows, evenly spread over all, scaled, on `device` without autodiff; none where there are none.
    fn some_training_rows(&self, most: usize, device: &Device) -> Result<Option<Input>> {
        let step = self.split.train.len().div_ceil(most.max(1)).max(1);
        let rows: Vec<usize> = self.split.train.iter().copied().step_by(step).collect();
        let config = LoaderConfig { batch_size: rows.len().max(1), ..LoaderConfig::default() };
        let batch = self.loader(rows, config)?.epoch(0).next();
        let device = if device.is_autodiff() { device.clone().inner() } else { device.clone() };
        Ok(batch.map(|mut batch| input(&mut batch, self.data.samples.shape(), &device)))
    }

    /// The least and the greatest of each number to predict over the training rows, scaled.
    fn target_range(&self) -> Vec<[f32; 2]> {
        let Some(numbers) = self.data.numbers() else { return Vec::new() };
        let mut range = vec![[f32::MAX, f32::MIN]; numbers.names.len()];
        for &row in &self.split.train {
            for ([least, greatest], value) in range.iter_mut().zip(self.target_scale.scale(numbers.row(row)))
            {
                (*least, *greatest) = (least.min(value), greatest.max(value));
            }
        }
        range
    }

    /// The vectors of words that `[embedding]` describes, `None` where they are drawn at random or there are none.
    /// FastText is trained on the titles of the training split alone, once for all trainings on this split.
    ///
    /// # Errors
    /// [`TrainError::Embed`](crate::TrainError::Embed) where training or reading fails, [`TrainError::Recipe`](crate::TrainError::Recipe) where a file's vectors are of
    /// another length.
    pub fn embedding(&self, recipe: &CheckedRecipe) -> Result<Option<Arc<Embedding>>> {
        self.vectors.get(recipe.recipe(), &self.data, &self.split.train)
    }

    /// How the test split stands to the groups of the training split; `None` without groups or a test split.
    pub fn group_overlap(&self) -> Option<GroupOverlap> {
        let groups = self.data.groups.as_ref()?;
        let of = |rows: &[usize]| rows.iter().filter_map(|&row| groups.get(row)).collect::<BTreeSet<_>>();
        let (train, test) = (of(&self.split.train), of(&self.split.test));
        let known = |row: &&usize| groups.get(**row).is_some_and(|group| train.contains(group));
        (!test.is_empty()).then(|| GroupOverlap {
            rows: self.split.test.len(),
            known_rows: self.split.test.iter().filter(known).count(),
            groups: test.len(),
            known_groups: test.intersection(&train).count(),
        })
    }

    /// Classes that a split has no rows of, in sentences: those without training rows first, which cannot be learnt.
    pub fn absent_classes(&self) -> Vec<String> {
        absent_classes(&self.data, &self.split).iter().map(ToString::to_string).collect()
    }

    /// Batches of the training split, in a new order each epoch unless `training.shuffle` is off, its samples changed as
    /// `[augment]` says.
    ///
    /// # Errors
    /// [`TrainError::Data`](crate::TrainError::Data) for a batch size that cannot be.
    pub fn train_loader(&self, recipe: &CheckedRecipe) -> Result<Loader> {
        let training = &recipe.recipe().training;
        let batch_size = recipe.batch_size(self.split.train.len());
        let config = LoaderConfig {
            batch_size,
            workers: training.workers,
            shuffle: training.shuffle.then_some(training.seed),
            sampling: training.sampling,
        };
        let loader = self.loader(self.split.train.clone(), config)?;
        let augment = &recipe.recipe().augment;
        if augment.steps.is_empty() {
            return Ok(loader);
        }
        let augment = Arc::new(augment.check(self.data.samples.shape())?);
        Ok(loader.with_augment(augment, training.seed)?)
    }

    /// Batches of `indices` in their order, sized for inference.
    ///
    /// # Errors
    /// As [`train_loader`](Self::train_loader).
    pub fn eval_loader(&self, indices: &[usize], workers: usize) -> Result<Loader> {
        let config = LoaderConfig { batch_size: EVAL_BATCH, workers, ..LoaderConfig::default() };
        self.loader(indices.to_vec(), config)
    }

    fn loader(&self, indices: Vec<usize>, config: LoaderConfig) -> Result<Loader> {
        Ok(Loader::new(self.data.clone(), self.scaler.clone(), indices, config)?)
    }
}

/// Whether there are two classes to decide between, and the positive one is among them.
fn check_decision(recipe: &CheckedRecipe, data: &Labelled) -> Result<()> {
    let Some(decision) = &recipe.recipe().decision else { return Ok(()) };
    let names = data.class_names();
    let error = match (names.len(), names.contains(&decision.positive) || decision.positive.is_empty()) {
        (2, true) => return Ok(()),
        (2, false) => {
            let expected = format!("one of the classes, {}", name_list(names));
            RecipeError::value("decision.positive", expected, format!("`{}`", decision.positive))
        }
        (classes, _) => RecipeError::value("decision", "data of two classes", format!("{classes} classes")),
    };
    Err(recipe.recipe().locate(error).into())
}

/// Whether the network tells levels of categories from numbers, where there are some.
fn check_levels(recipe: &CheckedRecipe, table: &str, model: &ModelRecipe, data: &Labelled) -> Result<()> {
    let architecture = &model.architecture;
    let has_levels = data.levels.iter().zip(&data.feature_names).find(|(levels, _)| !levels.is_empty());
    match has_levels.filter(|_| !architecture.kind().takes_levels()) {
        Some((_, name)) => {
            let expected = format!(
                "\"real-mlp\", \"tabm\" or \"boosted-trees\", which take columns of categories such as `{name}`"
            );
            let error = RecipeError::value(
                &format!("{table}.kind"),
                expected,
                format!("\"{}\"", architecture.name()),
            );
            Err(recipe.recipe().locate(error).into())
        }
        None => Ok(()),
    }
}

fn learnt_rows(recipe: &CheckedRecipe, split: &Split) -> Vec<usize> {
    match recipe.recipe().training.bag {
        1 => split.train.clone(),
        // Every one of them is trained on by most networks of a bag.
        _ => seen(split),
    }
}

/// The rows of the training and the validation split, ascending.
pub(crate) fn seen(split: &Split) -> Vec<usize> {
    let mut rows = [split.train.as_slice(), &split.valid].concat();
    rows.sort_unstable();
    rows
}

/// Whether the schedule and the batches fit so many training rows.
pub(crate) fn check_training(recipe: &CheckedRecipe, data: &Labelled, rows: usize) -> Result<()> {
    recipe.scheduler(recipe.steps(rows))?;
    check_batches(recipe, data, rows)
}

/// Refuses batches that the network cannot be trained on: a batch norm over one row.
fn check_batches(recipe: &CheckedRecipe, data: &Labelled, rows: usize) -> Result<()> {
    let size = recipe.batch_size(rows).min(rows);
    let smallest = match rows.checked_rem(size) {
        Some(0) | None => size,
        Some(rest) => rest,
    };
    if rows == 0 || smallest >= recipe.recipe().network(&sizes_of(data)).min_batch()? {
        return Ok(());
    }
    let expected = format!(
        "a size that leaves no batch of one row, since batch norm needs two rows to train on; \
         {rows} training rows in batches of {size} make one of {smallest}",
    );
    Err(recipe.recipe().locate(RecipeError::value("training.batch_size", expected, size)).into())
}

/// Samples per step of inference: large enough to fill the processor, small enough for its caches.
pub(crate) const EVAL_BATCH: usize = 512;
