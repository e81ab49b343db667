//! Whether each layer's storage can be found and reached, and what stands beside it has an effect.

use super::view::{Entries, Mark};
use crate::config::findings::Findings;
use crate::config::options::Backend;
use crate::diagnostic::{Diagnostic, code};

/// A layer's section, with what it says of its storage.
struct Layer {
    section: &'static str,
    backend: Option<Backend>,
    default_folder: &'static str,
}

pub(super) fn check(entries: &Entries<'_>, findings: &mut Findings) {
    let platform = entries.around.platform;
    let bronze = Layer {
        section: "platform.bronze",
        backend: platform.bronze.as_ref().and_then(|layer| layer.storage_backend),
        default_folder: "./output",
    };
    let silver = Layer {
        section: "platform.silver",
        backend: platform.silver.as_ref().and_then(|layer| layer.storage_backend),
        default_folder: "./silver_output",
    };
    for layer in [&bronze, &silver] {
        // A backend that is not known was reported by the walk.
        if layer.backend.is_some() || !entries.given(&format!("{}.storage_backend", layer.section)) {
            place(entries, layer, findings);
        }
    }
    for section in ["platform", "platform.bronze", "platform.silver"] {
        s3(entries, &format!("{section}.s3_connection"), findings);
        azure(entries, &format!("{section}.azure_connection"), findings);
        gcs(entries, &format!("{section}.gcs_connection"), findings);
    }
    scratch(entries, &bronze, &silver, findings);
}

fn place(entries: &Entries<'_>, layer: &Layer, findings: &mut Findings) {
    let at = |key: &str| format!("{}.{key}", layer.section);
    let backend = layer.backend.unwrap_or(Backend::Local);
    let needs_bucket = !matches!(backend, Backend::Local | Backend::Custom);
    if backend == Backend::Custom && !entries.given(&at("storage_scheme")) && !findings.suggested(&at("storage_scheme"))
    {
        let finding = Diagnostic::error(code::CFG035, "`storage_backend: custom` needs `storage_scheme`")
            .help("`medallion --list-backends` lists the kinds of storage that this program has");
        entries.report(findings, &at("storage_backend"), Mark::Value, finding);
    }
    for key in ["storage_scheme", "storage_options"] {
        if backend != Backend::Custom && entries.given(&at(key)) {
            let why = format!(", because `storage_backend` is `{}`", backend.as_str());
            entries.idle(findings, &at(key), &why, "remove it, or choose `storage_backend: custom`");
        }
    }
    if needs_bucket && !entries.given(&at("bucket")) && !findings.suggested(&at("bucket")) {
        let what = if backend == Backend::Azure { "container" } else { "bucket" };
        let text = format!("`storage_backend: {}` needs `bucket`, the name of the {what}", backend.as_str());
        let help = format!(
            "add `bucket: my-{what}`; `output_dir` is scratch space beside such a storage, and nothing lands there"
        );
        let finding = Diagnostic::error(code::CFG035, text).help(help);
        entries.report(findings, &at("storage_backend"), Mark::Value, finding);
    }
    if backend == Backend::Local {
        for key in ["bucket", "region"] {
            if entries.given(&at(key)) {
                let folder = format!("`output_dir`, by default `{}`", layer.default_folder);
                let help = format!("data lands in {folder}; set `storage_backend: s3` to use a bucket, or remove it");
                entries.idle(findings, &at(key), ", because `storage_backend` is `local`", &help);
            }
        }
    }
    if backend != Backend::S3 && needs_bucket && entries.given(&at("region")) {
        let why = format!(", because `storage_backend` is `{}`", backend.as_str());
        entries.idle(findings, &at("region"), &why, "remove it");
    }
    for (key, of) in
        [("s3_connection", Backend::S3), ("azure_connection", Backend::Azure), ("gcs_connection", Backend::Gcs)]
    {
        if entries.given(&at(key)) && backend != of {
            let finding = Diagnostic::warning(
                code::CFG023,
                format!("`{key}` has no effect, because `storage_backend` is `{}`", backend.as_str()),
            )
            .help(format!("remove the section, or choose `storage_backend: {}`", of.as_str()));
            entries.report(findings, &at(key), Mark::Key, finding);
        }
    }
    if backend == Backend::Azure {
        account(entries, layer, findings);
    }
}

