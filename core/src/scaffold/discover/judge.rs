//! What the records suggest: key, order, load pattern, Silver model. Suggestions, each with its reason.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::profile::{Column, Profile, cells, values};
use crate::extract::Sample;

/// Columns of which pairs are tried.
const PAIRED: usize = 14;
/// A name with at least this score says that the column names things.
const SAYS_KEY: i32 = 60;
/// Fewer records than this prove little.
const FEW: usize = 20;
/// Names of columns that say what a row does.
const OPERATIONS: [&str; 15] = [
    "op",
    "_op",
    "__op",
    "operation",
    "_operation",
    "cdc_operation",
    "operation_type",
    "op_type",
    "op_code",
    "change_type",
    "_change_type",
    "changetype",
    "dml_type",
    "row_operation",
    "__operation",
];
/// What such a column says.
const CODES: [&str; 8] = ["i", "c", "r", "insert", "u", "update", "d", "delete"];
/// Names of the two ends of a validity.
const STARTS: [&str; 7] =
    ["valid_from", "effective_from", "valid_start", "start_date", "effective_date", "from_date", "dbt_valid_from"];
const ENDS: [&str; 7] = ["valid_to", "effective_to", "valid_end", "end_date", "expiry_date", "to_date", "dbt_valid_to"];

/// What is suggested for a dataset.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// `full`, `cdc` or `current_history`, and why.
    pub(super) load_pattern: (&'static str, String),
    /// The column that says what a row does.
    pub(super) operation: Option<String>,
    /// The key; empty if none is convincing.
    pub(super) keys: Vec<String>,
    /// Why, or what else might do.
    pub(super) keys_why: String,
    /// A key that may be one by chance.
    pub(super) weak_keys: Vec<String>,
    /// The column by which the last row of a key is told.
    pub(super) order: Option<String>,
    /// Other columns of time.
    pub(super) times: Vec<String>,
    /// The model, and why.
    pub(super) model: (&'static str, &'static str),
    /// What is worth saying.
    pub(super) notes: Vec<String>,
}

/// Judges a dataset called `stem`.
pub(super) fn judge(stem: &str, profile: &Profile) -> Judgement {
    let mut judgement = Judgement::default();
    let operation = profile.columns.iter().find(|column| is_operation(profile, column));
    let named = |names: &[&str]| {
        profile
            .columns
            .iter()
            .find(|column| column.is_temporal() && names.contains(&column.name.to_lowercase().as_str()))
    };
    let history = named(&STARTS).zip(named(&ENDS));
    judgement.load_pattern = match (operation, history) {
        (Some(column), _) => ("cdc", format!("`{}` says what each row does", column.name)),
        (None, Some((from, to))) => {
            ("current_history", format!("each row has the time it was valid: `{}` to `{}`", from.name, to.name))
        }
        (None, None) if profile.form.format == "jsonl" || profile.rows > 0 => {
            ("full", "no column tells of changes, so each delivery is taken as the whole state".to_owned())
        }
        (None, None) => ("full", "each delivery is the whole state".to_owned()),
    };
    judgement.operation = operation.map(|column| column.name.clone());
    let unique_by_delivery = judgement.load_pattern.0 == "full";
    if unique_by_delivery {
        find_keys(stem, profile, &mut judgement);
    } else {
        // A key comes again with each of its changes or versions, so only its name tells.
        let named = ranked(stem, profile).into_iter().find(|(score, _)| *score >= SAYS_KEY);
        if let Some((_, column)) = named {
            judgement.keys = vec![column.name.clone()];
            judgement.keys_why = String::from("by its name, and never null; check it");
        }
    }
    find_order(profile, history.map(|(from, _)| from), &mut judgement);
    judgement.model = match (judgement.load_pattern.0, judgement.keys.is_empty()) {
        ("current_history", _) => ("periodic_snapshot", "each delivery as it is, with all versions"),
        (_, true) => ("periodic_snapshot", "each delivery as it is; with a key there could be one row for each"),
        (_, false) => ("scd_type_1", "the last state of each key; scd_type_2 keeps its history too"),
    };
    let key = |columns: &[String]| columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    judgement.notes.push(match (judgement.keys.as_slice(), judgement.weak_keys.as_slice()) {
        ([], []) if profile.rows > 0 => format!("no key found in {}", profile.looked_at()),
        ([], []) => "no key, because there are no records".to_owned(),
        ([], weak) => {
            format!("no convincing key; {} is unique in {}, perhaps by chance", key(weak), profile.looked_at())
        }
        (keys, _) if unique_by_delivery => {
            format!("key {} is unique and never null in {}", key(keys), profile.looked_at())
        }
        (keys, _) => format!("key {} by its name; it is never null in {}", key(keys), profile.looked_at()),
    });
    judgement
}

fn is_operation(profile: &Profile, column: &Column) -> bool {
    let known = |value: &str| CODES.contains(&value.to_lowercase().as_str());
    column.data_type == "text"
        && column.values > 0
        && OPERATIONS.contains(&column.name.to_lowercase().as_str())
        && values(&profile.samples, &column.name).flatten().all(|value| known(&value))
}

/// Columns that may be part of a key, best first.
fn ranked<'p>(stem: &str, profile: &'p Profile) -> Vec<(i32, &'p Column)> {
    let mut ranked: Vec<(i32, &Column)> = profile
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| profile.is_full(column) && may_be_key(column))
        .map(|(index, column)| (score(stem, column, index), column))
        .collect();
    ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    ranked
}

