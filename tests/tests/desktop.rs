//! The desktop app through its real window: WebKit's own driver opens it, and the test goes the way
//! of a person: write a config, run, see rows. Needs a display (`xvfb-run`), so it stands behind a feature.
#![cfg(feature = "desktop")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use medallion_tests::{Project, program};
use serde_json::{Value, json};

/// How long one expectation may take. The first page of a cold start is the slowest.
const PATIENCE: Duration = Duration::from_secs(30);

const CONFIG: &str = "config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./lake/bronze}
  silver: {storage_backend: local, output_dir: ./lake/silver}
sources:
  - name: exact
    source:
      type: file
      system: test
      table: exact
      file: {path: ./exact.csv, format: csv}
      run: {load_pattern: full, schema: {amount: \"decimal(38,2)\"}}
    silver: {domain: test, entity: exact, model: scd_type_1, primary_keys: [id]}
";

const ROWS: &str = "id,amount,note
9007199254740993,999999999999999999999999999999999999.99,first
9223372036854775807,-0.01,\"\"
";

/// With one planted mistake, and a comment that every edit has to leave alone.
const ORDERS: &str = "# Orders of the shop.
config_version: 1
platform:
  bronze:
    output_dir: ./lake/orders
sources:
  - name: orders
    source:
      type: file
      system: shop
      table: orders
      file:
        path: ./exact.csv
        formt: csv
      run:
        load_pattern: full   # everything, every day
";

const CONTROL: char = '\u{e009}';

/// WebKit's driver; it ends with the test.
struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("WebKitWebDriver")
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver is installed (Debian's package webkit2gtk-driver)");
        Self { child, port }
    }

    async fn open(&self, project: &Project) -> Client {
        let options = json!({ "binary": program("medallion-desktop"), "args": [project.path("")] });
        let capabilities: serde_json::Map<String, Value> =
            [("webkitgtk:browserOptions".to_owned(), options)].into_iter().collect();
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        let mut last = None;
        for _ in 0..100 {
            match builder.capabilities(capabilities.clone()).connect(&format!("http://127.0.0.1:{}", self.port)).await {
                Ok(client) => return client,
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the window does not open: {last:?}")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The window, as the test looks at it.
struct Window(Client);

impl Window {
    async fn visit(&self, hash: &str) {
        self.script(&format!("location.hash = {}", json!(hash))).await;
    }

    async fn script(&self, code: &str) -> Value {
        self.0.execute(code, vec![]).await.unwrap()
    }

    async fn find(&self, css: &str) -> Element {
        self.0
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("no {css}: {error}"))
    }

    /// Waits until the page shows a text, and fails with what it shows instead.
    async fn shows(&self, text: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let shown = self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned();
            if shown.contains(text) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "the window never shows `{text}` but:\n{shown}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn press(&self, label: &str) {
        let path = format!("//button[normalize-space()='{label}' and not(@disabled)]");
        let button = self.0.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await;
        button.unwrap_or_else(|error| panic!("no button {label}: {error}")).click().await.unwrap();
    }

    /// Presses keys where the focus is, all of them held until the last is down.
    async fn chord(&self, keys: &[char]) {
        let down = keys.iter().map(|&value| KeyAction::Down { value });
        let up = keys.iter().rev().map(|&value| KeyAction::Up { value });
        let chord = down.chain(up).fold(KeyActions::new("keys".into()), fantoccini::actions::InputSource::then);
        self.0.perform_actions(chord).await.unwrap();
    }

    async fn type_text(&self, text: &str) {
        for value in text.chars() {
            self.chord(&[value]).await;
        }
    }

    /// The lines that the editor draws.
    async fn text(&self) -> String {
        let script = "return [...(document.querySelector('.editor')?.shadowRoot.querySelectorAll('.cm-line') ?? [])].map((line) => line.innerText).join('\\n')";
        self.script(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the editor draws a text.
    async fn draws(&self, wanted: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let drawn = self.text().await;
            if drawn.contains(wanted) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "the editor never draws `{wanted}` but:\n{drawn}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn cells(&self, row: usize) -> Vec<String> {
        let css = format!("[role=grid] [aria-rowindex=\"{}\"] [role=gridcell]", row + 1);
        self.find(&css).await;
        let texts = self
            .script(&format!(
                "return [...document.querySelectorAll({})].map((cell) => cell.textContent.trim())",
                json!(css)
            ))
            .await;
        texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn validate_run_and_see_rows_in_the_real_window() {
    let project = Project::flights();
    std::fs::write(project.path("exact.yaml"), CONFIG).unwrap();
    std::fs::write(project.path("exact.csv"), ROWS).unwrap();
    let driver = Driver::start();
    let window = Window(driver.open(&project).await);

    // The window opens on the folder that it was given.
    window.shows("never run").await;
    assert_eq!(window.script("return typeof window.__TAURI__").await, "undefined", "the page has no global door");

    window.visit("#/config/exact.yaml").await;
    window.shows("No problems in this file").await;

    window.visit("#/run").await;
    window.find("input.mono").await.send_keys("2013-01-01").await.unwrap();
    window.press("Plan").await;
    window.shows("Nothing was written.").await;
    assert!(!project.path("lake").exists(), "a plan writes nothing");
    window.press("Run").await;
    window.shows("10 written").await;

    window.visit("#/data/exact.yaml/exact/silver").await;
    let mut rows = vec![window.cells(1).await, window.cells(2).await];
    rows.sort();
    let greatest = "999999999999999999999999999999999999.99";
    assert_eq!(rows, [["9007199254740993", greatest, "first"], ["9223372036854775807", "-0.01", "\"\""]]);

    window.visit("#/data/nycflights13.yaml/flights/bronze").await;
    window.shows("of 842").await;
    assert_eq!(&window.cells(1).await[..4], ["2013", "1", "1", "517"]);

    // The policy holds in the window: nothing from outside, no code from text.
    let refused =
        window.script("try { new Function('return 1')(); return 'ran' } catch (error) { return error.name }").await;
    assert_eq!(refused, "EvalError", "text is never run as code");
    let outside = "const done = arguments[0]; fetch('http://127.0.0.1:9/').then(() => done('fetched'), (error) => done(error.name))";
    assert_eq!(window.0.execute_async(outside, vec![]).await.unwrap(), "TypeError");

    window.0.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_a_config_in_the_real_window() {
    let project = Project::empty();
    std::fs::write(project.path("orders.yaml"), ORDERS).unwrap();
    std::fs::write(project.path("exact.csv"), ROWS).unwrap();
    let driver = Driver::start();
    let window = Window(driver.open(&project).await);
    window.shows("1 error").await;

    // The mistake, its fix as a diff, and the fix.
    window.visit("#/config/orders.yaml").await;
    window.find("li.error > [role=button]").await.click().await.unwrap();
    window.shows("did you mean").await;
    window.find("button.apply").await.click().await.unwrap();
    window.shows("No problems in this file").await;
    window.draws("        format: csv").await;

    // The form changes one value, the comment beside it stays, and one undo covers both.
    let select = "[data-path='sources[0].source.run.load_pattern'] select";
    window.find(select).await.select_by_value("cdc").await.unwrap();
    window.draws("load_pattern: cdc   # everything, every day").await;
    window.script(&format!("document.querySelector({}).focus()", json!(select))).await;
    window.chord(&[CONTROL, 'z']).await;
    window.draws("load_pattern: full   # everything, every day").await;

    // Typing in the text, in a shadow root of WebKit.
    window.script("document.querySelector('.editor').shadowRoot.querySelector('.cm-content').focus()").await;
    window.chord(&[CONTROL, '\u{e011}']).await;
    window.type_text("# Mine.\u{e007}").await;
    window.draws("# Mine.\n# Orders of the shop.").await;

    // What saving changes is shown first; then Home knows it without being asked.
    window.chord(&[CONTROL, 's']).await;
    window.shows("2 lines added, 1 line removed.").await;
    assert_eq!(std::fs::read_to_string(project.path("orders.yaml")).unwrap(), ORDERS);
    window.press("Save").await;
    window.shows("Saved orders.yaml").await;
    let saved = std::fs::read_to_string(project.path("orders.yaml")).unwrap();
    assert_eq!(saved, format!("# Mine.\n{}", ORDERS.replace("formt", "format")));
    window.visit("#/home").await;
    window.shows("valid").await;

    // Somebody else writes while there are changes here.
    window.visit("#/config/orders.yaml").await;
    window.draws("# Mine.").await;
    window.script("document.querySelector('.editor').shadowRoot.querySelector('.cm-content').focus()").await;
    window.type_text("#").await;
    std::fs::write(project.path("orders.yaml"), format!("{saved}# theirs\n")).unwrap();
    window.shows("changed outside while you have unsaved changes").await;
    window.press("Take both").await;
    window.draws("# theirs").await;

    window.visit("#/doctor/").await;
    window.shows("Check again").await;
    window.shows("eady").await;
    window.0.close().await.unwrap();
}

/// Keys that write nothing, as WebDriver names them.
const HOME: char = '\u{e011}';
const END: char = '\u{e010}';
const RIGHT: char = '\u{e014}';
const ENTER: char = '\u{e007}';
const ESCAPE: char = '\u{e00c}';

impl Window {
    /// Presses one key after the other.
    async fn keys(&self, keys: &[char]) {
        for &key in keys {
            self.chord(&[key]).await;
        }
    }

    async fn focus(&self, css: &str) {
        self.find(css).await;
        self.script(&format!("document.querySelector({}).focus()", json!(css))).await;
    }

    /// Replaces what stands in a field, as typing does.
    async fn fill(&self, css: &str, text: &str) {
        self.focus(css).await;
        self.script(&format!("document.querySelector({}).select()", json!(css))).await;
        self.type_text(text).await;
    }

    /// Types the start of a name in the tree; what was typed before is forgotten first.
    async fn seek(&self, name: &str) {
        tokio::time::sleep(Duration::from_millis(900)).await;
        self.type_text(name).await;
    }

    /// Waits until the cell in a row (from 1) and column of the grid has a text.
    async fn cell_becomes(&self, row: usize, column: usize, wanted: &str) {
        let css = format!("[role=grid] [aria-rowindex=\"{}\"] [aria-colindex=\"{column}\"]", row + 1);
        let script = format!("return document.querySelector({})?.textContent ?? ''", json!(css));
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let shown = self.script(&script).await;
            if shown == wanted {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "row {row} column {column} is {shown}, never {wanted}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outputs_and_rows_in_the_real_window() {
    let project = Project::flights();
    let run = project.medallion(&["run", "--date", "2013-01-01"]).ended(0);
    assert!(run.stderr.contains("written") || run.stdout.contains("written"), "{run}");
    let driver = Driver::start();
    let window = Window(driver.open(&project).await);

    // The tree, by keys alone.
    window.shows("flights").await;
    window.visit("#/outputs").await;
    window.shows("system=nyc").await;
    window.focus("[role=tree]").await;
    window.keys(&[HOME]).await;
    window.seek("nyc").await;
    window.keys(&[RIGHT]).await;
    window.shows("table=flights").await;
    window.seek("flights").await;
    window.keys(&[RIGHT]).await;
    window.shows("dt=2013-01-01").await;
    window.seek("dt").await;
    window.keys(&[ENTER]).await;
    window.shows("842 rows").await;

    // Down to the statistics of a column chunk.
    window.find("td button.link").await.click().await.unwrap();
    window.shows("Column chunks of row group 1").await;
    let chunk = "return [...document.querySelectorAll('[aria-label=\"Column chunks\"] tr')].map((row) => row.innerText).find((text) => text.startsWith('distance'))";
    let chunk = window.script(chunk).await;
    let chunk = chunk.as_str().unwrap_or_default();
    assert_eq!(chunk.split_whitespace().take(4).collect::<Vec<_>>(), ["distance", "94", "4983", "842"], "{chunk}");

    // Rows: sorted by a click, refused and obeyed filters, a find, a value, a profile.
    window.visit("#/data/nycflights13.yaml/flights/bronze").await;
    window.cell_becomes(1, 4, "517").await;
    window.focus("[role=grid]").await;
    window.keys(&[END]).await;
    window.find("[role=columnheader][aria-colindex=\"16\"]").await.click().await.unwrap();
    window.cell_becomes(1, 16, "94").await;
    window.find("[role=columnheader][aria-colindex=\"16\"]").await.click().await.unwrap();
    window.cell_becomes(1, 16, "4983").await;
    window.fill("#filter", &format!("distance >{ENTER}")).await;
    window.shows("QRY001").await;
    window.fill("#filter", &format!("carrier = 'HA'{ENTER}")).await;
    window.shows("of 842 without the filter").await;
    window.cell_becomes(1, 10, "HA").await;
    window.fill("#filter", &format!(" {ENTER}")).await;
    window.shows("of 842").await;
    window.fill("#find", &format!("n14228{ENTER}")).await;
    window.shows("tailnum").await;
    window.focus("[role=grid]").await;
    window.keys(&[' ']).await;
    window.find("[aria-label^=\"Value tailnum\"]").await;
    window.shows("N14228").await;
    window.keys(&['I']).await;
    window.shows("Most frequent").await;
    window.keys(&[ESCAPE]).await;

    // An export, whole.
    window.focus("[role=grid]").await;
    window.keys(&['e']).await;
    window.fill("dialog input.mono", "./flights.csv").await;
    window.press("Export").await;
    window.shows("842 rows written").await;
    assert_eq!(std::fs::read_to_string(project.path("flights.csv")).unwrap().lines().count(), 843);
    window.0.close().await.unwrap();
}