/// Azure is reached by account; nothing on a machine says which.
fn account(entries: &Entries<'_>, layer: &Layer, findings: &mut Findings) {
    const ACCOUNT: [&str; 4] = ["connection_string_env_var", "account_name", "account_name_env_var", "account_url"];
    let own = format!("{}.azure_connection", layer.section);
    let section = if entries.given(&own) { own } else { "platform.azure_connection".to_owned() };
    let known = ACCOUNT.iter().any(|key| {
        let path = format!("{section}.{key}");
        entries.given(&path) || findings.suggested(&path)
    });
    if !known {
        let finding = Diagnostic::error(code::CFG035, "`storage_backend: azure` needs an account").help(
            "add `platform.azure_connection: {account_name: mylake}` with `account_key_env_var`, `sas_token_env_var` or `managed_identity: true`, or `connection_string_env_var`",
        );
        entries.report(findings, &format!("{}.storage_backend", layer.section), Mark::Value, finding);
    }
}

/// Of several ways to say one thing there is one.
fn one_of(entries: &Entries<'_>, section: &str, keys: &[&str], what: &str, findings: &mut Findings) {
    let given: Vec<&&str> = keys.iter().filter(|key| entries.given(&format!("{section}.{key}"))).collect();
    if let [first, second, ..] = given.as_slice() {
        let finding = Diagnostic::error(code::CFG024, format!("`{first}` and `{second}` both say {what}"))
            .help("keep one of them");
        entries.report(findings, &format!("{section}.{second}"), Mark::Key, finding);
    }
}

fn needs(entries: &Entries<'_>, section: &str, key: &str, other: &str, findings: &mut Findings) {
    let at = |key: &str| format!("{section}.{key}");
    if entries.given(&at(key)) && !entries.given(&at(other)) && !findings.suggested(&at(other)) {
        let finding =
            Diagnostic::error(code::CFG035, format!("`{key}` needs `{other}`")).help(format!("add `{other}:`"));
        entries.report(findings, &at(key), Mark::Key, finding);
    }
}

fn s3(entries: &Entries<'_>, section: &str, findings: &mut Findings) {
    one_of(entries, section, &["endpoint_url", "endpoint_url_env_var"], "where the service is", findings);
    one_of(entries, section, &["access_key_env_var", "profile"], "who asks", findings);
    if entries.given(&format!("{section}.anonymous")) {
        let signed = ["access_key_env_var", "profile"];
        let yes = match section {
            "platform.bronze.s3_connection" => {
                entries.around.platform.bronze.as_ref().and_then(|layer| layer.s3_connection.as_ref()?.anonymous)
            }
            "platform.silver.s3_connection" => {
                entries.around.platform.silver.as_ref().and_then(|layer| layer.s3_connection.as_ref()?.anonymous)
            }
            _ => entries.around.platform.s3_connection.as_ref().and_then(|connection| connection.anonymous),
        };
        if yes == Some(true) && signed.iter().any(|key| entries.given(&format!("{section}.{key}"))) {
            let finding = Diagnostic::error(code::CFG024, "requests cannot be anonymous and signed")
                .help("remove `anonymous`, or the credentials");
            entries.report(findings, &format!("{section}.anonymous"), Mark::Key, finding);
        }
    }
    needs(entries, section, "access_key_env_var", "secret_key_env_var", findings);
    needs(entries, section, "secret_key_env_var", "access_key_env_var", findings);
}

fn azure(entries: &Entries<'_>, section: &str, findings: &mut Findings) {
    const WHO: [&str; 5] = [
        "connection_string_env_var",
        "account_key_env_var",
        "sas_token_env_var",
        "client_secret_env_var",
        "managed_identity",
    ];
    one_of(entries, section, &WHO, "who asks", findings);
    one_of(entries, section, &["account_name", "account_name_env_var"], "which account it is", findings);
    needs(entries, section, "client_secret_env_var", "client_id", findings);
    needs(entries, section, "client_secret_env_var", "tenant_id", findings);
}

fn gcs(entries: &Entries<'_>, section: &str, findings: &mut Findings) {
    one_of(entries, section, &["credentials_file", "credentials_env_var"], "who asks", findings);
}

/// A folder of a dataset's own is no landing place where the layer is elsewhere.
fn scratch(entries: &Entries<'_>, bronze: &Layer, silver: &Layer, findings: &mut Findings) {
    for dataset in entries.datasets() {
        for (layer, path) in [(bronze, "source.run.output_dir"), (silver, "silver.output_dir")] {
            if let Some(backend) = layer.backend.filter(|backend| *backend != Backend::Local)
                && dataset.given(path)
            {
                let finding = Diagnostic::warning(
                    code::CFG037,
                    format!("nothing lands in this folder: the layer is on `{}`", backend.as_str()),
                )
                .help("beside such a storage `output_dir` is scratch space for parts on their way; remove it if that is not meant");
                dataset.report(findings, path, Mark::Key, finding);
            }
        }
    }
}
