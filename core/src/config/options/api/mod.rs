//! `source.api`: a REST API.

mod auth;
mod pagination;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::platform::VariableText;
use super::{ApiIncremental, ScalarText};

pub(crate) use auth::{
    AuthType, GrantType, HmacAlgorithm, HmacEncoding, HmacOptions, HttpTlsOptions, Oauth2Options, SecretLocation,
    Sigv4Options,
};
pub(crate) use pagination::{
    CursorOptions, CursorType, PaginationOptions, PaginationType, ParamLocation, ParentOptions, WindowOptions,
};

/// A REST API to read.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sections" = {
    "key": "auth_type",
    "values": { "oauth2": "oauth2", "hmac": "hmac", "sigv4": "sigv4" },
    "required": true,
}))]
pub(crate) struct ApiOptions {
    /// Address of the API without the path. Example: `https://api.example.com`.
    #[schemars(required, extend("x-form" = "base_url", "examples" = ["https://api.example.com"]))]
    pub(crate) base_url: Option<String>,
    /// The former name of `base_url`.
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "base_url", "x-code" = "CFG002", "x-form" = "base_url"))]
    pub(crate) url: Option<String>,
    /// Path that is asked. `{run_date}` and the names of `path_params` and `parent.path_params` are filled
    /// in. Default: `/`, with a warning. Example: `/v1/users`.
    #[schemars(extend("x-form" = "endpoint", "examples" = ["/v1/users"]))]
    pub(crate) endpoint: Option<String>,
    /// HTTP method. Default: `GET`.
    #[schemars(extend("default" = "GET"))]
    pub(crate) method: Option<Method>,
    /// How the program proves who it is. Default: `none`.
    #[schemars(extend("default" = "none"))]
    pub(crate) auth_type: Option<AuthType>,
    /// Name of the environment variable that holds the token (`bearer`), the key (`apikey`), or
    /// `user:password` (`basic`). Example: `MY_API_KEY`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "x-when" = { "key": "auth_type", "in": ["bearer", "apikey", "basic"] }, "examples" = ["MY_API_KEY"]))]
    pub(crate) auth_env_var: Option<String>,
    /// Header that carries the token or key. Default: `Authorization` for `bearer`, `X-API-Key` for
    /// `apikey`. With `bearer` the word `Bearer` goes with it there too: `X-API-Key: Bearer <token>`.
    #[schemars(extend("x-form" = "header", "x-when" = { "key": "auth_type", "in": ["bearer", "apikey"] }, "examples" = ["X-API-Key"]))]
    pub(crate) auth_header: Option<String>,
    /// Word before the token in its header; empty for none. Default: `Bearer` for `bearer`, none for
    /// `apikey`. Example: `Token`.
    #[schemars(extend("x-when" = { "key": "auth_type", "in": ["bearer", "apikey"] }, "x-advanced" = true, "examples" = ["Token", ""]))]
    pub(crate) auth_scheme: Option<String>,
    /// Query parameter that carries the key of `auth_type: apikey`, in the place of a header. It shows in
    /// the logs of servers, so prefer a header where there is a choice. Example: `api_key`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "auth_type", "in": ["apikey"] }, "x-advanced" = true, "examples" = ["api_key"]))]
    pub(crate) auth_query_param: Option<String>,
    /// Name of the environment variable that holds the user name of `auth_type: basic`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "x-when" = { "key": "auth_type", "in": ["basic"] }, "examples" = ["MY_API_USER"]))]
    pub(crate) auth_username_env_var: Option<String>,
    /// Name of the environment variable that holds the password of `auth_type: basic`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "x-when" = { "key": "auth_type", "in": ["basic"] }, "examples" = ["MY_API_PASSWORD"]))]
    pub(crate) auth_password_env_var: Option<String>,
    /// How a token is got, for `auth_type: oauth2`.
    pub(crate) oauth2: Option<Oauth2Options>,
    /// How requests are signed, for `auth_type: hmac`.
    pub(crate) hmac: Option<HmacOptions>,
    /// How requests are signed, for `auth_type: sigv4` (AWS).
    pub(crate) sigv4: Option<Sigv4Options>,
    /// Headers of every request. Secrets belong in `header_env_vars`. Example: `{Accept-Language: en}`.
    #[schemars(extend("x-key-form" = "header", "examples" = [{ "Accept-Language": "en" }]))]
    pub(crate) headers: Option<IndexMap<String, ScalarText>>,
    /// Headers whose values are secrets: header name to the name of the environment variable that holds
    /// its value. Example: `{X-Client-Secret: CLIENT_SECRET}`.
    #[schemars(with = "Option<IndexMap<String, VariableText>>", extend("x-env" = true, "x-key-form" = "header", "examples" = [{ "X-Client-Secret": "CLIENT_SECRET" }]))]
    pub(crate) header_env_vars: Option<IndexMap<String, String>>,
    /// Query parameters of every request. `{run_date}` is filled in. Example: `{status: active}`.
    #[schemars(extend("examples" = [{ "status": "active" }]))]
    pub(crate) params: Option<IndexMap<String, ScalarText>>,
    /// Values of the `{names}` in `endpoint`. Example: `{team: red}` for `/v1/teams/{team}/users`.
    #[schemars(extend("x-advanced" = true, "examples" = [{ "team": "red" }]))]
    pub(crate) path_params: Option<IndexMap<String, ScalarText>>,
    /// Body of every request. `{run_date}` is filled in. Example: `{query: "{ users { id } }"}` for GraphQL.
    #[schemars(extend("x-advanced" = true, "examples" = [{ "query": "{ users { id } }" }]))]
    pub(crate) body: Option<IndexMap<String, Json>>,
    /// How the body is written. Default: `json`.
    #[schemars(extend("default" = "json", "x-advanced" = true))]
    pub(crate) body_format: Option<BodyFormat>,
    /// Where in an answer the records are: a dotted path or a JMESPath expression. Default: the answer if
    /// it is a list, else the first list under `items`, `data`, `results` or `records`, else the answer
    /// as one record. Example: `result.items`.
    #[schemars(length(min = 1), extend("examples" = ["result.items", "orders[].lines[]"]))]
    pub(crate) data_path: Option<String>,
    /// File with a JSON Schema that every record must fit; others are set aside. Default: none.
    #[schemars(extend("x-form" = "file_path", "x-advanced" = true, "examples" = ["./schemas/user.json"]))]
    pub(crate) response_schema: Option<String>,
    /// How further pages are asked for. Default: there is one page.
    pub(crate) pagination: Option<PaginationOptions>,
    /// Asking only for what is new since the last run. Default: everything is asked for.
    pub(crate) incremental: Option<ApiIncremental>,
    /// Another endpoint whose records each lead to a request of this one. Default: none.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) parent: Option<ParentOptions>,
    /// Certificates, where the usual ones are not enough.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) tls: Option<HttpTlsOptions>,
}

/// HTTP methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub(crate) enum Method {
    /// GET: everything stands in the address.
    Get,
    /// POST: with a body.
    Post,
    /// PUT: with a body.
    Put,
    /// PATCH: with a body.
    Patch,
    /// DELETE.
    Delete,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum BodyFormat {
    /// As JSON.
    Json,
    /// As the fields of a form, `application/x-www-form-urlencoded`.
    Form,
}
