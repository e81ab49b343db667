//! A connection to Azure Storage from settings, and what the client cannot do: removing one file or
//! folder by one request, and asking whether an account has real folders.

use std::sync::{Arc, OnceLock};

use http::Method;
use object_store::azure::{AzureAuthorizer, MicrosoftAzure, MicrosoftAzureBuilder};
use object_store::client::{HttpClient, HttpConnector, HttpRequest};
use object_store::path::Path;
use url::Url;

use super::refusal::Dialect;
use super::{Surroundings, misfit, no_tries, setup};
use crate::config::settings::{AzureConnection, AzureCredential, Named};
use crate::storage::failure::{Cause, Failure};
use crate::world::Environment;

/// The account of every emulator, and its key, which is no secret.
const EMULATOR: (&str, &str) =
    ("devstoreaccount1", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==");

/// An account, and who asks.
struct Account {
    name: String,
    url: String,
    key: Option<String>,
    sas: Option<String>,
}

/// The client, and requests of our own beside it.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) client: Arc<MicrosoftAzure>,
    direct: Arc<Direct>,
}

#[derive(Debug)]
struct Direct {
    http: HttpClient,
    account: String,
    /// The address of the container.
    url: Url,
    /// The same where folders can be removed.
    folders_url: Url,
    hierarchical: Option<bool>,
    asked: OnceLock<bool>,
}

/// The account's address; `None` if nothing says it.
fn account(connection: &AzureConnection, environment: &dyn Environment) -> Result<Account, Failure> {
    let value = |variable: &crate::config::settings::EnvVar, what: &str| {
        variable
            .value(environment)
            .ok_or_else(|| setup(format!("the variable {} with {what} is not set", variable.name())))
    };
    let mut account = Account { name: String::new(), url: String::new(), key: None, sas: None };
    match &connection.credential {
        AzureCredential::ConnectionString(variable) => {
            account = from_string(&value(variable, "the connection string")?, variable.name())?;
        }
        AzureCredential::AccountKey(variable) => account.key = Some(value(variable, "the key of the account")?),
        AzureCredential::Sas(variable) => account.sas = Some(value(variable, "the shared access signature")?),
        _ => {}
    }
    match &connection.account {
        Some(Named::Given(name)) => account.name.clone_from(name),
        Some(Named::Variable(variable)) => account.name = value(variable, "the name of the account")?,
        None => {}
    }
    if let Some(url) = &connection.account_url {
        account.url.clone_from(url);
    }
    if account.name.is_empty() {
        account.name = name_in(&account.url).unwrap_or_default();
    }
    if account.name.is_empty() {
        return Err(setup("nothing names the account of Azure Storage".to_owned()));
    }
    if account.url.is_empty() {
        account.url = format!("https://{}.blob.core.windows.net", account.name);
    }
    // Data Lake Storage has two addresses for the same data; files are read and written at this one.
    account.url = account.url.trim_end_matches('/').replace(".dfs.core.", ".blob.core.");
    Ok(account)
}

/// The account in an address: the first word of the host, or of the path behind a plain address.
fn name_in(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    match url.domain().filter(|host| host.contains('.')) {
        Some(host) => host.split('.').next().map(str::to_owned),
        None => url.path_segments()?.find(|segment| !segment.is_empty()).map(str::to_owned),
    }
}

