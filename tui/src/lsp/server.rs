//! The life of a connection: who may ask what when, which texts are open, when they are checked.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, PublishDiagnosticsParams, Uri,
};
use medallion_core::api::Engine;
use medallion_core::world::World;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answers::{Answer, Client, Desk, Refusal};
use super::documents::Document;
use super::findings::{self, Checked};
use super::place::path_of;
use super::transport::{Event, Inbox, Outbox, request_id};
use super::{actions, answers};

/// How long after the last change a text is checked.
const DEBOUNCE: Duration = Duration::from_millis(200);
/// Exit code after an orderly shutdown.
const ORDERLY: u8 = 0;
/// Exit code otherwise, as the protocol wants it.
const ABRUPT: u8 = 1;

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// `initialize`.
    New,
    /// Anything.
    Serving,
    /// `exit`.
    ShutDown,
}

/// One connection.
pub(super) struct Server {
    outbox: Outbox,
    events: Sender<Event>,
    world: World,
    root: PathBuf,
    engine: Arc<Engine>,
    client: Client,
    /// Overlay that the client asked for.
    environment: Option<String>,
    documents: BTreeMap<Uri, Document>,
    /// Read, but not yet answered.
    queue: VecDeque<Message>,
    phase: Phase,
    closed: bool,
}

impl Server {
    /// Before the first message.
    pub(super) fn new(outbox: Outbox, events: Sender<Event>, root: PathBuf, world: World) -> Self {
        let engine = Arc::new(Engine::open(root.clone(), world.clone()));
        Self {
            outbox,
            events,
            world,
            root,
            engine,
            client: Client::default(),
            environment: None,
            documents: BTreeMap::new(),
            queue: VecDeque::new(),
            phase: Phase::New,
            closed: false,
        }
    }

