//! Where the layers are stored.

use indexmap::IndexMap;

use super::Around;
use crate::config::options::{
    AzureConnectionOptions, Backend, GcsConnectionOptions, RunOptions, S3ConnectionOptions, SilverOptions,
};
use crate::config::settings::{AzureConnection, AzureCredential, GcsConnection, Named, S3Connection, StorageSettings};

/// What both layers say about their storage.
struct Layer<'o> {
    backend: Backend,
    bucket: Option<&'o String>,
    region: Option<&'o String>,
    scheme: Option<&'o String>,
    options: Option<&'o IndexMap<String, String>>,
    folder: &'o str,
    s3: Option<&'o S3ConnectionOptions>,
    azure: Option<&'o AzureConnectionOptions>,
    gcs: Option<&'o GcsConnectionOptions>,
}

/// Storage of the Bronze of a dataset; `None` without the name of a bucket that is needed.
pub(crate) fn bronze_storage(run: Option<&RunOptions>, around: Around<'_>) -> Option<StorageSettings> {
    let platform = around.platform.bronze.as_ref();
    let own = run.and_then(|run| run.output_dir.as_deref());
    let layer = Layer {
        backend: platform.and_then(|layer| layer.storage_backend).unwrap_or(Backend::Local),
        bucket: platform.and_then(|layer| layer.bucket.as_ref()),
        region: platform.and_then(|layer| layer.region.as_ref()),
        scheme: platform.and_then(|layer| layer.storage_scheme.as_ref()),
        options: platform.and_then(|layer| layer.storage_options.as_ref()),
        folder: own.or_else(|| platform.and_then(|layer| layer.output_dir.as_deref())).unwrap_or("./output"),
        s3: platform.and_then(|layer| layer.s3_connection.as_ref()),
        azure: platform.and_then(|layer| layer.azure_connection.as_ref()),
        gcs: platform.and_then(|layer| layer.gcs_connection.as_ref()),
    };
    storage(&layer, around)
}

/// Storage of the Silver of a dataset; `None` without the name of a bucket that is needed.
pub(crate) fn silver_storage(silver: Option<&SilverOptions>, around: Around<'_>) -> Option<StorageSettings> {
    let platform = around.platform.silver.as_ref();
    let own = silver.and_then(|silver| silver.output_dir.as_deref());
    let layer = Layer {
        backend: platform.and_then(|layer| layer.storage_backend).unwrap_or(Backend::Local),
        bucket: platform.and_then(|layer| layer.bucket.as_ref()),
        region: platform.and_then(|layer| layer.region.as_ref()),
        scheme: platform.and_then(|layer| layer.storage_scheme.as_ref()),
        options: platform.and_then(|layer| layer.storage_options.as_ref()),
        folder: own.or_else(|| platform.and_then(|layer| layer.output_dir.as_deref())).unwrap_or("./silver_output"),
        s3: platform.and_then(|layer| layer.s3_connection.as_ref()),
        azure: platform.and_then(|layer| layer.azure_connection.as_ref()),
        gcs: platform.and_then(|layer| layer.gcs_connection.as_ref()),
    };
    storage(&layer, around)
}

/// The store that an address of a source leads to, by the connections of Bronze or of the platform, and the
/// key there: `s3://bucket/key`, `gs://bucket/key`, `az://container/key`,
/// `abfss://container@account.dfs.core.windows.net/key`. `None`: it names no store.
pub(crate) fn address(address: &str, around: Around<'_>) -> Option<(StorageSettings, String)> {
    let (scheme, rest) = address.split_once("://")?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let (platform, bronze) = (around.platform, around.platform.bronze.as_ref());
    // Nothing lands there.
    let scratch = around.folder.to_owned();
    let named = Some(bucket).filter(|bucket| !bucket.is_empty()).map(str::to_owned);
    let settings = match scheme.to_ascii_lowercase().as_str() {
        "s3" | "s3a" => {
            let none = S3ConnectionOptions::default();
            let own = bronze.and_then(|layer| layer.s3_connection.as_ref());
            let region = bronze.and_then(|layer| layer.region.as_ref());
            let connection = s3(own.or(platform.s3_connection.as_ref()).unwrap_or(&none), region, around);
            StorageSettings::S3 { bucket: named?, connection, scratch }
        }
        "gs" => {
            let none = GcsConnectionOptions::default();
            let own = bronze.and_then(|layer| layer.gcs_connection.as_ref());
            let connection = gcs(own.or(platform.gcs_connection.as_ref()).unwrap_or(&none), around);
            StorageSettings::Gcs { bucket: named?, connection, scratch }
        }
        scheme @ ("az" | "abfs" | "abfss") => {
            let none = AzureConnectionOptions::default();
            let own = bronze.and_then(|layer| layer.azure_connection.as_ref());
            let mut connection = azure(own.or(platform.azure_connection.as_ref()).unwrap_or(&none), around);
            let container = match bucket.split_once('@') {
                Some((container, host)) => {
                    let account = host.split('.').next().unwrap_or(host);
                    connection.account = Some(Named::Given(account.to_owned()));
                    Some(container.to_owned()).filter(|container| !container.is_empty())
                }
                None if scheme == "az" => named,
                None => None,
            };
            StorageSettings::Azure { container: container?, connection, scratch }
        }
        _ => return None,
    };
    Some((settings, key.to_owned()))
}