fn from_string(text: &str, variable: &str) -> Result<Account, Failure> {
    let part = |name: &str| {
        text.split(';').find_map(|part| {
            let (key, value) = part.trim().split_once('=')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if part("UseDevelopmentStorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        let proxy = part("DevelopmentStorageProxyUri").unwrap_or_else(|| "http://127.0.0.1".to_owned());
        let url = format!("{}:10000/{}", proxy.trim_end_matches('/'), EMULATOR.0);
        return Ok(Account { name: EMULATOR.0.into(), url, key: Some(EMULATOR.1.into()), sas: None });
    }
    let endpoint = part("BlobEndpoint").map(|url| url.trim_end_matches('/').to_owned());
    let name = part("AccountName").or_else(|| name_in(endpoint.as_deref()?));
    let name = name.ok_or_else(|| setup(format!("the connection string in {variable} names no account")))?;
    let url = endpoint.unwrap_or_else(|| {
        let scheme = part("DefaultEndpointsProtocol").unwrap_or_else(|| "https".into());
        let suffix = part("EndpointSuffix").unwrap_or_else(|| "core.windows.net".into());
        format!("{scheme}://{name}.blob.{suffix}")
    });
    let (key, sas) = (part("AccountKey"), part("SharedAccessSignature"));
    if key.is_none() && sas.is_none() {
        return Err(setup(format!("the connection string in {variable} has neither a key nor a signature")));
    }
    Ok(Account { name, url, key, sas })
}

/// The connection. Asks nobody.
pub(super) fn connect(
    container: &str,
    connection: &AzureConnection,
    around: &Surroundings<'_>,
) -> Result<Container, Failure> {
    let environment = around.environment;
    let account = account(connection, environment)?;
    let options = around.options(Some(&account.url));
    let connector = around.connector(Dialect::Azure);
    let http = connector.connect(&options).map_err(|error| misfit(&error))?;
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(&account.name)
        .with_container_name(container)
        .with_endpoint(account.url.clone())
        .with_allow_http(account.url.starts_with("http://"))
        .with_retry(no_tries())
        .with_http_connector(connector)
        .with_client_options(options);
    if let Some(key) = &account.key {
        builder = builder.with_access_key(key);
    } else if let Some(sas) = &account.sas {
        builder = builder.with_sas_authorization(pairs(sas));
    } else {
        builder = identity(builder, &connection.credential, environment)?;
    }
    let client = builder.build().map_err(|error| misfit(&error))?;
    let at = |account_url: &str| {
        let mut url = Url::parse(account_url).map_err(|_| setup(format!("`{account_url}` is no address")))?;
        match url.path_segments_mut() {
            Ok(mut path) => drop(path.pop_if_empty().push(container)),
            Err(()) => return Err(setup(format!("`{account_url}` is no address"))),
        }
        Ok(url)
    };
    let direct = Direct {
        http,
        url: at(&account.url)?,
        folders_url: at(&account.url.replace(".blob.core.", ".dfs.core."))?,
        account: account.name,
        hierarchical: connection.hierarchical_namespace,
        asked: OnceLock::new(),
    };
    Ok(Container { client: Arc::new(client), direct: Arc::new(direct) })
}

/// Who asks, if it is somebody whom Azure's own login service knows.
fn identity(
    builder: MicrosoftAzureBuilder,
    credential: &AzureCredential,
    environment: &dyn Environment,
) -> Result<MicrosoftAzureBuilder, Failure> {
    let set = |name: &str| environment.var(name).filter(|value| !value.is_empty());
    Ok(match credential {
        AzureCredential::ServicePrincipal { tenant_id, client_id, secret } => {
            let secret = secret.value(environment).ok_or_else(|| {
                setup(format!("the variable {} with the secret of the service principal is not set", secret.name()))
            })?;
            builder.with_client_secret_authorization(client_id, secret, tenant_id)
        }
        AzureCredential::ManagedIdentity { client_id } => managed(builder, client_id.clone(), environment),
        _ => {
            let principal = (set("AZURE_TENANT_ID"), set("AZURE_CLIENT_ID"));
            match (principal, set("AZURE_CLIENT_SECRET"), set("AZURE_FEDERATED_TOKEN_FILE")) {
                ((Some(tenant), Some(client)), Some(secret), _) => {
                    builder.with_client_secret_authorization(client, secret, tenant)
                }
                ((Some(tenant), Some(client)), None, Some(file)) => {
                    builder.with_tenant_id(tenant).with_client_id(client).with_federated_token_file(file)
                }
                _ => {
                    let home = ["HOME", "USERPROFILE"].into_iter().find_map(set).map(std::path::PathBuf::from);
                    let signed_in = home.is_some_and(|home| home.join(".azure/azureProfile.json").is_file());
                    if signed_in && set("IDENTITY_ENDPOINT").is_none() {
                        builder.with_use_azure_cli(true)
                    } else {
                        managed(builder, set("AZURE_CLIENT_ID"), environment)
                    }
                }
            }
        }
    })
}

fn managed(
    mut builder: MicrosoftAzureBuilder,
    client: Option<String>,
    environment: &dyn Environment,
) -> MicrosoftAzureBuilder {
    if let Some(client) = client {
        builder = builder.with_client_id(client);
    }
    if let Some(endpoint) = environment.var("IDENTITY_ENDPOINT").filter(|value| !value.is_empty()) {
        builder = builder.with_msi_endpoint(endpoint);
    }
    builder
}

/// The pairs of a signature, as they were before they became a query.
fn pairs(sas: &str) -> Vec<(String, String)> {
    let query = sas.trim().rsplit_once('?').map_or(sas.trim(), |(_, query)| query);
    url::form_urlencoded::parse(query.replace('+', "%2B").as_bytes()).into_owned().collect()
}

impl Container {
    async fn send(&self, method: Method, url: Url) -> Result<http::HeaderMap, object_store::Error> {
        let generic =
            |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic { store: "Azure", source };
        let credential = self.client.credentials().get_credential().await?;
        let mut request: HttpRequest = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("content-length", "0")
            .body(bytes::Bytes::new().into())
            .map_err(|error| generic(error.into()))?;
        AzureAuthorizer::new(&credential, &self.direct.account).authorize(&mut request);
        let response = self.direct.http.execute(request).await.map_err(|error| generic(error.into()))?;
        Ok(response.headers().clone())
    }

    fn url(base: &Url, path: &Path) -> Url {
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path.parts().map(|part| part.as_ref().to_owned()));
        }
        url
    }

    /// Removes one file.
    pub(super) async fn remove(&self, path: &Path) -> Result<(), object_store::Error> {
        self.send(Method::DELETE, Self::url(&self.direct.url, path)).await.map(drop)
    }

    /// Removes one folder if the account has real ones and it is empty.
    pub(super) async fn remove_folder(&self, path: &Path) -> Result<(), object_store::Error> {
        if !self.has_folders().await? {
            return Ok(());
        }
        let mut url = Self::url(&self.direct.folders_url, path);
        url.set_query(Some("recursive=false"));
        self.send(Method::DELETE, url).await.map(drop)
    }

    /// Whether the account has real folders, asked once.
    async fn has_folders(&self) -> Result<bool, object_store::Error> {
        if let Some(known) = self.direct.hierarchical.or(self.direct.asked.get().copied()) {
            return Ok(known);
        }
        let mut url = self.direct.url.clone();
        url.set_query(Some("restype=account&comp=properties"));
        let has = match self.send(Method::GET, url).await {
            Ok(headers) => headers.get("x-ms-is-hns-enabled").is_some_and(|value| value == "true"),
            // A signature for one container may not ask this; without an answer nothing is removed.
            Err(error) => match super::failure_of(&error).map(|failure| &failure.cause) {
                Some(Cause::Refused | Cause::WrongKey | Cause::Conflict | Cause::Missing) => false,
                _ => return Err(error),
            },
        };
        Ok(*self.direct.asked.get_or_init(|| has))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::EnvVar;
    use crate::world::FixedEnvironment;

    fn of(text: &str) -> Result<Account, Failure> {
        let environment = FixedEnvironment([("X".to_owned(), text.to_owned())].into());
        let connection = AzureConnection {
            account: None,
            account_url: None,
            credential: AzureCredential::ConnectionString(EnvVar::new("X")),
            hierarchical_namespace: None,
        };
        account(&connection, &environment)
    }

    #[test]
    fn connection_strings_are_understood() {
        let found =
            of("DefaultEndpointsProtocol=https;AccountName=lake;AccountKey=a2V5==;EndpointSuffix=core.windows.net")
                .unwrap();
        assert_eq!((found.name.as_str(), found.url.as_str()), ("lake", "https://lake.blob.core.windows.net"));
        assert_eq!(found.key.as_deref(), Some("a2V5=="));
        let found =
            of("BlobEndpoint=https://lake.blob.core.windows.net/;SharedAccessSignature=sv=2024&sig=a%2Bb%3D").unwrap();
        assert_eq!((found.name.as_str(), found.key), ("lake", None));
        assert_eq!(pairs(&found.sas.unwrap()), [("sv".into(), "2024".into()), ("sig".into(), "a+b=".into())]);
        let found = of("UseDevelopmentStorage=true").unwrap();
        assert_eq!(found.url, "http://127.0.0.1:10000/devstoreaccount1");
        let found = of("AccountName=dev;AccountKey=x;BlobEndpoint=http://127.0.0.1:1/dev").unwrap();
        assert_eq!((found.name.as_str(), found.url.as_str()), ("dev", "http://127.0.0.1:1/dev"));
        for wrong in ["AccountName=x", "nonsense", ""] {
            let said = of(wrong).map(|_| ()).unwrap_err().to_string();
            assert!(said.contains('X'), "{said}");
        }
    }

    #[test]
    fn accounts_are_found_in_addresses() {
        assert_eq!(name_in("https://lake.dfs.core.windows.net").as_deref(), Some("lake"));
        assert_eq!(name_in("http://127.0.0.1:10000/devstoreaccount1").as_deref(), Some("devstoreaccount1"));
        assert_eq!(name_in("http://localhost:10000/dev").as_deref(), Some("dev"));
    }
}
