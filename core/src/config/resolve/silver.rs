//! `silver`.

use indexmap::IndexMap;

use super::{Around, formats, silver_storage};
use crate::config::forms;
use crate::config::options::{
    CheckOption, Columns, DeleteGuard, DeleteModeOption, EntityKindOption, ExpectOptions, HistoryModeOption,
    InputModeOption, ModelOption, OnFailOption, ProfileOption, RulingOption, SchemaModeOption, SilverOptions,
    SilverStorageOptions, TableFormat,
};
use crate::config::settings::{
    CdcSettings, Check, DeleteMode, EntityKind, ErrorHandling, Expectation, InputMode, LoadPattern, OnFail, Owner,
    Ruling, SchemaMode, SilverModel, SilverSettings, Validity,
};

/// Share of the known keys, in percent, that a full load may delete unless told otherwise.
const DELETE_GUARD_PERCENT: f64 = 50.0;

/// The model that is asked for: by kind of entity, by name, by purpose or by load pattern.
pub(crate) fn model(silver: &SilverOptions, load_pattern: LoadPattern) -> SilverModel {
    let by_kind = silver.entity_kind.map(|kind| match (kind, silver.history_mode) {
        (EntityKindOption::Event, _) => SilverModel::Event,
        (EntityKindOption::DerivedEvent, _) => SilverModel::DerivedEvent,
        (_, None | Some(HistoryModeOption::Scd2)) => SilverModel::ScdType2,
        (_, Some(HistoryModeOption::Scd1 | HistoryModeOption::LatestOnly)) => SilverModel::ScdType1,
    });
    let by_name = || silver.model.or_else(|| silver.model_profile.map(ProfileOption::model)).map(named_model);
    by_kind.or_else(by_name).unwrap_or(match load_pattern {
        LoadPattern::Full => SilverModel::PeriodicSnapshot,
        LoadPattern::Cdc => SilverModel::IncrementalMerge,
        LoadPattern::CurrentHistory => SilverModel::ScdType2,
    })
}

/// The model of this name.
pub(super) const fn named_model(model: ModelOption) -> SilverModel {
    match model {
        ModelOption::ScdType1 => SilverModel::ScdType1,
        ModelOption::ScdType2 => SilverModel::ScdType2,
        ModelOption::IncrementalMerge => SilverModel::IncrementalMerge,
        ModelOption::FullMergeDedupe => SilverModel::FullMergeDedupe,
        ModelOption::PeriodicSnapshot => SilverModel::PeriodicSnapshot,
    }
}

fn columns(columns: Option<&Columns>) -> Vec<String> {
    columns.map(|columns| columns.0.clone()).unwrap_or_default()
}

fn named(name: Option<&String>, default: &str) -> String {
    name.map_or_else(|| default.to_owned(), Clone::clone)
}

