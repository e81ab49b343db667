//! Configs and worlds that reach the services.

use std::collections::BTreeMap;
use std::sync::Arc;

use medallion_core::api::Engine;
use medallion_core::api::wire::{DatasetRef, Layer, PartitionRef, RowsOf, RowsRequest, RunReport, RunRequest, Target};
use medallion_core::ext::{Key, Store, store_of};
use medallion_core::world::{FixedEnvironment, World};
use medallion_tests::{Project, lake};

/// The key of every emulator; it is no secret.
pub(crate) const AZURE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A service to test on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    S3,
    Azure,
}

/// Where something listens, by the variable that says it.
#[expect(clippy::disallowed_methods, reason = "scripts/services.sh says by the environment where its services are")]
pub(crate) fn listens(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this by scripts/services.sh run"))
}

impl Service {
    /// Where it listens.
    pub(crate) fn address(self) -> String {
        listens(match self {
            Self::S3 => "MEDALLION_TEST_S3",
            Self::Azure => "MEDALLION_TEST_AZURE",
        })
    }

    /// What the storage of a layer needs, in one line, if the service is at `address`.
    pub(crate) fn storage(self, address: &str, prefix: &str) -> String {
        match self {
            Self::S3 => format!(
                "{{storage_backend: s3, bucket: lake, prefix: {prefix}, s3_connection: {{endpoint_url: \"{address}\", access_key_env_var: LAKE_KEY, secret_key_env_var: LAKE_SECRET}}}}"
            ),
            Self::Azure => format!(
                "{{storage_backend: azure, bucket: lake, prefix: {prefix}, azure_connection: {{account_name: devstoreaccount1, account_url: \"{address}\", account_key_env_var: AZURE_KEY}}}}"
            ),
        }
    }

    /// Writers at once that it bears.
    pub(crate) const fn rivals(self) -> usize {
        match self {
            Self::S3 => 4,
            Self::Azure => 8,
        }
    }
}

