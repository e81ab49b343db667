//! Completion and hover. What columns a source has comes from its Bronze, from the last preview, or from
//! a look at the source itself, in this order.

use super::Engine;
use super::wire::{ColumnInfo, Completion, CompletionKind, Completions, CursorRequest, Draft, ErrorBody, Hover};
use crate::batch;
use crate::bronze::BronzeTable;
use crate::cancel::CancelToken;
use crate::config::assist::{self, Around, Column, Kind, Proposal, Subject};
use crate::config::interpolate::Variables;
use crate::config::settings::{Dataset, Source};
use crate::config::{self, Origin, files, layers};
use crate::extract::{self, ExtractRequest};

/// Records that a look at a source reads.
const PEEK: u64 = 100;
/// Bytes of a file that is read as a whole to be looked at.
const MAX_PEEK_BYTES: u64 = 8 * 1024 * 1024;

impl Engine {
    /// See the command table.
    pub fn complete(&self, request: CursorRequest) -> Result<Completions, ErrorBody> {
        let offset = request.offset as usize;
        let found = self.around(&request.draft, |around| assist::complete(&request.draft.text, offset, around));
        Ok(Completions { span: found.span, items: found.items.into_iter().map(completion).collect() })
    }

    /// See the command table.
    pub fn hover(&self, request: CursorRequest) -> Result<Hover, ErrorBody> {
        let draft = &request.draft;
        let page = self.around(draft, |around| assist::hover(&draft.text, request.offset as usize, around));
        let origin = page.path.as_deref().and_then(|path| self.origin(draft, path));
        let text = match origin {
            Some(origin) => format!("{}\n\n{origin}", page.text),
            None => page.text,
        };
        Ok(Hover { span: page.span, text })
    }

    /// Calls with what is around a draft.
    fn around<T>(&self, draft: &Draft, call: impl FnOnce(&Around<'_>) -> T) -> T {
        let path = files::normalise(&self.root.join(&draft.file));
        let folder = path.parent().unwrap_or(&self.root);
        let site = layers::Around {
            path: &path,
            folder,
            workspace: folder,
            root: &self.root,
            overlay: draft.environment.as_deref(),
        };
        let variables = Variables::new(self.world.env.as_ref(), &[folder, &self.root]);
        call(&Around { site, variables: &variables, columns: &|subject| self.columns(draft, subject) })
    }

    /// Where the value of a key comes from, if it is not this file.
    fn origin(&self, draft: &Draft, path: &str) -> Option<String> {
        let effective = config::effective(&self.root, &draft.file, &draft.text, draft.environment.as_deref());
        let told = effective.at(path);
        let value = told.effective.map_or(String::new(), |value| format!(" `{value}`"));
        match told.origin {
            Origin::Parent { file } | Origin::Environment { file } => {
                Some(format!("The value{value} that counts comes from `{file}`."))
            }
            Origin::Nowhere | Origin::Default | Origin::Here => None,
        }
    }

    fn columns(&self, draft: &Draft, subject: &Subject) -> Vec<Column> {
        let environment = draft.environment.as_deref();
        let load = |text: &str| config::load_text(&self.root, &draft.file, text, environment, self.world.env.as_ref());
        let excerpt = load(&subject.excerpt);
        let dataset = excerpt.pipeline.and_then(|pipeline| pipeline.datasets.into_iter().next());
        let Some(dataset) = dataset else { return self.previewed_columns(draft, subject.name.as_deref()) };
        if let Some(landed) = BronzeTable::of(&dataset, &self.world).newest()
            && let Some(table) = landed.commit.tables.first()
        {
            let detail = |type_name: &str| format!("{type_name}, in Bronze of {}", landed.date);
            let column = |column: &crate::publish::Column| Column {
                name: column.name.clone(),
                detail: detail(&column.type_name),
            };
            return table.columns.iter().map(column).collect();
        }
        let name = subject.name.as_deref().unwrap_or(&dataset.name);
        let previewed = self.previewed_columns(draft, Some(name));
        if previewed.is_empty() { self.peek(&dataset) } else { previewed }
    }

    fn previewed_columns(&self, draft: &Draft, dataset: Option<&str>) -> Vec<Column> {
        let Ok(previewed) = self.previewed.lock() else { return Vec::new() };
        let key = (draft.file.clone(), dataset.unwrap_or_default().to_owned());
        let column = |column: &ColumnInfo| Column {
            name: column.name.clone(),
            detail: format!("{}, in the last preview", column.data_type),
        };
        previewed.get(&key).map(|columns| columns.iter().map(column).collect()).unwrap_or_default()
    }

    /// The columns of the source itself, where a look at it costs little.
    fn peek(&self, dataset: &Dataset) -> Vec<Column> {
        let Source::File(file) = &dataset.source else { return Vec::new() };
        let today = self.world.clock.now().with_timezone(&dataset.bronze.timezone).date_naive();
        if file.elsewhere.is_some() {
            return Vec::new();
        }
        let delivered = extract::delivered(file, &self.world).unwrap_or_default();
        let date = delivered.last().copied().unwrap_or(today);
        let place = file.path.to_string_lossy().replace("{run_date}", &date.to_string());
        let small = std::fs::metadata(&place).is_ok_and(|about| about.is_file() && about.len() <= MAX_PEEK_BYTES);
        if !small && !is_read_in_pieces(file) {
            return Vec::new();
        }
        let request = ExtractRequest::of(dataset, date, Some(PEEK), &self.world, &CancelToken::new());
        let Ok(extraction) = extract::extractor(&dataset.source).open(&request) else { return Vec::new() };
        let location = extraction.summary().location;
        let schema = extraction.schema();
        let column = |field: &std::sync::Arc<arrow::datatypes::Field>| Column {
            name: field.name().clone(),
            detail: format!("{}, in {location}", batch::type_name(field.data_type())),
        };
        schema.fields().iter().map(column).collect()
    }
}

/// Whether opening the file reads only its first records.
fn is_read_in_pieces(file: &config::settings::FileSource) -> bool {
    let suffix = file.path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    match file.format {
        Some(format) => format != config::settings::FileFormat::Json,
        None => !suffix.eq_ignore_ascii_case("json"),
    }
}

fn completion(proposal: Proposal) -> Completion {
    Completion {
        label: proposal.label,
        kind: match proposal.kind {
            Kind::Key => CompletionKind::Key,
            Kind::Value => CompletionKind::Value,
            Kind::Variable => CompletionKind::Variable,
            Kind::File => CompletionKind::File,
            Kind::Column => CompletionKind::Column,
            Kind::Snippet => CompletionKind::Snippet,
        },
        detail: proposal.detail,
        documentation: proposal.documentation,
        insert: proposal.insert,
        cursor: u32::try_from(proposal.cursor).unwrap_or(u32::MAX),
    }
}
