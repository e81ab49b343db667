//! Looking after what has landed, on services: verify, clear, retire and adopt what is in an object
//! store; and signs of life where the clock of the service is hours off ours.

use std::collections::BTreeMap;
use std::time::Duration;

use medallion_core::api::Engine;
use medallion_core::api::wire::{
    AdoptRequest, DatasetRef, GcEvent, GcReport, GcRequest, Layer, Layers, PartitionRef, RetentionRequest,
    RetentionVerdict, RowsOf, RowsRequest, RunRequest, Target, VerifyEvent, VerifyReport, VerifyRequest,
};
use medallion_core::ext::{Life, store_of};
use medallion_core::world::{FixedClock, World};
use medallion_tests::lake::{self, impatient};
use medallion_tests::proxy::{Fault, Proxy};

use super::support::{NEW, OLD, Scene, Service, world};

const SILENCE: Duration = Duration::from_secs(3);
const BRONZE: &str = "system=s/table=t/pattern=full/dt=2025-01-01";
const ATTEMPT: &str = "00112233445566ff";

fn quick() -> World {
    world().with_patience(impatient(SILENCE))
}

fn verified(engine: &Engine) -> (VerifyReport, Vec<String>) {
    let mut found = Vec::new();
    let report = engine.verify(VerifyRequest::default(), &mut |event| {
        if let VerifyEvent::Verified { partition } = event {
            found.extend(partition.findings.into_iter().map(|finding| {
                let name = finding.file.rsplit('/').next().unwrap_or_default().to_owned();
                let name = match name.rsplit_once('-').filter(|(_, tail)| tail.len() > 16) {
                    Some((stem, tail)) => format!("{stem}{}", &tail[16..]),
                    None => name,
                };
                format!("{} {name}", finding.code)
            }));
        }
    });
    found.sort();
    (report.expect("there is something to verify"), found)
}

fn cleared(engine: &Engine, dry_run: bool) -> (GcReport, Vec<String>) {
    let mut files = Vec::new();
    let report = engine.gc(GcRequest { dry_run, ..GcRequest::default() }, &mut |event| {
        if let GcEvent::Cleared { file } = event {
            files.push(file.file);
        }
    });
    (report.expect("the config is right"), files)
}

/// Damages parts in every way, and sees that it is told, never read as other rows, and mended by a run.
fn damaged(service: Service) {
    let scene = Scene::new(service, &service.address(), "k,v\na,1\nb,1\nc,1\nd,1\ne,1\nf,1\n");
    assert_eq!(scene.run(world()).exit, 0);
    let right = scene.seen();
    let engine = scene.engine(world());
    let (report, found) = verified(&engine);
    assert_eq!((report.exit, report.partitions.0, found), (0, 2, Vec::new()), "{report:#?}");
    let store = scene.store();
    let parts: Vec<String> =
        scene.named_files().into_iter().filter(|file| file.contains("dt=") && file.contains("/part-")).collect();
    assert_eq!(parts.len(), 3);
    let bytes = |path: &str| store.read(&scene.key(path)).expect("it is there");
    let mut flipped = bytes(&parts[0]);
    flipped[20] ^= 4;
    store.replace(&scene.key(&parts[0]), &flipped, "x").expect("it can be written");
    // A flipped bit alone is met by whoever reads the rows.
    assert_eq!(scene.seen(), ["STG062".to_owned(), right[1].clone()]);
    let silver = RunRequest {
        date: super::support::DATE.parse().ok(),
        layers: Layers::Silver,
        rebuild: true,
        ..RunRequest::default()
    };
    let refused = engine.run(silver, &mut |_| {}).expect("the config is right");
    let code = refused.steps.iter().find_map(|step| step.error.as_ref()).map(|error| error.code.to_string());
    assert_eq!((refused.exit, code.as_deref()), (3, Some("STG062")), "{refused:#?}");
    assert_eq!(scene.seen()[1], right[1], "Silver stays as it was");
    let cut = bytes(&parts[1]);
    store.replace(&scene.key(&parts[1]), &cut[..cut.len() - 1], "x").expect("it can be written");
    store.remove(&scene.key(&parts[2])).expect("it can be removed");
    store.put_new(&scene.key(&format!("{BRONZE}/mine.parquet")), b"x", "x").expect("it can be written");
    store.remove(&scene.key(&format!("{BRONZE}/_metadata.json"))).expect("it can be removed");
    let (report, found) = verified(&engine);
    let expected = [
        "STG060 part-0003.parquet",
        "STG061 part-0002.parquet",
        "STG062 part-0001.parquet",
        "STG063 mine.parquet",
        "STG066 _metadata.json",
    ];
    assert_eq!((report.exit, found.iter().map(String::as_str).collect::<Vec<_>>()), (4, expected.to_vec()));
    assert_eq!(scene.run(world()).exit, 0);
    assert_eq!(verified(&engine).1, ["STG063 mine.parquet"]);
    assert_eq!(scene.seen(), right);
    println!("{service:?}: altered, cut, missing, added and unnamed files told with 5 codes; a run mends all of ours");
}

