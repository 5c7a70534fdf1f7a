//! How many combinations a space has, and the one of a number.

use super::{Dimension, Space};
use crate::{SettingError, Values};

impl Space {
    /// How many combinations of values there are, keys without a value considered; none where a range is continuous.
    /// The greatest number stands for more than that.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        let discrete = self.dimensions.iter().all(|dimension| dimension.domain.count().is_some());
        discrete.then(|| self.completions(&self.dimensions, &mut Values::new()))
    }

    /// The combination of a number below [`size`](Self::size): the last key changes fastest.
    pub(crate) fn combination(&self, mut number: u64) -> Values {
        let mut values = Values::new();
        let mut rest = self.dimensions.as_slice();
        while let Some((dimension, behind)) = rest.split_first() {
            rest = behind;
            if !dimension.is_active(&values) {
                continue;
            }
            for index in 0..dimension.domain.count().unwrap_or(0) {
                values.insert(dimension.key.clone(), dimension.domain.nth(index));
                let below = self.completions(rest, &mut values);
                if number < below {
                    break;
                }
                number -= below;
            }
        }
        values
    }

    /// The key of a continuous range, which no grid can try.
    pub(crate) fn continuous(&self) -> Result<(), SettingError> {
        match self.dimensions.iter().find(|dimension| dimension.domain.count().is_none()) {
            None => Ok(()),
            Some(Dimension { key, domain, .. }) => Err(SettingError::new(
                key,
                format!(
                    "a grid over a continuous range ({} = {}) has no end; list its values with `grid`, or choose \
                     another sampler",
                    domain.word(),
                    domain.arguments()
                ),
            )),
        }
    }

    /// How many combinations the dimensions in `rest` have where those before have these values.
    ///
    /// Keys on which none depends only multiply; the others are tried value by value.
    fn completions(&self, rest: &[Dimension], values: &mut Values) -> u64 {
        let mut product = 1_u64;
        for (i, dimension) in rest.iter().enumerate() {
            if !dimension.is_active(values) {
                continue;
            }
            let count = dimension.domain.count().unwrap_or(0);
            let behind = rest.get(i + 1..).unwrap_or_default();
            if !behind.iter().any(|later| later.when.as_ref().is_some_and(|when| when.key == dimension.key)) {
                product = product.saturating_mul(count as u64);
                continue;
            }
            let mut sum = 0_u64;
            for index in 0..count {
                values.insert(dimension.key.clone(), dimension.domain.nth(index));
                sum = sum.saturating_add(self.completions(behind, values));
            }
            values.remove(&dimension.key);
            return product.saturating_mul(sum);
        }
        product
    }
}
