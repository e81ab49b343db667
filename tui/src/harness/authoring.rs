//! What the scripted engine says about texts: a few findings, proposals, fields and edits, enough to
//! see what the screens make of them.

use medallion_core::api::wire::*;

/// Where `wanted` stands in `text`, as the engine would say it.
pub(crate) fn place(text: &str, wanted: &str) -> Option<Span> {
    text.find(wanted).map(|start| span(text, start, start + wanted.len()))
}

pub(crate) fn span(text: &str, start: usize, end: usize) -> Span {
    let position = |at: usize| {
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
    };
    let ((line, column), (end_line, end_column)) = (position(start), position(end));
    Span { start: u32::try_from(start).unwrap(), end: u32::try_from(end).unwrap(), line, column, end_line, end_column }
}

fn found(file: &str, code: &str, severity: Severity, message: &str, span: Span) -> Diagnostic {
    Diagnostic {
        code: Code::find(code).unwrap(),
        severity,
        message: message.into(),
        file: file.into(),
        path: String::new(),
        span: Some(span),
        help: None,
        fix: None,
        related: Vec::new(),
    }
}

/// What is wrong with a text: the key `typo`, a CSV file without a sign of it, a format in capitals.
pub(crate) fn findings(file: &str, text: &str) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    if let Some(span) = place(text, "typo") {
        all.push(Diagnostic {
            path: "sources[0].source.typo".into(),
            help: Some("did you mean `type`?".into()),
            fix: Some(Fix {
                title: "rename to `type`".into(),
                edits: vec![TextEdit { span, text: "type".into() }],
                safe: false,
            }),
            ..found(file, "CFG013", Severity::Error, "unknown key `typo`", span)
        });
    }
    if let Some(span) = place(text, "{path: \"data/#1.csv\"}") {
        let message = "the file is said to be CSV, but its name says nothing of it";
        all.push(found(file, "CFG024", Severity::Warning, message, span));
    }
    if let Some(start) = text.find("load_pattern: FULL") {
        let span = span(text, start + 14, start + 18);
        all.push(Diagnostic {
            path: "sources[0].source.run.load_pattern".into(),
            fix: Some(Fix {
                title: "write `full`".into(),
                edits: vec![TextEdit { span, text: "full".into() }],
                safe: true,
            }),
            ..found(file, "CFG014", Severity::Error, "`FULL` is not one of `full`, `cdc`, `current_history`", span)
        });
    }
    all.sort_by_key(|problem| problem.span);
    all
}

/// Another name for every text.
pub(crate) fn revision(text: &str) -> String {
    let sum = text.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("r{sum:x}")
}

const KEYS: [(&str, &str, &str); 6] = [
    ("load_pattern: ", "one of full, cdc, current_history", "How the source is read. Default: `full`."),
    ("null_values:\n  - ", "list", "Texts that mean *no value*."),
    ("partition_strategy: ", "one of date, hourly", "What a partition holds."),
    ("source:\n  type: ", "required", "Where the records come from."),
    ("system: ", "required, text", "The system that owns the records."),
    ("table: ", "required, text", "The table, as its system calls it."),
];

/// Keys that begin with what was typed, and the values of `load_pattern`.
pub(crate) fn completions(text: &str, offset: usize) -> Completions {
    let line = &text[text[..offset].rfind('\n').map_or(0, |at| at + 1)..offset];
    let typed = &line[line.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len()..];
    let start = offset - typed.len();
    let item = |label: &str, kind, detail: &str, documentation: &str, insert: &str| Completion {
        label: label.into(),
        kind,
        detail: detail.into(),
        documentation: documentation.into(),
        insert: insert.into(),
        cursor: u32::try_from(insert.len()).unwrap(),
    };
    let items = if line.contains('#') {
        Vec::new()
    } else if line.contains("load_pattern:") {
        ["full", "cdc", "current_history"]
            .into_iter()
            .filter(|value| value.starts_with(typed))
            .map(|value| item(value, CompletionKind::Value, "", "What is there now, each time.", value))
            .collect()
    } else {
        KEYS.iter()
            .filter(|(insert, ..)| insert.starts_with(typed))
            .map(|(insert, detail, help)| {
                let label = insert.split(':').next().unwrap_or_default();
                item(label, CompletionKind::Key, detail, help, insert)
            })
            .collect()
    };
    Completions { span: Some(span(text, start, offset)), items }
}

