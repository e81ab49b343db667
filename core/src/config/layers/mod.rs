//! Layers of a configuration: the file itself, the files it extends, the overlay of an environment.
//!
//! Owns which files belong together and in which order they count. [`merge`] has the rules by which
//! two layers become one; [`origin`] tells afterwards who said what. Judges no value.
//!
//! * `extends: base.yaml`, or a list of files, names parents. Paths start at the folder of the file that
//!   names them. A later parent counts more than an earlier one, the file more than all its parents. A
//!   parent may extend others.
//! * An environment is a file `environments/<name>.yaml` beside the config file, else in the workspace,
//!   else in the root; the first that exists is laid over everything else. It may extend files too.
//! * A relative path starts at the folder of the file in which it is written; in an overlay, at the
//!   folder in which `environments/` is.

pub(crate) mod merge;
pub(crate) mod origin;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use super::dialect;
use super::files::{self, ReadError, normalise};
use super::findings::Findings;
use super::path::Scope;
use super::syntax::{self, MAX_BYTES, Node, Value};
use super::text::{Extent, Source};
use crate::diagnostic::{Diagnostic, code};
use crate::nearest::nearest;

/// Folder of the overlays.
pub(crate) const ENVIRONMENTS: &str = "environments";
/// Parents of parents at most.
const MAX_GENERATIONS: usize = 16;
/// Files of one configuration at most.
const MAX_FILES: usize = 64;

/// Where the layers of a file are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'a> {
    /// The config file, absolute.
    pub(crate) path: &'a Path,
    /// Its folder.
    pub(crate) folder: &'a Path,
    /// The workspace that was asked for.
    pub(crate) workspace: &'a Path,
    /// The engine's root, for the names of files.
    pub(crate) root: &'a Path,
    /// Name of the overlay.
    pub(crate) overlay: Option<&'a str>,
}

/// One of the files that a configuration is made of, beside the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    /// Offset of its text in the space of all texts.
    pub(crate) base: usize,
    /// Absolute.
    pub(crate) path: PathBuf,
    /// As the user would name it.
    pub(crate) display: String,
    /// Whether it is the overlay of an environment or one of its parents.
    pub(crate) overlay: bool,
}

/// All layers as one document.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The document in the canonical form; `None` if the first file could not be understood.
    pub(crate) root: Option<Rc<Node>>,
    /// The other files, in the order in which they were read.
    pub(crate) layers: Vec<Layer>,
    /// Whether every layer that is named could be read.
    pub(crate) complete: bool,
    /// Names of datasets in the overlay that this file has not, with their place.
    pub(crate) strangers: Vec<(String, Extent)>,
}

/// Reads the layers of the first text of `source`, whose tree is `own`.
pub(crate) fn stack(own: &Rc<Node>, around: Around<'_>, source: &mut Source<'_>, findings: &mut Findings) -> Stack {
    let mut reader = Reader { around, source, findings, read: HashMap::new(), layers: Vec::new(), failed: false };
    let own = dialect::translate(own, reader.source, reader.findings);
    let start = Place { path: around.path.to_owned(), folder: around.folder.to_owned(), overlay: false };
    let mut trail = vec![real(around.path)];
    let mut root = reader.with_parents(&own, &start, &mut trail);
    let mut strangers = Vec::new();
    if let Some(name) = around.overlay
        && let Some(overlay) = reader.overlay(name)
    {
        let mut merged = merge::overlay(&root, &overlay);
        for at in merged.unnamed.drain(..) {
            let span = reader.source.span(reader.source.first_line(at));
            let finding = Diagnostic::error(code::CFG047, "an entry of an overlay names no dataset")
                .at("sources", Some(span))
                .help("add `name`: the overlay changes the dataset of this name");
            reader.findings.push(Scope::File, finding);
        }
        strangers = merged.strangers;
        root = merged.root;
    }
    if !root.is_within_limits() {
        let finding = Diagnostic::error(code::CFG027, "more than 1,000,000 values in all layers together")
            .help("put datasets into several files, and extend only what they share");
        reader.findings.push(Scope::File, finding);
        return Stack { root: None, layers: reader.layers, complete: false, strangers };
    }
    Stack { root: Some(root), layers: reader.layers, complete: !reader.failed, strangers }
}

