//! `silver_join`.

use super::{Around, silver};
use crate::config::forms;
use crate::config::options::{
    Columns, JoinFormat, JoinOptions, JoinSideOptions, JoinTypeOption, KeysOption, ProfileOption, SelectOption,
};
use crate::config::settings::{
    Compression, Formats, JoinGuards, JoinKeys, JoinSettings, JoinSide, JoinType, SilverModel,
};

pub(super) fn join(options: &JoinOptions, around: Around<'_>) -> Option<JoinSettings> {
    let output = options.output.as_ref()?;
    let keys = match (&output.join_key_pairs, &output.join_keys) {
        (Some(pairs), _) => JoinKeys::Pairs(pairs.iter().map(|(l, r)| (l.clone(), r.clone())).collect()),
        (None, Some(KeysOption::Columns(names))) => {
            JoinKeys::Pairs(names.iter().map(|name| (name.clone(), name.clone())).collect())
        }
        (None, None | Some(KeysOption::Auto)) => JoinKeys::Auto,
    };
    let select = match &output.select_columns {
        Some(SelectOption::Columns(names)) => names.iter().map(|name| (name.clone(), last_of(name))).collect(),
        Some(SelectOption::Renamed(map)) => map.clone(),
        None => indexmap::IndexMap::new(),
    };
    let columns = |columns: Option<&Columns>| columns.map(|columns| columns.0.clone()).unwrap_or_default();
    let writes = |format| output.formats.as_ref().map_or(format == JoinFormat::Parquet, |list| list.contains(&format));
    Some(JoinSettings {
        left: side(options.left.as_ref()?, around)?,
        right: side(options.right.as_ref()?, around)?,
        output: around.optional_path(output.path.as_ref()),
        join_type: match output.join_type {
            None | Some(JoinTypeOption::Inner) => JoinType::Inner,
            Some(JoinTypeOption::Left) => JoinType::Left,
            Some(JoinTypeOption::Right) => JoinType::Right,
            Some(JoinTypeOption::Full | JoinTypeOption::Outer) => JoinType::Full,
            Some(JoinTypeOption::Semi) => JoinType::Semi,
            Some(JoinTypeOption::Anti) => JoinType::Anti,
        },
        keys,
        null_keys_match: output.null_keys_match.unwrap_or(false),
        select,
        model: output
            .model
            .or_else(|| output.model_profile.map(ProfileOption::model))
            .map_or(SilverModel::PeriodicSnapshot, silver::named_model),
        primary_keys: columns(output.primary_keys.as_ref()),
        order_column: output.order_column.clone(),
        formats: Formats { parquet: writes(JoinFormat::Parquet), csv: writes(JoinFormat::Csv) },
        compression: output.parquet_compression.map_or(Compression::Snappy, Compression::from),
        partition_columns: columns(output.partition_columns.as_ref()),
        guards: guards(options),
        spill_dir: around.optional_path(output.spill_dir.as_ref()),
    })
}

/// `name` of `right.name`.
fn last_of(column: &str) -> String {
    let bare = column.strip_prefix("left.").or_else(|| column.strip_prefix("right."));
    bare.unwrap_or(column).to_owned()
}

fn side(options: &JoinSideOptions, around: Around<'_>) -> Option<JoinSide> {
    let as_of = match &options.as_of {
        Some(date) => Some(forms::date(date).ok()?),
        None => None,
    };
    let table = options.table.clone();
    Some(match (&options.dataset, &options.path) {
        (Some(name), _) => JoinSide::Dataset { name: name.clone(), table, as_of },
        (None, Some(path)) => JoinSide::Folder { path: around.path(path), name: options.name.clone(), table, as_of },
        (None, None) => return None,
    })
}

fn guards(options: &JoinOptions) -> JoinGuards {
    let Some(guards) = options.output.as_ref().and_then(|output| output.quality_guards.as_ref()) else {
        return JoinGuards::default();
    };
    let ratios = guards.null_ratio.iter().flatten();
    let unique = guards.unique_keys.iter().flatten();
    JoinGuards {
        min_rows: guards.row_count.as_ref().and_then(|bounds| bounds.min),
        max_rows: guards.row_count.as_ref().and_then(|bounds| bounds.max),
        null_ratio: ratios.filter_map(|guard| Some((guard.column.clone()?, guard.max_ratio?))).collect(),
        unique_keys: unique.filter_map(|guard| Some(guard.columns.as_ref()?.0.clone())).collect(),
        match_ratio: guards.match_ratio,
    }
}
