//! `medallion lsp` over pipes: what the protocol asks of a server, and what editors do to one.
#![expect(clippy::expect_used, clippy::panic, reason = "a failed expectation is what a test reports")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use medallion_tests::Project;
use serde_json::{Value, json};

/// No step takes longer than this, also on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(1);

const FINE: &str = "\
config_version: 1
sources:
  - name: people
    source:
      type: file
      system: crm
      table: people
      file:
        path: ./people.csv
";

/// An editor.
struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Notifications that nobody has asked for yet.
    notes: Vec<Value>,
    last: i64,
    folder: String,
}

fn frame(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

impl Editor {
    /// Starts the server, nothing said yet.
    fn silent(project: &Project) -> Self {
        let mut child = project
            .command(&["lsp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("medallion starts");
        let output = child.stdout.take().expect("a pipe");
        let input = child.stdin.take();
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                // Standard output has the protocol and nothing else: whatever is no header fails here.
                let mut header = String::new();
                if output.read_line(&mut header).expect("UTF-8") == 0 {
                    return;
                }
                let length = header.strip_prefix("Content-Length: ").and_then(|length| length.trim().parse().ok());
                let mut blank = String::new();
                output.read_line(&mut blank).expect("UTF-8");
                assert_eq!(blank, "\r\n");
                let mut body = vec![0; length.unwrap_or_else(|| panic!("no header: {header:?}"))];
                output.read_exact(&mut body).expect("a whole body");
                let message: Value = serde_json::from_slice(&body).expect("JSON");
                assert_eq!(message["jsonrpc"], "2.0");
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let folder = project.path("").to_str().expect("a path in UTF-8").trim_end_matches('/').to_owned();
        Self { child, input, messages, notes: Vec::new(), last: 0, folder }
    }

    /// Starts the server and introduces a client with these abilities.
    fn with(project: &Project, abilities: &Value) -> (Self, Value) {
        let mut editor = Self::silent(project);
        let root = format!("file://{}", editor.folder);
        let result = editor.ask("initialize", json!({ "processId": null, "rootUri": root, "capabilities": abilities }));
        editor.tell("initialized", json!({}));
        (editor, result)
    }

    fn start(project: &Project) -> Self {
        Self::with(project, &json!({})).0
    }

    fn raw(&mut self, bytes: &str) {
        let input = self.input.as_mut().expect("an open pipe");
        input.write_all(bytes.as_bytes()).and_then(|()| input.flush()).expect("the server listens");
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.raw(&frame(&json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()));
    }

    fn request(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        let id = self.last;
        self.raw(&frame(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()));
        id
    }

    fn message(&mut self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("the server answers")
    }

    fn response(&mut self, id: &Value) -> Value {
        let answers = |message: &Value| message.get("method").is_none() && message["id"] == *id;
        if let Some(at) = self.notes.iter().position(answers) {
            return self.notes.remove(at);
        }
        loop {
            let message = self.message();
            if answers(&message) {
                return message;
            }
            self.notes.push(message);
        }
    }

    /// The result of a request.
    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let response = self.response(&id.into());
        assert!(response.get("error").is_none(), "{method}: {response}");
        response["result"].clone()
    }

    /// The code of the error that a request ends with.
    fn refused(&mut self, method: &str, params: Value) -> i64 {
        let id = self.request(method, params);
        let response = self.response(&id.into());
        response["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method} is answered: {response}"))
    }

    fn uri(&self, file: &str) -> String {
        format!("file://{}/{file}", self.folder)
    }

    fn open(&mut self, file: &str, text: &str) {
        let document = json!({ "uri": self.uri(file), "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, file: &str, version: i64, changes: Value) {
        let document = json!({ "uri": self.uri(file), "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// The next findings of a file: code and range of each.
    fn findings(&mut self, file: &str) -> Vec<(String, Value)> {
        let uri = self.uri(file);
        let wanted = |note: &Value| {
            note["method"] == "textDocument/publishDiagnostics" && note["params"]["uri"].as_str() == Some(&uri)
        };
        let note = match self.notes.iter().position(wanted) {
            Some(at) => self.notes.remove(at),
            None => loop {
                let note = self.message();
                if wanted(&note) {
                    break note;
                }
                self.notes.push(note);
            },
        };
        let found = note["params"]["diagnostics"].as_array().expect("a list").clone();
        found
            .into_iter()
            .map(|finding| (finding["code"].as_str().unwrap_or_default().to_owned(), finding["range"].clone()))
            .collect()
    }

    fn at(&self, file: &str, line: u32, character: u32) -> Value {
        json!({ "textDocument": { "uri": self.uri(file) }, "position": { "line": line, "character": character } })
    }

    fn actions(&mut self, file: &str, line: u32, only: Option<&str>) -> Vec<Value> {
        let mut context = json!({ "diagnostics": [] });
        if let Some(only) = only {
            context["only"] = json!([only]);
        }
        let place = |character: u32| json!({ "line": line, "character": character });
        let params = json!({
            "textDocument": { "uri": self.uri(file) },
            "range": { "start": place(0), "end": place(200) },
            "context": context,
        });
        self.ask("textDocument/codeAction", params).as_array().expect("a list").clone()
    }

    fn exit_code(&mut self) -> Option<i32> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            assert!(started.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Says goodbye as the protocol wants it.
    fn end(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        assert_eq!(self.exit_code(), Some(0));
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn range(line: u32, from: u32, to: u32) -> Value {
    json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } })
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().filter_map(|action| action["title"].as_str()).collect()
}

#[test]
fn the_order_of_messages_and_the_exit_codes() {
    let project = Project::empty();
    let mut editor = Editor::silent(&project);
    assert_eq!(editor.refused("textDocument/hover", json!({})), -32002, "nothing comes before initialize");
    editor.tell("textDocument/didOpen", json!({ "nonsense": true }));
    let result = editor.ask("initialize", json!({ "capabilities": {} }));
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(result["serverInfo"]["name"], "medallion");
    assert_eq!(editor.refused("initialize", json!({ "capabilities": {} })), -32600);
    assert_eq!(editor.refused("textDocument/unheardOf", json!({})), -32601);
    assert_eq!(editor.refused("textDocument/hover", json!({ "position": 7 })), -32602);
    editor.tell("$/whatever", json!({}));
    let unknown = editor.at("never_opened.yaml", 0, 0);
    assert_eq!(editor.ask("textDocument/hover", unknown), Value::Null);
    assert_eq!(editor.ask("shutdown", Value::Null), Value::Null);
    assert_eq!(editor.refused("textDocument/hover", json!({})), -32600, "nothing but exit comes after shutdown");
    editor.tell("exit", Value::Null);
    assert_eq!(editor.exit_code(), Some(0));

    let mut editor = Editor::start(&project);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.exit_code(), Some(1), "exit without shutdown");

    let mut editor = Editor::start(&project);
    editor.input = None;
    assert_eq!(editor.exit_code(), Some(1), "the client is gone");
}

#[test]
fn bytes_that_are_no_message() {
    let project = Project::empty();
    let mut editor = Editor::start(&project);
    editor.raw(&frame("{\"jsonrpc\": \"2.0\", \"id\": 1, "));
    let complaint = editor.response(&Value::Null);
    assert_eq!(complaint["error"]["code"], -32700);
    editor.raw(&frame("[1, 2]"));
    assert_eq!(editor.response(&Value::Null)["error"]["code"], -32600);
    editor.raw(&frame("{\"jsonrpc\": \"2.0\", \"id\": 99, \"result\": null}"));
    editor.raw(&format!("Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n{}", frame("{\"id\": {}}")));
    assert_eq!(editor.response(&Value::Null)["error"]["code"], -32600);
    let id = json!("a text is an id too");
    editor.raw(&frame(&json!({ "jsonrpc": "2.0", "id": id, "method": "shutdown" }).to_string()));
    assert_eq!(editor.response(&id)["result"], Value::Null, "and it still serves");
    editor.raw("Content-Size: 12\r\n\r\n");
    assert_eq!(editor.response(&Value::Null)["error"]["code"], -32700);
    assert_eq!(editor.exit_code(), Some(0), "the end of an orderly connection");
}

#[test]
fn findings_follow_the_text() {
    let project = Project::empty().with("people.csv", "id,name\n1,a\n");
    let mut editor = Editor::start(&project);
    editor.open("a.yaml", &FINE.replace("table: people", "tabel: people"));
    assert_eq!(editor.findings("a.yaml"), [("CFG013".to_owned(), range(6, 6, 11))]);
    editor.change("a.yaml", 2, json!([{ "range": range(6, 6, 11), "text": "table" }]));
    assert_eq!(editor.findings("a.yaml"), []);
    // Two changes, the second in the text that the first one left.
    let changes = json!([
        { "range": range(0, 0, 0), "text": "# first\n" },
        { "range": range(1, 0, 17), "text": "config_version: one" },
    ]);
    editor.change("a.yaml", 3, changes);
    let found = editor.findings("a.yaml");
    assert_eq!(found.iter().map(|(_, range)| range["start"]["line"].clone()).collect::<Vec<_>>(), [json!(1)]);
    editor.change("a.yaml", 4, json!([{ "text": FINE }]));
    assert_eq!(editor.findings("a.yaml"), []);
    editor.change("a.yaml", 5, json!([{ "text": "sources: [" }]));
    assert!(!editor.findings("a.yaml").is_empty());
    let document = json!({ "textDocument": { "uri": editor.uri("a.yaml") } });
    editor.tell("textDocument/didClose", document);
    assert_eq!(editor.findings("a.yaml"), [], "what is closed has no findings");
    editor.end();
}

#[test]
fn characters_are_counted_as_agreed() {
    let project = Project::empty();
    let text = FINE.replace("table: people", "table: \"𝄞ü\"  # 𝄞\n      tabel: x");
    let both = json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } });
    for (offered, encoding, behind_clef) in [(json!({}), "utf-16", 16), (both, "utf-8", 18)] {
        let (mut editor, result) = Editor::with(&project, &offered);
        assert_eq!(result["capabilities"]["positionEncoding"], encoding);
        editor.open("a.yaml", &text);
        let found = editor.findings("a.yaml");
        assert_eq!(found, [("CFG013".to_owned(), range(7, 6, 11))], "the text before it does not move it");
        // The clef has two units or four bytes; the quote behind `ü` is taken away, and nothing else.
        let quote = behind_clef + if encoding == "utf-8" { 2 } else { 1 };
        editor.change("a.yaml", 2, json!([{ "range": range(6, quote, quote + 1), "text": "" }]));
        let found = editor.findings("a.yaml");
        assert_eq!(found.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["CFG010"]);
        editor.change("a.yaml", 3, json!([{ "range": range(6, quote, quote), "text": "\"" }]));
        assert_eq!(editor.findings("a.yaml"), [("CFG013".to_owned(), range(7, 6, 11))]);
        let place = editor.at("a.yaml", 6, 8);
        let hover = editor.ask("textDocument/hover", place);
        assert_eq!(hover["range"], range(6, 6, 11));
        editor.end();
    }
}

#[test]
fn rapid_edits_end_in_one_check_of_the_last() {
    let project = Project::empty();
    let (mut editor, _) =
        Editor::with(&project, &json!({ "textDocument": { "publishDiagnostics": { "versionSupport": true } } }));
    editor.open("a.yaml", FINE);
    let word = "environment: production_of_a_long_name_that_somebody_types_quickly";
    editor.change("a.yaml", 2, json!([{ "range": range(1, 0, 0), "text": "platform:\n  \n" }]));
    for (index, letter) in word.chars().enumerate() {
        let column = 2 + u32::try_from(index).expect("short");
        let change = json!([{ "range": range(2, column, column), "text": letter.to_string() }]);
        editor.change("a.yaml", 3 + i64::from(column), change);
    }
    let last = 2 + i64::from(u32::try_from(word.len()).expect("short")) + 2;
    let mut published = 0;
    loop {
        let message = editor.message();
        if message["method"] != "textDocument/publishDiagnostics" {
            continue;
        }
        published += 1;
        if message["params"]["version"].as_i64() == Some(last) {
            assert_eq!(message["params"]["diagnostics"], json!([]));
            break;
        }
    }
    assert!(published < 10, "{published} checks of {} edits", word.len());
    editor.end();
}

#[test]
fn a_huge_document_and_requests_that_are_cancelled() {
    let project = Project::empty();
    let mut text = String::from("config_version: 1\nsources:\n");
    for index in 0..700 {
        text += &format!(
            "  - name: d{index}\n    source:\n      type: file\n      system: s\n      table: t{index}\n      file:\n        path: ./d{index}.csv\n"
        );
    }
    let mut editor = Editor::start(&project);
    editor.open("huge.yaml", &text);
    let lines = u32::try_from(text.lines().count()).expect("not that huge");
    let mut burst = String::new();
    let symbols = json!({ "textDocument": { "uri": editor.uri("huge.yaml") } });
    for id in 1_000..1_020 {
        burst += &frame(
            &json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/documentSymbol", "params": symbols })
                .to_string(),
        );
    }
    burst += &frame(&json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": 1_019 } }).to_string());
    editor.raw(&burst);
    assert_eq!(editor.response(&json!(1_019))["error"]["code"], -32800, "it comes before the others are done");
    assert_eq!(editor.response(&json!(1_000))["result"][0]["name"], "sources");
    editor.change("huge.yaml", 2, json!([{ "range": range(lines, 0, 0), "text": "    sil" }]));
    let place = editor.at("huge.yaml", lines, 7);
    let proposals = editor.ask("textDocument/completion", place);
    assert_eq!(proposals["items"][0]["label"], "silver");
    editor.end();
}

#[test]
fn proposals_as_the_client_can_take_them() {
    let project = Project::empty().with("people.csv", "id,name\n1,a\n");
    let text = format!("{FINE}    silver:\n      primary_k");
    let mut editor = Editor::start(&project);
    editor.open("a.yaml", &text);
    let place = editor.at("a.yaml", 10, 15);
    let plain = editor.ask("textDocument/completion", place);
    assert_eq!(plain["isIncomplete"], true);
    let item = &plain["items"][0];
    assert_eq!((&item["label"], &item["filterText"]), (&json!("primary_keys"), &json!("primary_k")));
    assert_eq!(item["textEdit"], json!({ "range": range(10, 6, 15), "newText": "primary_keys: []" }));
    assert_eq!(item.get("insertTextFormat"), None);
    editor.change("a.yaml", 2, json!([{ "range": range(10, 6, 15), "text": "primary_keys: [" }]));
    let place = editor.at("a.yaml", 10, 21);
    let columns = editor.ask("textDocument/completion", place);
    let labels: Vec<&Value> = columns["items"].as_array().expect("a list").iter().map(|item| &item["label"]).collect();
    assert_eq!(labels, ["id", "name"]);
    assert!(columns["items"][0]["detail"].as_str().expect("a detail").contains("people.csv"));
    editor.end();

    let item = json!({ "snippetSupport": true, "documentationFormat": ["markdown"], "insertTextModeSupport": { "valueSet": [1, 2] } });
    let (mut editor, _) =
        Editor::with(&project, &json!({ "textDocument": { "completion": { "completionItem": item } } }));
    editor.open("a.yaml", &text);
    let place = editor.at("a.yaml", 10, 15);
    let rich = editor.ask("textDocument/completion", place);
    let item = &rich["items"][0];
    assert_eq!(item["textEdit"]["newText"], "primary_keys: [$0]");
    assert_eq!((&item["insertTextFormat"], &item["insertTextMode"]), (&json!(2), &json!(1)));
    assert_eq!(item["documentation"]["kind"], "markdown");
    editor.end();
}

#[test]
fn fixes_and_other_actions() {
    let project = Project::empty().with("people.csv", "id\n1\n");
    let text =
        FINE.replace("config_version: 1\n", "platform:\n  bronze:\n    local_path: ./lake\n").replace("table", "tabel");
    let mut editor = Editor::start(&project);
    editor.open("a.yaml", &text);
    let found: Vec<String> = editor.findings("a.yaml").into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, ["CFG004", "CFG001", "CFG013"]);

    let actions = editor.actions("a.yaml", 8, Some("quickfix"));
    assert_eq!(titles(&actions), ["Rename to `table`"]);
    assert_eq!(actions[0].get("isPreferred"), None, "a guess is nobody's preference");
    assert_eq!(
        actions[0]["edit"]["changes"][editor.uri("a.yaml")],
        json!([{ "range": range(8, 6, 11), "newText": "table" }])
    );
    assert_eq!(actions[0]["diagnostics"][0]["code"], "CFG013");

    let actions = editor.actions("a.yaml", 2, Some("quickfix"));
    assert_eq!(titles(&actions), ["Rename to `output_dir`", "Ignore CFG001 here"]);
    assert_eq!(actions[0]["isPreferred"], true);
    let comment = &actions[1]["edit"]["changes"][editor.uri("a.yaml")][0];
    assert_eq!(comment["newText"], "    # medallion: ignore CFG001\n");

    let all = editor.actions("a.yaml", 0, Some("source.fixAll"));
    assert_eq!(titles(&all), ["Apply all safe fixes"]);
    let edits = all[0]["edit"]["changes"][editor.uri("a.yaml")].as_array().expect("edits");
    assert_eq!(edits.len(), 2, "the guess is left: {edits:?}");
    assert_eq!(editor.actions("a.yaml", 0, Some("source.organizeImports")), [] as [Value; 0]);
    editor.end();

    let (mut editor, _) =
        Editor::with(&project, &json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } }));
    editor.open("a.yaml", &text);
    let actions = editor.actions("a.yaml", 8, Some("quickfix"));
    assert_eq!(actions[0]["edit"]["documentChanges"][0]["textDocument"]["version"], 1);
    editor.end();
}

