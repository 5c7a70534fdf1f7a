use std::fmt;

use brasa_data::keys::{Bounds, Entries, Fault, Table};
use serde::de::Error;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Per, Shape};

brasa_data::table! {
    /// Keys that every kind of schedule has.
    pub struct Shared = "schedule" {
        /// The unit of all lengths, "epoch" or "step". Where it is left out, "step" for one-cycle, "epoch" for all others.
        /// Kinds constant and plateau use it for their warm-up only.
        per: Option<Per> = None;
        /// Units of linear warm-up before the schedule proper starts.
        warmup: Option<usize> = None;
        /// The first learning rate of the warm-up as a share of the one that the schedule proper starts with; 1/3 where it
        /// is left out.
        warmup_start_factor: Option<f64> = None, Bounds::up_to(0.0, 1.0);
    }
}

impl fmt::Display for Per {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Epoch => "epoch",
            Self::Step => "step",
        })
    }
}

/// How a run starts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Warmup {
    /// With the schedule proper.
    #[default]
    None,
    /// With a straight line up to what the schedule proper starts with, as `torch.optim.lr_scheduler.LinearLR` joined to it
    /// by `SequentialLR`. Keys `warmup` and `warmup_start_factor`.
    Linear {
        /// Its length, at least 1; in a recipe, 0 is none.
        units: usize,
        /// The first learning rate as a share of the last, in (0, 1]; 1/3 where it is left out.
        start_factor: f64,
    },
}

/// The `[schedule]` table of an experiment. The default is a constant learning rate.
///
/// A key that the kind does not have is an error of reading, a value that cannot be one of [`check`](Self::check).
///
/// ```
/// use brasa_train::schedule::{Cosine, ScheduleConfig};
///
/// let config: ScheduleConfig = toml::from_str(
///     r#"
///     kind = "step"
///     step_size = 30
///     gamma = 0.1
///     warmup = 5
///     "#,
/// )?;
/// let schedule = config.check(0.1, 391, 90)?;
/// assert!((schedule.lr(40, 40 * 391) - 0.01).abs() < 1e-12);
///
/// let in_code = ScheduleConfig::from(Cosine { eta_min: 1e-3, ..Cosine::default() });
/// assert_eq!(in_code, toml::from_str("kind = 'cosine'\neta_min = 1e-3")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScheduleConfig {
    /// The kind with its keys.
    pub shape: Shape,
    /// The unit of all lengths. Left out of a recipe, "step" for one-cycle, "epoch" for all others.
    pub per: Per,
    /// How the run starts.
    pub warmup: Warmup,
}

impl<T: Into<Shape>> From<T> for ScheduleConfig {
    fn from(shape: T) -> Self {
        let shape = shape.into();
        Self { per: shape.kind().per(), shape, warmup: Warmup::None }
    }
}

impl ScheduleConfig {
    /// Reads the table.
    ///
    /// # Errors
    /// A kind or a key that does not exist, a key that is missing or would be without effect, or a value of the wrong
    /// type.
    pub(crate) fn read(table: toml::Table) -> Result<Self, Fault> {
        let mut entries = Entries::new(table);
        let Shared { per, warmup: units, warmup_start_factor } = Shared::take(&mut entries)?;
        let shape =
            Shape::take(&mut entries, &Shared::keys().iter().map(|key| key.name).collect::<Vec<_>>())?;
        let without = |key: &str| {
            let words = format!(
                "it describes the warm-up of kind \"{}\", so it needs `warmup` as well",
                shape.name()
            );
            Err(Fault::refused(key, words))
        };
        let warmup = match (units, warmup_start_factor) {
            (None, Some(_)) => return without("warmup_start_factor"),
            (None | Some(0), _) => Warmup::None,
            (Some(units), factor) => Warmup::Linear { units, start_factor: factor.unwrap_or(1.0 / 3.0) },
        };
        if per.is_some() && units.is_none() && !shape.kind().counts() {
            return without("per");
        }
        Ok(Self { per: per.unwrap_or(shape.kind().per()), shape, warmup })
    }
}

impl Serialize for ScheduleConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.shape.write(&mut map)?;
        if self.shape.kind().counts() || self.warmup != Warmup::None {
            map.serialize_entry("per", &self.per)?;
        }
        if let Warmup::Linear { units, start_factor } = self.warmup {
            map.serialize_entry("warmup", &units)?;
            map.serialize_entry("warmup_start_factor", &start_factor)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ScheduleConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(toml::Table::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