/// What a crash left is listed, then cleared; what lives, what is named and what is not ours stays.
fn left_over(service: Service) {
    let scene = Scene::new(service, &service.address(), OLD);
    assert_eq!(scene.run(quick()).exit, 0);
    let (store, engine) =
        (store_of(&quick(), &scene.project.path(""), "t.yaml").expect("a store"), scene.engine(quick()));
    assert_eq!(cleared(&engine, false).1, Vec::<String>::new());
    let standing = scene.named_files();
    let put = |path: &str| store.put_new(&scene.key(path), b"left", "x").expect("it can be written");
    let left = [
        format!("{BRONZE}/part-0001-{ATTEMPT}.parquet"),
        format!("{BRONZE}/_errors/part-0001-{ATTEMPT}.parquet"),
        format!("system=s/table=t/pattern=full/dt=2025-01-02/part-0001-{ATTEMPT}.parquet"),
    ];
    for path in &left {
        put(path);
    }
    put(&format!("{BRONZE}/mine.parquet"));
    let living = "00112233445566aa";
    let alive = scene.key(&format!("{BRONZE}/_commits/.alive-{living}.lock"));
    let hold = store.hold(&alive, 2).expect("it can be held");
    put(&format!("{BRONZE}/part-0001-{living}.parquet"));
    let (report, listed) = cleared(&engine, true);
    assert_eq!((report.files.0, report.bytes.0, report.exit), (3, 12, 0), "{listed:#?}");
    assert!(scene.named_files().len() >= standing.len() + 5, "a dry run removes nothing");
    let (report, now) = cleared(&engine, false);
    assert_eq!((report.files.0, report.fenced.0, &now), (3, 0, &listed));
    // The living one falls silent: its number is used up, and then its part goes.
    hold.fall_silent();
    std::thread::sleep(SILENCE + Duration::from_secs(2));
    let (report, now) = cleared(&engine, false);
    assert_eq!((report.fenced.0, report.exit), (1, 0), "{report:#?}");
    assert!(now.iter().any(|file| file.contains(living)), "{now:#?}");
    store.remove(&scene.key(&format!("{BRONZE}/mine.parquet"))).expect("it can be removed");
    let after: Vec<String> =
        scene.named_files().into_iter().filter(|file| !file.contains("/_commits/2.json")).collect();
    assert_eq!(after, standing);
    assert_eq!(verified(&engine).0.exit, 0);
    assert_eq!(cleared(&engine, false).0.files.0, 0);
    println!("{service:?}: 3 files of crashes cleared, 1 silent attempt fenced, nothing named or living touched");
}

