//! `source.api`.

use super::Around;
use super::source::{api_incremental, secrets};
use crate::config::options::{
    ApiOptions, AuthType, BodyFormat as BodyFormatOption, CursorOptions, CursorType, GrantType,
    HmacAlgorithm as HmacAlgorithmOption, HmacEncoding, HmacOptions, HttpTlsOptions, Method as MethodOption,
    Oauth2Options, PaginationOptions, PaginationType, ParamLocation as ParamLocationOption, ParentOptions,
    SecretLocation, Sigv4Options, WindowOptions,
};
use crate::config::settings::{
    ApiSource, Auth, BasicCredentials, BodyFormat, CursorFrom, Grant, HmacAlgorithm, HttpTls, KeyPlace, Method,
    OauthClient, PageKind, Pagination, ParamLocation, Parent, RequestBody, Secret, SignatureEncoding,
};

pub(super) fn api(options: &ApiOptions, keys: impl Fn() -> Vec<String>, around: Around<'_>) -> Option<ApiSource> {
    let incremental = match options.incremental.as_ref().filter(|incremental| incremental.enabled != Some(false)) {
        Some(incremental) => Some(api_incremental(incremental, keys)?),
        None => None,
    };
    let parent = match &options.parent {
        Some(parent) => Some(self::parent(parent)?),
        None => None,
    };
    Some(ApiSource {
        base_url: options.base_url.as_ref()?.trim_end_matches('/').to_owned(),
        endpoint: rooted(options.endpoint.as_deref().unwrap_or("/")),
        method: match options.method {
            None | Some(MethodOption::Get) => Method::Get,
            Some(MethodOption::Post) => Method::Post,
            Some(MethodOption::Put) => Method::Put,
            Some(MethodOption::Patch) => Method::Patch,
            Some(MethodOption::Delete) => Method::Delete,
        },
        auth: auth(options, around)?,
        headers: secrets(options.headers.as_ref()),
        header_env_vars: options
            .header_env_vars
            .iter()
            .flatten()
            .map(|(key, name)| (key.clone(), around.variable(name)))
            .collect(),
        params: secrets(options.params.as_ref()),
        path_params: secrets(options.path_params.as_ref()),
        body: options.body.as_ref().map(|fields| RequestBody {
            format: match options.body_format {
                None | Some(BodyFormatOption::Json) => BodyFormat::Json,
                Some(BodyFormatOption::Form) => BodyFormat::Form,
            },
            json: Secret::new(serde_json::json!(fields).to_string()),
        }),
        data_path: options.data_path.clone(),
        response_schema: around.optional_path(options.response_schema.as_ref()),
        pagination: pagination(options.pagination.as_ref())?,
        incremental,
        parent,
        tls: options.tls.as_ref().map(|tls| self::tls(tls, around)).unwrap_or_default(),
    })
}

