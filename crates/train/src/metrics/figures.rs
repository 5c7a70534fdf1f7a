use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Figures by name, in the order in which they are read: the values of [`Metric`](super::Metric)s over one split.
///
/// In JSON an object; a figure that is NaN or infinite is written as `null`, which is read back as NaN.
///
/// ```
/// use brasa_train::metrics::Figures;
///
/// let figures: Figures = [("loss", 0.5), ("accuracy", 0.75)].into_iter().collect();
/// assert_eq!(figures.get("accuracy"), Some(0.75));
/// assert_eq!(figures.get("r2"), None);
/// assert_eq!(serde_json::to_string(&figures)?, r#"{"loss":0.5,"accuracy":0.75}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures(Vec<(String, f64)>);

impl Figures {
    /// The figure of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| *value)
    }

    /// The figure of this name, NaN where there is none.
    pub fn value(&self, name: &str) -> f64 {
        self.get(name).unwrap_or(f64::NAN)
    }

    /// The loss, which every task has.
    pub fn loss(&self) -> f64 {
        self.value(super::LOSS)
    }

    /// Puts a figure in the place of one of the same name, or behind all others.
    pub fn set(&mut self, name: impl Into<String>, value: f64) {
        let name = name.into();
        match self.0.iter_mut().find(|(own, _)| *own == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Names and figures, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Number of figures.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no figures.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>> FromIterator<(N, f64)> for Figures {
    fn from_iter<I: IntoIterator<Item = (N, f64)>>(figures: I) -> Self {
        let mut all = Self::default();
        figures.into_iter().for_each(|(name, value)| all.set(name, value));
        all
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, &value.is_finite().then_some(value))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Figures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Figures;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("figures by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Figures, A::Error> {
                let mut figures = Figures::default();
                while let Some((name, value)) = map.next_entry::<String, Option<f64>>()? {
                    figures.set(name, value.unwrap_or(f64::NAN));
                }
                Ok(figures)
            }
        }

        deserializer.deserialize_map(Read)
    }
}
