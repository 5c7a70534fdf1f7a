//! Hydra and MultiRocket, scaled and side by side.

use crate::error::parts;
use crate::{
    Features, Hydra, HydraConfig, MultiRocket, MultiRocketConfig, Result, Series, SparseScaler,
    StandardScaler, side_by_side,
};

/// The features of [`Hydra`] and of [`MultiRocket`], each scaled in its way, side by side: the most accurate of the kin
/// over the UCR archive (Dempster et al. 2023; Middlehurst et al. 2024, arXiv:2304.13029).
#[derive(Debug, Clone, PartialEq)]
pub struct HydraMultiRocket {
    hydra: Hydra,
    hydra_scaler: SparseScaler,
    multi: MultiRocket,
    multi_scaler: StandardScaler,
}

impl HydraMultiRocket {
    /// Fits all four with the settings of the papers; also gives the scaled features of the training series, row-major
    /// `[series][features]`.
    ///
    /// # Errors
    /// [`NoSeries`](crate::RocketError::NoSeries), or [`Channels`](crate::RocketError::Channels) where the series have not the same
    /// channels.
    pub fn fit(series: &[Series<'_>], seed: u64) -> Result<(Self, Vec<f32>)> {
        let hydra = Hydra::fit(series, &HydraConfig::default(), seed)?;
        let multi = MultiRocket::fit(series, &MultiRocketConfig::default(), seed)?;
        let mut counts = hydra.transform(series)?;
        let hydra_scaler = SparseScaler::fit(&Features::new(&counts, hydra.features())?);
        let mut pooled = multi.transform(series)?;
        let multi_scaler = StandardScaler::fit(&Features::new(&pooled, multi.features())?);
        hydra_scaler.apply(&mut counts)?;
        multi_scaler.apply(&mut pooled)?;
        let features = side_by_side(&[
            Features::new(&counts, hydra.features())?,
            Features::new(&pooled, multi.features())?,
        ])?;
        Ok((Self { hydra, hydra_scaler, multi, multi_scaler }, features))
    }

    /// Both transforms, each with its scaler, fitted before.
    ///
    /// # Errors
    /// [`Parts`](crate::RocketError::Parts) where a scaler has not as many columns as its transform has features, or the
    /// transforms have not the same channels.
    pub fn from_parts(hydra: (Hydra, SparseScaler), multi: (MultiRocket, StandardScaler)) -> Result<Self> {
        let ((hydra, hydra_scaler), (multi, multi_scaler)) = (hydra, multi);
        for (what, found, expected) in [
            ("columns of Hydra's scaler", hydra_scaler.means().len(), hydra.features()),
            ("columns of MultiRocket's scaler", multi_scaler.means().len(), multi.features()),
            ("channels of MultiRocket", multi.channels(), hydra.channels()),
        ] {
            if found != expected {
                return parts(what, expected.to_string(), found);
            }
        }
        Ok(Self { hydra, hydra_scaler, multi, multi_scaler })
    }

    /// Hydra and the scaler of its counts.
    pub fn hydra(&self) -> (&Hydra, &SparseScaler) {
        (&self.hydra, &self.hydra_scaler)
    }

    /// MultiRocket and the scaler of its features.
    pub fn multi(&self) -> (&MultiRocket, &StandardScaler) {
        (&self.multi, &self.multi_scaler)
    }

    /// Features of a series.
    pub fn features(&self) -> usize {
        self.hydra.features() + self.multi.features()
    }

    /// The scaled features of each series, row-major `[series][features]`.
    ///
    /// # Errors
    /// [`Channels`](crate::RocketError::Channels) where a series has other channels than those that were learnt from.
    pub fn transform(&self, series: &[Series<'_>]) -> Result<Vec<f32>> {
        let mut counts = self.hydra.transform(series)?;
        let mut pooled = self.multi.transform(series)?;
        self.hydra_scaler.apply(&mut counts)?;
        self.multi_scaler.apply(&mut pooled)?;
        if series.is_empty() {
            return Ok(Vec::new());
        }
        side_by_side(&[
            Features::new(&counts, self.hydra.features())?,
            Features::new(&pooled, self.multi.features())?,
        ])
    }
}
