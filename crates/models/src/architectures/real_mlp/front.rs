//! From the columns of a table to the numbers of a network.

use brasa_kernels::{PeriodicWeights, embedding, periodic};
use burn::module::{Module, Param, RunningState};
use burn::tensor::{Int, Tensor, TensorData};

use super::RealMlpConfig;
use crate::init::{Initializer, Spread};
use crate::summary::LayerSummary;

/// Which column becomes what. A column's levels are numbered from 1; 0 is one that training has not seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Layout {
    /// Columns of numbers.
    pub(in super::super) numbers: Vec<usize>,
    /// Columns of two levels, a number each.
    pub(in super::super) pairs: Vec<usize>,
    /// Columns of few levels, a number for each level.
    pub(in super::super) few: Vec<(usize, usize)>,
    /// Columns of many levels, a vector each.
    pub(in super::super) many: Vec<(usize, usize)>,
}

impl Layout {
    pub(in super::super) fn of(config: &RealMlpConfig) -> Self {
        let mut layout = Self::default();
        for (column, &levels) in config.columns.iter().enumerate() {
            match levels {
                0 => layout.numbers.push(column),
                // A column of one level still tells it from what is unseen.
                1 | 2 => layout.pairs.push(column),
                levels if levels <= config.one_hot => layout.few.push((column, levels)),
                levels => layout.many.push((column, levels)),
            }
        }
        layout
    }

    /// Numbers that stand for levels of columns with few.
    pub(in super::super) fn indicators(&self) -> usize {
        self.pairs.len() + self.few.iter().map(|(_, levels)| levels).sum::<usize>()
    }

    /// Vectors of levels of columns with many, unseen ones included.
    pub(in super::super) fn vectors(&self) -> usize {
        self.many.iter().map(|(_, levels)| levels + 1).sum()
    }

    /// What the columns of categories become, as rows of a summary; vectors have `embedding` numbers.
    pub(in super::super) fn summary(&self, embedding: usize) -> Vec<LayerSummary> {
        let indicators = self.indicators();
        let indicators = (indicators > 0)
            .then(|| LayerSummary::new("front.indicators", vec![indicators], 0, 6 * indicators));
        let vectors = (!self.many.is_empty()).then(|| {
            let width = self.many.len() * embedding;
            LayerSummary::new("front.vectors", vec![width], self.vectors() * embedding, 0)
        });
        indicators.into_iter().chain(vectors).collect()
    }

    /// Numbers that a row becomes.
    pub(in super::super) fn width(&self, config: &RealMlpConfig) -> usize {
        let of_number = if config.waves == 0 { 1 } else { config.wave_dims };
        self.numbers.len() * of_number + self.indicators() + self.many.len() * config.embedding
    }
}

/// Numbers as waves, few levels as indicators, many as vectors.
#[derive(Module, Debug)]
pub(in super::super) struct Front {
    pub(super) periodic: Option<Periodic>,
    pub(super) vectors: Option<Param<Tensor<2>>>,
    /// What is taken from each indicator, and what it is multiplied with then.
    pub(super) centre: RunningState<Tensor<1>>,
    pub(super) factor: RunningState<Tensor<1>>,
    #[module(skip)]
    pub(super) layout: Layout,
    #[module(skip)]
    embedding: usize,
}

#[derive(Module, Debug)]
pub(super) struct Periodic {
    pub(super) frequency: Param<Tensor<2>>,
    pub(super) phase: Param<Tensor<2>>,
    pub(super) weight: Param<Tensor<3>>,
    pub(super) bias: Param<Tensor<2>>,
}

impl Front {
    pub(in super::super) fn init(config: &RealMlpConfig, initializer: &mut Initializer<'_>) -> Self {
        let layout = Layout::of(config);
        let device = initializer.device();
        let (features, waves) = (layout.numbers.len(), config.waves);
        let periodic = (features > 0 && waves > 0).then(|| {
            let dims = config.wave_dims - 1;
            let uniform = Spread::Uniform(1.0 / (waves as f64).sqrt());
            let mut draw = |spread, count| initializer.draw(spread, count);
            let frequency = draw(Spread::Normal(config.sigma), features * waves);
            let phase = draw(Spread::Uniform(std::f64::consts::PI), features * waves);
            let (weight, bias) = (draw(uniform, features * dims * waves), draw(uniform, features * dims));
            Periodic {
                frequency: initializer.param(frequency, [features, waves]),
                phase: initializer.param(phase, [features, waves]),
                weight: initializer.param(weight, [features, dims, waves]),
                bias: initializer.param(bias, [features, dims]),
            }
        });
        let count = layout.vectors();
        let vectors = (count > 0).then(|| {
            let vectors = initializer.draw(Spread::Normal(1.0), count * config.embedding);
            initializer.param(vectors, [count, config.embedding])
        });
        // A tensor holds at least one number.
        let indicators = layout.indicators().max(1);
        Self {
            periodic,
            vectors,
            centre: RunningState::new(Tensor::zeros([indicators], device)),
            factor: RunningState::new(Tensor::ones([indicators], device)),
            layout,
            embedding: config.embedding,
        }
    }

