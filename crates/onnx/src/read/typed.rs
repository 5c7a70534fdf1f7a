//! Elements in the fields for their type, of which each takes several types.

use half::{bf16, f16};

use super::tensor::refused;
use super::wire::Tensor;
use crate::{Data, Element, Result};

pub(super) fn typed(name: &str, element: Element, tensor: Tensor) -> Result<Data> {
    let data = match element {
        Element::F32 => Some(tensor.float_data.into()),
        Element::F64 => Some(tensor.double_data.into()),
        Element::I64 => Some(tensor.int64_data.into()),
        Element::U64 => Some(tensor.uint64_data.into()),
        Element::U32 => narrow(tensor.uint64_data).map(Data::U32),
        Element::I32 => Some(tensor.int32_data.into()),
        Element::I16 => narrow(tensor.int32_data).map(Data::I16),
        Element::I8 => narrow(tensor.int32_data).map(Data::I8),
        Element::U16 => narrow(tensor.int32_data).map(Data::U16),
        Element::U8 => narrow(tensor.int32_data).map(Data::U8),
        Element::Bool => Some(Data::Bool(tensor.int32_data.iter().map(|value| *value != 0).collect())),
        // The bits of each, as a number.
        Element::F16 => narrow(tensor.int32_data)
            .map(|bits: Vec<u16>| Data::F16(bits.into_iter().map(f16::from_bits).collect())),
        Element::BF16 => narrow(tensor.int32_data)
            .map(|bits: Vec<u16>| Data::BF16(bits.into_iter().map(bf16::from_bits).collect())),
        Element::String => {
            let texts = tensor.string_data.into_iter().map(|bytes| String::from_utf8(bytes.into()).ok());
            texts.collect::<Option<_>>().map(Data::String)
        }
    };
    let (expected, found) = match element {
        Element::String => ("UTF-8 text", "other bytes"),
        _ => ("numbers that its type can hold", "others"),
    };
    data.ok_or_else(|| refused(name, expected, found))
}

fn narrow<Wide, Narrow: TryFrom<Wide>>(values: Vec<Wide>) -> Option<Vec<Narrow>> {
    values.into_iter().map(|value| Narrow::try_from(value).ok()).collect()
}