#[test]
fn outline_and_form() {
    let project = Project::empty();
    let mut editor = Editor::start(&project);
    editor.open("a.yaml", &format!("{FINE}\n\n\nplatform: {{}}   # end"));
    let document = json!({ "textDocument": { "uri": editor.uri("a.yaml") } });
    let flat = editor.ask("textDocument/documentSymbol", document.clone());
    let names: Vec<&str> = flat.as_array().expect("a list").iter().filter_map(|part| part["name"].as_str()).collect();
    assert_eq!(names, ["sources", "people", "source", "file", "platform"]);
    let mut format = document.clone();
    format["options"] = json!({ "tabSize": 2, "insertSpaces": true });
    let edits = editor.ask("textDocument/formatting", format.clone());
    assert_eq!(edits.as_array().expect("edits").len(), 3, "{edits}");
    editor.change("a.yaml", 2, json!([{ "text": "sources: [" }]));
    assert_eq!(editor.refused("textDocument/formatting", format), -32803, "broken text is left alone");
    editor.end();

    let nested = json!({ "textDocument": { "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } } });
    let (mut editor, _) = Editor::with(&project, &nested);
    editor.open("a.yaml", FINE);
    let parts = editor.ask("textDocument/documentSymbol", document);
    assert_eq!(parts[0]["children"][0]["name"], "people");
    assert_eq!(parts[0]["children"][0]["detail"], "file");
    editor.end();
}

#[test]
fn other_files_that_a_text_is_made_of() {
    let project =
        Project::empty().with("base.yaml", "platform:\n  bronze:\n    bucket_: x\n").with("people.csv", "id\n1\n");
    let watches = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let (mut editor, _) = Editor::with(&project, &watches);
    let registration = editor.message();
    assert_eq!(registration["method"], "client/registerCapability");
    editor.raw(&frame(&json!({ "jsonrpc": "2.0", "id": registration["id"], "result": null }).to_string()));
    editor.open("a.yaml", &format!("extends: base.yaml\n{FINE}"));
    assert_eq!(editor.findings("a.yaml"), [("CFG013".to_owned(), range(0, 0, 0))], "said at the top");
    project.write("base.yaml", "platform:\n  bronze:\n    prefix: x\n");
    let changes = json!([{ "uri": editor.uri("base.yaml"), "type": 2 }]);
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    assert_eq!(editor.findings("a.yaml"), []);
    editor.end();
}

#[test]
fn other_yaml_is_nobodys_business() {
    let project = Project::empty();
    let mut editor = Editor::start(&project);
    for (file, text) in [
        ("compose.yaml", "services:\n  web:\n    image: x\nvolumes: {}\n"),
        ("ci.yaml", "name: ci\non: [push]\njobs:\n  test:\n    runs-on: x\n"),
        (".pre-commit-config.yaml", "repos:\n  - repo: local\n    hooks: []\n"),
        ("list.yaml", "- a\n- b\n"),
    ] {
        editor.open(file, text);
        assert_eq!(editor.findings(file), [], "{file}");
        let place = editor.at(file, 0, 0);
        assert_eq!(editor.ask("textDocument/completion", place), Value::Null, "{file}");
    }
    editor.end();
}