    /// # Shapes
    /// `[batch, columns]` to `[batch, width]`.
    pub(in super::super) fn forward(&self, columns: Tensor<2>) -> Tensor<2> {
        let mut parts = Vec::new();
        if !self.layout.numbers.is_empty() {
            let numbers = chosen(&columns, &self.layout.numbers);
            if let Some(Periodic { frequency, phase, weight, bias }) = &self.periodic {
                let (frequency, phase) = (frequency.val(), phase.val());
                let weights = PeriodicWeights { frequency, phase, weight: weight.val(), bias: bias.val() };
                parts.push(periodic(numbers.clone(), weights));
            }
            parts.push(numbers);
        }
        if let Some(indicators) = self.indicators(&columns) {
            let scaled =
                (indicators - self.centre.value().unsqueeze::<2>()) * self.factor.value().unsqueeze::<2>();
            parts.push(clipped(scaled));
        }
        if let Some(vectors) = &self.vectors {
            let (places, levels): (Vec<_>, Vec<_>) = self.layout.many.iter().copied().unzip();
            let starts = levels.iter().scan(0, |start, levels| {
                *start += levels + 1;
                Some((*start - levels - 1) as i32)
            });
            let starts = TensorData::new(starts.collect::<Vec<_>>(), [1, levels.len()]);
            let starts = Tensor::<2, Int>::from_data(starts, &columns.device());
            let ids = chosen(&columns, &places).int() + starts;
            let [batch, count] = ids.dims();
            let vectors = embedding(vectors.val(), ids, None);
            parts.push(vectors.reshape([batch, count * self.embedding]));
        }
        match parts.len() {
            1 => parts.swap_remove(0),
            _ => Tensor::cat(parts, 1),
        }
    }

    /// Numbers that the columns of categories become.
    pub(in super::super) fn others(&self) -> usize {
        self.layout.indicators() + self.layout.many.len() * self.embedding
    }

    /// A number for each level of the columns with few, unscaled: 1 where a row has the level, else 0; for two levels one number,
    /// 1 or -1. A level that training has not seen is 0 everywhere.
    pub(super) fn indicators(&self, columns: &Tensor<2>) -> Option<Tensor<2>> {
        let Layout { pairs, few, .. } = &self.layout;
        let mut parts = Vec::new();
        if !pairs.is_empty() {
            // Of 0, 1, 2 it makes 0, 1, -1.
            let codes = chosen(columns, pairs);
            parts.push(codes.clone() * (codes.mul_scalar(-1.5).add_scalar(2.5)));
        }
        if !few.is_empty() {
            let places = few.iter().flat_map(|&(column, levels)| std::iter::repeat_n(column, levels));
            let codes = few.iter().flat_map(|&(_, levels)| (1..=levels).map(|level| level as f32));
            let codes: Vec<f32> = codes.collect();
            let width = codes.len();
            let codes = Tensor::<2>::from_data(TensorData::new(codes, [1, width]), &columns.device());
            let chosen = chosen(columns, &places.collect::<Vec<_>>());
            let codes = codes.expand(chosen.dims());
            parts.push(chosen.equal(codes).float());
        }
        match parts.len() {
            0 => None,
            _ => Some(Tensor::cat(parts, 1)),
        }
    }
}

/// Columns by their places.
fn chosen(columns: &Tensor<2>, places: &[usize]) -> Tensor<2> {
    let all = places.len() == columns.dims()[1]
        && places.iter().enumerate().all(|(place, column)| place == *column);
    if all {
        return columns.clone();
    }
    let places: Vec<i32> = places.iter().map(|&place| place as i32).collect();
    let count = places.len();
    let places = Tensor::<1, Int>::from_data(TensorData::new(places, [count]), &columns.device());
    columns.clone().select(1, places)
}

/// `x / sqrt(1 + (x / 3)^2)`: about `x` near 0, within 3 everywhere.
fn clipped(x: Tensor<2>) -> Tensor<2> {
    let root = (x.clone() * x.clone()).mul_scalar(1.0 / 9.0).add_scalar(1.0).sqrt();
    x / root
}
