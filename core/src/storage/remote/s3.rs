//! A connection to S3, or to a service that speaks like it, from settings.

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{Certificate, ClientOptions};

use super::profile::{self, Profile};
use super::{Surroundings, no_tries, setup};
use crate::config::settings::{Named, S3Connection};
use crate::storage::failure::Failure;
use crate::world::Environment;

/// Ways to credentials that AWS gives to its machines, as variables: named like the options of the client.
const OF_THE_MACHINE: [&str; 7] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_METADATA_ENDPOINT",
];

/// The address of the service; `None` for AWS.
pub(super) fn endpoint(connection: &S3Connection, environment: &dyn Environment) -> Result<Option<String>, Failure> {
    match &connection.endpoint {
        None => Ok(None),
        Some(Named::Given(url)) => Ok(Some(url.clone())),
        Some(Named::Variable(variable)) => match variable.value(environment) {
            Some(url) => Ok(Some(url.trim().trim_end_matches('/').to_owned())),
            None => Err(setup(format!("the variable {} with the address of S3 is not set", variable.name()))),
        },
    }
}

/// The connection. Asks nobody.
pub(super) fn connect(bucket: &str, connection: &S3Connection, around: &Surroundings<'_>) -> Result<AmazonS3, Failure> {
    let environment = around.environment;
    let endpoint = endpoint(connection, environment)?;
    let named = connection.profile.clone();
    let profile = match &named {
        Some(name) => Some(
            profile::find(environment, name)
                .ok_or_else(|| setup(format!("neither ~/.aws/credentials nor ~/.aws/config has a profile `{name}`")))?,
        ),
        None => None,
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_retry(no_tries())
        .with_http_connector(around.connector(super::refusal::Dialect::S3))
        .with_client_options(options(connection, endpoint.as_deref(), around)?);
    // In the order of who says it more precisely.
    let (keys, usual) = credentials(connection, profile.as_ref(), environment)?;
    let region = connection
        .region
        .clone()
        .or_else(|| profile.as_ref()?.get("region").map(str::to_owned))
        .or_else(|| ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| set(environment, name)))
        .or_else(|| usual.as_ref()?.get("region").map(str::to_owned))
        .unwrap_or_else(|| "us-east-1".to_owned());
    builder = builder.with_region(region);
    if let Some(endpoint) = endpoint {
        let address = if connection.path_style { endpoint } else { with_bucket(&endpoint, bucket)? };
        builder = builder.with_endpoint(address);
    }
    builder = builder.with_virtual_hosted_style_request(!connection.path_style);
    if connection.anonymous {
        builder = builder.with_skip_signature(true).with_access_key_id("-").with_secret_access_key("-");
    } else if let Some(Keys { access, secret, token }) = keys {
        builder = builder.with_access_key_id(access).with_secret_access_key(secret);
        if let Some(token) = token {
            builder = builder.with_token(token);
        }
    } else {
        for name in OF_THE_MACHINE {
            if let (Some(value), Ok(key)) =
                (set(environment, name), name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>())
            {
                builder = builder.with_config(key, value);
            }
        }
    }
    builder.build().map_err(|error| super::misfit(&error))
}

fn set(environment: &dyn Environment, name: &str) -> Option<String> {
    environment.var(name).filter(|value| !value.is_empty())
}

struct Keys {
    access: String,
    secret: String,
    token: Option<String>,
}

impl Keys {
    fn of(profile: &Profile) -> Option<Self> {
        let (access, secret) = profile.keys()?;
        let token = profile.get("aws_session_token").map(str::to_owned);
        Some(Self { access: access.to_owned(), secret: secret.to_owned(), token })
    }
}

/// Keys, if anybody but the machine has some: the profile that is named, variables, the usual profile.
/// Gives the usual profile too, for its region.
fn credentials(
    connection: &S3Connection,
    named: Option<&Profile>,
    environment: &dyn Environment,
) -> Result<(Option<Keys>, Option<Profile>), Failure> {
    if connection.anonymous {
        return Ok((None, None));
    }
    if let Some(profile) = named {
        return match (Keys::of(profile), profile.foreign()) {
            (Some(keys), _) => Ok((Some(keys), None)),
            (None, Some(key)) => Err(setup(format!(
                "the profile `{}` gets its credentials by `{key}`, which only the AWS programs can follow: `aws configure export-credentials --profile {0} --format env` gives variables",
                connection.profile.as_deref().unwrap_or_default()
            ))),
            (None, None) => Err(setup(format!(
                "the profile `{}` has no `aws_access_key_id` and `aws_secret_access_key`",
                connection.profile.as_deref().unwrap_or_default()
            ))),
        };
    }
    let (access, secret) = (&connection.access_key, &connection.secret_key);
    match (access.value(environment), secret.value(environment)) {
        (Some(access), Some(secret)) => {
            let token = connection.session_token.as_ref().and_then(|token| token.value(environment));
            return Ok((Some(Keys { access, secret, token }), None));
        }
        (Some(_), None) => {
            return Err(setup(format!("{} is set, and {} is not", access.name(), secret.name())));
        }
        (None, Some(_)) => {
            return Err(setup(format!("{} is set, and {} is not", secret.name(), access.name())));
        }
        (None, None) if access.name() != "AWS_ACCESS_KEY_ID" => {
            return Err(setup(format!("neither {} nor {} is set", access.name(), secret.name())));
        }
        (None, None) => {}
    }
    let name = set(environment, "AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    let usual = profile::find(environment, &name);
    Ok((usual.as_ref().and_then(Keys::of), usual))
}

fn options(
    connection: &S3Connection,
    endpoint: Option<&str>,
    around: &Surroundings<'_>,
) -> Result<ClientOptions, Failure> {
    let mut options = around.options(endpoint).with_allow_invalid_certificates(!connection.verify_tls);
    if let Some(file) = &connection.ca_file {
        let unread = |why: &dyn std::fmt::Display| {
            setup(format!("the certificates in {} cannot be used: {why}", file.display()))
        };
        let text = std::fs::read(file).map_err(|error| unread(&error))?;
        let all = Certificate::from_pem_bundle(&text).map_err(|_| unread(&"they are not PEM"))?;
        if all.is_empty() {
            return Err(unread(&"there is none"));
        }
        for one in all {
            options = options.with_root_certificate(one);
        }
    }
    Ok(options)
}

/// The address of a bucket that stands in the host.
fn with_bucket(endpoint: &str, bucket: &str) -> Result<String, Failure> {
    match endpoint.split_once("://") {
        Some((scheme, host)) => Ok(format!("{scheme}://{bucket}.{host}")),
        None => Err(setup("the address of S3 does not begin with http:// or https://".to_owned())),
    }
}
