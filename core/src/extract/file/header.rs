//! The names of the columns of a table: those a header says, or those of a table without one.

use super::{Located, format_name};
use crate::extract::ExtractError;

/// Names for a table without a header whose first record has this many fields: those of the config, else of
/// the declared columns if they are as many, else numbers.
pub(super) fn given(located: &Located, declared: &[String], fields: usize) -> Vec<Option<String>> {
    let names = located.source.fieldnames.clone().unwrap_or_else(|| {
        if fields == 0 || fields == declared.len() {
            declared.to_vec()
        } else {
            (1..=fields).map(|number| format!("column_{number}")).collect()
        }
    });
    names.into_iter().map(Some).collect()
}

/// Names that are chosen must be there once; those that are not chosen do no harm.
pub(super) fn check(located: &Located, names: &[Option<String>], line: u64) -> Result<(), ExtractError> {
    let chosen = located.source.columns.as_ref();
    for (index, name) in names.iter().enumerate() {
        let Some(name) = name else {
            if chosen.is_none() {
                return Err(ExtractError::Malformed {
                    path: located.path.clone(),
                    format: format_name(located.format),
                    line: Some(line),
                    reason: format!("field {} of the header has no name", index + 1),
                });
            }
            continue;
        };
        if chosen.is_some_and(|chosen| !chosen.contains(name)) {
            continue;
        }
        if let Some(first) = names[..index].iter().position(|other| other.as_ref() == Some(name)) {
            return Err(ExtractError::DuplicateColumn {
                path: located.path.clone(),
                column: name.clone(),
                first: first + 1,
                second: index + 1,
            });
        }
    }
    Ok(())
}