fn storage(layer: &Layer<'_>, around: Around<'_>) -> Option<StorageSettings> {
    let folder = around.path(layer.folder);
    let bucket = layer.bucket.cloned();
    Some(match layer.backend {
        Backend::Local => StorageSettings::Local { root: folder },
        Backend::S3 => {
            let none = S3ConnectionOptions::default();
            let options = layer.s3.or(around.platform.s3_connection.as_ref()).unwrap_or(&none);
            StorageSettings::S3 { bucket: bucket?, connection: s3(options, layer.region, around), scratch: folder }
        }
        Backend::Azure => {
            let none = AzureConnectionOptions::default();
            let options = layer.azure.or(around.platform.azure_connection.as_ref()).unwrap_or(&none);
            StorageSettings::Azure { container: bucket?, connection: azure(options, around), scratch: folder }
        }
        Backend::Gcs => {
            let none = GcsConnectionOptions::default();
            let options = layer.gcs.or(around.platform.gcs_connection.as_ref()).unwrap_or(&none);
            StorageSettings::Gcs { bucket: bucket?, connection: gcs(options, around), scratch: folder }
        }
        Backend::Custom => {
            let options =
                layer.options.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
            StorageSettings::Custom { scheme: layer.scheme.cloned()?, bucket, options, scratch: folder }
        }
    })
}

fn s3(options: &S3ConnectionOptions, region: Option<&String>, around: Around<'_>) -> S3Connection {
    let endpoint = match (&options.endpoint_url, &options.endpoint_url_env_var) {
        (Some(url), _) => Some(Named::Given(url.trim_end_matches('/').to_owned())),
        (None, Some(name)) => Some(Named::Variable(around.variable(name))),
        (None, None) => None,
    };
    let own_keys = options.access_key_env_var.is_some() || options.secret_key_env_var.is_some();
    let named = |name: &Option<String>, default: &str| around.variable(name.as_deref().unwrap_or(default));
    S3Connection {
        path_style: options.path_style.unwrap_or(endpoint.is_some()),
        endpoint,
        region: region.or(options.region.as_ref()).cloned(),
        access_key: named(&options.access_key_env_var, "AWS_ACCESS_KEY_ID"),
        secret_key: named(&options.secret_key_env_var, "AWS_SECRET_ACCESS_KEY"),
        session_token: options
            .session_token_env_var
            .as_deref()
            .map(|name| around.variable(name))
            .or_else(|| (!own_keys).then(|| around.variable("AWS_SESSION_TOKEN"))),
        profile: options.profile.clone(),
        anonymous: options.anonymous.unwrap_or(false),
        verify_tls: options.verify_tls.unwrap_or(true),
        ca_file: around.optional_path(options.ca_file.as_ref()),
    }
}

fn azure(options: &AzureConnectionOptions, around: Around<'_>) -> AzureConnection {
    let credential = if let Some(name) = &options.connection_string_env_var {
        AzureCredential::ConnectionString(around.variable(name))
    } else if let Some(name) = &options.account_key_env_var {
        AzureCredential::AccountKey(around.variable(name))
    } else if let Some(name) = &options.sas_token_env_var {
        AzureCredential::Sas(around.variable(name))
    } else if let (Some(secret), Some(client_id), Some(tenant_id)) =
        (&options.client_secret_env_var, &options.client_id, &options.tenant_id)
    {
        AzureCredential::ServicePrincipal {
            tenant_id: tenant_id.clone(),
            client_id: client_id.clone(),
            secret: around.variable(secret),
        }
    } else if options.managed_identity == Some(true) {
        AzureCredential::ManagedIdentity { client_id: options.client_id.clone() }
    } else {
        AzureCredential::Default
    };
    let account = match (&options.account_name, &options.account_name_env_var) {
        (Some(name), _) => Some(Named::Given(name.clone())),
        (None, Some(variable)) => Some(Named::Variable(around.variable(variable))),
        (None, None) => None,
    };
    AzureConnection {
        account,
        account_url: options.account_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
        credential,
        hierarchical_namespace: options.hierarchical_namespace,
    }
}

fn gcs(options: &GcsConnectionOptions, around: Around<'_>) -> GcsConnection {
    let credentials = match (&options.credentials_file, &options.credentials_env_var) {
        (Some(file), _) => Some(Named::Given(around.path(file))),
        (None, Some(name)) => Some(Named::Variable(around.variable(name))),
        (None, None) => None,
    };
    GcsConnection {
        credentials,
        anonymous: options.anonymous.unwrap_or(false),
        endpoint: options.endpoint_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
    }
}