/// Numbers with a fraction, truth and long texts name nothing.
fn may_be_key(column: &Column) -> bool {
    let kind = column.data_type.as_str();
    (kind == "text" && column.decimal.is_none() && column.longest <= 64) || kind == "integer" || column.is_temporal()
}

/// How much the name of a column says that it names things.
fn score(stem: &str, column: &Column, index: usize) -> i32 {
    let name = snake(&column.name);
    let singular = stem.trim_end_matches('s');
    let ends = |endings: &[&str]| endings.iter().any(|ending| name == *ending || name.ends_with(&format!("_{ending}")));
    let own = [format!("{stem}_id"), format!("{singular}_id"), format!("{singular}id"), format!("{singular}_key")];
    let first = if index == 0 { 10 } else { 0 };
    let base = if ["id", "_id", "uuid", "guid", "key", "pk"].contains(&name.as_str()) {
        100
    } else if own.contains(&name) {
        95
    } else if ends(&["id", "uuid", "guid", "key"]) {
        80
    } else if ends(&["code", "no", "nr", "num", "number", "sku", "ean", "isbn", "iban"]) || name.ends_with("num") {
        60
    } else if ends(&["email", "login", "username"]) {
        40
    } else if ends(&["name", "title", "description", "comment", "note", "address"]) || column.is_temporal() {
        2
    } else {
        20
    };
    // Of equals the one further left.
    base + first - i32::try_from(index.min(9)).unwrap_or(9)
}

/// `customerId` as `customer_id`.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if c.is_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_lowercase() || c.is_ascii_digit();
        out.extend(if c.is_alphanumeric() { c.to_lowercase().next() } else { Some('_') });
    }
    out
}

/// A column, or a pair, that is unique in every file.
fn find_keys(stem: &str, profile: &Profile, judgement: &mut Judgement) {
    let ranked = ranked(stem, profile);
    let few = if profile.rows < FEW { "; few records prove little" } else { "" };
    if let Some((_, column)) = ranked.iter().find(|(_, column)| is_unique(&profile.samples, &[&column.name])) {
        judgement.keys = vec![column.name.clone()];
        judgement.keys_why = format!("unique and never null in {}{few}", profile.looked_at());
        return;
    }
    let varied: Vec<&(i32, &Column)> =
        ranked.iter().filter(|(_, column)| varies(&profile.samples, &column.name)).take(PAIRED).collect();
    let mut pairs: Vec<(i32, i32, &str, &str)> = Vec::new();
    for (index, (first_score, first)) in varied.iter().enumerate() {
        for (second_score, second) in varied.iter().skip(index + 1) {
            let (sum, best) = (first_score + second_score, *first_score.max(second_score));
            pairs.push((sum, best, &first.name, &second.name));
        }
    }
    pairs.sort_by_key(|(sum, ..)| std::cmp::Reverse(*sum));
    let found = pairs.into_iter().find(|(_, _, first, second)| is_unique(&profile.samples, &[first, second]));
    if let Some((_, best, first, second)) = found {
        let keys = vec![first.to_owned(), second.to_owned()];
        if best >= SAYS_KEY {
            judgement.keys_why = format!("together unique and never null in {}{few}", profile.looked_at());
            judgement.keys = keys;
        } else {
            judgement.weak_keys = keys;
        }
    }
}

/// Whether more than one value stands in the column.
fn varies(samples: &[Sample], name: &str) -> bool {
    samples.iter().any(|sample| {
        let mut all = sample.batches.iter().flat_map(|batch| cells(batch, name));
        let first = all.next();
        all.any(|value| Some(&value) != first.as_ref())
    })
}

/// Whether no two records of a file have the same values.
fn is_unique(samples: &[Sample], names: &[&str]) -> bool {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    samples.iter().all(|sample| {
        let mut seen: HashSet<u64> = HashSet::with_capacity(sample.rows());
        sample.batches.iter().all(|batch| {
            let mut columns: Vec<_> = names.iter().map(|name| cells(batch, name)).collect();
            (0..batch.num_rows()).all(|_| {
                let key: Vec<Option<String>> = columns.iter_mut().map(|column| column.next().flatten()).collect();
                seen.insert(hasher.hash_one(&key))
            })
        })
    })
}

fn find_order(profile: &Profile, start: Option<&Column>, judgement: &mut Judgement) {
    const STRONG: [&str; 7] = ["updated", "modified", "changed", "last_update", "last_change", "mtime", "change_ts"];
    const AT: [&str; 6] = ["event_time", "event_ts", "ts_ms", "commit_ts", "changed_on", "timestamp"];
    let times: Vec<&Column> =
        profile.columns.iter().filter(|column| column.is_temporal() && profile.is_full(column)).collect();
    let strong = times.iter().find(|column| {
        let name = snake(&column.name);
        STRONG.iter().any(|word| name.contains(word)) || AT.contains(&name.as_str())
    });
    let order = match judgement.load_pattern.0 {
        "current_history" => start.filter(|start| profile.is_full(start)).or(strong.copied()),
        // The changes of a key need an order more than a snapshot does.
        "cdc" => strong.copied().or(times.first().copied().filter(|_| times.len() == 1)),
        _ => strong.copied().filter(|_| !judgement.keys.is_empty()),
    };
    judgement.order = order.map(|column| column.name.clone());
    judgement.times = times
        .iter()
        .map(|column| column.name.clone())
        .filter(|name| Some(name) != judgement.order.as_ref() && !judgement.keys.contains(name))
        .collect();
}
