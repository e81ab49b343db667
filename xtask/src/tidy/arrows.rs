//! Which module of the engine may use which: the block `arrows` in ARCHITECTURE.md, held against
//! every `crate::…` path in the engine's production code.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Source, sources};

const DOCUMENT: &str = "ARCHITECTURE.md";
const RULE: &str = "arrows";

/// The allowed edges. A target may be a module (`config`) or a part of one (`config::settings`).
#[derive(Debug, Default)]
struct Arrows {
    /// From a module to what it may use.
    edges: BTreeMap<String, BTreeSet<String>>,
    /// What everybody may use.
    leaves: BTreeSet<String>,
    /// Line of each module in the document.
    lines: BTreeMap<String, usize>,
}

/// Checks the engine's files.
pub(super) fn check(files: &[Source]) -> Vec<Finding> {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, 1, RULE, "the document with the arrow table is missing")];
    };
    let (arrows, mut findings) = read(&document.text);
    let mut modules = BTreeSet::new();
    for file in files {
        let Some(module) = module_of(&file.path) else { continue };
        modules.insert(module.to_owned());
        for (line, path) in paths(&file.text) {
            if let Some(problem) = arrows.problem(module, &path) {
                findings.push(Finding::new(&file.path, line, RULE, problem));
            }
        }
    }
    for (module, line) in &arrows.lines {
        if !modules.contains(module) {
            findings.push(Finding::new(DOCUMENT, *line, RULE, format!("there is no module `{module}` in core/src")));
        }
    }
    findings
}

/// The first folder or file below core/src; the crate root has none.
fn module_of(path: &str) -> Option<&str> {
    let below = path.strip_prefix("core/src/")?;
    let module = below.split('/').next()?.trim_end_matches(".rs");
    (super::extension(path) == "rs" && module != "lib").then_some(module)
}

impl Arrows {
    fn problem(&self, from: &str, path: &str) -> Option<String> {
        let target = path.split("::").next().unwrap_or(path);
        if target == from || covers(&self.leaves, path) {
            return None;
        }
        let Some(allowed) = self.edges.get(from) else {
            return Some(format!("`{from}` has no arrows in {DOCUMENT}"));
        };
        if covers(allowed, path) {
            return None;
        }
        Some(format!("`{from}` must not use `{path}`; see the arrows in {DOCUMENT}"))
    }
}

fn covers(allowed: &BTreeSet<String>, path: &str) -> bool {
    allowed.iter().any(|allowed| {
        path == allowed || path.strip_prefix(allowed.as_str()).is_some_and(|rest| rest.starts_with("::"))
    })
}

fn read(document: &str) -> (Arrows, Vec<Finding>) {
    let mut arrows = Arrows::default();
    let mut findings = Vec::new();
    let mut inside = false;
    let mut seen = false;
    for (index, line) in document.lines().enumerate() {
        if line.trim_end() == "```arrows" {
            (inside, seen) = (true, true);
            continue;
        }
        if line.starts_with("```") {
            inside = false;
        }
        let line = line.split('#').next().unwrap_or_default().trim();
        if !inside || line.is_empty() {
            continue;
        }
        let names = |text: &str| {
            text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect::<BTreeSet<_>>()
        };
        if let Some(leaves) = line.strip_prefix("leaves:") {
            arrows.leaves = names(leaves);
        } else if let Some((from, to)) = line.split_once('→') {
            for from in names(from) {
                arrows.lines.insert(from.clone(), index + 1);
                arrows.edges.entry(from).or_default().extend(names(to));
            }
        } else {
            findings.push(Finding::new(
                DOCUMENT,
                index + 1,
                RULE,
                "a line is `module → module, module` or `leaves: module, module`",
            ));
        }
    }
    if !seen {
        findings.push(Finding::new(DOCUMENT, 1, RULE, "there is no block ```arrows"));
    }
    (arrows, findings)
}

