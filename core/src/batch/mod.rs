//! Records in Arrow: deciding types, casting text, writing cells as text.

use arrow::datatypes::DataType;

/// The type as a person would write it in `run.schema`: `integer`, `decimal(18,2)`, `timestamptz`.
pub(crate) fn type_name(data_type: &DataType) -> String {
    let _ = data_type;
    todo!()
}
