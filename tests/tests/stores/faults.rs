//! Runs on services that fail: after each fault the old version stands or the new one, whole, and an
//! undisturbed run ends where it would have ended anyway.

use std::collections::BTreeSet;
use std::time::Duration;

use medallion_core::world::World;
use medallion_tests::lake::impatient;
use medallion_tests::proxy::{Asked, Fault, Proxy};

use super::support::{NEW, OLD, Scene, Service, assert_whole, world};

const SILENCE: Duration = Duration::from_secs(5);

fn quick() -> World {
    world().with_patience(impatient(SILENCE))
}

/// What an undisturbed run leaves before and after the source changed, and the number of requests of the
/// second run.
fn undisturbed(service: Service, proxy: &Proxy) -> ([String; 2], [String; 2], u64) {
    let scene = Scene::new(service, &proxy.address(&service.address()), OLD);
    assert_eq!(scene.run(quick()).exit, 0);
    let old = scene.seen();
    scene.deliver(NEW);
    proxy.rule(|_| Fault::Pass);
    assert_eq!(scene.run(quick()).exit, 0);
    let requests = proxy.count();
    assert_ne!(old, scene.seen());
    (old, scene.seen(), requests)
}

/// One request of a run meets a fault, once: every kind at every few requests. The run hides it.
fn one_fault(service: Service) {
    let proxy = Proxy::new(&service.address());
    let (old, new, requests) = undisturbed(service, &proxy);
    let kinds: [(&str, Fault); 8] = [
        ("503 with Retry-After", Fault::Answer(503, Some(0))),
        ("429", Fault::Answer(429, None)),
        ("500 before it arrived", Fault::Answer(500, None)),
        ("500 after it was done", Fault::AnswerAfter(500)),
        ("lost answer", Fault::LoseAnswer),
        ("reset", Fault::Reset),
        ("stalled answer", Fault::Stall),
        ("truncated answer", Fault::Truncate),
    ];
    let (mut met, mut hidden) = (0, 0);
    let mut codes = BTreeSet::new();
    for (index, (name, fault)) in kinds.iter().enumerate() {
        // Each kind begins at another request, so that together they meet all.
        for number in (1 + index as u64..=requests).step_by(kinds.len()) {
            let scene = Scene::new(service, &proxy.address(&service.address()), OLD);
            proxy.rule(|_| Fault::Pass);
            assert_eq!(scene.run(quick()).exit, 0);
            scene.deliver(NEW);
            let fault = fault.clone();
            proxy.rule(move |asked: &Asked| if asked.number == number { fault.clone() } else { Fault::Pass });
            let report = scene.run(quick());
            met += 1;
            proxy.rule(|_| Fault::Pass);
            let at = format!("{name} at request {number}");
            let failed: Vec<_> = report.steps.iter().filter_map(|step| step.error.as_ref()).collect();
            if report.exit == 0 {
                hidden += 1;
            } else {
                assert_eq!(report.exit, 3, "{at}: {failed:?}");
                codes.extend(failed.iter().map(|error| error.code.to_string()));
            }
            assert_whole(&scene.seen(), &old, &new, &at);
            scene.mended(quick(), &at);
            assert_eq!(scene.seen(), new, "{at}");
        }
    }
    println!(
        "{service:?}: {met} single faults of {} kinds over {requests} requests; {hidden} runs went through, the others said {codes:?}",
        kinds.len()
    );
    assert_eq!(hidden, met, "one fault is hidden by trying again");
}

/// From some request on everything fails; the run ends with a code that names the cause.
fn lasting_faults(service: Service) {
    let proxy = Proxy::new(&service.address());
    let (old, new, requests) = undisturbed(service, &proxy);
    let kinds: [(&str, Fault, &[&str]); 5] = [
        ("503 storm", Fault::Answer(503, None), &["STG026", "STG027"]),
        ("500", Fault::Answer(500, None), &["STG033", "STG027", "STG028"]),
        ("500 after it was done", Fault::AnswerAfter(500), &["STG033", "STG027", "STG028"]),
        ("lost answers", Fault::LoseAnswer, &["STG024", "STG027", "STG028"]),
        ("resets", Fault::Reset, &["STG024", "STG027", "STG028"]),
    ];
    let mut count = 0;
    let mut seen = BTreeSet::new();
    for (index, (name, fault, codes)) in kinds.iter().enumerate() {
        for number in (1 + 2 * index as u64..=requests).step_by(9) {
            let scene = Scene::new(service, &proxy.address(&service.address()), OLD);
            proxy.rule(|_| Fault::Pass);
            assert_eq!(scene.run(quick()).exit, 0);
            scene.deliver(NEW);
            let fault = fault.clone();
            proxy.rule(move |asked: &Asked| if asked.number >= number { fault.clone() } else { Fault::Pass });
            let report = scene.run(quick());
            count += 1;
            proxy.rule(|_| Fault::Pass);
            let at = format!("{name} from request {number}");
            for failed in report.steps.iter().filter_map(|step| step.error.as_ref()) {
                let code = failed.code.to_string();
                // A Silver step after a failed Bronze step says that it was not tried.
                assert!(codes.contains(&code.as_str()) || code.starts_with("RUN"), "{at}: {failed:?}");
                seen.insert(code);
            }
            assert_whole(&scene.seen(), &old, &new, &at);
            scene.mended(quick(), &at);
            assert_eq!(scene.seen(), new, "{at}");
        }
    }
    println!("{service:?}: {count} lasting faults of {} kinds; codes {seen:?}", kinds.len());
    assert!(count > 10);
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn one_fault_is_hidden_on_s3() {
    one_fault(Service::S3);
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn one_fault_is_hidden_on_azure() {
    one_fault(Service::Azure);
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn lasting_faults_are_named_on_s3() {
    lasting_faults(Service::S3);
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn lasting_faults_are_named_on_azure() {
    lasting_faults(Service::Azure);
}

/// The contract holds also where every seventh request fails.
#[test]
#[ignore = "needs scripts/services.sh run"]
fn a_store_that_fails_now_and_then_keeps_the_contract() {
    use medallion_core::ext::contract::{self, Effort};
    use medallion_core::ext::store_of;

    let service = Service::Azure;
    let proxy = Proxy::new(&service.address());
    let faults = [Fault::Answer(503, Some(0)), Fault::Reset, Fault::Truncate, Fault::Answer(500, None)];
    // Only what leaves no doubt: a create-only put whose answer is lost is told as unknown. And never the same
    // request twice in a row: the requests of several writers share one count, so one of them could meet the
    // seventh place as often as it tries, and that is no store that fails now and then.
    let mut failed_before = BTreeSet::new();
    proxy.rule(move |asked: &Asked| {
        let fault = &faults[usize::try_from(asked.number / 7).unwrap_or_default() % faults.len()];
        let request = (asked.method.clone(), asked.path.clone());
        if !asked.number.is_multiple_of(7) || failed_before.remove(&request) {
            return Fault::Pass;
        }
        failed_before.insert(request);
        if asked.create_only { Fault::Answer(429, None) } else { fault.clone() }
    });
    let scene = Scene::new(service, &proxy.address(&service.address()), OLD);
    let store = store_of(&quick(), &scene.project.path(""), "t.yaml").expect("the config is right");
    let effort = Effort { rounds: 5, many: 1_001, large: 9_000_000, ..Effort::default() };
    let passed = contract::run(&store, "faults", effort);
    let passed = passed.unwrap_or_else(|broken| panic!("{broken:#?}"));
    println!(
        "a store with {} of {} requests failing: {} checks passed",
        proxy.count() / 7,
        proxy.count(),
        passed.len()
    );
}
