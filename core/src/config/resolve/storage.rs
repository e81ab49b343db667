//! Where the layers are stored.

use super::{Around, env_var};
use crate::config::options::{
    AzureConnectionOptions, Backend, GcsConnectionOptions, RunOptions, S3ConnectionOptions, SilverOptions,
};
use crate::config::settings::{
    AzureConnection, AzureCredential, EnvVar, GcsConnection, Named, S3Connection, StorageSettings,
};

/// What both layers say about their storage.
struct Layer<'o> {
    backend: Backend,
    bucket: Option<&'o String>,
    region: Option<&'o String>,
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
        folder: own.or_else(|| platform.and_then(|layer| layer.output_dir.as_deref())).unwrap_or("./silver_output"),
        s3: platform.and_then(|layer| layer.s3_connection.as_ref()),
        azure: platform.and_then(|layer| layer.azure_connection.as_ref()),
        gcs: platform.and_then(|layer| layer.gcs_connection.as_ref()),
    };
    storage(&layer, around)
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
            StorageSettings::Azure { container: bucket?, connection: azure(options), scratch: folder }
        }
        Backend::Gcs => {
            let none = GcsConnectionOptions::default();
            let options = layer.gcs.or(around.platform.gcs_connection.as_ref()).unwrap_or(&none);
            StorageSettings::Gcs { bucket: bucket?, connection: gcs(options, around), scratch: folder }
        }
    })
}

fn s3(options: &S3ConnectionOptions, region: Option<&String>, around: Around<'_>) -> S3Connection {
    let endpoint = match (&options.endpoint_url, &options.endpoint_url_env_var) {
        (Some(url), _) => Some(Named::Given(url.trim_end_matches('/').to_owned())),
        (None, Some(name)) => Some(Named::Variable(EnvVar::new(name))),
        (None, None) => None,
    };
    let own_keys = options.access_key_env_var.is_some() || options.secret_key_env_var.is_some();
    let named = |name: &Option<String>, default: &str| EnvVar::new(name.as_deref().unwrap_or(default));
    S3Connection {
        path_style: options.path_style.unwrap_or(endpoint.is_some()),
        endpoint,
        region: region.or(options.region.as_ref()).cloned(),
        access_key: named(&options.access_key_env_var, "AWS_ACCESS_KEY_ID"),
        secret_key: named(&options.secret_key_env_var, "AWS_SECRET_ACCESS_KEY"),
        session_token: env_var(options.session_token_env_var.as_ref())
            .or_else(|| (!own_keys).then(|| EnvVar::new("AWS_SESSION_TOKEN"))),
        profile: options.profile.clone(),
        anonymous: options.anonymous.unwrap_or(false),
        verify_tls: options.verify_tls.unwrap_or(true),
        ca_file: around.optional_path(options.ca_file.as_ref()),
    }
}

fn azure(options: &AzureConnectionOptions) -> AzureConnection {
    let credential = if let Some(name) = &options.connection_string_env_var {
        AzureCredential::ConnectionString(EnvVar::new(name))
    } else if let Some(name) = &options.account_key_env_var {
        AzureCredential::AccountKey(EnvVar::new(name))
    } else if let Some(name) = &options.sas_token_env_var {
        AzureCredential::Sas(EnvVar::new(name))
    } else if let (Some(secret), Some(client_id), Some(tenant_id)) =
        (&options.client_secret_env_var, &options.client_id, &options.tenant_id)
    {
        AzureCredential::ServicePrincipal {
            tenant_id: tenant_id.clone(),
            client_id: client_id.clone(),
            secret: EnvVar::new(secret),
        }
    } else if options.managed_identity == Some(true) {
        AzureCredential::ManagedIdentity { client_id: options.client_id.clone() }
    } else {
        AzureCredential::Default
    };
    let account = match (&options.account_name, &options.account_name_env_var) {
        (Some(name), _) => Some(Named::Given(name.clone())),
        (None, Some(variable)) => Some(Named::Variable(EnvVar::new(variable))),
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
        (None, Some(name)) => Some(Named::Variable(EnvVar::new(name))),
        (None, None) => None,
    };
    GcsConnection {
        credentials,
        anonymous: options.anonymous.unwrap_or(false),
        endpoint: options.endpoint_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
    }
}