/// As the user would name it: from `root`, also where that is a few folders up.
pub(crate) fn display(path: &Path, root: &Path) -> String {
    /// More steps up than these are harder to read than the whole path.
    const MOST_UP: usize = 3;
    let (parts, base): (Vec<_>, Vec<_>) = (path.components().collect(), root.components().collect());
    let shared = parts.iter().zip(&base).take_while(|(a, b)| a == b).count();
    let up = base.len() - shared;
    // The root of the file system is nothing to have in common.
    if up > MOST_UP || (up > 0 && shared <= 1) {
        return path.display().to_string();
    }
    let relative: PathBuf =
        std::iter::repeat_n(Component::ParentDir, up).chain(parts.into_iter().skip(shared)).collect();
    if relative.as_os_str().is_empty() { ".".into() } else { relative.display().to_string() }
}

/// Whether `path` is in a folder of overlays.
pub(crate) fn is_overlay(path: &Path) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|folder| folder == ENVIRONMENTS)
}

/// The files that a document extends, as written.
pub(crate) fn parents(root: &Node) -> Vec<(&str, Extent)> {
    let Some(entry) = root.entry("extends") else { return Vec::new() };
    match &entry.node.value {
        Value::Sequence(items) => items.iter().filter_map(|item| Some((item.text()?, item.extent))).collect(),
        _ => entry.node.text().map(|text| (text, entry.node.extent)).into_iter().collect(),
    }
}

/// The file that `written` names in a file of `folder`.
pub(crate) fn parent_path(folder: &Path, written: &str) -> PathBuf {
    normalise(&folder.join(written))
}

/// Whether some file beside this one, or in a folder below, extends it.
pub(crate) fn is_extended(around: Around<'_>) -> bool {
    const MOST: usize = 500;
    let Ok(files::Target::Folder { files, .. }) = files::find(around.folder) else { return false };
    files.iter().take(MOST).any(|path| {
        let Some(text) = files::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { return false };
        if !text.contains("extends") || path == around.path {
            return false;
        }
        let source = Source::new(&text);
        let (Some(root), _) = syntax::parse(&source) else { return false };
        let folder = path.parent().unwrap_or(path);
        parents(&root).iter().any(|(written, _)| real(&parent_path(folder, written)) == real(around.path))
    })
}

/// The overlays there are for a file: name and path, sorted; the one that counts for each name.
pub(crate) fn environments(around: Around<'_>) -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for folder in [around.folder, around.workspace, around.root] {
        let Ok(entries) = std::fs::read_dir(folder.join(ENVIRONMENTS)) else { continue };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let suffix = path.extension().and_then(std::ffi::OsStr::to_str);
            let name = path.file_stem().and_then(std::ffi::OsStr::to_str);
            if let (Some("yaml" | "yml"), Some(name)) = (suffix, name)
                && !name.starts_with('.')
                && path.is_file()
                && !found.iter().any(|(other, _)| other == name)
            {
                found.push((name.to_owned(), path));
            }
        }
    }
    found.sort();
    found
}

struct Place {
    path: PathBuf,
    folder: PathBuf,
    overlay: bool,
}

struct Reader<'r, 's> {
    around: Around<'r>,
    source: &'r mut Source<'s>,
    findings: &'r mut Findings,
    /// Documents already merged with their parents, by real path.
    read: HashMap<PathBuf, Option<Rc<Node>>>,
    layers: Vec<Layer>,
    failed: bool,
}

impl Reader<'_, '_> {
    /// A document over its parents.
    fn with_parents(&mut self, own: &Rc<Node>, place: &Place, trail: &mut Vec<PathBuf>) -> Rc<Node> {
        let named: Vec<(String, Extent)> =
            parents(own).into_iter().map(|(text, extent)| (text.to_owned(), extent)).collect();
        let mut below: Option<Rc<Node>> = None;
        for (written, at) in named {
            if let Some(parent) = self.parent(&written, at, place, trail) {
                below = Some(match below {
                    Some(below) => merge::extend(&below, &parent),
                    None => parent,
                });
            }
        }
        match below {
            Some(below) => merge::extend(&below, own),
            None => own.clone(),
        }
    }

    fn parent(&mut self, written: &str, at: Extent, place: &Place, trail: &mut Vec<PathBuf>) -> Option<Rc<Node>> {
        if written.contains("${") {
            let finding = Diagnostic::error(code::CFG041, "`extends` takes no variable")
                .help("name the file; what differs between environments goes to `environments/<name>.yaml`");
            return self.fail(finding, at);
        }
        let path = parent_path(&place.folder, written);
        let identity = real(&path);
        if let Some(from) = trail.iter().position(|step| *step == identity) {
            let names: Vec<String> = trail[from..].iter().chain([&identity]).map(|step| self.name(step)).collect();
            let message = match names.as_slice() {
                [_, _] => "the file extends itself".to_owned(),
                _ => format!("files extend each other in a circle: {}", names.join(" → ")),
            };
            return self.fail(Diagnostic::error(code::CFG040, message).help("remove one of these `extends`"), at);
        }
        if let Some(known) = self.read.get(&identity) {
            return known.clone();
        }
        if trail.len() > MAX_GENERATIONS {
            let message = format!("more than {MAX_GENERATIONS} generations of parents");
            return self.fail(Diagnostic::error(code::CFG027, message).help("let files extend one base directly"), at);
        }
        let folder = path.parent().unwrap_or(&path).to_owned();
        let below = Place { path, folder, overlay: place.overlay };
        trail.push(identity.clone());
        let document = self.document(&below, Some(at), trail);
        trail.pop();
        self.read.insert(identity, document.clone());
        document
    }

