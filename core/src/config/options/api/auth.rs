//! How a program proves to an API who it is. Secrets are named by environment variable.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::options::{ScalarText, TextOrList};

/// Kinds of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum AuthType {
    /// `Authorization: Bearer <token>`, the token from `auth_env_var`.
    Bearer,
    /// A key in a header or query parameter, from `auth_env_var`.
    Apikey,
    /// User name and password: `auth_env_var` holds `user:password`, or one variable each.
    Basic,
    /// A token that is asked for, as `oauth2` describes.
    Oauth2,
    /// Every request is signed with a secret, as `hmac` describes.
    Hmac,
    /// Every request is signed as AWS wants it, as `sigv4` describes.
    Sigv4,
    /// None.
    None,
}

impl AuthType {
    /// As written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Apikey => "apikey",
            Self::Basic => "basic",
            Self::Oauth2 => "oauth2",
            Self::Hmac => "hmac",
            Self::Sigv4 => "sigv4",
            Self::None => "none",
        }
    }
}

/// How a token is got.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Oauth2Options {
    /// What is exchanged for a token. Default: `client_credentials`.
    #[schemars(extend("default" = "client_credentials"))]
    pub(crate) grant_type: Option<GrantType>,
    /// Address that gives tokens. Example: `https://login.example.com/oauth2/token`.
    #[schemars(required, extend("x-form" = "web_address", "examples" = ["https://login.example.com/oauth2/token"]))]
    pub(crate) token_url: Option<String>,
    /// Name of the environment variable that holds the id of the client. Example: `OAUTH_CLIENT_ID`.
    #[schemars(required, extend("x-env" = true, "x-form" = "variable", "examples" = ["OAUTH_CLIENT_ID"]))]
    pub(crate) client_id_env_var: Option<String>,
    /// Name of the environment variable that holds the secret of the client. Public clients have none.
    /// Example: `OAUTH_CLIENT_SECRET`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["OAUTH_CLIENT_SECRET"]))]
    pub(crate) client_secret_env_var: Option<String>,
    /// Name of the environment variable that holds the first refresh token. Later ones are kept with the
    /// state of the dataset, should the server give new ones. Example: `OAUTH_REFRESH_TOKEN`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "x-when" = { "key": "grant_type", "in": ["refresh_token"] }, "examples" = ["OAUTH_REFRESH_TOKEN"]))]
    pub(crate) refresh_token_env_var: Option<String>,
    /// What is asked to be allowed. Default: none. Example: `[orders.read]`.
    #[schemars(extend("examples" = [["orders.read"]]))]
    pub(crate) scopes: Option<TextOrList>,
    /// Where the id and secret of the client stand in the request for a token. Default: `header`.
    #[schemars(extend("default" = "header", "x-advanced" = true))]
    pub(crate) client_secret_in: Option<SecretLocation>,
    /// Further fields of the request for a token. Example: `{audience: https://api.example.com}`.
    #[schemars(extend("x-advanced" = true, "examples" = [{ "audience": "https://api.example.com" }]))]
    pub(crate) params: Option<IndexMap<String, ScalarText>>,
}

/// What is exchanged for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum GrantType {
    /// Id and secret of the client.
    ClientCredentials,
    /// A refresh token.
    RefreshToken,
}

/// Where the id and secret of a client stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum SecretLocation {
    /// In the `Authorization` header, as basic authentication.
    Header,
    /// In the body, as fields of the form.
    Body,
}

/// How requests are signed with a secret.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HmacOptions {
    /// Name of the environment variable that holds the secret. Example: `API_SECRET`.
    #[schemars(required, extend("x-env" = true, "x-form" = "variable", "examples" = ["API_SECRET"]))]
    pub(crate) secret_env_var: Option<String>,
    /// Hash that is used. Default: `sha256`.
    #[schemars(extend("default" = "sha256"))]
    pub(crate) algorithm: Option<HmacAlgorithm>,
    /// Header that carries the signature. Default: `X-Signature`.
    #[schemars(extend("x-form" = "header", "default" = "X-Signature"))]
    pub(crate) header: Option<String>,
    /// Header that carries the time of the request, in seconds since 1970. Default: it is not sent.
    #[schemars(extend("x-form" = "header", "x-advanced" = true, "examples" = ["X-Timestamp"]))]
    pub(crate) timestamp_header: Option<String>,
    /// How the signature is written. Default: `hex`.
    #[schemars(extend("default" = "hex", "x-advanced" = true))]
    pub(crate) encoding: Option<HmacEncoding>,
    /// The text that is signed; `{method}`, `{path}` (with query), `{timestamp}` and `{body}` are filled
    /// in. Default: `"{method}\n{path}\n{timestamp}\n{body}"`.
    #[schemars(extend("x-form" = "signed_text", "x-long" = true, "x-advanced" = true, "default" = "{method}\n{path}\n{timestamp}\n{body}"))]
    pub(crate) signed_text: Option<String>,
}

/// Hashes of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum HmacAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// SHA-1, for old services only.
    Sha1,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum HmacEncoding {
    /// Hexadecimal, small letters.
    Hex,
    /// Base64.
    Base64,
}

/// How requests are signed as AWS wants it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sigv4Options {
    /// Region of the service. Example: `eu-central-1`.
    #[schemars(required, length(min = 1), extend("examples" = ["eu-central-1"]))]
    pub(crate) region: Option<String>,
    /// Name of the service in signatures. Default: `execute-api`, that of an API gateway.
    #[schemars(length(min = 1), extend("default" = "execute-api"))]
    pub(crate) service: Option<String>,
    /// Name of the environment variable that holds the access key. Default: `AWS_ACCESS_KEY_ID`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "default" = "AWS_ACCESS_KEY_ID"))]
    pub(crate) access_key_env_var: Option<String>,
    /// Name of the environment variable that holds the secret key. Default: `AWS_SECRET_ACCESS_KEY`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "default" = "AWS_SECRET_ACCESS_KEY"))]
    pub(crate) secret_key_env_var: Option<String>,
    /// Name of the environment variable that holds the token of a session. Default: none is sent.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "x-advanced" = true, "examples" = ["AWS_SESSION_TOKEN"]))]
    pub(crate) session_token_env_var: Option<String>,
}

/// Certificates of an HTTP connection.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpTlsOptions {
    /// File with certificates of authorities to trust besides the system's, PEM. Default: none.
    #[schemars(extend("x-form" = "file_path", "examples" = ["./certs/ca.pem"]))]
    pub(crate) ca_file: Option<String>,
    /// File with the program's own certificate, PEM, for servers that ask for one. Default: none.
    #[schemars(extend("x-form" = "file_path", "examples" = ["./certs/client.pem"]))]
    pub(crate) client_cert_file: Option<String>,
    /// File with the key of that certificate, PEM. Default: it stands in `client_cert_file` too.
    #[schemars(extend("x-form" = "file_path", "examples" = ["./certs/client.key"]))]
    pub(crate) client_key_file: Option<String>,
    /// Whether the certificate of the server is verified. Switch it off only against a test service that
    /// nobody else can reach. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) verify: Option<bool>,
}
