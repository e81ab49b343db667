//! Whether the keys of `source.api` that make up a request go with each other.

use indexmap::IndexMap;

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::options::{ApiOptions, Method, ScalarText, SourceKind};
use crate::config::syntax::Value;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(source) = dataset.source().filter(|source| source.kind == Some(SourceKind::Api)) else { return };
    let Some(api) = &source.api else { return };
    if !dataset.given("source.api.endpoint") && !dataset.misspelt("source.api.endpoint", findings) {
        let finding = Diagnostic::warning(code::CFG003, "no `endpoint` is given, so the API is asked at `/`")
            .help("add `endpoint: /` if that is meant, otherwise the path, for example `/v1/users`");
        dataset.report(findings, "source.api.endpoint", Mark::Key, finding);
    }
    let method = api.method.unwrap_or(Method::Get);
    let unreadable = dataset.unreadable("source.api.method", api.method.as_ref());
    if api.body.is_some() && matches!(method, Method::Get | Method::Delete) && !unreadable {
        let finding = Diagnostic::error(code::CFG024, "a `body` needs a method that sends one")
            .help("set `method: POST`, or write the values into `params`");
        dataset.report(findings, "source.api.body", Mark::Key, finding);
    }
    if api.body.is_none() && !dataset.given("source.api.body") && dataset.given("source.api.body_format") {
        dataset.idle(findings, "source.api.body_format", ", because there is no `body`", "remove it, or add a `body`");
    }
    placeholders(dataset, api, findings);
    secrets_in_clear(dataset, "api", api.headers.as_ref(), ", or use `auth_type`", findings);
}

/// Every name in braces is filled in, and every value has its place.
fn placeholders(dataset: &DatasetView<'_>, api: &ApiOptions, findings: &mut Findings) {
    let Some(endpoint) = &api.endpoint else { return };
    let names = forms::placeholders(endpoint).unwrap_or_default();
    let own = api.path_params.iter().flatten().map(|(name, _)| ("source.api.path_params", name));
    let parent = api.parent.as_ref().and_then(|parent| parent.path_params.as_ref());
    let of_parent = parent.into_iter().flatten().map(|(name, _)| ("source.api.parent.path_params", name));
    let filled: Vec<(&str, &String)> = own.chain(of_parent).collect();
    for name in &names {
        if *name != "run_date" && !filled.iter().any(|(_, known)| known == name) {
            let finding = Diagnostic::error(code::CFG016, "the endpoint has a name in braces that nothing fills in")
                .help("give its value in `path_params`; the one name that is always known is `{run_date}`");
            dataset.report(findings, "source.api.endpoint", Mark::Value, finding);
        }
    }
    for (path, name) in filled {
        if !names.contains(&name.as_str()) {
            let finding = Diagnostic::error(code::CFG024, "a value of `path_params` has no place in `endpoint`")
                .help(format!("write its name in braces where it belongs: `/v1/…/{{{name}}}`"));
            dataset.report(findings, &format!("{path}.{name}"), Mark::Key, finding);
        }
    }
}

/// Headers that carry secrets by custom. `section` is that of `source`, and `otherwise` says what there
/// is beside `header_env_vars`.
pub(super) fn secrets_in_clear(
    dataset: &DatasetView<'_>,
    section: &str,
    headers: Option<&IndexMap<String, ScalarText>>,
    otherwise: &str,
    findings: &mut Findings,
) {
    const SECRET: [&str; 6] =
        ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"];
    for name in headers.into_iter().flatten().map(|(name, _)| name) {
        let Some(node) = dataset.node(&["source", section, "headers", name]) else { continue };
        let from_variable = matches!(&node.value, Value::Scalar(scalar) if scalar.text.contains("${"));
        if SECRET.contains(&name.to_ascii_lowercase().as_str()) && !from_variable {
            let finding = Diagnostic::warning(
                code::CFG030,
                format!("the header `{name}` carries a secret, and stands here in clear"),
            )
            .help(format!("name a variable instead, `header_env_vars: {{{name}: MY_TOKEN}}`{otherwise}"));
            dataset.report_node(findings, &format!("source.{section}.headers"), node, finding);
        }
    }
}
