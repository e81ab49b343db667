//! A REST API: whom to ask, how, and where in the answers the records are.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Serialize;

use super::{EnvVar, Incremental, Secret};

/// `source.api`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ApiSource {
    /// Without a slash at its end.
    pub(crate) base_url: String,
    /// With a slash at its start, `{names}` still in it.
    pub(crate) endpoint: String,
    /// HTTP method.
    pub(crate) method: Method,
    /// How the program proves who it is.
    pub(crate) auth: Auth,
    /// Header and value.
    pub(crate) headers: IndexMap<String, Secret>,
    /// Header and the variable that holds its value.
    pub(crate) header_env_vars: IndexMap<String, EnvVar>,
    /// Query parameter and value, `{run_date}` still in it.
    pub(crate) params: IndexMap<String, Secret>,
    /// Values of the `{names}` of the endpoint.
    pub(crate) path_params: IndexMap<String, Secret>,
    /// Body of every request.
    pub(crate) body: Option<RequestBody>,
    /// Dotted path or JMESPath to the records. `None`: by the rules for envelopes.
    pub(crate) data_path: Option<String>,
    /// Absolute file with a JSON Schema of a record.
    #[serde(skip)]
    pub(crate) response_schema: Option<PathBuf>,
    /// How further pages are asked for.
    pub(crate) pagination: Pagination,
    /// Asking only for what is new.
    pub(crate) incremental: Option<Incremental>,
    /// Whose records each lead to a request.
    pub(crate) parent: Option<Parent>,
    /// Certificates.
    #[serde(skip)]
    pub(crate) tls: HttpTls,
}

/// HTTP methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

/// How the program proves who it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "auth_type", rename_all = "snake_case")]
pub(crate) enum Auth {
    /// It does not.
    None,
    /// A token in a header.
    Bearer {
        /// The token.
        token: EnvVar,
        /// `Authorization`, unless the config says otherwise.
        header: String,
        /// Word before the token; may be empty.
        scheme: String,
    },
    /// A key.
    ApiKey {
        /// The key.
        key: EnvVar,
        /// Where it stands.
        place: KeyPlace,
    },
    /// User name and password.
    Basic {
        /// Where they come from.
        credentials: BasicCredentials,
    },
    /// A token that is asked for.
    Oauth2(OauthClient),
    /// A signature with a secret.
    Hmac {
        /// The secret.
        secret: EnvVar,
        /// Hash.
        algorithm: HmacAlgorithm,
        /// Header of the signature.
        header: String,
        /// Header of the time. `None`: it is not sent.
        timestamp_header: Option<String>,
        /// How the signature is written.
        encoding: SignatureEncoding,
        /// With `{method}`, `{path}`, `{timestamp}` and `{body}` still in it.
        signed_text: String,
    },
    /// A signature as AWS wants it.
    Sigv4 {
        /// Region of the service.
        region: String,
        /// Its name in signatures.
        service: String,
        /// Access key.
        access_key: EnvVar,
        /// Secret key.
        secret_key: EnvVar,
        /// Token of a session.
        session_token: Option<EnvVar>,
    },
}

/// Where a key stands in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyPlace {
    /// In a header.
    Header {
        /// Its name.
        name: String,
        /// Word before the key; may be empty.
        scheme: String,
    },
    /// In the query.
    Query {
        /// Name of the parameter.
        param: String,
    },
}

/// Where user name and password come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BasicCredentials {
    /// One variable holds `user:password`.
    Joined(EnvVar),
    /// One variable each.
    Apart {
        /// User name.
        user: EnvVar,
        /// Password.
        password: EnvVar,
    },
}

/// Who asks for a token, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct OauthClient {
    /// What is exchanged.
    pub(crate) grant: Grant,
    /// Address that gives tokens.
    pub(crate) token_url: String,
    /// Id of the client.
    pub(crate) client_id: EnvVar,
    /// Its secret. `None`: a public client.
    pub(crate) client_secret: Option<EnvVar>,
    /// What is asked to be allowed.
    pub(crate) scopes: Vec<String>,
    /// Id and secret stand in the body, not in a header.
    pub(crate) secret_in_body: bool,
    /// Further fields of the request.
    pub(crate) params: IndexMap<String, Secret>,
}

