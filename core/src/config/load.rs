//! Loading: a target to files, a file to findings and settings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value as Json;

use super::check::walk::Walk;
use super::check::{self, Claim, Entries};
use super::edit::Removals;
use super::files::{self, Target, normalise};
use super::findings::Findings;
use super::interpolate::Variables;
use super::layers::origin::Effective;
use super::layers::{self, Layer};
use super::names;
use super::options::{PlatformOptions, SourceEntry};
use super::path::Scope;
use super::resolve::{self, Around};
use super::settings::Pipeline;
use super::syntax::{self, MAX_BYTES, Node, Value};
use super::text::{Extent, Source};
use super::{Loaded, LoadedFile, schema};
use crate::diagnostic::{Diagnostic, Fix, Severity, code};
use crate::nearest::nearest;
use crate::world::Environment;

/// Reads the config file or workspace folder `target` (relative to `root`; empty: `root` itself), with
/// the overlay of the environment `overlay` over each file. Never fails: a target that cannot be read is
/// a file with a diagnostic.
pub(crate) fn load(root: &Path, target: &str, overlay: Option<&str>, environment: &dyn Environment) -> Loaded {
    let target = normalise(&root.join(target));
    match files::find(&target) {
        Ok(Target::File(path)) => {
            let folder = path.parent().unwrap_or(&path).to_owned();
            let site = Site { workspace: &folder, root, overlay, environment };
            let mut read = site.file(path, None);
            read.tell_strangers(&BTreeSet::new(), Severity::Info);
            Loaded { root: folder.clone(), files: vec![read.file] }
        }
        Ok(Target::Folder { files, problems }) => {
            let site = Site { workspace: &target, root, overlay, environment };
            let mut read: Vec<Read> = files.into_iter().map(|path| site.file(path, None)).collect();
            drop_parts(&mut read);
            let known = read.iter().flat_map(|read| read.datasets.iter().cloned()).collect();
            if let Some(first) = read.first_mut() {
                first.tell_strangers(&known, Severity::Warning);
            }
            let mut loaded = separate(read);
            for problem in problems {
                loaded.push(unreadable(&target, root, &problem));
            }
            if loaded.is_empty() {
                let finding = Diagnostic::error(code::CFG025, "the folder has no configuration")
                    .help("a configuration is a file whose name ends in `.yaml` or `.yml`, here or in a folder below; `medallion new` or `medallion discover` makes one");
                loaded.push(failed(target.clone(), root, finding));
            }
            Loaded { root: target, files: loaded }
        }
        Err(error) => {
            let file = unreadable(&target, root, &error);
            Loaded { root: target.parent().unwrap_or(&target).to_owned(), files: vec![file] }
        }
    }
}

/// [`load`] for a text that stands for the file `file`, such as a draft that is not saved. Nothing is
/// compared with other files of the workspace.
pub(crate) fn load_text(
    root: &Path,
    file: &str,
    text: &str,
    overlay: Option<&str>,
    environment: &dyn Environment,
) -> LoadedFile {
    draft(root, file, text, overlay, environment).file
}

/// [`load_text`] with the trees behind the findings and settings, for those who show the text as fields.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The findings and settings.
    pub(crate) file: LoadedFile,
    /// What the text itself says.
    pub(crate) own: Own,
    /// What all layers say together.
    pub(crate) effective: Effective,
}

/// What one text says.
#[derive(Debug, Default)]
pub(crate) enum Own {
    /// Nothing: it is empty, or a comment.
    #[default]
    Nothing,
    /// A mapping of keys to values.
    Tree(Rc<Node>),
    /// Something else, or nothing that can be read: why.
    Unreadable(String),
}

/// See [`Reading`].
pub(crate) fn read_text(
    root: &Path,
    file: &str,
    text: &str,
    overlay: Option<&str>,
    environment: &dyn Environment,
) -> Reading {
    let Read { file, source, own, document, .. } = draft(root, file, text, overlay, environment);
    let Document { root, layers } = document;
    Reading { file, own, effective: Effective::of(root, layers, source) }
}

fn draft(root: &Path, file: &str, text: &str, overlay: Option<&str>, environment: &dyn Environment) -> Read {
    let path = normalise(&root.join(file));
    let folder = path.parent().unwrap_or(&path).to_owned();
    let mut read = Site { workspace: &folder, root, overlay, environment }.file(path, Some(text));
    read.tell_strangers(&BTreeSet::new(), Severity::Info);
    read
}

/// All layers as one tree, and which they are.
#[derive(Default)]
struct Document {
    root: Option<Rc<Node>>,
    layers: Vec<Layer>,
}

