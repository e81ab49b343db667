//! Whether a kind of pagination has what it needs to ask for the next page.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::{CursorType, Method, PaginationOptions, PaginationType, ParamLocation, SourceKind};
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(source) = dataset.source().filter(|source| source.kind == Some(SourceKind::Api)) else { return };
    let Some(api) = &source.api else { return };
    let sends_body = matches!(api.method, Some(Method::Post | Method::Put | Method::Patch))
        || dataset.unreadable("source.api.method", api.method.as_ref());
    if let Some(pages) = &api.pagination {
        let start = api.incremental.as_ref().is_some_and(|incremental| incremental.initial_value.is_some());
        let from = Rules { section: "source.api.pagination", sends_body, start };
        from.check(dataset, pages, findings);
    }
    if let Some(pages) = api.parent.as_ref().and_then(|parent| parent.pagination.as_ref()) {
        // Parents are asked for with GET.
        let from = Rules { section: "source.api.parent.pagination", sends_body: false, start: false };
        from.check(dataset, pages, findings);
    }
}

struct Rules {
    section: &'static str,
    sends_body: bool,
    /// Whether the first stretch of time has a start elsewhere.
    start: bool,
}

impl Rules {
    fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.section)
    }

    fn check(&self, dataset: &DatasetView<'_>, pages: &PaginationOptions, findings: &mut Findings) {
        match pages.kind {
            Some(PaginationType::Cursor) => self.cursor(dataset, pages, findings),
            Some(PaginationType::Keyset) => {
                self.needs(dataset, "keyset_field", "the field whose last value the next page starts after", findings);
                self.needs(dataset, "keyset_param", "the parameter that carries it", findings);
            }
            Some(PaginationType::Window) if !self.start && pages.window.is_some() => {
                let path = self.path("window.start");
                if !dataset.given(&path) && !dataset.misspelt(&path, findings) {
                    let finding =
                        Diagnostic::error(code::CFG039, "nothing says where the first stretch of time starts")
                            .help("add `start: 2024-01-01T00:00:00Z`, or `incremental` with an `initial_value`");
                    dataset.report(findings, &path, Mark::Key, finding);
                }
            }
            None if !dataset.given(&self.path("type")) && !dataset.misspelt(&self.path("type"), findings) => {
                let finding =
                    Diagnostic::error(code::CFG039, "`pagination` has no `type`, so only one page would be read").help(
                        "add `type: offset`, `page`, `cursor`, `keyset` or `window`; `none` if there is one page",
                    );
                dataset.report(findings, self.section, Mark::Key, finding);
            }
            _ => {}
        }
        if pages.param_location == Some(ParamLocation::Body) && !self.sends_body {
            let finding = Diagnostic::error(code::CFG024, "parameters in the body need a method that sends one")
                .help("set `method: POST`, or `param_location: query`");
            dataset.report(findings, &self.path("param_location"), Mark::Value, finding);
        }
    }

    fn cursor(&self, dataset: &DatasetView<'_>, pages: &PaginationOptions, findings: &mut Findings) {
        let Some(kind) = pages.cursor.as_ref().and_then(|cursor| cursor.kind) else { return };
        let what = match kind {
            CursorType::LinkHeader => return,
            CursorType::ResponseField | CursorType::Body => "the dotted path to the cursor in an answer",
            CursorType::Header => "the name of the header that holds the cursor",
        };
        self.needs(dataset, "cursor.field", what, findings);
        if kind == CursorType::Body && !self.sends_body {
            let finding = Diagnostic::error(code::CFG024, "a cursor in the body needs a method that sends one")
                .help("set `method: POST`, or `type: response_field`, which sends it in the query");
            dataset.report(findings, &self.path("cursor.type"), Mark::Value, finding);
        }
    }

    fn needs(&self, dataset: &DatasetView<'_>, key: &str, what: &str, findings: &mut Findings) {
        let path = self.path(key);
        if !dataset.given(&path) && !dataset.misspelt(&path, findings) {
            let name = key.rsplit('.').next().unwrap_or(key);
            let place = self.path(if key.starts_with("cursor.") { "cursor.type" } else { "type" });
            let finding = Diagnostic::error(code::CFG039, format!("this kind of pagination needs `{name}`"))
                .help(format!("add `{name}:` {what}"));
            dataset.report(findings, &place, Mark::Value, finding);
        }
    }
}