/// What is exchanged for a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    /// Id and secret of the client.
    ClientCredentials,
    /// A refresh token; the first one stands in this variable.
    RefreshToken(EnvVar),
}

/// Hashes of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HmacAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// SHA-1.
    Sha1,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignatureEncoding {
    /// Hexadecimal, small letters.
    Hex,
    /// Base64.
    Base64,
}

/// Body of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RequestBody {
    /// How it is written.
    pub(crate) format: BodyFormat,
    /// A JSON object, `{run_date}` still in its texts.
    pub(crate) json: Secret,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyFormat {
    /// As JSON.
    Json,
    /// As the fields of a form.
    Form,
}

/// How further pages are asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Pagination {
    /// By what.
    pub(crate) kind: PageKind,
    /// Pages at most; more is a failure.
    pub(crate) max_pages: Option<u64>,
    /// Records at most; the extract stops there.
    pub(crate) max_records: Option<u64>,
    /// Where the parameters stand.
    pub(crate) location: ParamLocation,
    /// Dotted path to the number of all records.
    pub(crate) total_path: Option<String>,
    /// Dotted path to the answer's own word on whether there is more.
    pub(crate) has_more_path: Option<String>,
}

/// By what further pages are asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum PageKind {
    /// There is one page.
    One,
    /// By number of records to skip.
    Offset {
        /// Its parameter.
        offset_param: String,
        /// That of the page size.
        limit_param: String,
        /// At least 1.
        page_size: u32,
    },
    /// By page number.
    Page {
        /// Its parameter.
        page_param: String,
        /// That of the page size.
        limit_param: String,
        /// At least 1.
        page_size: u32,
        /// Number of the first page.
        start_page: u32,
    },
    /// By a cursor.
    Cursor {
        /// Where it is.
        from: CursorFrom,
        /// Parameter that carries it.
        param: String,
        /// Parameter of the page size. `None`: it is not sent.
        limit_param: Option<String>,
        /// At least 1.
        page_size: u32,
    },
    /// By the last record.
    Keyset {
        /// Its field.
        field: String,
        /// Parameter that carries it.
        param: String,
        /// Parameter of the page size. `None`: it is not sent.
        limit_param: Option<String>,
        /// At least 1.
        page_size: u32,
    },
    /// By stretches of time.
    Window {
        /// Parameter of the start.
        start_param: String,
        /// Parameter of the end.
        end_param: String,
        /// Length, more than 0.
        hours: f64,
        /// Start of the first. `None`: the cursor.
        start: Option<String>,
        /// strftime.
        format: String,
    },
}

/// Where a cursor is in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CursorFrom {
    /// The `Link` header with this relation.
    LinkHeader(String),
    /// A field, sent back in the query.
    Field(String),
    /// A field, sent back in the body.
    Body(String),
    /// A header.
    Header(String),
}

/// Where parameters of a page stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ParamLocation {
    /// In the query.
    Query,
    /// In the body.
    Body,
}

/// Another endpoint, whose records each lead to a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Parent {
    /// With a slash at its start.
    pub(crate) endpoint: String,
    /// Query parameters.
    pub(crate) params: IndexMap<String, Secret>,
    /// Dotted path or JMESPath to the parents.
    pub(crate) data_path: Option<String>,
    /// `{name}` of the child's endpoint, and field of the parent.
    pub(crate) path_params: IndexMap<String, String>,
    /// Fields of the parent that children get as columns.
    pub(crate) keep_fields: Vec<String>,
    /// How further pages of parents are asked for.
    pub(crate) pagination: Pagination,
}

/// Certificates of an HTTP connection; absolute files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HttpTls {
    /// Further authorities.
    pub(crate) ca_file: Option<PathBuf>,
    /// The program's own certificate.
    pub(crate) client_cert_file: Option<PathBuf>,
    /// Its key. `None`: in the same file.
    pub(crate) client_key_file: Option<PathBuf>,
    /// The certificate of the server is not verified.
    pub(crate) unverified: bool,
}
