//! Whether an API gets what its kind of authentication needs: nothing goes out unauthenticated by accident.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::{ApiOptions, AuthType, GrantType, SourceKind};
use crate::diagnostic::{Diagnostic, code};

const TOKEN: &str = "source.api.auth_env_var";
const USER: &str = "source.api.auth_username_env_var";
const PASSWORD: &str = "source.api.auth_password_env_var";
const HEADER: &str = "source.api.auth_header";
const PARAM: &str = "source.api.auth_query_param";
const SCHEME: &str = "source.api.auth_scheme";

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(source) = dataset.source().filter(|source| source.kind == Some(SourceKind::Api)) else { return };
    let Some(api) = &source.api else { return };
    let auth_type = match api.auth_type {
        Some(kind) => kind,
        None if dataset.given("source.api.auth_type") || dataset.misspelt("source.api.auth_type", findings) => return,
        None => AuthType::None,
    };
    match auth_type {
        AuthType::None => unused(dataset, findings),
        AuthType::Bearer | AuthType::Apikey => token(dataset, auth_type, findings),
        AuthType::Basic => basic(dataset, findings),
        AuthType::Oauth2 => oauth2(dataset, api, findings),
        AuthType::Hmac | AuthType::Sigv4 => {}
    }
    without_effect(dataset, auth_type, findings);
    let own_header = match auth_type {
        AuthType::None | AuthType::Hmac => None,
        AuthType::Apikey => Some(api.auth_header.as_deref().unwrap_or("X-API-Key")).filter(|_| !dataset.given(PARAM)),
        AuthType::Bearer => Some(api.auth_header.as_deref().unwrap_or("Authorization")),
        AuthType::Basic | AuthType::Oauth2 | AuthType::Sigv4 => Some("Authorization"),
    };
    for (map, names) in [
        ("headers", api.headers.iter().flatten().map(|(name, _)| name).collect::<Vec<_>>()),
        ("header_env_vars", api.header_env_vars.iter().flatten().map(|(name, _)| name).collect()),
    ] {
        for name in names.into_iter().filter(|name| own_header.is_some_and(|own| own.eq_ignore_ascii_case(name))) {
            let finding = Diagnostic::error(code::CFG024, format!("the header `{name}` is set by `auth_type` too"))
                .help("remove it here, or set `auth_type: none`");
            dataset.report(findings, &format!("source.api.{map}.{name}"), Mark::Key, finding);
        }
    }
}

fn missing(text: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code::CFG032, text).help(help)
}

/// Secrets are named, but nothing says how they are used.
fn unused(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let sections = ["source.api.oauth2", "source.api.hmac", "source.api.sigv4"];
    let said = dataset.given("source.api.auth_type");
    let Some(path) = dataset.first_given(&[TOKEN, USER, PASSWORD, HEADER, PARAM, SCHEME]).or_else(|| {
        // A section that is not chosen was looked at by the walk, if there is a choice.
        dataset.first_given(&sections).filter(|_| !said)
    }) else {
        return;
    };
    let key = path.rsplit('.').next().unwrap_or(path);
    let finding = missing(
        format!("`{key}` is given, but requests go out unauthenticated"),
        "add `auth_type: bearer`, or the kind that is meant; remove the key if none is",
    );
    dataset.report(findings, path, Mark::Key, finding);
}

fn token(dataset: &DatasetView<'_>, kind: AuthType, findings: &mut Findings) {
    if !dataset.given(TOKEN) && !dataset.misspelt(TOKEN, findings) {
        let what = if kind == AuthType::Bearer { "token" } else { "key" };
        let finding = missing(
            format!("`auth_type: {}` needs `auth_env_var`", kind.as_str()),
            format!("add `auth_env_var: MY_API_KEY`, the name of the environment variable that holds the {what}"),
        );
        dataset.report(findings, "source.api.auth_type", Mark::Value, finding);
    }
    if dataset.given(PARAM)
        && let Some(other) = dataset.first_given(&[HEADER, SCHEME])
    {
        let finding = Diagnostic::error(code::CFG024, "the key would stand in a header and in the query")
            .help("keep `auth_header` or `auth_query_param`");
        dataset.report(findings, other, Mark::Key, finding);
    }
}

fn basic(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let (joined, user, password) = (dataset.given(TOKEN), dataset.given(USER), dataset.given(PASSWORD));
    let misspelt = [TOKEN, USER, PASSWORD].iter().any(|path| dataset.misspelt(path, findings));
    if joined && (user || password) {
        let finding = Diagnostic::error(code::CFG024, "user name and password are named twice")
            .help("keep `auth_env_var`, whose variable holds `user:password`, or the two keys with one variable each");
        dataset.report(findings, TOKEN, Mark::Key, finding);
    } else if !(joined || misspelt || (user && password)) {
        let (place, mark) = match dataset.first_given(&[USER, PASSWORD]) {
            Some(path) => (path, Mark::Key),
            None => ("source.api.auth_type", Mark::Value),
        };
        let finding = missing(
            "`auth_type: basic` needs user name and password",
            "add `auth_env_var`, the name of a variable that holds `user:password`, or both `auth_username_env_var` and `auth_password_env_var`",
        );
        dataset.report(findings, place, mark, finding);
    }
}

fn oauth2(dataset: &DatasetView<'_>, api: &ApiOptions, findings: &mut Findings) {
    let Some(oauth2) = &api.oauth2 else { return };
    if dataset.unreadable("source.api.oauth2.grant_type", oauth2.grant_type.as_ref()) {
        return;
    }
    let grant = oauth2.grant_type.unwrap_or(GrantType::ClientCredentials);
    let (key, name) = match grant {
        GrantType::ClientCredentials => ("client_secret_env_var", "client_credentials"),
        GrantType::RefreshToken => ("refresh_token_env_var", "refresh_token"),
    };
    let path = format!("source.api.oauth2.{key}");
    if !dataset.given(&path) && !dataset.misspelt(&path, findings) {
        let finding = missing(
            format!("`grant_type: {name}` needs `{key}`"),
            format!("add `{key}:` with the name of the environment variable that holds it"),
        );
        dataset.report(findings, &path, Mark::Key, finding);
    }
    if grant == GrantType::ClientCredentials && dataset.given("source.api.oauth2.refresh_token_env_var") {
        dataset.idle(
            findings,
            "source.api.oauth2.refresh_token_env_var",
            ", because `grant_type` is `client_credentials`",
            "remove it, or set `grant_type: refresh_token`",
        );
    }
}

/// Keys of another kind of authentication.
fn without_effect(dataset: &DatasetView<'_>, kind: AuthType, findings: &mut Findings) {
    let used: &[&str] = match kind {
        AuthType::None => return,
        AuthType::Bearer => &[TOKEN, HEADER, SCHEME],
        AuthType::Apikey => &[TOKEN, HEADER, SCHEME, PARAM],
        AuthType::Basic => &[TOKEN, USER, PASSWORD],
        AuthType::Oauth2 | AuthType::Hmac | AuthType::Sigv4 => &[],
    };
    for path in [TOKEN, USER, PASSWORD, HEADER, SCHEME, PARAM] {
        if !used.contains(&path) && dataset.given(path) {
            let why = format!(", because `auth_type` is `{}`", kind.as_str());
            dataset.idle(findings, path, &why, "remove it");
        }
    }
}
