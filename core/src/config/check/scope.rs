//! `storage_scope: onprem` keeps data off the clouds.

use super::view::{Entries, Mark};
use crate::config::findings::Findings;
use crate::config::options::{
    Backend, CloudProvider, ProviderType, S3ConnectionOptions, StorageMetadata, StorageScope,
};
use crate::diagnostic::{Diagnostic, code};
use crate::world::STORAGE_SCOPE;

/// What a layer says of its storage.
struct Layer<'o> {
    section: &'static str,
    backend: Backend,
    metadata: Option<&'o StorageMetadata>,
    s3: Option<&'o S3ConnectionOptions>,
}

pub(super) fn check(entries: &Entries<'_>, findings: &mut Findings) {
    let platform = entries.around.platform;
    let (bronze, silver) = (platform.bronze.as_ref(), platform.silver.as_ref());
    let mut layers = vec![Layer {
        section: "platform.bronze",
        backend: bronze.and_then(|layer| layer.storage_backend).unwrap_or(Backend::Local),
        metadata: bronze.and_then(|layer| layer.storage_metadata.as_ref()),
        s3: bronze.and_then(|layer| layer.s3_connection.as_ref()).or(platform.s3_connection.as_ref()),
    }];
    if entries.datasets().any(|dataset| dataset.silver().is_some()) {
        layers.push(Layer {
            section: "platform.silver",
            backend: silver.and_then(|layer| layer.storage_backend).unwrap_or(Backend::Local),
            metadata: silver.and_then(|layer| layer.storage_metadata.as_ref()),
            s3: silver.and_then(|layer| layer.s3_connection.as_ref()).or(platform.s3_connection.as_ref()),
        });
    }
    for layer in &layers {
        provider(entries, layer, findings);
        // Whoever starts the program may ask for more than the file does, never for less.
        let asked =
            entries.around.variables.get(STORAGE_SCOPE).is_some_and(|scope| scope.eq_ignore_ascii_case("onprem"));
        if asked || platform.storage_scope == Some(StorageScope::Onprem) {
            onprem(entries, layer, findings);
        }
    }
}

/// Ends of the names of hosts that belong to clouds which speak S3.
const CLOUDS: [&str; 25] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "api.aws",
    "aliyuncs.com",
    "appdomain.cloud",
    "backblazeb2.com",
    "cloudflarestorage.com",
    "contabostorage.com",
    "core.windows.net",
    "digitaloceanspaces.com",
    "exo.io",
    "googleapis.com",
    "idrivee2.com",
    "io.cloud.ovh.net",
    "ionoscloud.com",
    "linodeobjects.com",
    "myhuaweicloud.com",
    "myqcloud.com",
    "oraclecloud.com",
    "scw.cloud",
    "storage.dev",
    "storjshare.io",
    "vultrobjects.com",
    "wasabisys.com",
    "your-objectstorage.com",
];

/// What the owner says of a storage does not count against where its address leads.
fn address(endpoint: &str, refuse: &mut dyn FnMut(String)) {
    let after = endpoint.split_once("://").map_or(endpoint, |(_, after)| after);
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_end_matches('.').to_ascii_lowercase();
    if host.is_empty() {
        refuse("the address of S3 is not known, and `storage_scope` is `onprem`".to_owned());
    }
    let cloud = CLOUDS.iter().find(|cloud| host == **cloud || host.ends_with(&format!(".{cloud}")));
    if let Some(cloud) = cloud {
        refuse(format!("`{cloud}` is a cloud, and `storage_scope` is `onprem`"));
    }
}