/// Every `crate::…` path in production code with its line; groups are taken apart.
fn paths(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<(usize, &str)> =
        sources::production(text).filter(|(_, line)| !line.trim_start().starts_with("//")).collect();
    let mut found = Vec::new();
    for (position, (number, line)) in lines.iter().enumerate() {
        let mut rest = *line;
        while let Some(at) = rest.find("crate::") {
            let preceded = rest[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$');
            let mut after = rest[at + "crate::".len()..].to_owned();
            rest = &rest[at + "crate::".len()..];
            if preceded {
                continue;
            }
            // A group may go over several lines.
            if after.contains('{') || after.trim().is_empty() {
                for (_, next) in &lines[position + 1..] {
                    if after.matches('{').count() <= after.matches('}').count() && after.contains('{') {
                        break;
                    }
                    after += next.trim();
                }
            }
            let mut expanded = Vec::new();
            expand("", after.trim_start(), &mut expanded);
            found.extend(expanded.into_iter().map(|path| (*number, path)));
        }
    }
    found
}

/// Takes `a::{b, c::d}` apart into `a::b` and `a::c::d`. Returns what follows the path.
fn expand<'a>(prefix: &str, text: &'a str, found: &mut Vec<String>) -> &'a str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let (head, mut rest) = text.split_at(end);
    let Some(inner) = rest.strip_prefix('{').filter(|_| head.is_empty() || head.ends_with("::")) else {
        let path = format!("{prefix}{head}");
        let path = path.trim_end_matches("::").trim_end_matches("::self");
        if !path.is_empty() {
            found.push(path.to_owned());
        }
        return rest.strip_prefix('*').unwrap_or(rest);
    };
    rest = inner;
    let prefix = format!("{prefix}{head}");
    loop {
        rest = rest.trim_start().trim_start_matches(',').trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return after;
        }
        let before = rest.len();
        rest = expand(&prefix, rest, found).trim_start();
        // `a as b`
        if let Some(renamed) = rest.strip_prefix("as ") {
            rest = renamed.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        }
        if rest.is_empty() || rest.len() == before {
            return rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# x\n```arrows\napi → run, config\nrun → bronze, config::settings   # comment\nbronze → batch\nleaves: error, event, api::wire\n```\n";

    fn found(path: &str, text: &str) -> Vec<String> {
        let mut files =
            vec![Source { path: DOCUMENT.into(), text: TABLE.into() }, Source { path: path.into(), text: text.into() }];
        files.extend(
            ["api", "run", "bronze"]
                .map(|module| Source { path: format!("core/src/{module}/x.rs"), text: String::new() }),
        );
        check(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn allowed_edges_pass() {
        let text =
            "use crate::run::Run;\nuse crate::config::check;\nuse crate::{error::Coded, config};\nuse super::x;\n";
        assert_eq!(found("core/src/api/plan.rs", text), Vec::<String>::new());
        assert_eq!(
            found("core/src/run/mod.rs", "use crate::config::settings::Pipeline;\nuse crate::api::wire::{Count};\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn forbidden_edges_have_a_place() {
        for (text, line, path) in [
            ("use crate::silver::x;\n", 1, "silver::x"),
            ("//! d\nuse crate::{\n    bronze::b,\n    extract::{self, E},\n};\n", 2, "extract"),
            ("\nfn f() -> crate::config::Loaded {}\n", 2, "config::Loaded"),
            ("use crate::api::Engine;\n", 1, "api::Engine"),
        ] {
            let found = found("core/src/run/mod.rs", text);
            let expected = format!("core/src/run/mod.rs:{line}: arrows: `run` must not use `{path}`");
            assert!(found.iter().any(|finding| finding.starts_with(&expected)), "{found:?} lacks {expected}");
        }
    }

    #[test]
    fn tests_comments_and_macros_do_not_count() {
        let text = "// crate::silver\n#[cfg(test)]\nmod tests { use crate::silver::x; }\n";
        assert_eq!(found("core/src/run/mod.rs", text), Vec::<String>::new());
    }

    #[test]
    fn modules_and_lines_of_the_table_must_exist() {
        assert!(found("core/src/silver/mod.rs", "use crate::batch::x;\n")[0].contains("`silver` has no arrows"));
        let (_, findings) = read("```arrows\nwhat is this\n```\n");
        assert_eq!(findings[0].line, 2);
        assert_eq!(read("no block").1.len(), 1);
    }

    #[test]
    fn groups_are_taken_apart() {
        let mut found = Vec::new();
        expand("", "{a::{self, b as c, d::*}, e};", &mut found);
        assert_eq!(found, ["a", "a::b", "a::d", "e"]);
    }
}