/// Old partitions are shown, then removed; what is left can be read, and a rerun of a removed day lands.
fn retired(service: Service) {
    let scene = Scene::new(service, &service.address(), OLD);
    scene.configure(|text| {
        let text = text.split("    silver:\n").next().unwrap_or_default().to_owned();
        text.replacen("bronze: {", "bronze: {retention: {days: 30}, ", 1)
    });
    let days = ["2025-01-01", "2025-01-02", "2025-01-31"];
    for day in days {
        let request = RunRequest { date: day.parse().ok(), ..RunRequest::default() };
        let run = Engine::open(scene.project.path(""), world()).run(request, &mut |_| {}).expect("the config is right");
        assert_eq!(run.exit, 0, "{run:#?}");
    }
    let noon = chrono::NaiveDate::from_ymd_opt(2025, 2, 1).and_then(|day| day.and_hms_opt(12, 0, 0)).expect("a time");
    let engine = scene.engine(world().with_clock(FixedClock(noon.and_utc())));
    let before = scene.named_files();
    let ask = |apply| engine.retention(RetentionRequest { apply, ..RetentionRequest::default() }).expect("one is set");
    let verdicts = |verdict| vec![("2025-01-01".to_owned(), verdict), ("2025-01-02".to_owned(), verdict)];
    let told =
        |apply| ask(apply).partitions.into_iter().map(|old| (old.date.to_string(), old.verdict)).collect::<Vec<_>>();
    assert_eq!(told(false), verdicts(RetentionVerdict::Removable));
    assert_eq!(scene.named_files(), before, "it is only shown");
    assert_eq!(told(true), verdicts(RetentionVerdict::Removed));
    let parts: Vec<String> = scene.named_files().into_iter().filter(|file| file.contains("/part-")).collect();
    assert!(!parts.is_empty() && parts.iter().all(|file| file.contains("dt=2025-01-31")), "{parts:#?}");
    assert_eq!(told(true), Vec::new());
    assert_eq!(verified(&engine).0.exit, 0);
    scene.deliver(NEW);
    let request = RunRequest { date: days[0].parse().ok(), ..RunRequest::default() };
    let run = Engine::open(scene.project.path(""), world()).run(request, &mut |_| {}).expect("the config is right");
    assert_eq!(run.exit, 0, "{run:#?}");
    println!("{service:?}: 2 of 3 partitions retired; the third stands, and a removed day can land again");
}

/// Bronze of the predecessor in a bucket is verified, adopted through a configuration, and promoted.
fn adopted(service: Service) {
    let scene = Scene::new(service, &service.address(), OLD);
    scene.configure(|text| {
        text.replace("system: s", "system: shop").replace("table: t\n", "table: orders\n").replace("[k]", "[id]")
    });
    let (store, engine) = (scene.store(), scene.engine(world()));
    let folder = |date: &str| format!("system=shop/table=orders/pattern=full/dt={date}");
    for date in ["2025-01-05", "2025-01-06"] {
        for (name, bytes) in lake::of_predecessor(date) {
            store.put_new(&scene.key(&format!("{}/{name}", folder(date))), &bytes, "x").expect("it can be written");
        }
    }
    let altered = scene.key(&format!("{}/full-part-0002.csv", folder("2025-01-06")));
    let mut bytes = store.read(&altered).expect("it is there");
    bytes[12] ^= 1;
    store.replace(&altered, &bytes, "x").expect("it can be written");
    assert_eq!(verified(&engine).1, ["STG062 full-part-0002.csv"]);
    let adopt =
        |write| engine.adopt(AdoptRequest { path: "t.yaml".into(), write, job: String::new() }).expect("there is some");
    let before = scene.named_files();
    let report = adopt(false);
    assert_eq!((report.adopted.0, report.refused.0, report.exit), (1, 1, 4), "{report:#?}");
    assert_eq!(scene.named_files(), before, "it is only said");
    let report = adopt(true);
    assert_eq!((report.adopted.0, report.folders[0].rows.0), (1, 4), "{report:#?}");
    assert_eq!(scene.named_files().len(), before.len() + 1, "one commit, and no file of ours besides");
    let request = RunRequest { date: "2025-01-05".parse().ok(), layers: Layers::Silver, ..RunRequest::default() };
    assert_eq!(engine.run(request, &mut |_| {}).map(|report| report.exit).ok(), Some(0));
    let of = PartitionRef::new(
        DatasetRef { target: Target::at("t.yaml"), dataset: "t".into() },
        Layer::Silver,
        String::new(),
    );
    let rows = engine.rows(RowsRequest::window(RowsOf::table(of, "current"), 0, 10)).expect("it was promoted");
    assert_eq!(lake::text(&rows), "id=1 name=Ann | id=2 name=Bob | id=3 name=Cy, Jr | id=4 name=Dée");
    println!("{service:?}: of 2 partitions of the predecessor 1 adopted and promoted, 1 refused for an altered file");
}

