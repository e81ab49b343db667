//! How an API gives its records in pages, and over which other records they are found.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::options::{Columns, ScalarText};

/// How pages are asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sections" = {
    "key": "type",
    "values": { "cursor": "cursor", "window": "window" },
    "required": true,
}))]
pub(crate) struct PaginationOptions {
    /// Kind of pagination. Default: `none`.
    #[serde(rename = "type")]
    #[schemars(extend("default" = "none"))]
    pub(crate) kind: Option<PaginationType>,
    /// Parameter that carries the offset, the number of records to skip. Default: `offset`.
    #[schemars(length(min = 1), extend("default" = "offset", "x-when" = { "key": "type", "in": ["offset"] }, "examples" = ["skip"]))]
    pub(crate) offset_param: Option<String>,
    /// Parameter that carries the page size. Default: `limit` for `offset`; for `page` `page_size`; for
    /// the others it is not sent.
    #[schemars(length(min = 1), extend("x-when" = { "key": "type", "in": ["offset", "page", "cursor", "keyset"] }, "examples" = ["limit", "per_page"]))]
    pub(crate) limit_param: Option<String>,
    /// Parameter that carries the page number. Default: `page`.
    #[schemars(length(min = 1), extend("default" = "page", "x-when" = { "key": "type", "in": ["page"] }))]
    pub(crate) page_param: Option<String>,
    /// Records to a page that are asked for. A shorter page is the last one. Default: 100.
    #[schemars(range(min = 1), extend("default" = 100, "x-when" = { "key": "type", "in": ["offset", "page", "cursor", "keyset"] }))]
    pub(crate) page_size: Option<u32>,
    /// Number of the first page. Default: 1.
    #[schemars(extend("default" = 1, "x-when" = { "key": "type", "in": ["page"] }, "x-advanced" = true, "examples" = [0]))]
    pub(crate) start_page: Option<u32>,
    /// Pages at most; an extract that would need more fails, so that nothing is lost silently. Default: no limit.
    #[schemars(range(min = 1), extend("x-advanced" = true, "examples" = [1000]))]
    pub(crate) max_pages: Option<u64>,
    /// Records at most, for trials: the extract stops there. Default: no limit.
    #[schemars(range(min = 1), extend("x-advanced" = true, "examples" = [10000]))]
    pub(crate) max_records: Option<u64>,
    /// Where in a request these parameters stand. Default: `query`.
    #[schemars(extend("default" = "query", "x-advanced" = true))]
    pub(crate) param_location: Option<ParamLocation>,
    /// Dotted path to the number of all records in an answer, to know the end. Default: none. Example: `meta.total`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["meta.total"]))]
    pub(crate) total_path: Option<String>,
    /// Dotted path to the answer's own word on whether there is more. Default: none. Example: `meta.has_more`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["meta.has_more"]))]
    pub(crate) has_more_path: Option<String>,
    /// Where the cursor of the next page is, for `type: cursor`.
    pub(crate) cursor: Option<CursorOptions>,
    /// Field of the last record whose value the next page starts after, for `type: keyset`. Example: `id`.
    #[schemars(length(min = 1), extend("x-column" = "source", "x-when" = { "key": "type", "in": ["keyset"] }, "examples" = ["id"]))]
    pub(crate) keyset_field: Option<String>,
    /// Parameter that carries that value. Example: `since_id`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "type", "in": ["keyset"] }, "examples" = ["since_id"]))]
    pub(crate) keyset_param: Option<String>,
    /// The stretches of time that are asked for one after the other, for `type: window`.
    pub(crate) window: Option<WindowOptions>,
}

/// Kinds of pagination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum PaginationType {
    /// By number of records to skip.
    Offset,
    /// By page number.
    Page,
    /// By a cursor or address that each answer carries.
    Cursor,
    /// By the last record: the next page starts after it.
    Keyset,
    /// By stretches of time.
    Window,
    /// One page.
    None,
}

/// Where parameters of a page stand in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum ParamLocation {
    /// In the query of the address.
    Query,
    /// In the body; their names are dotted paths in it.
    Body,
}

/// Where the cursor of the next page is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CursorOptions {
    /// Part of the answer that holds it. A value that is an address is followed as the next page.
    #[serde(rename = "type")]
    #[schemars(required)]
    pub(crate) kind: Option<CursorType>,
    /// Its name there: a dotted path in the answer, the name of a header, or the relation of a `Link`
    /// header (default `next`). Example: `meta.next_cursor`.
    #[schemars(length(min = 1), extend("examples" = ["meta.next_cursor", "_next_page_url"]))]
    pub(crate) field: Option<String>,
    /// Parameter that carries the cursor in the next request. Default: `cursor`.
    #[schemars(length(min = 1), extend("default" = "cursor", "x-when" = { "key": "type", "in": ["response_field", "body", "header"] }))]
    pub(crate) param: Option<String>,
}

/// Parts of an answer that hold a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum CursorType {
    /// The `Link` header, as RFC 8288 has it.
    LinkHeader,
    /// A field of the answer; it is sent back in the query.
    ResponseField,
    /// A field of the answer; it is sent back in the body.
    Body,
    /// A header of the answer; it is sent back in the query.
    Header,
}

/// Stretches of time, asked for one after the other.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowOptions {
    /// Parameter that carries the start of a stretch. Example: `from`.
    #[schemars(required, length(min = 1), extend("examples" = ["from"]))]
    pub(crate) start_param: Option<String>,
    /// Parameter that carries its end. Example: `to`.
    #[schemars(required, length(min = 1), extend("examples" = ["to"]))]
    pub(crate) end_param: Option<String>,
    /// Length of a stretch in hours. Default: 24.
    #[schemars(extend("exclusiveMinimum" = 0, "default" = 24))]
    pub(crate) hours: Option<f64>,
    /// Start of the first stretch, where `incremental` gives none. Example: `2024-01-01T00:00:00Z`.
    #[schemars(extend("examples" = ["2024-01-01T00:00:00Z"]))]
    pub(crate) start: Option<String>,
    /// How times are written, in the letters of strftime. Default: `%Y-%m-%dT%H:%M:%SZ`. Example: `%s`.
    #[schemars(length(min = 1), extend("default" = "%Y-%m-%dT%H:%M:%SZ", "x-advanced" = true, "examples" = ["%Y-%m-%d", "%s"]))]
    pub(crate) format: Option<String>,
}

/// Another endpoint whose records each lead to a request.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParentOptions {
    /// Path that is asked for the parents. Example: `/v1/teams`.
    #[schemars(required, extend("x-form" = "endpoint", "examples" = ["/v1/teams"]))]
    pub(crate) endpoint: Option<String>,
    /// Query parameters of that request.
    pub(crate) params: Option<IndexMap<String, ScalarText>>,
    /// Where in its answer the parents are, as `data_path` of the API. Default: as there.
    #[schemars(length(min = 1), extend("examples" = ["teams"]))]
    pub(crate) data_path: Option<String>,
    /// The `{names}` in the endpoint of the children, with the field of a parent that fills each.
    /// Example: `{team_id: id}` for `/v1/teams/{team_id}/users`.
    #[schemars(required, extend("minProperties" = 1, "examples" = [{ "team_id": "id" }]))]
    pub(crate) path_params: Option<IndexMap<String, String>>,
    /// Fields of the parent that each child record gets as columns. Default: those of `path_params`.
    #[schemars(extend("x-advanced" = true, "examples" = [["team_id"]]))]
    pub(crate) keep_fields: Option<Columns>,
    /// How further pages of parents are asked for. Default: there is one page.
    pub(crate) pagination: Option<PaginationOptions>,
}
