//! `source.api`: a REST API.

use schemars::JsonSchema;
use serde::Deserialize;

/// A REST API to read.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiOptions {
    /// Address of the API without the path, for example `https://api.example.com`.
    #[schemars(required, length(min = 1))]
    pub(crate) base_url: Option<String>,
    /// The former name of `base_url`.
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "base_url", "x-code" = "CFG002"))]
    pub(crate) url: Option<String>,
    /// Path that is asked, for example `/v1/users`. Default: `/`, with a warning.
    pub(crate) endpoint: Option<String>,
    /// How the program proves who it is. Default: `none`.
    pub(crate) auth_type: Option<AuthType>,
    /// Header that carries the key of `auth_type: apikey`. Default: `X-API-Key`.
    pub(crate) auth_header: Option<String>,
    /// Name of the environment variable that holds the token or key.
    pub(crate) auth_env_var: Option<String>,
    /// HTTP method. Default: `GET`.
    pub(crate) method: Option<Method>,
    /// How further pages are asked for. Default: there is one page.
    pub(crate) pagination: Option<PaginationOptions>,
}

/// Kinds of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum AuthType {
    /// `Authorization: Bearer <token>`.
    Bearer,
    /// A key in a header.
    Apikey,
    /// User name and password.
    Basic,
    /// None.
    None,
}

/// HTTP methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub(crate) enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// How pages are asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sections" = { "key": "type", "values": { "cursor": "cursor" }, "required": false }))]
pub(crate) struct PaginationOptions {
    /// Kind of pagination. Default: `none`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<PaginationType>,
    /// Parameter that carries the offset. Default: `offset`.
    pub(crate) offset_param: Option<String>,
    /// Parameter that carries the page size. Default: `limit`.
    pub(crate) limit_param: Option<String>,
    /// Parameter that carries the page number. Default: `page`.
    pub(crate) page_param: Option<String>,
    /// Records to a page. Default: 100.
    #[schemars(range(min = 1))]
    pub(crate) page_size: Option<u32>,
    /// Where the cursor of the next page is.
    pub(crate) cursor: Option<CursorOptions>,
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
    /// By a cursor that each answer carries.
    Cursor,
    /// One page.
    None,
}

/// Where the cursor of the next page is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CursorOptions {
    /// Part of the answer that holds it.
    #[serde(rename = "type")]
    pub(crate) kind: Option<CursorType>,
    /// Its name there.
    pub(crate) field: Option<String>,
}

/// Parts of an answer that hold a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum CursorType {
    /// The `Link` header.
    LinkHeader,
    /// A field beside the records.
    ResponseField,
    /// The body.
    Body,
}