/// The clock of the service is hours off ours, and the clock of the world decades: who lives is told by
/// the service's clock alone.
fn skewed(service: Service) {
    let mut told = BTreeMap::new();
    for hours in [-26, -5, 5, 26] {
        let proxy = Proxy::new(&service.address());
        proxy.rule(move |_| Fault::Skew(hours * 3600));
        let scene = Scene::new(service, &proxy.address(&service.address()), OLD);
        let year = |year| {
            let noon = chrono::NaiveDate::from_ymd_opt(year, 6, 1).and_then(|day| day.and_hms_opt(12, 0, 0));
            quick().with_clock(FixedClock(noon.expect("a time").and_utc()))
        };
        assert_eq!(scene.run(year(2050)).exit, 0, "{hours}");
        let store = || store_of(&quick(), &scene.project.path(""), "t.yaml").expect("a store");
        let (ours, theirs) = (store(), store());
        let attempt = "00112233445566aa";
        let key = scene.key(&format!("{BRONZE}/_commits/.alive-{attempt}.lock"));
        let part = format!("{BRONZE}/part-0001-{attempt}.parquet");
        let hold = ours.hold(&key, 2).expect("it can be held");
        ours.put_new(&scene.key(&part), b"x", "x").expect("it can be written");
        assert_eq!(theirs.life(&key).expect("it can be asked"), Life::Alive, "{hours}");
        // It is renewed, so it stays alive for longer than it promised at once, and a run beside it,
        // decades earlier by its own clock, leaves its part alone.
        std::thread::sleep(SILENCE + Duration::from_secs(1));
        assert_eq!(store().life(&key).expect("it can be asked"), Life::Alive, "{hours}");
        scene.deliver(NEW);
        let engine = Engine::open(scene.project.path(""), year(1999));
        assert_eq!(cleared(&engine, false).0.files.0, 0, "{hours}: it lives");
        assert!(scene.named_files().iter().any(|file| file.ends_with(&part)), "{hours}");
        hold.fall_silent();
        assert_eq!(theirs.life(&key).expect("it can be asked"), Life::Alive, "{hours}: not silent for long enough");
        std::thread::sleep(SILENCE + Duration::from_secs(2));
        assert_eq!(store().life(&key).expect("it can be asked"), Life::Silent { plan: 2 }, "{hours}");
        // The number it planned is used up by a run of another delivery; what it left goes with that or the next.
        assert_eq!(scene.run(year(1999)).exit, 0, "{hours}");
        assert_eq!(scene.run(year(1999)).exit, 0, "{hours}");
        assert!(!scene.named_files().iter().any(|file| file.contains(attempt)), "{hours}");
        told.insert(hours, scene.seen());
    }
    let all: Vec<_> = told.values().collect();
    assert!(all.windows(2).all(|two| two[0] == two[1]) && all[0][0].contains("k=d"), "{told:#?}");
    println!(
        "{service:?}: {} clocks up to 26 hours off: nobody alive was taken for silent, and nobody silent for alive",
        told.len()
    );
}

macro_rules! on_both {
    ($($work:ident: $s3:ident, $azure:ident;)*) => {$(
        #[test]
        #[ignore = "needs scripts/services.sh run"]
        fn $s3() {
            $work(Service::S3);
        }

        #[test]
        #[ignore = "needs scripts/services.sh run"]
        fn $azure() {
            $work(Service::Azure);
        }
    )*};
}

on_both! {
    damaged: damage_is_told_and_mended_on_s3, damage_is_told_and_mended_on_azure;
    left_over: what_crashes_left_is_cleared_on_s3, what_crashes_left_is_cleared_on_azure;
    retired: old_partitions_are_retired_on_s3, old_partitions_are_retired_on_azure;
    adopted: the_predecessors_bronze_is_adopted_on_s3, the_predecessors_bronze_is_adopted_on_azure;
    skewed: a_clock_that_is_hours_off_changes_nothing_on_s3, a_clock_that_is_hours_off_changes_nothing_on_azure;
}