/// A file with what is needed to compare it with others.
struct Read {
    file: LoadedFile,
    own: Own,
    document: Document,
    source: Source<'static>,
    /// Positions in `sources` of the datasets in the pipeline.
    kept: Vec<usize>,
    claims: Vec<Claim>,
    /// Whether it describes no dataset and lets none be missing: a part of other files.
    part: bool,
    /// Names of its datasets, also of those that are wrong.
    datasets: Vec<String>,
    /// Datasets that the overlay names and this file has not.
    strangers: Vec<(String, Extent)>,
}

impl Read {
    fn failed(file: LoadedFile) -> Self {
        let why = file.diagnostics.first().map_or_else(String::new, |finding| finding.message.clone());
        Self {
            file,
            own: Own::Unreadable(why),
            document: Document::default(),
            source: Source::owning(String::new()),
            kept: vec![],
            claims: vec![],
            part: false,
            datasets: vec![],
            strangers: vec![],
        }
    }

    /// Reports the datasets that the overlay names and nobody of `known` is.
    fn tell_strangers(&mut self, known: &BTreeSet<String>, severity: Severity) {
        for (name, at) in &self.strangers {
            if known.contains(name) {
                continue;
            }
            let message = format!("no dataset is called `{}`, so this entry changes nothing", syntax::cut(name));
            let mut finding =
                Diagnostic::new(code::CFG047, severity, message).at("sources", Some(self.source.span(*at)));
            finding = match nearest(name, self.datasets.iter().map(String::as_str)) {
                Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                None => finding.help("an overlay changes datasets and adds none; it is right if another file has it"),
            };
            self.source.settle(&mut finding, &self.file.display);
            self.file.diagnostics.push(finding);
        }
    }
}

/// Leaves out the files that describe no dataset and that another file extends.
fn drop_parts(read: &mut Vec<Read>) {
    let used: BTreeSet<PathBuf> = read.iter().flat_map(|read| read.file.layers.iter().cloned()).collect();
    read.retain(|read| !(read.part && used.contains(&read.file.path)));
}

/// The files, without the datasets that would write to the place of a dataset of another file.
fn separate(read: Vec<Read>) -> Vec<LoadedFile> {
    let claims: Vec<(String, Vec<Claim>)> = read
        .iter()
        .map(|read| {
            let kept = read.claims.iter().filter(|claim| read.kept.contains(&claim.dataset)).cloned().collect();
            (read.file.display.clone(), kept)
        })
        .collect();
    let faults = check::between_files(&claims);
    let mut files = Vec::with_capacity(read.len());
    for (index, Read { mut file, kept, source, .. }) in read.into_iter().enumerate() {
        let mine: Vec<_> = faults.iter().filter(|(of, _, _)| *of == index).collect();
        if let (Some(pipeline), false) = (&mut file.pipeline, mine.is_empty()) {
            let mut positions = kept.iter();
            pipeline
                .datasets
                .retain(|_| positions.next().is_none_or(|position| mine.iter().all(|(_, at, _)| at != position)));
            file.diagnostics.extend(mine.iter().map(|(_, _, finding)| {
                let mut finding = Diagnostic { file: String::new(), ..finding.clone() };
                source.settle(&mut finding, &file.display);
                finding
            }));
            file.diagnostics.sort_by_key(|finding| finding.span.map(|span| (span.start, span.end)));
        }
        files.push(file);
    }
    files
}

fn unreadable(path: &Path, root: &Path, error: &files::ReadError) -> LoadedFile {
    let path = match error {
        files::ReadError::Refused { path, .. } => path,
        _ => path,
    };
    let message = error.to_string();
    let finding = Diagnostic::error(code::CFG019, message)
        .help("check the path and its permissions; relative paths start at the working folder");
    failed(path.to_owned(), root, finding)
}

fn failed(path: PathBuf, root: &Path, finding: Diagnostic) -> LoadedFile {
    let display = layers::display(&path, root);
    let mut findings = Findings::default();
    findings.push(Scope::File, finding);
    let diagnostics = findings.finish(&display, &Source::new(""));
    LoadedFile { path, display, text: String::new(), layers: Vec::new(), diagnostics, pipeline: None }
}

/// What all files of one load have in common.
#[derive(Clone, Copy)]
struct Site<'a> {
    workspace: &'a Path,
    root: &'a Path,
    overlay: Option<&'a str>,
    environment: &'a dyn Environment,
}

