//! Records in Arrow: deciding types, casting text, writing cells as text.

pub(crate) mod cast;
pub(crate) mod cells;
pub(crate) mod column;
pub(crate) mod cursor;
pub(crate) mod infer;
#[cfg(test)]
mod laws;
pub(crate) mod parse;
pub(crate) mod render;
pub(crate) mod reread;
pub(crate) mod ruler;
pub(crate) mod scan;
pub(crate) mod size;
pub(crate) mod unify;
pub(crate) mod zone;

use arrow::datatypes::{DataType, Field, TimeUnit};

pub(crate) use column::declared_type;
pub(crate) use cursor::Cursor;

/// Field metadata: no value was seen when the type was decided, so that text is only a guess.
pub(crate) const NULLS_ONLY: &str = "medallion.nulls_only";

/// Whether the field is marked with [`NULLS_ONLY`].
pub(crate) fn is_nulls_only(field: &Field) -> bool {
    field.metadata().get(NULLS_ONLY).is_some_and(|value| value == "true")
}

/// Whether a CSV file of ours, or a partition value, reads back as exactly what was written.
pub(crate) fn reads_back(data_type: &DataType) -> bool {
    use DataType::{Boolean, Date32, Decimal128, Float64, LargeUtf8, Timestamp, Utf8};
    match data_type {
        Utf8 | LargeUtf8 | Boolean | Float64 | Date32 | Decimal128(..) => true,
        Timestamp(TimeUnit::Microsecond, zone) => zone.as_ref().is_none_or(|zone| zone.as_ref() == "UTC"),
        other => other.is_integer(),
    }
}

/// The type as a person would write it in `run.schema`: `integer`, `decimal(18,2)`, `timestamptz`.
/// Types that cannot be declared have the name Arrow gives them, in lower case.
pub(crate) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => "integer".to_owned(),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "float".to_owned(),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(unit, zone) => {
            let name = if zone.is_some() { "timestamptz" } else { "timestamp" };
            match unit {
                TimeUnit::Nanosecond => format!("{name} (nanoseconds)"),
                _ => name.to_owned(),
            }
        }
        DataType::Time32(_) | DataType::Time64(_) => "time".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "binary".to_owned()
        }
        DataType::Struct(_) => "struct".to_owned(),
        DataType::Map(_, _) => "map".to_owned(),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            format!("list of {}", type_name(item.data_type()))
        }
        DataType::Dictionary(_, values) => type_name(values),
        other => other.to_string().to_lowercase(),
    }
}