pub(super) fn silver(
    options: &SilverOptions,
    load_pattern: LoadPattern,
    system: &str,
    table: &str,
    around: Around<'_>,
) -> Option<SilverSettings> {
    let none = SilverStorageOptions::default();
    let platform = around.platform.silver.as_ref().unwrap_or(&none);
    let defaults = platform.output_defaults.as_ref();
    let model = model(options, load_pattern);
    let schema = options.schema.as_ref();
    let normalization = options.normalization.as_ref();
    let error_handling = options.error_handling.as_ref();
    let partitioning = options.partitioning.as_ref().and_then(|partitioning| partitioning.columns.as_ref());
    let (compression, compression_level) =
        super::compression(options.parquet_compression, options.parquet_compression_level, defaults);
    Some(SilverSettings {
        storage: silver_storage(Some(options), around)?,
        prefix: forms::prefix(platform.prefix.as_deref().unwrap_or_default()).ok()?,
        domain: named(options.domain.as_ref(), system),
        entity: named(options.entity.as_ref(), table),
        version: options.version.unwrap_or(1),
        model,
        entity_kind: options.entity_kind.map(entity_kind),
        input_mode: match options.input_mode {
            None | Some(InputModeOption::AppendLog) => InputMode::AppendLog,
            Some(InputModeOption::ReplaceDaily) => InputMode::ReplaceDaily,
        },
        delete_mode: options.delete_mode.map(|mode| match mode {
            DeleteModeOption::Ignore => DeleteMode::Ignore,
            DeleteModeOption::TombstoneState => DeleteMode::TombstoneState,
            DeleteModeOption::TombstoneEvent => DeleteMode::TombstoneEvent,
        }),
        schema_mode: match options.schema_mode {
            Some(SchemaModeOption::Strict) => SchemaMode::Strict,
            None if options.attributes.is_some() => SchemaMode::Strict,
            None | Some(SchemaModeOption::AllowNewColumns) => SchemaMode::AllowNewColumns,
        },
        attributes: columns(options.attributes.as_ref()),
        event_ts_column: options.event_ts_column.clone(),
        change_ts_column: options.change_ts_column.clone(),
        validity: validity(options),
        load_partition_name: named(options.load_partition_name.as_ref(), "load_date"),
        include_pattern_folder: options.include_pattern_folder.unwrap_or(false),
        full_output_name: named(options.full_output_name.as_ref(), "full_snapshot"),
        cdc_output_name: named(options.cdc_output_name.as_ref(), "cdc_changes"),
        current_output_name: named(options.current_output_name.as_ref(), "current"),
        history_output_name: named(options.history_output_name.as_ref(), "history"),
        events_output_name: named(
            options.events_output_name.as_ref(),
            if model == SilverModel::DerivedEvent { "derived_events" } else { "events" },
        ),
        formats: formats(options.write_parquet, options.write_csv, defaults),
        compression,
        compression_level,
        partition_columns: columns(partitioning.or(options.partition_by.as_ref())),
        primary_keys: columns(options.primary_keys.as_ref().or(options.natural_keys.as_ref())),
        order_columns: order_columns(options),
        rename_map: schema.and_then(|schema| schema.rename_map.clone()).unwrap_or_default(),
        column_order: columns(schema.and_then(|schema| schema.column_order.as_ref())),
        trim_strings: normalization.and_then(|options| options.trim_strings).unwrap_or(false),
        empty_strings_as_null: normalization.and_then(|options| options.empty_strings_as_null).unwrap_or(false),
        error_handling: ErrorHandling {
            enabled: error_handling.and_then(|options| options.enabled).unwrap_or(false),
            max_bad_records: error_handling.and_then(|options| options.max_bad_records),
            max_bad_percent: error_handling.and_then(|options| options.max_bad_percent),
        },
        cdc: cdc(options)?,
        soft_delete_column: options.soft_delete_column.clone(),
        ignore_changes: columns(options.ignore_changes.as_ref()),
        delete_guard_percent: match options.delete_guard_percent {
            None => Some(DELETE_GUARD_PERCENT),
            Some(DeleteGuard::Percent(percent)) => Some(percent),
            Some(DeleteGuard::Off) => None,
        },
        rulings: rulings(options)?,
        require_checksum: options.require_checksum.unwrap_or(false),
        expect: options.expect.iter().flatten().map(expectation).collect::<Option<_>>()?,
        retention_loads: options.retention.as_ref().and_then(|retention| retention.loads),
        delta: options.table_format == Some(TableFormat::Delta),
        owner: Owner { team: options.semantic_owner.clone(), contact: options.semantic_contact.clone() },
    })
}

const fn entity_kind(option: EntityKindOption) -> EntityKind {
    match option {
        EntityKindOption::Event => EntityKind::Event,
        EntityKindOption::State => EntityKind::State,
        EntityKindOption::DerivedState => EntityKind::DerivedState,
        EntityKindOption::DerivedEvent => EntityKind::DerivedEvent,
    }
}

