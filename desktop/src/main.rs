//! The desktop app: one window over `core::api`.
//!
//! Owns the window, its arguments and the bridge to the page ([`bridge`]). Holds no business logic,
//! opens no data file, and gives the page nothing but the command table.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod bridge;

use std::path::PathBuf;
use std::process::ExitCode;

use bridge::Bridge;
use tauri::webview::PageLoadEvent;
use tauri::{Manager as _, WebviewUrl, WebviewWindowBuilder, WindowEvent};

const USAGE: &str = "usage: medallion-desktop [FOLDER | CONFIG.yaml]\n\nOpens the workbench on a workspace folder or one config file, by default on the current folder.";

/// The size at the first start, and the least that the screens are drawn for, in logical pixels.
const SIZE: (f64, f64) = (1280.0, 800.0);
const LEAST: (f64, f64) = (640.0, 480.0);

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let target = arguments.next().unwrap_or_default();
    if target == "--help" || target == "-h" {
        return say(&mut std::io::stdout(), USAGE, ExitCode::SUCCESS);
    }
    let Some(target) = target.to_str().filter(|target| !target.starts_with('-') && arguments.next().is_none()) else {
        return say(&mut std::io::stderr(), USAGE, ExitCode::from(1));
    };
    let (root, target) = opened(current_folder(), target);
    match open(root, target) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(&mut std::io::stderr(), &format!("the window cannot be opened: {error}"), ExitCode::from(1)),
    }
}

#[expect(clippy::exit, reason = "generate_context! ends the program when what was compiled in is broken")]
fn open(root: PathBuf, target: String) -> tauri::Result<()> {
    let title = title(&root, &target);
    tauri::Builder::default()
        .manage(Bridge::new(root, target))
        .invoke_handler(tauri::generate_handler![bridge::call, bridge::stream, bridge::session])
        .setup(move |app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title(title)
                .inner_size(SIZE.0, SIZE.1)
                .min_inner_size(LEAST.0, LEAST.1)
                // The page is the whole product: it never leaves for another address.
                .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost") || cfg!(dev))
                .build()?;
            Ok(())
        })
        // A page that is loaded anew, like a window that closes, has lost sight of its jobs.
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                window.state::<Bridge>().cancel_all();
            }
        })
        // Not when closing is asked for: the page may answer that unsaved work keeps it open.
        .on_window_event(|window, event| {
            if matches!(event, WindowEvent::Destroyed) {
                window.state::<Bridge>().cancel_all_and_wait();
            }
        })
        .run(tauri::generate_context!())
}

/// The engine's root and what to open below it. A folder is a root of its own, so that the files in
/// it are named shortly.
fn opened(current: PathBuf, target: &str) -> (PathBuf, String) {
    let folder = current.join(target);
    if folder.is_dir() { (folder, String::new()) } else { (current, target.to_owned()) }
}

/// The folder or file in front, so that windows can be told apart in a task bar.
fn title(root: &std::path::Path, target: &str) -> String {
    let path = root.join(target);
    match path.file_name() {
        Some(name) => format!("{} - Medallion Workbench", name.to_string_lossy()),
        None => "Medallion Workbench".into(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a front end decides where relative paths start")]
fn current_folder() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}

fn say(out: &mut dyn std::io::Write, text: &str, code: ExitCode) -> ExitCode {
    // Without a terminal there is nobody to tell; the exit code stands.
    drop(writeln!(out, "{text}"));
    code
}
