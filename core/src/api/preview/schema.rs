//! What came beside what the config declares, column by column.

use crate::api::wire::{ColumnDelta, ColumnVerdict};
use crate::batch;
use crate::config::settings::{Dataset, DeclaredType, Source};
use crate::extract::{self, ExtractRequest, Extractor, Sample};
use arrow::datatypes::{DataType, Schema};
use indexmap::{IndexMap, IndexSet};

/// The columns of a sample against `run.schema`. Sources that can be read a second time at no cost
/// (files, and the pages that came) are, to tell what would be inferred.
pub(super) fn deltas(
    dataset: &Dataset,
    sample: &Sample,
    extractor: &dyn Extractor,
    request: &ExtractRequest,
    limit: u64,
) -> Vec<ColumnDelta> {
    let declared = &dataset.bronze.schema;
    let again = !declared.is_empty() && !matches!(dataset.source, Source::Db(_));
    let undeclared = again.then(|| {
        let request = ExtractRequest { declared: IndexMap::new(), as_text: IndexSet::new(), ..request.clone() };
        extract::sample_as_far(extractor, &request, limit).ok()
    });
    let inferred = undeclared.flatten().map_or_else(|| sample.schema.clone(), |sample| sample.schema);
    let mut deltas: Vec<ColumnDelta> = inferred
        .fields()
        .iter()
        .map(|field| {
            let unknown = batch::is_nulls_only(field);
            let misfit = sample.as_text.contains(field.name());
            delta(field.name(), (!unknown).then(|| field.data_type()), declared.get(field.name()), misfit)
        })
        .collect();
    let known: Vec<&String> = inferred.fields().iter().map(|field| field.name()).collect();
    for (name, kind) in declared.iter().filter(|(name, _)| !known.contains(name)) {
        deltas.push(ColumnDelta { verdict: ColumnVerdict::Missing, ..delta(name, None, Some(kind), false) });
    }
    deltas
}

fn delta(name: &str, found: Option<&DataType>, declared: Option<&DeclaredType>, misfit: bool) -> ColumnDelta {
    let target = declared.map(batch::column::arrow_type);
    let verdict = match (found, &target) {
        (_, Some(_)) if misfit => ColumnVerdict::Misfit,
        (Some(found), Some(target)) if found != target => ColumnVerdict::Narrowed,
        (_, Some(_)) => ColumnVerdict::Fits,
        (Some(_), None) => ColumnVerdict::Inferred,
        (None, None) => ColumnVerdict::Unknown,
    };
    let written = |data_type: &DataType| {
        batch::column::declared_type(data_type).map(|kind| batch::type_name(&batch::column::arrow_type(&kind)))
    };
    ColumnDelta {
        name: name.to_owned(),
        found: found.map(batch::type_name),
        declared: target.as_ref().map(batch::type_name),
        verdict,
        accept: found.and_then(written),
    }
}

/// Whether a source has a column of this name.
pub(super) fn has(schema: &Schema, name: &str) -> bool {
    schema.fields().iter().any(|field| field.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_held_against_what_is_declared() {
        let verdict = |found: Option<&DataType>, declared: Option<DeclaredType>, misfit| {
            let delta = delta("a", found, declared.as_ref(), misfit);
            (delta.verdict, delta.accept)
        };
        let integer = Some(&DataType::Int64);
        assert_eq!(verdict(integer, Some(DeclaredType::Integer), false), (ColumnVerdict::Fits, Some("integer".into())));
        assert_eq!(verdict(integer, Some(DeclaredType::Text), false).0, ColumnVerdict::Narrowed);
        let misfit = verdict(Some(&DataType::Utf8), Some(DeclaredType::Integer), true);
        assert_eq!(misfit, (ColumnVerdict::Misfit, Some("text".into())));
        assert_eq!(verdict(integer, None, false), (ColumnVerdict::Inferred, Some("integer".into())));
        assert_eq!(verdict(None, None, false), (ColumnVerdict::Unknown, None));
        assert_eq!(verdict(None, Some(DeclaredType::Date), false).0, ColumnVerdict::Fits, "nulls fit everything");
    }
}
