//! A connection to Google Cloud Storage from settings.

use std::path::PathBuf;

use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder};

use super::refusal::Dialect;
use super::{Surroundings, misfit, no_tries, setup};
use crate::config::settings::{GcsConnection, Named};
use crate::storage::failure::Failure;

/// The connection. Asks nobody.
pub(super) fn connect(
    bucket: &str,
    connection: &GcsConnection,
    around: &Surroundings<'_>,
) -> Result<GoogleCloudStorage, Failure> {
    let environment = around.environment;
    let set = |name: &str| environment.var(name).filter(|value| !value.is_empty());
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket)
        .with_retry(no_tries())
        .with_http_connector(around.connector(Dialect::Gcs))
        .with_client_options(around.options(connection.endpoint.as_deref()));
    if let Some(endpoint) = &connection.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    if connection.anonymous {
        // A key of nobody: without one the client would look for one on this machine.
        builder = builder.with_skip_signature(true).with_service_account_key(NOBODY);
    } else {
        match &connection.credentials {
            Some(Named::Given(file)) => {
                if !file.is_file() {
                    return Err(setup(format!(
                        "there is no file {} with the key of a service account",
                        file.display()
                    )));
                }
                builder = builder.with_service_account_path(file.to_string_lossy());
            }
            Some(Named::Variable(variable)) => {
                let key = variable.value(environment).ok_or_else(|| {
                    setup(format!("the variable {} with the key of a service account is not set", variable.name()))
                })?;
                builder = builder.with_service_account_key(key);
            }
            None => {
                let home = ["HOME", "USERPROFILE"].into_iter().find_map(set).map(PathBuf::from);
                let usual = home.map(|home| home.join(".config/gcloud/application_default_credentials.json"));
                let file = set("GOOGLE_APPLICATION_CREDENTIALS").map(PathBuf::from).or(usual);
                if let Some(file) = file.filter(|file| file.is_file()) {
                    builder = builder.with_application_credentials(file.to_string_lossy());
                }
            }
        }
    }
    builder.build().map_err(|error| misfit(&error))
}

/// See above: `disable_oauth` makes the client sign nothing.
const NOBODY: &str = r#"{"private_key": "", "private_key_id": "", "client_email": "", "disable_oauth": true}"#;