/// The kind of service goes with the kind of storage.
fn provider(entries: &Entries<'_>, layer: &Layer<'_>, findings: &mut Findings) {
    let Some(provider) = layer.metadata.and_then(|metadata| metadata.provider_type) else { return };
    let of = match provider {
        ProviderType::S3Local | ProviderType::S3Cloud => Backend::S3,
        ProviderType::AzureBlob | ProviderType::AzureAdls => Backend::Azure,
        ProviderType::GcsCloud => Backend::Gcs,
        ProviderType::LocalGeneric => Backend::Local,
    };
    if of != layer.backend && layer.backend != Backend::Custom {
        let finding = Diagnostic::error(
            code::CFG024,
            format!("this provider type is one of `{}`, and the storage is `{}`", of.as_str(), layer.backend.as_str()),
        )
        .help("name the provider type of the storage, or remove it");
        entries.report(findings, &format!("{}.storage_metadata.provider_type", layer.section), Mark::Value, finding);
    }
}

fn onprem(entries: &Entries<'_>, layer: &Layer<'_>, findings: &mut Findings) {
    let at = |key: &str| format!("{}.{key}", layer.section);
    let mut refuse = |path: String, text: String, help: &str| {
        entries.report(findings, &path, Mark::Value, Diagnostic::error(code::CFG036, text).help(help));
    };
    match layer.backend {
        Backend::Azure | Backend::Gcs => {
            let text = format!("`{}` is in a cloud, and `storage_scope` is `onprem`", layer.backend.as_str());
            refuse(at("storage_backend"), text, "use `local`, or `s3` of a service on own machines");
            return;
        }
        Backend::S3 => {
            let endpoint = layer.s3.and_then(|connection| match &connection.endpoint_url_env_var {
                Some(variable) => Some(entries.around.variables.get(variable).unwrap_or_default()),
                None => connection.endpoint_url.clone(),
            });
            if let Some(endpoint) = &endpoint {
                address(endpoint, &mut |text| {
                    let help = "give the address of a service on own machines";
                    refuse(at("storage_backend"), text, help);
                });
            } else {
                let text = "without `endpoint_url` this is AWS, and `storage_scope` is `onprem`".to_owned();
                refuse(
                    at("storage_backend"),
                    text,
                    "add `platform.s3_connection.endpoint_url` of the service on own machines",
                );
            }
        }
        Backend::Local | Backend::Custom => {}
    }
    let metadata = layer.metadata;
    if metadata.and_then(|metadata| metadata.boundary) != Some(StorageScope::Onprem) {
        let text = "`storage_scope: onprem` asks for `storage_metadata.boundary: onprem`".to_owned();
        let help = "whoever runs the storage says so: add `storage_metadata: {boundary: onprem}`";
        refuse(at("storage_metadata.boundary"), text, help);
    }
    if matches!(
        metadata.and_then(|metadata| metadata.provider_type),
        Some(ProviderType::S3Cloud | ProviderType::AzureBlob | ProviderType::AzureAdls | ProviderType::GcsCloud)
    ) {
        let text = "this provider type is in a cloud, and `storage_scope` is `onprem`".to_owned();
        refuse(at("storage_metadata.provider_type"), text, "use `s3_local` or `local_generic`");
    }
    if let Some(provider) = metadata.and_then(|metadata| metadata.cloud_provider) {
        let name = match provider {
            CloudProvider::Azure => "azure",
            CloudProvider::Aws => "aws",
            CloudProvider::Gcp => "gcp",
        };
        let text = format!("`{name}` is a cloud, and `storage_scope` is `onprem`");
        refuse(at("storage_metadata.cloud_provider"), text, "remove it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_clouds_are_known() {
        for (endpoint, refused) in [
            ("https://s3.eu-west-1.amazonaws.com", true),
            ("https://S3.Wasabisys.com:443/", true),
            ("https://x.r2.cloudflarestorage.com.", true),
            ("", true),
            ("http://minio.internal:9000", false),
            ("http://10.0.0.5:9000", false),
            ("https://s3.example.com", false),
            ("https://notamazonaws.com", false),
        ] {
            let mut said = Vec::new();
            address(endpoint, &mut |text| said.push(text));
            assert_eq!(!said.is_empty(), refused, "{endpoint}: {said:?}");
        }
    }
}
