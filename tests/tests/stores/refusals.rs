//! What is said when a service refuses: the code, the place, and never a secret.

use medallion_core::api::Engine;
use medallion_core::api::wire::RunRequest;
use medallion_core::world::{FixedEnvironment, World};
use medallion_tests::Project;
use medallion_tests::lake::impatient;

use super::support::{AZURE_KEY, Service, config, prefix, variables};

#[test]
#[ignore = "needs scripts/services.sh run"]
fn refusals_name_their_cause_and_no_secret() {
    let (s3, azure) = (Service::S3, Service::Azure);
    let s3_storage = s3.storage(&s3.address(), &prefix("refused"));
    let azure_storage = azure.storage(&azure.address(), &prefix("refused"));
    let other_key = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktb3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktb3Q=";
    /// What is wrong, the config, variables that are other, the code, and the exit code.
    type Case<'a> = (&'a str, String, Vec<(&'a str, &'a str)>, &'a str, u8);
    let cases: [Case<'_>; 10] = [
        ("an unknown bucket", s3_storage.replace("bucket: lake", "bucket: lkae"), vec![], "STG020", 3),
        ("an unknown container", azure_storage.replace("bucket: lake", "bucket: lkae"), vec![], "STG020", 3),
        ("an unknown key", s3_storage.clone(), vec![("LAKE_KEY", "AKIAUNKNOWN")], "STG021", 3),
        ("a wrong secret", s3_storage.clone(), vec![("LAKE_SECRET", "wr0ng-s3cret")], "STG021", 3),
        // Azure itself says AuthenticationFailed of a wrong key; the emulator says AuthorizationFailure.
        ("a wrong key of an account", azure_storage.clone(), vec![("AZURE_KEY", other_key)], "STG022", 3),
        (
            "who may only read",
            s3_storage.clone(),
            vec![("LAKE_KEY", "readkey"), ("LAKE_SECRET", "readsecret")],
            "STG022",
            3,
        ),
        ("nobody at the address", s3.storage("http://127.0.0.1:9", "x"), vec![], "STG024", 3),
        ("no such host", s3.storage("http://no-such-host.invalid", "x"), vec![], "STG024", 3),
        ("a key that is not set", s3_storage.clone(), vec![("LAKE_SECRET", "")], "STG031", 1),
        ("an account key that is not set", azure_storage, vec![("AZURE_KEY", "")], "STG031", 1),
    ];
    for (name, storage, changed, code, exit) in cases {
        let project = Project::empty().with("t.yaml", config(&storage)).with("t.csv", "k,v\na,1\n");
        let mut all = variables();
        all.extend(changed.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let secrets: Vec<String> = all.values().filter(|value| value.len() > 7).cloned().collect();
        let patience = impatient(std::time::Duration::from_secs(5));
        let world = World::real().with_environment(FixedEnvironment(all)).with_patience(patience);
        let engine = Engine::open(project.path(""), world);
        let request = RunRequest { date: "2025-01-01".parse().ok(), ..RunRequest::default() };
        let report = engine.run(request, &mut |_| {}).expect("the config is right");
        let error = report.steps[0].error.as_ref().unwrap_or_else(|| panic!("{name}: it went well"));
        assert_eq!((error.code.as_str(), report.exit), (code, exit), "{name}: {error:?}");
        let told = serde_json::to_string(&report).expect("it is JSON");
        for secret in secrets.iter().map(String::as_str).chain([AZURE_KEY, "sig=", "Credential="]) {
            assert!(!told.contains(secret), "{name}: {told}");
        }
        println!("{name}: {code}: {}: {}", error.message, error.causes.join(": "));
    }
}
