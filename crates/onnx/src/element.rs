//! The types that the elements of a tensor can have.

use std::fmt;

/// The type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum Element {
    F32,
    F64,
    F16,
    BF16,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Bool,
    String,
}

/// Each with its number in `TensorProto.DataType`, the bytes of an element in `raw_data`, and its name there in lower case.
const ELEMENTS: [(Element, i32, usize, &str); 14] = [
    (Element::F32, 1, 4, "float32"),
    (Element::F64, 11, 8, "float64"),
    (Element::F16, 10, 2, "float16"),
    (Element::BF16, 16, 2, "bfloat16"),
    (Element::I8, 3, 1, "int8"),
    (Element::I16, 5, 2, "int16"),
    (Element::I32, 6, 4, "int32"),
    (Element::I64, 7, 8, "int64"),
    (Element::U8, 2, 1, "uint8"),
    (Element::U16, 4, 2, "uint16"),
    (Element::U32, 12, 4, "uint32"),
    (Element::U64, 13, 8, "uint64"),
    (Element::Bool, 9, 1, "bool"),
    (Element::String, 8, 0, "string"),
];

impl Element {
    /// The number that the format has for it.
    pub(crate) fn code(self) -> i32 {
        ELEMENTS.iter().find(|(element, ..)| *element == self).map_or(0, |(_, code, ..)| *code)
    }

    /// The bytes of an element in `raw_data`, where strings may not be.
    pub(crate) fn width(self) -> usize {
        ELEMENTS.iter().find(|(element, ..)| *element == self).map_or(0, |(_, _, width, _)| *width)
    }

    /// What the number stands for, or `None` for types that this crate does not know.
    pub(crate) fn from_code(code: i32) -> Option<Self> {
        ELEMENTS.iter().find(|(_, known, ..)| *known == code).map(|(element, ..)| *element)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ELEMENTS.iter().find(|(element, ..)| element == self).map_or("", |(.., name)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_each_once() {
        for (element, code, width, name) in ELEMENTS {
            assert_eq!(element.width(), width);
            assert_eq!((element.code(), Element::from_code(code)), (code, Some(element)));
            assert_eq!(element.to_string(), name);
        }
        assert_eq!(Element::from_code(0), None);
        assert_eq!(Element::from_code(22), None);
    }
}
