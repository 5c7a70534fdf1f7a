//! What a node is told beside its inputs.

use crate::proto;

/// The value of an attribute of a node. Numbers, texts and lists of them become one by `into()`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Attribute {
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f32),
    /// A text.
    Text(String),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Numbers.
    Floats(Vec<f32>),
    /// Texts.
    Texts(Vec<String>),
}

impl Attribute {
    pub(crate) fn message(self, name: &str) -> proto::Attribute {
        let empty = proto::Attribute { name: Some(name.to_owned()), ..Default::default() };
        let bytes = |texts: Vec<String>| texts.into_iter().map(String::into_bytes).collect();
        match self {
            Self::Float(f) => proto::Attribute { kind: Some(1), f: Some(f), ..empty },
            Self::Int(i) => proto::Attribute { kind: Some(2), i: Some(i), ..empty },
            Self::Text(text) => proto::Attribute { kind: Some(3), s: Some(text.into_bytes()), ..empty },
            Self::Floats(floats) => proto::Attribute { kind: Some(6), floats, ..empty },
            Self::Ints(ints) => proto::Attribute { kind: Some(7), ints, ..empty },
            Self::Texts(texts) => proto::Attribute { kind: Some(8), strings: bytes(texts), ..empty },
        }
    }
}

macro_rules! from {
    ($($type:ty, $value:ident => $attribute:expr;)*) => {
        $(impl From<$type> for Attribute {
            fn from($value: $type) -> Self {
                $attribute
            }
        })*
    };
}

from! {
    i64, value => Self::Int(value);
    f32, value => Self::Float(value);
    &str, value => Self::Text(value.to_owned());
    String, value => Self::Text(value);
    Vec<i64>, value => Self::Ints(value);
    &[i64], value => Self::Ints(value.to_vec());
    Vec<f32>, value => Self::Floats(value);
    &[f32], value => Self::Floats(value.to_vec());
    Vec<String>, value => Self::Texts(value);
    &[&str], value => Self::Texts(value.iter().map(|text| (*text).to_owned()).collect());
}

impl<const N: usize> From<[i64; N]> for Attribute {
    fn from(value: [i64; N]) -> Self {
        Self::Ints(value.into())
    }
}

impl<const N: usize> From<[f32; N]> for Attribute {
    fn from(value: [f32; N]) -> Self {
        Self::Floats(value.into())
    }
}