/// The columns that order the rows of a key; empty: arrival does.
fn order_columns(options: &SilverOptions) -> Vec<String> {
    if options.order_column.is_some() {
        return columns(options.order_column.as_ref());
    }
    let event = options.entity_kind.is_some_and(EntityKindOption::is_event);
    let time = if event {
        options.event_ts_column.as_ref()
    } else {
        options.change_ts_column.as_ref().filter(|_| options.entity_kind.is_some())
    };
    time.into_iter().cloned().collect()
}

fn validity(options: &SilverOptions) -> Validity {
    let given = options.validity.as_ref();
    Validity {
        from: named(given.and_then(|columns| columns.from_column.as_ref()), "effective_from"),
        to: named(given.and_then(|columns| columns.to_column.as_ref()), "effective_to"),
        current: named(given.and_then(|columns| columns.current_column.as_ref()), "is_current"),
    }
}

#[expect(clippy::option_option, reason = "outside: whether it could be resolved; inside: whether there are codes")]
fn cdc(options: &SilverOptions) -> Option<Option<CdcSettings>> {
    let Some(cdc) = &options.cdc else { return Some(None) };
    let codes = |codes: &Option<Columns>, default: &[&str]| match codes {
        Some(codes) => codes.0.iter().map(|code| code.to_lowercase()).collect(),
        None => default.iter().map(|code| (*code).to_owned()).collect(),
    };
    Some(Some(CdcSettings {
        operation_column: cdc.operation_column.clone()?,
        insert_codes: codes(&cdc.insert_codes, &["i", "c", "r", "insert"]),
        update_codes: codes(&cdc.update_codes, &["u", "update"]),
        delete_codes: codes(&cdc.delete_codes, &["d", "delete"]),
    }))
}

fn rulings(options: &SilverOptions) -> Option<IndexMap<chrono::NaiveDate, Ruling>> {
    let mut rulings = IndexMap::new();
    for (date, ruling) in options.rulings.iter().flatten() {
        let ruling = match ruling {
            RulingOption::Accept => Ruling::Accept,
            RulingOption::Skip => Ruling::Skip,
        };
        rulings.insert(forms::date(date).ok()?, ruling);
    }
    Some(rulings)
}

fn expectation(options: &ExpectOptions) -> Option<Expectation> {
    let kind = options.check?;
    let columns = columns(options.columns.as_ref());
    let name = options.name.clone().unwrap_or_else(|| match columns.as_slice() {
        [] => kind.as_str().to_owned(),
        _ => format!("{} of {}", kind.as_str(), columns.join(", ")),
    });
    let check = match kind {
        CheckOption::NotNull => Check::NotNull { columns },
        CheckOption::Unique => Check::Unique { columns },
        CheckOption::InSet => {
            let values = options.values.as_ref()?.iter().map(|value| value.0.clone()).collect();
            Check::InSet { columns, values }
        }
        CheckOption::Range => Check::Range { columns, min: options.min, max: options.max },
        CheckOption::Regex => Check::Regex { columns, pattern: options.pattern.clone()? },
        CheckOption::Freshness => Check::Freshness { columns, max_age_hours: options.max_age_hours? },
        CheckOption::RowCount => {
            Check::RowCount { min: options.min, max: options.max, max_change_percent: options.max_change_percent }
        }
        CheckOption::Reference => Check::Reference {
            dataset: options.dataset.clone()?,
            dataset_columns: options.dataset_columns.as_ref().map_or_else(|| columns.clone(), |names| names.0.clone()),
            columns,
        },
    };
    let on_fail = match options.on_fail {
        None | Some(OnFailOption::Fail) => OnFail::Fail,
        Some(OnFailOption::Warn) => OnFail::Warn,
        Some(OnFailOption::Quarantine) => OnFail::Quarantine,
    };
    Some(Expectation { name, check, on_fail })
}