pub(crate) fn hover(text: &str, offset: usize) -> Hover {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let start = text[..offset].trim_end_matches(is_word).len();
    let end = text[offset..].find(|c: char| !is_word(c)).map_or(text.len(), |at| offset + at);
    if start == end {
        return Hover::default();
    }
    let word = &text[start..end];
    let help = format!(
        "`{word}`\n\nWhat **{word}** means, in a sentence that is long enough to need a second line here.\n\nDefault: `full`.\n\nExample:\n\n```yaml\n{word}: full\n```\n"
    );
    Hover { span: Some(span(text, start, end)), text: help }
}

fn field(path: &str, kind: FieldKind, text: &str, children: Vec<Field>) -> Field {
    let label = path.rsplit(['.']).next().unwrap_or_default().trim_end_matches(']');
    let label = label.rsplit_once('[').map_or(label, |(_, index)| index);
    let key = format!("{label}: ");
    let place = text.find(&key).map(|at| at + key.len());
    let written = place.map(|at| text[at..].lines().next().unwrap_or_default());
    let written = written.map(|value| value.split("  #").next().unwrap_or_default().trim().to_owned());
    let container = matches!(kind, FieldKind::Section | FieldKind::Map | FieldKind::List { .. });
    let written = written.filter(|_| !container);
    let span = match (&written, place) {
        (Some(value), Some(at)) => Some(span(text, at, at + value.len())),
        _ => None,
    };
    Field {
        path: path.into(),
        label: if label == "0" { "1".into() } else { label.into() },
        help: format!("What `{label}` is for. And more about it."),
        kind,
        effective: written.clone(),
        origin: if written.is_some() { Origin::Here } else { Origin::Nowhere },
        written,
        required: false,
        advanced: false,
        deprecated: false,
        span,
        problems: Vec::new(),
        children,
    }
}

/// A few fields of every kind.
pub(crate) fn form(file: &str, text: &str) -> Form {
    if text.contains('\t') {
        return Form { unreadable: Some("line 1 begins with a tab".into()), ..Form::default() };
    }
    let plain = FieldKind::Text { file: false, long: false };
    let choice = |values: &[&str]| FieldKind::Choice {
        values: values
            .iter()
            .map(|value| Choice { value: (*value).into(), help: format!("Reads `{value}`. All of it.") })
            .collect(),
    };
    let mut pattern =
        field("sources[0].source.run.load_pattern", choice(&["full", "cdc", "current_history"]), text, vec![]);
    if pattern.written.is_none() {
        (pattern.effective, pattern.origin) = (Some("full".into()), Origin::Default);
    }
    let mut rows = field("sources[0].source.run.max_rows_per_file", FieldKind::Integer, text, vec![]);
    if rows.written.is_none() {
        (rows.effective, rows.origin) = (Some("50000".into()), Origin::Parent { file: "base.yaml".into() });
    }
    let mut csv = field("sources[0].source.run.write_csv", FieldKind::Boolean, text, vec![]);
    if csv.written.is_none() {
        (csv.effective, csv.origin) =
            (Some("true".into()), Origin::Environment { file: "environments/prod.yaml".into() });
    }
    let mut timeout = field("sources[0].source.run.timeout_seconds", FieldKind::Number, text, vec![]);
    timeout.advanced = true;
    let nulls = field("sources[0].source.run.null_values", FieldKind::List { scalar: true }, text, vec![]);
    let schema = field("sources[0].source.run.schema", FieldKind::Map, text, vec![]);
    let run =
        field("sources[0].source.run", FieldKind::Section, text, vec![pattern, rows, csv, timeout, nulls, schema]);
    let mut system = field("sources[0].source.system", plain.clone(), text, vec![]);
    system.required = true;
    let mut kind = field("sources[0].source.type", choice(&["api", "db", "file", "custom"]), text, vec![]);
    kind.required = true;
    let path = field("sources[0].source.file.path", FieldKind::Text { file: true, long: false }, text, vec![]);
    let section = field("sources[0].source.file", FieldKind::Section, text, vec![path]);
    let mut children = vec![kind, system, section, run];
    if text.contains("typo") {
        let mut raw = field("sources[0].source.typo", FieldKind::Raw, text, vec![]);
        raw.problems = (0..findings(file, text).len())
            .filter(|at| findings(file, text)[*at].path == raw.path)
            .map(|at| u32::try_from(at).unwrap())
            .collect();
        children.push(raw);
    }
    let source = field("sources[0].source", FieldKind::Section, text, children);
    let mut name = field("sources[0].name", plain, text, vec![]);
    name.required = true;
    let first = field("sources[0]", FieldKind::Section, text, vec![name, source]);
    let sources = field("sources", FieldKind::List { scalar: false }, text, vec![first]);
    let version = field("config_version", FieldKind::Integer, text, vec![]);
    Form { fields: vec![version, sources], ..Form::default() }
}

