//! Processes that are killed, that are stopped past their sign of life, and that run at once.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use medallion_core::world::World;
use medallion_tests::lake::impatient;
use medallion_tests::proxy::{Asked, Fault, Proxy, signal};

use super::support::{DATE, NEW, OLD, Scene, Service, assert_whole, variables, world};

const SILENCE: Duration = Duration::from_secs(3);

fn quick() -> World {
    world().with_patience(impatient(SILENCE))
}

fn start(scene: &Scene) -> Child {
    Command::new(env!("CARGO_BIN_EXE_elsewhere"))
        .args([scene.project.path("").as_os_str(), DATE.as_ref(), SILENCE.as_millis().to_string().as_ref()])
        .env_clear()
        .envs(variables())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// The process dies at every single request of a run, before and after it was done.
fn killed(service: Service) {
    let proxy = Proxy::new(&service.address());
    let nothing = ["RUN012"; 2].map(str::to_owned);
    let clean = Scene::new(service, &proxy.address(&service.address()), OLD);
    assert_eq!(clean.run(quick()).exit, 0);
    let old = clean.seen();
    clean.deliver(NEW);
    assert_eq!(clean.run(quick()).exit, 0);
    let (new, files) = (clean.seen(), clean.files());
    let mut scenes = Vec::new();
    let (mut first, mut deaths) = (false, 0);
    loop {
        let mut number = 0;
        loop {
            number += 1;
            let scene = Scene::new(service, &proxy.address(&service.address()), OLD);
            proxy.rule(|_| Fault::Pass);
            if !first {
                assert_eq!(scene.run(quick()).exit, 0);
                scene.deliver(NEW);
            }
            let process = Arc::new(AtomicU32::new(0));
            let (of, after) = (process.clone(), number % 2 == 0);
            proxy.rule(move |asked: &Asked| {
                if asked.number != number {
                    return Fault::Pass;
                }
                while of.load(Ordering::SeqCst) == 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                let process = of.load(Ordering::SeqCst);
                if after { Fault::KillAfter(process) } else { Fault::KillBefore(process) }
            });
            let mut child = start(&scene);
            process.store(child.id(), Ordering::SeqCst);
            let status = child.wait().expect("it ends");
            proxy.rule(|_| Fault::Pass);
            let at = format!("killed at request {number}, first run: {first}");
            let (before, after) = if first { (&nothing, &old) } else { (&old, &new) };
            assert_whole(&scene.seen(), before, after, &at);
            scene.mended(quick(), &at);
            assert_eq!(&scene.seen(), after, "{at}");
            if !first {
                scenes.push((at, scene));
            }
            if status.code().is_some() {
                assert_eq!(status.code(), Some(0));
                break;
            }
            deaths += 1;
        }
        assert!(number > 15, "{number} requests are too few to be all");
        if first {
            break;
        }
        first = true;
    }
    // Once the signs of life of the dead are silent, the next run clears what they left.
    std::thread::sleep(SILENCE + Duration::from_secs(2));
    let swept = scenes.len();
    for (at, scene) in scenes {
        assert_eq!(scene.run(quick()).exit, 0, "{at}");
        assert_eq!(scene.files(), files, "{at}: nothing is left over");
    }
    println!("{service:?}: {deaths} deaths at every request of two runs; {swept} places swept clean afterwards");
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn dying_at_any_request_on_s3() {
    killed(Service::S3);
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn dying_at_any_request_on_azure() {
    killed(Service::Azure);
}

/// A run is stopped, others finish meanwhile, and it wakes up: it can hurt nothing.
fn stopped(service: Service) {
    let proxy = Proxy::new(&service.address());
    let other = "k,v\nx,1\ny,2\nz,3\n";
    let mut codes = Vec::new();
    type Moment = fn(&Asked) -> bool;
    let what: [(&str, Moment); 3] = [
        ("a part", |asked| asked.method == "PUT" && asked.path.contains("part-0001")),
        ("the commit", |asked| asked.create_only && asked.path.contains("_commits/2.json")),
        ("the listing before anything", |asked| asked.number == 3),
    ];
    for (name, stop_at) in what {
        let scene = Scene::new(service, &proxy.address(&service.address()), OLD);
        proxy.rule(|_| Fault::Pass);
        assert_eq!(scene.run(quick()).exit, 0);
        let rival = scene.rival(&service.address(), other);
        scene.deliver(NEW);
        let (process, go, reached) =
            (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (of, flag, seen) = (process.clone(), go.clone(), reached.clone());
        proxy.rule(move |asked: &Asked| {
            if seen.load(Ordering::SeqCst) || !stop_at(asked) {
                return Fault::Pass;
            }
            while of.load(Ordering::SeqCst) == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            seen.store(true, Ordering::SeqCst);
            Fault::Pause(of.load(Ordering::SeqCst), flag.clone())
        });
        let child = start(&scene);
        process.store(child.id(), Ordering::SeqCst);
        let began = Instant::now();
        while !reached.load(Ordering::SeqCst) && began.elapsed() < Duration::from_mins(1) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(reached.load(Ordering::SeqCst), "{name} was never asked for");
        std::thread::sleep(SILENCE + Duration::from_secs(2));
        // It is taken for silent: another delivery lands, and what it left is cleared.
        assert_eq!(rival.run(quick()).exit, 0, "{name}");
        let expected = rival.seen();
        assert_eq!(rival.run(quick()).exit, 0, "{name}");
        go.store(true, Ordering::SeqCst);
        signal("-CONT", child.id());
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let now = rival.seen();
        // It lost, or it began anew after the other and won as a later run would have.
        let won = scene_of(service, &proxy);
        assert!(now == expected || now == won, "{name}: {said}\n{now:#?}");
        assert!(output.status.code() == Some(0) || output.status.code() == Some(3), "{name}: {said}");
        codes.push(format!(
            "{name}: exit {:?}, {}",
            output.status.code(),
            said.split_whitespace().collect::<Vec<_>>().join(" ")
        ));
        assert_eq!(scene.run(quick()).exit, 0, "{name}");
        assert_eq!(scene.seen(), won, "{name}: the next run ends where it would have ended");
    }
    println!("{service:?}: 3 runs were stopped past their sign of life and woke up: {}", codes.join("; "));
}

/// What a run of the new delivery leaves.
fn scene_of(service: Service, proxy: &Proxy) -> [String; 2] {
    let scene = Scene::new(service, &proxy.address(&service.address()), NEW);
    assert_eq!(scene.run(quick()).exit, 0);
    scene.seen()
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn a_paused_run_that_wakes_up_hurts_nothing_on_s3() {
    stopped(Service::S3);
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn a_paused_run_that_wakes_up_hurts_nothing_on_azure() {
    stopped(Service::Azure);
}

/// Several processes with deliveries of their own for one partition: some win, the others say that
/// another run was faster, and what stands is one delivery, whole.
fn at_once(service: Service, processes: usize) {
    let scene = Scene::new(service, &service.address(), OLD);
    let rivals: Vec<Scene> = (0..processes)
        .map(|number| {
            let rows = (0..5).fold(String::new(), |rows, row| format!("{rows}{row},{number}\n"));
            scene.rival(&service.address(), &format!("k,v\n{rows}"))
        })
        .collect();
    let running: Vec<Child> = rivals.iter().map(start).collect();
    let (mut won, mut faster) = (0, 0);
    for child in running {
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.code() {
            Some(0) => won += 1,
            Some(3) if said.contains("STG012") => faster += 1,
            other => panic!("{other:?}: {said}"),
        }
    }
    let [bronze, _] = scene.seen();
    let whole = (0..processes).any(|number| bronze.matches(&format!(" v={number}")).count() == 5);
    assert!(whole && bronze.matches(" v=").count() == 5, "{bronze}");
    assert!(won >= 1);
    println!(
        "{service:?}: {processes} processes at once: {won} won in turn, {faster} were told that another was faster"
    );
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn processes_at_once() {
    at_once(Service::Azure, 2);
    at_once(Service::Azure, 8);
    at_once(Service::S3, 2);
    at_once(Service::S3, 4);
}
