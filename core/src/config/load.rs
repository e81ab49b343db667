//! Loading: a target to files, a file to findings and settings.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::check::walk::Walk;
use super::check::{self, Claim, Entries};
use super::files::{self, Target, normalise};
use super::findings::Findings;
use super::interpolate::Variables;
use super::options::{PlatformOptions, SourceEntry};
use super::path::Scope;
use super::resolve::{self, Around};
use super::settings::Pipeline;
use super::syntax::{self, Node, Value};
use super::text::{Extent, Source};
use super::{Loaded, LoadedFile, schema};
use crate::diagnostic::{Diagnostic, Fix, code};
use crate::world::Environment;

/// Reads the config file or workspace folder `target` (relative to `root`; empty: `root` itself).
/// Never fails: a target that cannot be read is a file with a diagnostic.
pub(crate) fn load(root: &Path, target: &str, environment: &dyn Environment) -> Loaded {
    let target = normalise(&root.join(target));
    match files::find(&target) {
        Ok(Target::File(path)) => {
            let folder = path.parent().unwrap_or(&path).to_owned();
            let read = load_file(path, &folder, root, environment);
            Loaded { root: folder, files: vec![read.file] }
        }
        Ok(Target::Folder { files, problems }) => {
            let read = files.into_iter().map(|path| load_file(path, &target, root, environment)).collect();
            let mut loaded = separate(read);
            for problem in problems {
                loaded.push(unreadable(&target, root, &problem));
            }
            if loaded.is_empty() {
                let finding = Diagnostic::error(code::CFG025, "the folder has no configuration")
                    .help("a configuration is a file whose name ends in `.yaml` or `.yml`, here or in a folder below");
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

/// A file with what is needed to compare it with others.
struct Read {
    file: LoadedFile,
    /// Positions in `sources` of the datasets in the pipeline.
    kept: Vec<usize>,
    claims: Vec<Claim>,
}

impl Read {
    const fn failed(file: LoadedFile) -> Self {
        Self { file, kept: Vec::new(), claims: Vec::new() }
    }
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
    for (index, Read { mut file, kept, .. }) in read.into_iter().enumerate() {
        let mine: Vec<_> = faults.iter().filter(|(of, _, _)| *of == index).collect();
        if let (Some(pipeline), false) = (&mut file.pipeline, mine.is_empty()) {
            let mut positions = kept.iter();
            pipeline
                .datasets
                .retain(|_| positions.next().is_none_or(|position| mine.iter().all(|(_, at, _)| at != position)));
            file.diagnostics.extend(mine.iter().map(|(_, _, finding)| finding.clone()));
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
    let display = display(&path, root);
    let mut findings = Findings::default();
    findings.push(Scope::File, finding);
    LoadedFile { diagnostics: findings.finish(&display), path, display, text: String::new(), pipeline: None }
}

/// As the user would name it.
fn display(path: &Path, root: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(below) if below.as_os_str().is_empty() => ".".into(),
        Ok(below) => below.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}

fn load_file(path: PathBuf, workspace: &Path, root: &Path, environment: &dyn Environment) -> Read {
    let bytes = match files::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return Read::failed(unreadable(&path, root, &error)),
    };
    let display = display(&path, root);
    let mut findings = Findings::default();
    let (text, understood) = match String::from_utf8(bytes) {
        Ok(text) => {
            let folder = path.parent().unwrap_or(&path);
            let variables = Variables::new(environment, &[folder, workspace, root]);
            let understood = read(&text, folder, &variables, &mut findings);
            report_env_files(&text, &variables, root, &mut findings);
            (text, understood)
        }
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            findings.push(Scope::File, not_text(&text, valid, error.as_bytes()));
            (text, None)
        }
    };
    let (pipeline, kept, claims) = match understood {
        Some(Understood { pipeline, kept, claims }) => (Some(pipeline), kept, claims),
        None => (None, Vec::new(), Vec::new()),
    };
    Read { file: LoadedFile { diagnostics: findings.finish(&display), path, display, text, pipeline }, kept, claims }
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
fn report_env_files(text: &str, variables: &Variables<'_>, root: &Path, findings: &mut Findings) {
    if !text.contains("${") {
        return;
    }
    for file in variables.broken_files() {
        let name = display(&file.path, root);
        let problem = file.problem.as_deref().unwrap_or_default();
        let mut finding = Diagnostic::warning(code::CFG019, format!("`{name}` {problem}"))
            .help("a line is `NAME=value`, a comment `#`, or empty");
        finding.file = name;
        findings.push(Scope::File, finding);
    }
}

struct Understood {
    pipeline: Pipeline,
    kept: Vec<usize>,
    claims: Vec<Claim>,
}

/// Finds everything wrong with `text` and makes settings of the rest.
fn read(text: &str, folder: &Path, variables: &Variables<'_>, findings: &mut Findings) -> Option<Understood> {
    let source = Source::new(text);
    let (root, problems) = syntax::parse(&source);
    for problem in problems {
        findings.push(Scope::File, problem);
    }
    let Some(root) = root else {
        if !findings.is_empty() {
            return None;
        }
        findings.push(Scope::File, not_a_mapping(&source, None));
        return None;
    };
    if root.entries().is_none() {
        findings.push(Scope::File, not_a_mapping(&source, Some(&root)));
        return None;
    }
    let document = Walk { schema: schema::annotated(), source: &source, variables, findings }.document(&root);
    whole_file(&source, &root, findings);
    let platform: PlatformOptions =
        document.get("platform").and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default();
    let entries: Vec<Option<SourceEntry>> = match document.get("sources") {
        Some(Json::Array(items)) => items.iter().map(|item| serde_json::from_value(item.clone()).ok()).collect(),
        _ => Vec::new(),
    };
    let home = variables.get("HOME").map(PathBuf::from);
    let around = Around { folder, home: home.as_deref(), platform: &platform };
    let all = Entries { source: &source, root: &root, around, sources: &entries };
    check::rules(&all, findings);
    findings.obey(&source);
    let mut datasets = Vec::new();
    let mut kept = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Some(entry) = entry
            && findings.blame().spares(index, entry.silver.is_some())
            && let Some(dataset) = resolve::dataset(entry, &path_as_written(&root, index), around)
        {
            datasets.push(dataset);
            kept.push(index);
        }
    }
    let pipeline = Pipeline { datasets };
    Some(Understood { pipeline, kept, claims: check::claims(&all) })
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

fn not_a_mapping(source: &Source<'_>, root: Option<&Node>) -> Diagnostic {
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
    let other_form = ["datasets", "source"].iter().any(|key| root.entry(key).is_some());
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
            .help("add at least one entry under `sources`");
        findings.push(Scope::File, finding);
    }
}