    /// Serves to the end; tells the exit code.
    pub(super) fn run(mut self, inbox: &Inbox) -> u8 {
        loop {
            if self.queue.is_empty() {
                if self.closed {
                    return if self.phase == Phase::ShutDown { ORDERLY } else { ABRUPT };
                }
                if let Some(event) = inbox.next(self.patience()) {
                    self.take(event);
                }
            }
            // All that is there is read before the next answer, so that a cancellation is in time.
            while let Some(event) = inbox.waiting() {
                self.take(event);
            }
            self.start_checks();
            match self.queue.pop_front() {
                Some(Message::Request(request)) => self.request(request),
                Some(Message::Notification(notification)) if notification.method == "exit" => {
                    return if self.phase == Phase::ShutDown { ORDERLY } else { ABRUPT };
                }
                Some(Message::Notification(notification)) => self.notification(notification),
                Some(Message::Response(_)) | None => {}
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Closed => self.closed = true,
            Event::Checked(checked) => self.publish(checked),
            Event::Message(Message::Notification(note)) if note.method == "$/cancelRequest" => {
                let id = request_id(&note.params["id"]);
                let waiting = self.queue.iter().position(|message| match (message, &id) {
                    (Message::Request(request), Some(id)) => request.id == *id,
                    _ => false,
                });
                if let (Some(at), Some(id)) = (waiting, id) {
                    self.queue.remove(at);
                    let code = ErrorCode::RequestCanceled as i32;
                    self.respond(Response::new_err(id, code, "cancelled".to_owned()));
                }
            }
            Event::Message(message) => self.queue.push_back(message),
        }
    }

    fn respond(&self, response: Response) {
        self.outbox.send(&Message::Response(response));
    }

    fn notify(&self, method: &str, params: Value) {
        self.outbox.send(&Message::Notification(Notification { method: method.to_owned(), params }));
    }

    fn request(&mut self, request: Request) {
        let id = request.id.clone();
        let refusal = match (self.phase, request.method.as_str()) {
            (Phase::New, "initialize") => return self.initialize(request),
            (Phase::New, _) => Some((ErrorCode::ServerNotInitialized, "`initialize` comes first")),
            (_, "initialize") => Some((ErrorCode::InvalidRequest, "`initialize` comes once")),
            (Phase::ShutDown, _) => Some((ErrorCode::InvalidRequest, "after `shutdown` only `exit` can come")),
            (Phase::Serving, "shutdown") => {
                self.phase = Phase::ShutDown;
                return self.respond(Response::new_ok(id, Value::Null));
            }
            (Phase::Serving, _) => None,
        };
        if let Some((code, message)) = refusal {
            return self.respond(Response::new_err(id, code as i32, message.to_owned()));
        }
        let answer = catch_unwind(AssertUnwindSafe(|| self.answer(&request.method, request.params)));
        let response = match answer {
            Ok(Ok(result)) => Response::new_ok(id, result),
            Ok(Err(refusal)) => Response::new_err(id, refusal.code, refusal.message),
            Err(_) => {
                let message = format!("`{}` ended unexpectedly; please report it", request.method);
                self.notify("window/logMessage", json!({ "type": 1, "message": message }));
                Response::new_err(id, ErrorCode::InternalError as i32, message)
            }
        };
        self.respond(response);
    }

    fn answer(&self, method: &str, params: Value) -> Answer {
        match method {
            "textDocument/completion" => {
                let params: lsp_types::CompletionParams = decode(params)?;
                let at = params.text_document_position;
                self.on(&at.text_document.uri, |desk| answers::completion(desk, at.position))
            }
            "textDocument/hover" => {
                let params: lsp_types::HoverParams = decode(params)?;
                let at = params.text_document_position_params;
                self.on(&at.text_document.uri, |desk| answers::hover(desk, at.position))
            }
            "textDocument/documentSymbol" => {
                let params: lsp_types::DocumentSymbolParams = decode(params)?;
                self.on(&params.text_document.uri, answers::symbols)
            }
            "textDocument/formatting" => {
                let params: lsp_types::DocumentFormattingParams = decode(params)?;
                self.on(&params.text_document.uri, answers::formatting)
            }
            "textDocument/codeAction" => {
                let params: lsp_types::CodeActionParams = decode(params)?;
                let uri = params.text_document.uri.clone();
                self.on(&uri, |desk| actions::offered(desk, params.range, params.context.only.as_deref()))
            }
            _ => Err(Refusal {
                code: ErrorCode::MethodNotFound as i32,
                message: format!("this server does not know `{method}`"),
            }),
        }
    }

    /// Answers about an open text; about any other there is nothing to say.
    fn on(&self, uri: &Uri, answer: impl FnOnce(&Desk<'_>) -> Answer) -> Answer {
        let Some(document) = self.documents.get(uri) else { return Ok(Value::Null) };
        let desk = Desk {
            engine: &self.engine,
            document,
            client: self.client,
            root: &self.root,
            environment: self.environment.as_deref(),
        };
        let ours = match document.ours.get() {
            Some(ours) => *ours,
            None => *document.ours.get_or_init(|| desk.outline().is_ok_and(|outline| outline.ours)),
        };
        if ours { answer(&desk) } else { Ok(Value::Null) }
    }

    fn initialize(&mut self, request: Request) {
        let params = &request.params;
        let folder = params["workspaceFolders"][0]["uri"].as_str().or_else(|| params["rootUri"].as_str());
        let root = folder.and_then(|uri| path_of(&uri.parse().ok()?));
        if let Some(root) = root.or_else(|| params["rootPath"].as_str().map(PathBuf::from)) {
            self.engine = Arc::new(Engine::open(root.clone(), self.world.clone()));
            self.root = root;
        }
        self.environment = params["initializationOptions"]["environment"].as_str().map(str::to_owned);
        self.client = Client::of(params);
        self.phase = Phase::Serving;
        self.respond(Response::new_ok(request.id, answers::abilities(self.client)));
    }

    fn notification(&mut self, notification: Notification) {
        if self.phase != Phase::Serving {
            return;
        }
        let method = notification.method.clone();
        let done = catch_unwind(AssertUnwindSafe(|| self.note(notification)));
        let problem = match done {
            Ok(Ok(())) => return,
            Ok(Err(refusal)) => refusal.message,
            Err(_) => "it ended unexpectedly; please report it".to_owned(),
        };
        self.notify("window/logMessage", json!({ "type": 1, "message": format!("`{method}`: {problem}") }));
    }

    fn note(&mut self, notification: Notification) -> Result<(), Refusal> {
        let params = notification.params;
        match notification.method.as_str() {
            "initialized" => self.register(),
            "textDocument/didOpen" => {
                let opened = decode::<DidOpenTextDocumentParams>(params)?.text_document;
                let mut document = Document::new(opened.uri.clone(), opened.version, &opened.text, &self.root);
                document.due = Some(Instant::now());
                self.documents.insert(opened.uri, document);
            }
            "textDocument/didChange" => {
                let changed: DidChangeTextDocumentParams = decode(params)?;
                if let Some(document) = self.documents.get_mut(&changed.text_document.uri) {
                    let encoding = self.client.encoding;
                    document.change(changed.text_document.version, changed.content_changes, encoding);
                    document.due = Some(Instant::now() + DEBOUNCE);
                }
            }
            "textDocument/didClose" => {
                let closed: DidCloseTextDocumentParams = decode(params)?;
                let shown = self.documents.remove(&closed.text_document.uri).is_some_and(|document| document.shown);
                if shown {
                    self.show(closed.text_document.uri, None, Vec::new());
                }
            }
            // What a text is made of may be another file that has just been saved, or `.env`.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.check_all(),
            "workspace/didChangeConfiguration" => {
                let environment = &params["settings"]["medallion"]["environment"];
                if !environment.is_null() {
                    self.environment = environment.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
                    self.check_all();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Asks to be told of files that change, where the client can do that.
    fn register(&self) {
        if !self.client.watches {
            return;
        }
        let patterns = ["**/*.yaml", "**/*.yml", "**/.env"];
        let watchers: Vec<Value> = patterns.iter().map(|pattern| json!({ "globPattern": pattern })).collect();
        let registration = json!({
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        self.outbox.send(&Message::Request(Request {
            id: RequestId::from("register".to_owned()),
            method: "client/registerCapability".to_owned(),
            params: json!({ "registrations": [registration] }),
        }));
    }

    fn check_all(&mut self) {
        let due = Instant::now() + DEBOUNCE;
        for document in self.documents.values_mut() {
            document.due = Some(document.due.map_or(due, |earlier| earlier.min(due)));
        }
    }

    /// How long nothing has to be done.
    fn patience(&self) -> Option<Duration> {
        let due = self.documents.values().filter(|document| !document.checking).filter_map(|document| document.due);
        due.min().map(|due| due.saturating_duration_since(Instant::now()))
    }

    fn start_checks(&mut self) {
        let now = Instant::now();
        for document in self.documents.values_mut() {
            if document.checking || document.due.is_none_or(|due| due > now) {
                continue;
            }
            document.due = None;
            document.checking = true;
            let (engine, events) = (self.engine.clone(), self.events.clone());
            let (uri, version) = (document.uri.clone(), document.version);
            let draft = document.draft(self.environment.as_deref());
            drop(thread::spawn(move || {
                drop(events.send(Event::Checked(findings::check(&engine, uri, version, draft))));
            }));
        }
    }

    /// Shows what a check has found, unless the text is another one by now: then the next check will.
    fn publish(&mut self, checked: Checked) {
        let Some(document) = self.documents.get_mut(&checked.uri) else { return };
        document.checking = false;
        if document.version != checked.version {
            document.due.get_or_insert_with(Instant::now);
            return;
        }
        match checked.found {
            Ok(found) => {
                let encoding = self.client.encoding;
                let shown: Vec<_> =
                    found.iter().map(|finding| findings::diagnostic(finding, document, &self.root, encoding)).collect();
                document.shown = !shown.is_empty();
                self.show(checked.uri, Some(checked.version), shown);
            }
            Err(message) => self.notify("window/logMessage", json!({ "type": 1, "message": message })),
        }
    }

    fn show(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<lsp_types::Diagnostic>) {
        let version = version.filter(|_| self.client.versions);
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        if let Ok(params) = serde_json::to_value(params) {
            self.notify("textDocument/publishDiagnostics", params);
        }
    }
}

fn decode<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal {
        code: ErrorCode::InvalidParams as i32,
        message: format!("the parameters have another shape: {error}"),
    })
}