fn find<'a>(fields: &'a [Field], path: &str) -> Option<&'a Field> {
    fields.iter().find_map(|field| if field.path == path { Some(field) } else { find(&field.children, path) })
}

/// Replaces values that are there; what is new goes to the end.
pub(crate) fn edited(file: &str, text: &str, edits: &[Edit]) -> Edited {
    let form = form(file, text);
    let written = |value: &EditValue| match value {
        EditValue::Text(text) | EditValue::Literal(text) | EditValue::Yaml(text) => text.clone(),
    };
    let end = span(text, text.len(), text.len());
    let changes: Vec<TextEdit> = edits
        .iter()
        .map(|edit| match edit {
            Edit::Set { path, value } => match find(&form.fields, path).and_then(|field| field.span) {
                Some(span) => TextEdit { span, text: written(value) },
                None => {
                    TextEdit { span: end, text: format!("{}: {}\n", path.rsplit('.').next().unwrap(), written(value)) }
                }
            },
            Edit::Unset { path } => {
                let at = find(&form.fields, path).and_then(|field| field.span).unwrap();
                let start = text[..at.start as usize].rfind('\n').map_or(0, |at| at + 1);
                let stop = text[at.end as usize..].find('\n').map_or(text.len(), |stop| at.end as usize + stop + 1);
                TextEdit { span: span(text, start, stop), text: String::new() }
            }
            Edit::Insert { path, value, .. } => TextEdit { span: end, text: format!("{path}: [{}]\n", written(value)) },
            Edit::Rename { .. } | Edit::Move { .. } => TextEdit { span: end, text: String::new() },
        })
        .collect();
    let mut new = text.to_owned();
    for change in changes.iter().rev() {
        new.replace_range(change.span.start as usize..change.span.end as usize, &change.text);
    }
    Edited { text: new, changes }
}

/// Line by line, as one hunk.
pub(crate) fn diff(old: &str, new: &str) -> TextDiff {
    let (before, after): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if before == after {
        return TextDiff::default();
    }
    let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let rest = before.len().min(after.len()) - same;
    let tail = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let number = |at: usize| u32::try_from(at + 1).ok();
    let mut lines = Vec::new();
    for (at, line) in after.iter().enumerate().take(same).skip(same.saturating_sub(2)) {
        lines.push(DiffLine { kind: DiffKind::Same, old_line: number(at), new_line: number(at), text: (*line).into() });
    }
    for (at, line) in before.iter().enumerate().take(before.len() - tail).skip(same) {
        lines.push(DiffLine { kind: DiffKind::Removed, old_line: number(at), new_line: None, text: (*line).into() });
    }
    for (at, line) in after.iter().enumerate().take(after.len() - tail).skip(same) {
        lines.push(DiffLine { kind: DiffKind::Added, old_line: None, new_line: number(at), text: (*line).into() });
    }
    TextDiff {
        added: Count::from(after.len() - tail - same),
        removed: Count::from(before.len() - tail - same),
        hunks: vec![Hunk { lines }],
    }
}

/// Two templates.
pub(crate) fn templates() -> Vec<Template> {
    let question = |name: &str, text: &str, default: &str, choices: &[&str]| Question {
        name: name.into(),
        text: text.into(),
        default: default.into(),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
    };
    vec![
        Template {
            name: "file-full".into(),
            summary: "A file that is delivered whole each time.".into(),
            source: "file".into(),
            load_pattern: "full".into(),
            questions: vec![
                question("name", "Name of the dataset", "", &[]),
                question("path", "Where the file is", "./data/{run_date}.csv", &[]),
                question("format", "Its format", "csv", &["csv", "jsonl", "parquet"]),
            ],
        },
        Template {
            name: "file-cdc".into(),
            summary: "A file of changes: inserts, updates and deletes with a key.".into(),
            source: "file".into(),
            load_pattern: "cdc".into(),
            questions: vec![question("name", "Name of the dataset", "", &[])],
        },
    ]
}

/// What comes of a template or of a look at data.
pub(crate) fn new_config(name: &str, notes: Vec<String>) -> NewConfig {
    let text = format!("# Made from what is there\nconfig_version: 1\nsources:\n  - name: {name}\n");
    NewConfig { file: format!("{name}.yaml"), text, diagnostics: Vec::new(), notes }
}

/// A check of the doctor.
pub(crate) fn check(group: CheckGroup, title: &str, outcome: CheckOutcome) -> Check {
    Check {
        group,
        title: title.into(),
        outcome,
        detail: String::new(),
        hint: None,
        code: None,
        datasets: Vec::new(),
        file: String::new(),
        span: None,
        finding: None,
        seconds: 0.1,
    }
}
