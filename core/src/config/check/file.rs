//! Whether the keys of `source.file` go with each other and with the format.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::options::{FileOptions, FormatOption, SourceKind};
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(source) = dataset.source().filter(|source| source.kind == Some(SourceKind::File)) else { return };
    let Some(file) = &source.file else { return };
    header(dataset, file, findings);
    headers(dataset, file, findings);
    widths(dataset, file, findings);
    if let Some(format) = format(file) {
        without_effect(dataset, format, findings);
    }
}

fn header(dataset: &DatasetView<'_>, file: &FileOptions, findings: &mut Findings) {
    let named = dataset.given("source.file.fieldnames");
    let declared = dataset.given("source.run.schema");
    if file.has_header == Some(false) && !named && !declared {
        let finding = Diagnostic::error(code::CFG014, "`has_header: false` needs `fieldnames`")
            .help("name the columns in order: `fieldnames: [id, name, …]`, or declare them in `run.schema`");
        dataset.report(findings, "source.file.has_header", Mark::Value, finding);
    }
    if named
        && file.has_header != Some(false)
        && (file.has_header.is_some() || !dataset.given("source.file.has_header"))
    {
        let finding = Diagnostic::error(code::CFG024, "`fieldnames` contradicts the header of the file")
            .help("add `has_header: false` if the first record is data, otherwise remove `fieldnames`");
        dataset.report(findings, "source.file.fieldnames", Mark::Key, finding);
    }
}

/// Fields of fixed width.
fn widths(dataset: &DatasetView<'_>, file: &FileOptions, findings: &mut Findings) {
    if file.format != Some(FormatOption::FixedWidth) {
        return;
    }
    if !dataset.given("source.file.widths") {
        let finding = Diagnostic::error(code::CFG014, "`format: fixed_width` needs `widths`")
            .help("say how many characters each field has, in order: `widths: [6, 20, 8]`");
        dataset.report(findings, "source.file.format", Mark::Value, finding);
    }
    if let (Some(widths), Some(names)) = (&file.widths, &file.fieldnames)
        && widths.len() != names.len()
    {
        let text = format!("`widths` makes {} fields, and `fieldnames` names {}", widths.len(), names.len());
        let finding = Diagnostic::error(code::CFG016, text).help("name each field once, in order");
        dataset.report(findings, "source.file.fieldnames", Mark::Key, finding);
    }
}

/// Headers of requests.
fn headers(dataset: &DatasetView<'_>, file: &FileOptions, findings: &mut Findings) {
    let Some(path) = &file.path else { return };
    if forms::scheme(path).is_some_and(|scheme| matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https")) {
        super::api::secrets_in_clear(dataset, "file", file.headers.as_ref(), "", findings);
        return;
    }
    for key in ["source.file.headers", "source.file.header_env_vars"] {
        if dataset.given(key) {
            dataset.idle(findings, key, " on a file that is not at an address of the web", "remove it");
        }
    }
}

/// The format that is given, or that the suffix says.
fn format(file: &FileOptions) -> Option<FormatOption> {
    file.format.or_else(|| {
        let path = file.path.as_deref()?;
        let mut names = path.rsplit('.').map(str::to_ascii_lowercase);
        let mut suffix = names.next()?;
        if matches!(suffix.as_str(), "gz" | "gzip" | "zst" | "zstd" | "bz2") {
            suffix = names.next()?;
        }
        match suffix.as_str() {
            "csv" => Some(FormatOption::Csv),
            "tsv" => Some(FormatOption::Tsv),
            "json" => Some(FormatOption::Json),
            "jsonl" | "ndjson" => Some(FormatOption::Jsonl),
            "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => Some(FormatOption::Excel),
            "parquet" => Some(FormatOption::Parquet),
            _ => None,
        }
    })
}

fn without_effect(dataset: &DatasetView<'_>, format: FormatOption, findings: &mut Findings) {
    // Whether it is a table of text, and whether a table at all.
    let (name, text_table, table) = match format {
        FormatOption::Csv => ("csv", true, true),
        FormatOption::Tsv => ("tsv", true, true),
        FormatOption::FixedWidth => ("fixed_width", true, true),
        FormatOption::Excel => ("excel", false, true),
        FormatOption::Json => ("json", false, false),
        FormatOption::Jsonl => ("jsonl", false, false),
        FormatOption::Parquet => ("parquet", false, false),
    };
    let idle = [
        ("source.file.delimiter", text_table && format != FormatOption::FixedWidth),
        ("source.file.widths", format == FormatOption::FixedWidth),
        ("source.file.sheet", format == FormatOption::Excel),
        ("source.file.has_header", table),
        ("source.file.fieldnames", table),
        ("source.run.null_values", text_table),
        ("source.file.encoding", !matches!(format, FormatOption::Excel | FormatOption::Parquet)),
        ("source.file.json_path", format == FormatOption::Json),
    ];
    for (path, used) in idle {
        if !used && dataset.given(path) {
            dataset.idle(findings, path, &format!(" on a file of format {name}"), "remove it");
        }
    }
}
