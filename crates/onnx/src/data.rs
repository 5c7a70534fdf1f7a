//! The elements of a tensor, in memory and as the format's bytes.

use half::{bf16, f16};

use crate::Element;

macro_rules! data {
    ($($kind:ident($type:ty);)*) => {
        /// The elements of a tensor, the last dimension running fastest. Lists and slices of each type become one by
        /// `into()`.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "the names say it")]
        pub enum Data {
            $($kind(Vec<$type>),)*
            Bool(Vec<bool>),
            String(Vec<String>),
        }

        impl Data {
            /// The type of the elements.
            pub fn element(&self) -> Element {
                match self {
                    $(Self::$kind(_) => Element::$kind,)*
                    Self::Bool(_) => Element::Bool,
                    Self::String(_) => Element::String,
                }
            }

            /// How many elements there are.
            pub fn len(&self) -> usize {
                match self {
                    $(Self::$kind(values) => values.len(),)*
                    Self::Bool(values) => values.len(),
                    Self::String(values) => values.len(),
                }
            }

            /// The elements in little-endian order, as `raw_data` has them; strings have no such bytes.
            pub(crate) fn to_raw(&self) -> Option<Vec<u8>> {
                match self {
                    $(Self::$kind(values) => Some(values.iter().flat_map(|value| value.to_le_bytes()).collect()),)*
                    Self::Bool(values) => Some(values.iter().map(|value| u8::from(*value)).collect()),
                    Self::String(_) => None,
                }
            }

            /// The elements out of `raw_data`. Bytes beyond the last whole element are left out.
            pub(crate) fn from_raw(element: Element, raw: &[u8]) -> Option<Self> {
                match element {
                    $(Element::$kind => {
                        let values = raw.as_chunks().0.iter().map(|bytes| <$type>::from_le_bytes(*bytes));
                        Some(Self::$kind(values.collect()))
                    })*
                    Element::Bool => Some(Self::Bool(raw.iter().map(|byte| *byte != 0).collect())),
                    Element::String => None,
                }
            }
        }

        $(impl From<Vec<$type>> for Data {
            fn from(values: Vec<$type>) -> Self {
                Self::$kind(values)
            }
        }

        impl From<&[$type]> for Data {
            fn from(values: &[$type]) -> Self {
                Self::$kind(values.to_vec())
            }
        })*
    };
}

data! {
    F32(f32);
    F64(f64);
    F16(f16);
    BF16(bf16);
    I8(i8);
    I16(i16);
    I32(i32);
    I64(i64);
    U8(u8);
    U16(u16);
    U32(u32);
    U64(u64);
}

impl Data {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of any float type as `f32`, those of `f64` rounded; `None` for other types.
    ///
    /// ```
    /// use brasa_onnx::Data;
    /// assert_eq!(Data::from(vec![0.5_f64]).to_f32(), Some(vec![0.5]));
    /// assert_eq!(Data::from(vec![1_i64]).to_f32(), None);
    /// ```
    pub fn to_f32(&self) -> Option<Vec<f32>> {
        match self {
            Self::F32(values) => Some(values.clone()),
            Self::F64(values) => Some(values.iter().map(|value| *value as f32).collect()),
            Self::F16(values) => Some(values.iter().map(|value| value.to_f32()).collect()),
            Self::BF16(values) => Some(values.iter().map(|value| value.to_f32()).collect()),
            _ => None,
        }
    }
}

impl From<Vec<bool>> for Data {
    fn from(values: Vec<bool>) -> Self {
        Self::Bool(values)
    }
}

impl From<&[bool]> for Data {
    fn from(values: &[bool]) -> Self {
        Self::Bool(values.to_vec())
    }
}

impl From<Vec<String>> for Data {
    fn from(values: Vec<String>) -> Self {
        Self::String(values)
    }
}

impl From<&[String]> for Data {
    fn from(values: &[String]) -> Self {
        Self::String(values.to_vec())
    }
}

impl From<&[&str]> for Data {
    fn from(values: &[&str]) -> Self {
        Self::String(values.iter().map(|value| (*value).to_owned()).collect())
    }
}