fn rooted(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

fn auth(options: &ApiOptions, around: Around<'_>) -> Option<Auth> {
    let env_var = |name: Option<&String>| name.map(|name| around.variable(name));
    let token = || env_var(options.auth_env_var.as_ref());
    Some(match options.auth_type.unwrap_or(AuthType::None) {
        AuthType::None => Auth::None,
        AuthType::Bearer => Auth::Bearer {
            token: token()?,
            header: options.auth_header.clone().unwrap_or_else(|| "Authorization".into()),
            scheme: options.auth_scheme.clone().unwrap_or_else(|| "Bearer".into()),
        },
        AuthType::Apikey => Auth::ApiKey {
            key: token()?,
            place: match &options.auth_query_param {
                Some(param) => KeyPlace::Query { param: param.clone() },
                None => KeyPlace::Header {
                    name: options.auth_header.clone().unwrap_or_else(|| "X-API-Key".into()),
                    scheme: options.auth_scheme.clone().unwrap_or_default(),
                },
            },
        },
        AuthType::Basic => Auth::Basic {
            credentials: match token() {
                Some(joined) => BasicCredentials::Joined(joined),
                None => BasicCredentials::Apart {
                    user: env_var(options.auth_username_env_var.as_ref())?,
                    password: env_var(options.auth_password_env_var.as_ref())?,
                },
            },
        },
        AuthType::Oauth2 => Auth::Oauth2(oauth2(options.oauth2.as_ref()?, around)?),
        AuthType::Hmac => hmac(options.hmac.as_ref()?, around)?,
        AuthType::Sigv4 => sigv4(options.sigv4.as_ref()?, around)?,
    })
}

fn oauth2(options: &Oauth2Options, around: Around<'_>) -> Option<OauthClient> {
    let env_var = |name: Option<&String>| name.map(|name| around.variable(name));
    Some(OauthClient {
        grant: match options.grant_type {
            None | Some(GrantType::ClientCredentials) => Grant::ClientCredentials,
            Some(GrantType::RefreshToken) => Grant::RefreshToken(env_var(options.refresh_token_env_var.as_ref())?),
        },
        token_url: options.token_url.clone()?,
        client_id: env_var(options.client_id_env_var.as_ref())?,
        client_secret: env_var(options.client_secret_env_var.as_ref()),
        scopes: options.scopes.as_ref().map(|scopes| scopes.0.clone()).unwrap_or_default(),
        secret_in_body: options.client_secret_in == Some(SecretLocation::Body),
        params: secrets(options.params.as_ref()),
    })
}

fn hmac(options: &HmacOptions, around: Around<'_>) -> Option<Auth> {
    let env_var = |name: Option<&String>| name.map(|name| around.variable(name));
    Some(Auth::Hmac {
        secret: env_var(options.secret_env_var.as_ref())?,
        algorithm: match options.algorithm {
            None | Some(HmacAlgorithmOption::Sha256) => HmacAlgorithm::Sha256,
            Some(HmacAlgorithmOption::Sha512) => HmacAlgorithm::Sha512,
            Some(HmacAlgorithmOption::Sha1) => HmacAlgorithm::Sha1,
        },
        header: options.header.clone().unwrap_or_else(|| "X-Signature".into()),
        timestamp_header: options.timestamp_header.clone(),
        encoding: match options.encoding {
            None | Some(HmacEncoding::Hex) => SignatureEncoding::Hex,
            Some(HmacEncoding::Base64) => SignatureEncoding::Base64,
        },
        signed_text: options.signed_text.clone().unwrap_or_else(|| "{method}\n{path}\n{timestamp}\n{body}".into()),
    })
}

fn sigv4(options: &Sigv4Options, around: Around<'_>) -> Option<Auth> {
    let env_var = |name: Option<&String>| name.map(|name| around.variable(name));
    let named = |name: &Option<String>, default: &str| around.variable(name.as_deref().unwrap_or(default));
    Some(Auth::Sigv4 {
        region: options.region.clone()?,
        service: options.service.clone().unwrap_or_else(|| "execute-api".into()),
        access_key: named(&options.access_key_env_var, "AWS_ACCESS_KEY_ID"),
        secret_key: named(&options.secret_key_env_var, "AWS_SECRET_ACCESS_KEY"),
        session_token: env_var(options.session_token_env_var.as_ref()),
    })
}

fn tls(options: &HttpTlsOptions, around: Around<'_>) -> HttpTls {
    HttpTls {
        ca_file: around.optional_path(options.ca_file.as_ref()),
        client_cert_file: around.optional_path(options.client_cert_file.as_ref()),
        client_key_file: around.optional_path(options.client_key_file.as_ref()),
        unverified: options.verify == Some(false),
    }
}

fn pagination(options: Option<&PaginationOptions>) -> Option<Pagination> {
    let none = PaginationOptions::default();
    let options = options.unwrap_or(&none);
    let page_size = options.page_size.unwrap_or(100);
    let limit_param = options.limit_param.clone();
    let kind = match options.kind.unwrap_or(PaginationType::None) {
        PaginationType::None => PageKind::One,
        PaginationType::Offset => PageKind::Offset {
            offset_param: options.offset_param.clone().unwrap_or_else(|| "offset".into()),
            limit_param: limit_param.unwrap_or_else(|| "limit".into()),
            page_size,
        },
        PaginationType::Page => PageKind::Page {
            page_param: options.page_param.clone().unwrap_or_else(|| "page".into()),
            limit_param: limit_param.unwrap_or_else(|| "page_size".into()),
            page_size,
            start_page: options.start_page.unwrap_or(1),
        },
        PaginationType::Cursor => {
            let cursor = options.cursor.as_ref()?;
            PageKind::Cursor {
                from: cursor_from(cursor)?,
                param: cursor.param.clone().unwrap_or_else(|| "cursor".into()),
                limit_param,
                page_size,
            }
        }
        PaginationType::Keyset => PageKind::Keyset {
            field: options.keyset_field.clone()?,
            param: options.keyset_param.clone()?,
            limit_param,
            page_size,
        },
        PaginationType::Window => window(options.window.as_ref()?)?,
    };
    Some(Pagination {
        kind,
        max_pages: options.max_pages,
        max_records: options.max_records,
        location: match options.param_location {
            None | Some(ParamLocationOption::Query) => ParamLocation::Query,
            Some(ParamLocationOption::Body) => ParamLocation::Body,
        },
        total_path: options.total_path.clone(),
        has_more_path: options.has_more_path.clone(),
    })
}

fn cursor_from(options: &CursorOptions) -> Option<CursorFrom> {
    Some(match options.kind? {
        CursorType::LinkHeader => CursorFrom::LinkHeader(options.field.clone().unwrap_or_else(|| "next".into())),
        CursorType::ResponseField => CursorFrom::Field(options.field.clone()?),
        CursorType::Body => CursorFrom::Body(options.field.clone()?),
        CursorType::Header => CursorFrom::Header(options.field.clone()?),
    })
}

fn window(options: &WindowOptions) -> Option<PageKind> {
    Some(PageKind::Window {
        start_param: options.start_param.clone()?,
        end_param: options.end_param.clone()?,
        hours: options.hours.unwrap_or(24.0),
        start: options.start.clone(),
        format: options.format.clone().unwrap_or_else(|| "%Y-%m-%dT%H:%M:%SZ".into()),
    })
}

fn parent(options: &ParentOptions) -> Option<Parent> {
    let path_params = options.path_params.clone()?;
    Some(Parent {
        endpoint: rooted(options.endpoint.as_deref()?),
        params: secrets(options.params.as_ref()),
        data_path: options.data_path.clone(),
        keep_fields: options
            .keep_fields
            .as_ref()
            .map_or_else(|| path_params.values().cloned().collect(), |columns| columns.0.clone()),
        path_params,
        pagination: pagination(options.pagination.as_ref())?,
    })
}
