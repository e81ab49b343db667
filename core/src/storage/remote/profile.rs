//! Profiles of `~/.aws/credentials` and `~/.aws/config`: keys, token and region. Nothing else of these
//! files is understood, and what is not is said.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::world::Environment;

/// What a profile says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    values: BTreeMap<String, String>,
}

impl Profile {
    /// Access key and secret key, if it has both.
    pub(super) fn keys(&self) -> Option<(&str, &str)> {
        Some((self.get("aws_access_key_id")?, self.get("aws_secret_access_key")?))
    }
    /// A value that is not empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }
    /// A way to credentials that only AWS's own programs go.
    pub(super) fn foreign(&self) -> Option<&str> {
        ["sso_session", "sso_start_url", "credential_process", "role_arn", "source_profile"]
            .into_iter()
            .find(|key| self.get(key).is_some())
    }
}

/// Where the two files are: `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE`, else in the home folder.
fn files(environment: &dyn Environment) -> Vec<(PathBuf, bool)> {
    let home = ["HOME", "USERPROFILE"].into_iter().find_map(|name| environment.var(name)).map(PathBuf::from);
    let file = |variable: &str, name: &str| {
        let named = environment.var(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        named.or_else(|| home.as_ref().map(|home| home.join(".aws").join(name)))
    };
    let config = file("AWS_CONFIG_FILE", "config").map(|path| (path, true));
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials").map(|path| (path, false));
    config.into_iter().chain(credentials).collect()
}

/// The profile `name`; `None` if neither file has it.
pub(super) fn find(environment: &dyn Environment, name: &str) -> Option<Profile> {
    let mut found = None;
    for (path, is_config) in files(environment) {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        // What `credentials` says counts more than what `config` says.
        if let Some(values) = section(&text, name, is_config) {
            found.get_or_insert_with(Profile::default).values.extend(values);
        }
    }
    found
}

/// The lines of `[name]`; in `config` it is `[profile name]`, but for the one called `default`.
fn section(text: &str, name: &str, is_config: bool) -> Option<BTreeMap<String, String>> {
    let mut found: Option<BTreeMap<String, String>> = None;
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let header = header.trim();
            let plain = match header.strip_prefix("profile").filter(|rest| rest.starts_with(char::is_whitespace)) {
                Some(rest) if is_config => Some(rest.trim()),
                _ if is_config && header != "default" => None,
                _ => Some(header),
            };
            inside = plain.map(|plain| plain.trim_matches(['"', '\''])) == Some(name);
            if inside {
                found.get_or_insert_default();
            }
            continue;
        }
        // Lines that stand further in belong to a nested setting.
        if line.starts_with(char::is_whitespace) || !inside {
            continue;
        }
        if let (Some(values), Some((key, value))) = (&mut found, trimmed.split_once('=')) {
            let value = value.split(" #").next().unwrap_or_default().trim();
            values.insert(key.trim().to_ascii_lowercase(), value.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::FixedEnvironment;

    #[test]
    fn profiles_are_put_together_from_both_files() {
        let home = tempfile::tempdir().unwrap();
        let aws = home.path().join(".aws");
        std::fs::create_dir(&aws).unwrap();
        let config = "# x\n[default]\nregion = us-east-2\n[profile lake]\nregion=eu-west-1 # near\ns3 =\n  max = 1\n[profile \"sign in\"]\nsso_start_url = https://x\n";
        std::fs::write(aws.join("config"), config).unwrap();
        let credentials = "[default]\naws_access_key_id = A\naws_secret_access_key = B\n\n[lake]\nAWS_ACCESS_KEY_ID=C\naws_secret_access_key=D==\naws_session_token = t=\n";
        std::fs::write(aws.join("credentials"), credentials).unwrap();
        let named = [("HOME".to_owned(), home.path().to_string_lossy().into_owned())];
        let environment = FixedEnvironment(named.into_iter().collect());
        let lake = find(&environment, "lake").unwrap();
        assert_eq!(lake.keys(), Some(("C", "D==")));
        assert_eq!((lake.get("region"), lake.get("aws_session_token")), (Some("eu-west-1"), Some("t=")));
        assert_eq!(lake.get("max"), None);
        let usual = find(&environment, "default").unwrap();
        assert_eq!((usual.keys(), usual.get("region")), (Some(("A", "B")), Some("us-east-2")));
        assert_eq!(find(&environment, "sign in").unwrap().foreign(), Some("sso_start_url"));
        assert_eq!(find(&environment, "nobody"), None);
    }
}