    fn overlay(&mut self, name: &str) -> Option<Rc<Node>> {
        let there = environments(self.around);
        let Some((_, path)) = there.iter().find(|(other, _)| other == name) else {
            self.failed = true;
            let names: Vec<&str> = there.iter().map(|(name, _)| name.as_str()).collect();
            let help = match nearest(name, names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`? There are: {}", names.join(", ")),
                None if names.is_empty() => {
                    "an environment is a file `environments/<name>.yaml` beside the config file or in the workspace"
                        .into()
                }
                None => format!("there are: {}", names.join(", ")),
            };
            let message = format!("there is no environment `{}`", syntax::cut(name));
            self.findings.push(Scope::File, Diagnostic::error(code::CFG042, message).help(help));
            return None;
        };
        let identity = real(path);
        // Paths in an overlay are read as if it stood beside its folder.
        let beside = path.parent().and_then(Path::parent).unwrap_or(self.around.folder).to_owned();
        let place = Place { path: path.clone(), folder: beside, overlay: true };
        let mut trail = vec![identity];
        self.document(&place, None, &mut trail)
    }

    /// Reads, translates and merges one file. `named` is where it is named.
    fn document(&mut self, place: &Place, named: Option<Extent>, trail: &mut Vec<PathBuf>) -> Option<Rc<Node>> {
        let display = self.name(&place.path);
        if self.layers.len() >= MAX_FILES {
            let finding = Diagnostic::error(code::CFG027, format!("more than {MAX_FILES} files in one configuration"))
                .help("let files extend few others, and put what belongs together into one");
            return self.fail(finding, named.unwrap_or_default());
        }
        let text = match files::read(&place.path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                let finding = Diagnostic::error(code::CFG019, format!("`{display}` is not UTF-8 text"));
                return self.unusable(finding.help("save the file as UTF-8"), named);
            }
            Err(error) => {
                let message = match error {
                    ReadError::Missing { .. } => format!("there is no file `{display}`"),
                    error => error.to_string(),
                };
                let finding = Diagnostic::error(code::CFG041, message);
                return self.unusable(finding.help("the path starts at the folder of the file that names it"), named);
            }
        };
        if self.source.len() + text.len() > MAX_BYTES {
            let message = format!("more than {MAX_BYTES} bytes in all layers together");
            let help = "put datasets into several files, and extend only what they share";
            return self.unusable(Diagnostic::error(code::CFG027, message).help(help), named);
        }
        let folder = (place.folder != self.around.folder).then(|| place.folder.clone());
        let base = self.source.add(display.clone(), folder, text);
        self.layers.push(Layer { base, path: place.path.clone(), display, overlay: place.overlay });
        let (root, problems) = syntax::parse_at(self.source, base);
        let broken = !problems.is_empty();
        for problem in problems {
            self.findings.push(Scope::File, problem);
        }
        match root {
            Some(root) if root.entries().is_some() => {
                let own = dialect::translate(&root, self.source, self.findings);
                Some(self.with_parents(&own, place, trail))
            }
            Some(root) if !root.is_null() => {
                let at = self.source.first_line(root.extent);
                self.fail(Diagnostic::error(code::CFG011, "the file is not a mapping of keys to values"), at)
            }
            _ => {
                self.failed |= broken;
                None
            }
        }
    }

    fn unusable(&mut self, finding: Diagnostic, named: Option<Extent>) -> Option<Rc<Node>> {
        if let Some(at) = named {
            return self.fail(finding, at);
        }
        self.failed = true;
        self.findings.push(Scope::File, finding);
        None
    }

    fn fail(&mut self, finding: Diagnostic, at: Extent) -> Option<Rc<Node>> {
        self.failed = true;
        let span = self.source.span(self.source.first_line(at));
        self.findings.push(Scope::File, finding.at("extends", Some(span)));
        None
    }

    fn name(&self, path: &Path) -> String {
        display(path, self.around.root)
    }
}

/// The file behind links, so that a circle is seen however it is written.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