impl Site<'_> {
    /// Reads one file; `draft` stands for what is in it.
    fn file(self, path: PathBuf, draft: Option<&str>) -> Read {
        let bytes = match draft.map_or_else(|| files::read(&path), |text| Ok(text.as_bytes().to_vec())) {
            Ok(bytes) => bytes,
            Err(error) => return Read::failed(unreadable(&path, self.root, &error)),
        };
        let display = layers::display(&path, self.root);
        let mut findings = Findings::default();
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                findings.push(Scope::File, not_text(&text, valid, error.as_bytes()));
                let diagnostics = findings.finish(&display, &Source::new(&text));
                return Read::failed(LoadedFile { diagnostics, path, display, text, layers: vec![], pipeline: None });
            }
        };
        let folder = path.parent().unwrap_or(&path);
        let variables = Variables::new(self.environment, &[folder, self.workspace, self.root]);
        let part = layers::is_overlay(&path) || files::is_part(&path);
        let overlay = if part { None } else { self.overlay };
        let around = layers::Around { path: &path, folder, workspace: self.workspace, root: self.root, overlay };
        let mut source = Source::owning(text.clone());
        let understood = if text.len() > MAX_BYTES {
            let why = "the text is larger than 16 MiB";
            findings.push(Scope::File, Diagnostic::error(code::CFG027, why).help(SPLIT));
            Understood { own: Own::Unreadable(why.into()), ..Understood::default() }
        } else {
            read(around, part, &mut source, &variables, &mut findings)
        };
        report_env_files(&source, &variables, self.root, &mut findings);
        let diagnostics = findings.finish(&display, &source);
        let Understood { own, document, pipeline, kept, claims, part, datasets, strangers } = understood;
        let layers = document.layers.iter().map(|layer| layer.path.clone()).collect();
        let file = LoadedFile { path, display, text, layers, diagnostics, pipeline };
        Read { file, own, document, source, kept, claims, part, datasets, strangers }
    }
}

fn not_text(text: &str, valid: usize, bytes: &[u8]) -> Diagnostic {
    let source = Source::new(text);
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let help = if utf16 { "it looks like UTF-16: save it as UTF-8" } else { "save the file as UTF-8" };
    Diagnostic::error(code::CFG019, "the file is not UTF-8 text")
        .at("", Some(source.span(Extent::new(valid, valid + '\u{fffd}'.len_utf8()))))
        .help(help)
}

/// A broken `.env` matters only to a file that uses variables.
fn report_env_files(source: &Source<'_>, variables: &Variables<'_>, root: &Path, findings: &mut Findings) {
    if !source.texts().any(|text| text.contains("${")) {
        return;
    }
    for file in variables.broken_files() {
        let name = layers::display(&file.path, root);
        let problem = file.problem.as_deref().unwrap_or_default();
        let mut finding = Diagnostic::warning(code::CFG019, format!("`{name}` {problem}"))
            .help("a line is `NAME=value`, a comment `#`, or empty");
        finding.file = name;
        findings.push(Scope::File, finding);
    }
}

/// What to do about a configuration that is too large.
const SPLIT: &str = "put its datasets into several files; a folder of them is one workspace";

/// Keys of the top level under which a file describes datasets, in any dialect.
const NAMES_OF_DATASETS: [&str; 5] = ["sources", "source", "datasets", "entity", "silver_join"];

#[derive(Default)]
struct Understood {
    own: Own,
    document: Document,
    pipeline: Option<Pipeline>,
    kept: Vec<usize>,
    claims: Vec<Claim>,
    part: bool,
    datasets: Vec<String>,
    strangers: Vec<(String, Extent)>,
}

/// Finds everything wrong with the first text of `source` and its layers, and makes settings of the
/// rest. Of a `part` of other files nothing is asked that these may have.
fn read(
    around: layers::Around<'_>,
    part: bool,
    source: &mut Source<'static>,
    variables: &Variables<'_>,
    findings: &mut Findings,
) -> Understood {
    let (own, problems) = syntax::parse(source);
    let own = match own {
        Some(own) if own.entries().is_some() => own,
        own => {
            let why = unreadable_text(own.as_deref(), problems.first());
            let tell = own.as_deref().map_or(problems.is_empty() && !part, |own| !(part && own.is_null()));
            for problem in problems {
                findings.push(Scope::File, problem);
            }
            if tell {
                findings.push(Scope::File, not_a_mapping(source, own.as_deref()));
            }
            return Understood { own: why.map_or(Own::Nothing, Own::Unreadable), ..Understood::default() };
        }
    };
    for problem in problems {
        findings.push(Scope::File, problem);
    }
    let stack = layers::stack(&own, around, source, findings);
    let document = Document { root: stack.root.clone(), layers: stack.layers };
    let (Some(root), source) = (stack.root, &*source) else {
        return Understood { own: Own::Tree(own), document, ..Understood::default() };
    };
    let silent = root.entry("sources").is_none() && NAMES_OF_DATASETS.iter().all(|key| own.entry(key).is_none());
    let part = part || (silent && layers::is_extended(around));
    let root = names::settled(&root, source, findings);
    let removals = Removals::of(source);
    let values = Walk { schema: schema::annotated(), source, variables, removals: &removals, findings }.document(&root);
    if part || !stack.complete {
        findings.take_back(&[code::CFG014, code::CFG003]);
    } else {
        whole_file(source, &root, findings);
    }
    let platform: PlatformOptions =
        values.get("platform").and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default();
    let entries: Vec<Option<SourceEntry>> = match values.get("sources") {
        Some(Json::Array(items)) if !part => {
            items.iter().map(|item| serde_json::from_value(item.clone()).ok()).collect()
        }
        _ => Vec::new(),
    };
    let home = variables.get("HOME").map(PathBuf::from);
    let resolving = Around { folder: around.folder, home: home.as_deref(), platform: &platform, variables };
    let all = Entries { source, root: &root, around: resolving, sources: &entries, removals: &removals };
    check::rules(&all, findings);
    findings.obey(source);
    let mut datasets = Vec::new();
    let mut kept = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Some(entry) = entry
            && findings.blame().spares(index, entry.silver.is_some())
            && let Some(dataset) = resolve::dataset(entry, &path_as_written(&root, index), resolving)
        {
            datasets.push(dataset);
            kept.push(index);
        }
    }
    let pipeline = Pipeline { datasets, ..resolve::pipeline(&values, resolving) };
    Understood {
        own: Own::Tree(own),
        document,
        pipeline: Some(pipeline),
        kept,
        claims: check::claims(&all),
        part: part || silent,
        datasets: entries.iter().flatten().filter_map(resolve::name).collect(),
        strangers: stack.strangers,
    }
}