/// The credentials of both services.
pub(crate) fn variables() -> BTreeMap<String, String> {
    [("LAKE_KEY", "lakekey"), ("LAKE_SECRET", "lakesecret"), ("AZURE_KEY", AZURE_KEY)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The real world with the credentials.
pub(crate) fn world() -> World {
    World::real().with_environment(FixedEnvironment(variables()))
}

/// A prefix that no other test uses.
pub(crate) fn prefix(name: &str) -> String {
    format!("{name}-{}", World::real().entropy.id())
}

/// A small dataset, `t`, with this storage for both layers.
pub(crate) fn config(storage: &str) -> String {
    format!(
        "config_version: 1
platform:
  bronze: {storage}
  silver: {storage}
sources:
  - name: t
    source:
      type: file
      system: s
      table: t
      file: {{path: ./t.csv, format: csv}}
      run: {{load_pattern: full, max_rows_per_file: 2}}
    silver:
      model: scd_type_1
      primary_keys: [k]
"
    )
}

pub(crate) const DATE: &str = "2025-01-01";
pub(crate) const OLD: &str = "k,v\na,1\nb,1\nc,1\n";
pub(crate) const NEW: &str = "k,v\na,2\nb,1\nd,2\n";

/// A workspace with a place of its own on a service, which it reaches at some address.
pub(crate) struct Scene {
    pub(crate) project: Project,
    /// Reaches the service directly, for looking.
    direct: Project,
    service: Service,
    address: String,
    prefix: String,
}

impl Scene {
    pub(crate) fn new(service: Service, address: &str, source: &str) -> Self {
        Self::at(service, address, &prefix("scene"), source)
    }

    fn at(service: Service, address: &str, prefix: &str, source: &str) -> Self {
        let project = |address: &str| {
            Project::empty().with("t.yaml", config(&service.storage(address, prefix))).with("t.csv", source)
        };
        Self {
            project: project(address),
            direct: project(&service.address()),
            service,
            address: address.to_owned(),
            prefix: prefix.to_owned(),
        }
    }

    /// Another workspace that writes to the same place.
    pub(crate) fn rival(&self, address: &str, source: &str) -> Self {
        Self::at(self.service, address, &self.prefix, source)
    }

    /// Changes the source.
    pub(crate) fn deliver(&self, source: &str) {
        self.project.write("t.csv", source);
    }

    pub(crate) fn run(&self, world: World) -> RunReport {
        let request = RunRequest { date: DATE.parse().ok(), ..RunRequest::default() };
        Engine::open(self.project.path(""), world).run(request, &mut |_| {}).expect("the config is right")
    }

    /// A run that must go well.
    #[track_caller]
    pub(crate) fn mended(&self, world: World, at: &str) {
        let report = self.run(world);
        assert_eq!(report.exit, 0, "{at}: the next run mends it, but: {report:#?}");
    }

    /// What a reader sees of each layer: its rows, or the code that says why not.
    pub(crate) fn seen(&self) -> [String; 2] {
        let engine = Engine::open(self.direct.path(""), world());
        [(Layer::Bronze, "data"), (Layer::Silver, "current")].map(|(layer, table)| {
            let of = PartitionRef::new(
                DatasetRef { target: Target::at("t.yaml"), dataset: "t".into() },
                layer,
                String::new(),
            );
            match engine.rows(RowsRequest::window(RowsOf::table(of, table), 0, 2000)) {
                Ok(table) => lake::text(&table),
                Err(error) => error.code.to_string(),
            }
        })
    }

    /// The store of the place, reached directly.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        store_of(&world(), &self.direct.path(""), "t.yaml").expect("the config is right")
    }

    /// Where a file of the place is in its store.
    pub(crate) fn key(&self, path: &str) -> Key {
        Key::root().join(&self.prefix).join(path.trim_start_matches('/'))
    }

    /// An engine that reaches the service directly.
    pub(crate) fn engine(&self, world: World) -> Engine {
        Engine::open(self.direct.path(""), world)
    }

    /// Another configuration for the same place: `change` is applied to the text.
    pub(crate) fn configure(&self, change: impl Fn(String) -> String) {
        for (project, address) in [(&self.project, &self.address), (&self.direct, &self.service.address())] {
            project.write("t.yaml", change(config(&self.service.storage(address, &self.prefix))));
        }
    }

    /// All files of the place, without attempt ids.
    pub(crate) fn files(&self) -> Vec<String> {
        let nameless = |path: String| match path.rsplit_once('-').filter(|(_, tail)| tail.len() > 16) {
            Some((stem, tail)) => format!("{stem}{}", &tail[16..]),
            None => path,
        };
        let mut files: Vec<String> = self.named_files().into_iter().map(nameless).collect();
        files.sort();
        files
    }

    /// All files of the place.
    pub(crate) fn named_files(&self) -> Vec<String> {
        let store = self.store();
        let mut folders = vec![Key::root().join(&self.prefix)];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in store.list(&folder).expect("it can be listed") {
                let key = folder.join(&entry.name);
                if entry.folder {
                    folders.push(key);
                } else {
                    let path = key.as_str().strip_prefix(&self.prefix).unwrap_or_default().to_owned();
                    files.push(path);
                }
            }
        }
        files.sort();
        files
    }
}

/// Each layer is the old version or the new one, Silver never newer than Bronze.
#[track_caller]
pub(crate) fn assert_whole(now: &[String; 2], old: &[String; 2], new: &[String; 2], at: &str) {
    assert!(now[0] == new[0] || now[0] == old[0], "{at}: Bronze is neither old nor new: {now:#?}");
    assert!(now[1] == new[1] || now[1] == old[1], "{at}: Silver is neither old nor new: {now:#?}");
    assert!(now[0] == new[0] || now[1] != new[1], "{at}: Silver is newer than its Bronze");
}
