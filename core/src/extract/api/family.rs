//! Parents and their children: what a record of the one fills in for the requests and records of the
//! other. Pure.

use super::answer::keys;
use super::error::ApiError;
use crate::config::settings::Parent;
use crate::extract::records::json::{self, Fields};

/// A way to go from page to page: that of the source itself, or of one parent.
#[derive(Clone, Debug, Default)]
pub(super) struct Strand {
    /// Its place among all.
    pub(super) number: u64,
    /// Names in the address, and what fills them.
    pub(super) path: Vec<(String, String)>,
    /// Columns that its records get, and their values as JSON.
    columns: Vec<(String, String)>,
}

impl Strand {
    /// That of a parent. `target` is where parents are asked for.
    pub(super) fn of(number: u64, record: &str, parent: &Parent, target: &str) -> Result<Self, ApiError> {
        let at = |field: &str| json::at(record.as_bytes(), &keys(field));
        let mut path = Vec::new();
        for (name, field) in &parent.path_params {
            let value = at(field).and_then(json::plain).filter(|value| !value.is_empty());
            let missing = || ApiError::NoParentField { target: target.to_owned(), field: field.clone() };
            path.push((name.clone(), value.ok_or_else(missing)?));
        }
        let mut columns = Vec::new();
        for kept in &parent.keep_fields {
            // A field that fills a name is called by that name: `team_id` says more than `id`.
            let named = parent.path_params.get_key_value(kept);
            let named = named.or_else(|| parent.path_params.iter().find(|(_, field)| *field == kept));
            let (column, field) = named.map_or((kept, kept), |(name, field)| (name, field));
            if let Some(value) = at(field) {
                columns.push((column.clone(), String::from_utf8_lossy(value).into_owned()));
            }
        }
        Ok(Self { number, path, columns })
    }

    /// A record with the columns of its parent. What it says itself counts; what the parent says
    /// differently stands beside it.
    pub(super) fn add_to(&self, record: String) -> String {
        let Some(open) = record.strip_suffix('}').filter(|_| !self.columns.is_empty() && record.starts_with('{'))
        else {
            return record;
        };
        let own: Vec<(String, &[u8])> =
            Fields::of(record.as_bytes()).filter_map(|(key, value)| Some((key.ok()?.into_owned(), value))).collect();
        let mut added = String::new();
        for (column, value) in &self.columns {
            let name = match own.iter().find(|(key, _)| key == column) {
                Some((_, same)) if *same == value.as_bytes() => continue,
                Some(_) => format!("parent_{column}"),
                None => column.clone(),
            };
            if own.iter().any(|(key, _)| *key == name) {
                continue;
            }
            let comma = if own.is_empty() && added.is_empty() { "" } else { "," };
            added.push_str(&format!("{comma}{}:{value}", serde_json::Value::String(name)));
        }
        format!("{open}{added}}}")
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::config::settings::{PageKind, Pagination, ParamLocation};

    fn parent(keep: &[&str]) -> Parent {
        Parent {
            endpoint: "/teams".into(),
            params: IndexMap::new(),
            data_path: None,
            path_params: IndexMap::from([("team_id".to_owned(), "id".to_owned())]),
            keep_fields: keep.iter().map(|name| (*name).to_owned()).collect(),
            pagination: Pagination {
                kind: PageKind::One,
                max_pages: None,
                max_records: None,
                location: ParamLocation::Query,
                total_path: None,
                has_more_path: None,
            },
        }
    }

    #[test]
    fn children_get_what_their_parent_has() {
        let record = r#"{"id": 12345678901234567890, "name": "a/b", "x": null}"#;
        let strand = Strand::of(0, record, &parent(&["id", "name", "gone"]), "t").unwrap();
        assert_eq!(strand.path, [("team_id".to_owned(), "12345678901234567890".to_owned())]);
        for (own, expected) in [
            ("{}", r#"{"team_id":12345678901234567890,"name":"a/b"}"#),
            (r#"{"id":1}"#, r#"{"id":1,"team_id":12345678901234567890,"name":"a/b"}"#),
            (r#"{"name":"c"}"#, r#"{"name":"c","team_id":12345678901234567890,"parent_name":"a/b"}"#),
            (r#"{"name":"a/b"}"#, r#"{"name":"a/b","team_id":12345678901234567890}"#),
            ("5", "5"),
        ] {
            assert_eq!(strand.add_to(own.to_owned()), expected);
        }
        assert_eq!(
            Strand::of(0, record, &parent(&["team_id"]), "t").unwrap().add_to("{}".into()),
            r#"{"team_id":12345678901234567890}"#
        );
        assert!(matches!(Strand::of(0, "{\"id\":null}", &parent(&[]), "t"), Err(ApiError::NoParentField { .. })));
    }
}