/// Why a text that is no mapping cannot be shown as fields; `None` if it is empty.
fn unreadable_text(root: Option<&Node>, problem: Option<&Diagnostic>) -> Option<String> {
    let Some(root) = root else {
        let line = |problem: &Diagnostic| problem.span.map_or_else(String::new, |span| format!("line {}: ", span.line));
        return problem.map(|problem| format!("{}{}", line(problem), problem.message));
    };
    let what = if root.items().is_some() { "a list" } else { "a text" };
    (!root.is_null()).then(|| format!("the file is {what}, not a mapping of keys to values"))
}

fn path_as_written(root: &Node, index: usize) -> String {
    let path = || {
        let Value::Sequence(items) = &root.entry("sources")?.node.value else { return None };
        let Value::Scalar(path) =
            &items.get(index)?.entry("source")?.node.entry("file")?.node.entry("path")?.node.value
        else {
            return None;
        };
        Some(path.text.clone())
    };
    path().unwrap_or_default()
}

pub(super) fn not_a_mapping(source: &Source<'_>, root: Option<&Node>) -> Diagnostic {
    let what = match root.map(|root| &root.value) {
        Some(Value::Sequence(_)) => "the file is a list, not a mapping of keys to values",
        Some(Value::Scalar(_)) if root.is_some_and(|root| !root.is_null()) => {
            "the file is a text, not a mapping of keys to values"
        }
        _ => "the file is empty",
    };
    let span =
        root.filter(|root| root.extent.end > root.extent.start).map(|root| source.span(source.first_line(root.extent)));
    Diagnostic::error(code::CFG011, what)
        .at("", span)
        .help("a configuration has the keys `config_version`, `platform` and `sources`")
}

/// What concerns the file and none of its values.
fn whole_file(source: &Source<'_>, root: &Node, findings: &mut Findings) {
    let first = root.entries().and_then(<[_]>::first).map_or(root.extent.start, |entry| entry.key_extent.start);
    let top = Extent::new(first, first);
    if root.entry("config_version").is_none_or(|entry| entry.node.is_null()) && !findings.suggested("config_version") {
        let mut finding = Diagnostic::warning(code::CFG004, "`config_version` is missing")
            .at("config_version", Some(source.span(top)))
            .help("add `config_version: 1` as the first line");
        if root.entry("config_version").is_none()
            && source.line_at(first).trim_start().len() == source.line_at(first).len()
        {
            finding.fix = Some(Fix::one("add `config_version: 1`", source.span(top), "config_version: 1\n", true));
        }
        findings.push(Scope::File, finding);
    }
    // A join alone is a configuration too.
    let other_form = root.entry("silver_join").is_some();
    let sources = root.entry("sources");
    let empty = match sources.map(|entry| &entry.node.value) {
        None => true,
        Some(Value::Sequence(items)) => items.is_empty(),
        Some(_) => sources.is_some_and(|entry| entry.node.is_null()),
    };
    if empty && !other_form && !findings.suggested("sources") {
        let place = sources.map_or(top, |entry| entry.key_extent);
        let finding = Diagnostic::error(code::CFG025, "the file describes no dataset")
            .at("sources", Some(source.span(place)))
            .help("add at least one entry under `sources`; a file that others only extend is named with a leading `_`");
        findings.push(Scope::File, finding);
    }
}
