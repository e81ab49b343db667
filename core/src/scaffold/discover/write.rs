//! The text of a discovered config, with comments that say what was seen and what may be changed.

use std::collections::BTreeSet;

use super::api::{Endpoint, Paging};
use super::group::Group;
use super::judge::Judgement;
use super::profile::{Column, Profile, Site};
use super::sniff::Form;
use crate::figures::count;
use crate::scaffold::head;
use crate::scaffold::scalar::{self, Place};

/// A described dataset.
#[derive(Debug)]
pub(super) struct Entry {
    /// Name of the table, unique in the file.
    pub(super) table: String,
    /// Where they come from.
    pub(super) origin: Origin,
    /// What its records are like.
    pub(super) profile: Profile,
    /// What they suggest.
    pub(super) judgement: Judgement,
}

/// Where records come from.
#[derive(Debug)]
pub(super) enum Origin {
    Files {
        /// The path as the config writes it.
        path: String,
        group: Group,
    },
    Api(Box<Endpoint>),
}

/// Lines in the making.
#[derive(Default)]
struct Page(String);

impl Page {
    /// A line, with a comment behind it unless that is empty.
    fn line(&mut self, code: &str, comment: &str) {
        let line = if comment.is_empty() { code.to_owned() } else { scalar::aligned(&format!("{code}  # {comment}")) };
        self.0.push_str(&line);
        self.0.push('\n');
    }
}

fn text(value: &str) -> String {
    scalar::text(value, Place::Block)
}

/// A config that reads one file in a certain form, for a look at its records.
pub(super) fn probe<'n>(path: &str, form: &Form, nulls: impl IntoIterator<Item = &'n str>) -> String {
    let mut page = Page::default();
    page.line("config_version: 1", "");
    page.line("sources:", "");
    page.line("  - source:", "");
    page.line("      type: file", "");
    page.line("      system: s", "");
    page.line("      table: t", "");
    file(&mut page, path, "", form);
    page.line("      run:", "");
    page.line(&format!("        null_values: {}", scalar::list(std::iter::once("").chain(nulls))), "");
    page.0
}

fn file(page: &mut Page, path: &str, comment: &str, form: &Form) {
    page.line("      file:", "");
    // A path is no place for variables, and the mark of the date stays what it is.
    page.line(&format!("        path: {}", text(path)), comment);
    page.line(&format!("        format: {}", form.format), "");
    if let Some(delimiter) = form.delimiter {
        page.line(
            &format!("        delimiter: {}", scalar::text(&delimiter.to_string(), Place::Block)),
            "between fields",
        );
    }
    if let Some(encoding) = form.encoding {
        page.line(&format!("        encoding: {encoding}"), "the text is not UTF-8");
    }
    if !form.has_header {
        let names: Vec<String> = (1..=form.fields).map(|number| format!("column_{number}")).collect();
        page.line("        has_header: false", "the first record looks like those below it");
        page.line(
            &format!("        fieldnames: {}", scalar::list(names.iter().map(String::as_str))),
            "give the columns better names",
        );
    }
    if let Some(path) = &form.json_path {
        page.line(&format!("        json_path: {}", text(path)), "where in the document the records are");
    }
}

/// A config that asks an API once, for a look at the answer.
pub(super) fn ask(endpoint: &Endpoint) -> String {
    let mut page = Page::default();
    page.line("config_version: 1", "");
    page.line("sources:", "");
    page.line("  - source:", "");
    page.line("      type: api", "");
    page.line("      system: s", "");
    page.line("      table: t", "");
    api(&mut page, endpoint);
    page.0
}

fn api(page: &mut Page, endpoint: &Endpoint) {
    let paging = &endpoint.paging;
    page.line("      api:", "");
    page.line(&format!("        base_url: {}", text(&endpoint.base_url)), "");
    page.line(&format!("        endpoint: {}", text(&endpoint.path)), "");
    let params: Vec<&(String, String)> = endpoint.params.iter().filter(|(name, _)| !paging.takes(name)).collect();
    if !params.is_empty() {
        page.line("        params:", "");
        for (name, value) in params {
            page.line(&format!("          {}: {}", text(name), text(value)), "");
        }
    }
    if endpoint.token.is_empty() {
        page.line("        auth_type: none", "it answered without a token");
    } else {
        page.line("        auth_type: bearer", "or apikey, basic, oauth2, …");
        page.line(&format!("        auth_env_var: {}", text(&endpoint.token)), "the variable with the token");
    }
    if let Some(path) = &endpoint.data_path {
        page.line(&format!("        data_path: {}", text(path)), "where in an answer the records are");
    }
    pagination(page, paging);
}

fn pagination(page: &mut Page, paging: &Paging) {
    let numbered = |page: &mut Page, kind: &str, key: &str, param: &str, size: Option<&(String, u64)>| {
        page.line(&format!("          type: {kind}"), "");
        page.line(&format!("          {key}: {}", text(param)), "");
        if let Some((name, size)) = size {
            page.line(&format!("          limit_param: {}", text(name)), "");
            page.line(&format!("          page_size: {size}"), "a shorter page is the last one");
        }
    };
    page.line("        pagination:", "");
    match paging {
        Paging::Untold => {
            page.line("          type: none", "the answer says nothing of further pages; or page, offset, cursor, …");
        }
        Paging::Link => {
            page.line("          type: cursor", "");
            page.line("          cursor: {type: link_header}", "the answer has a `Link` to the next page");
        }
        Paging::Cursor { field, param } => {
            page.line("          type: cursor", "");
            page.line("          cursor:", "");
            page.line("            type: response_field", "");
            let what = if param.is_some() { "of the next page" } else { "the address of the next page" };
            page.line(&format!("            field: {}", text(field)), what);
            if let Some(param) = param {
                page.line(&format!("            param: {}", text(param)), "a usual name for it; check it");
            }
        }
        Paging::Page { param, size, total } => {
            numbered(page, "page", "page_param", param, size.as_ref());
            total_path(page, total.as_deref());
        }
        Paging::Offset { param, size, total } => {
            numbered(page, "offset", "offset_param", param, size.as_ref());
            total_path(page, total.as_deref());
        }
    }
}

fn total_path(page: &mut Page, total: Option<&str>) {
    if let Some(total) = total {
        page.line(&format!("          total_path: {}", text(total)), "how many records there are");
    }
}

/// The whole file.
pub(super) fn config(site: &Site<'_>, from: &str, entries: &[Entry]) -> String {
    let mut page = Page(head::schema_line(site.config, site.search.root));
    let from: String = match from {
        "." | "./" => "this folder".into(),
        named => named.chars().filter(|c| !c.is_control()).collect(),
    };
    page.line(
        &format!("# Describes what was found in {from}. What it could not know stands in comments: look through"),
        "",
    );
    page.line("# it, then try `medallion preview`, `medallion plan` and `medallion run`.", "");
    page.line("config_version: 1", "");
    page.line("", "");
    page.line("platform:", "");
    page.line("  bronze:", "raw, as it came: one folder for each table and date");
    page.line("    storage_backend: local", "");
    page.line("    output_dir: ./lake/bronze", "");
    page.line("  silver:", "curated: what people and other tools read");
    page.line("    storage_backend: local", "");
    page.line("    output_dir: ./lake/silver", "");
    page.line("", "");
    page.line("sources:", "");
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            page.line("", "");
        }
        dataset(&mut page, site.system, entry);
    }
    page.0
}

fn dataset(page: &mut Page, system: &str, entry: &Entry) {
    let Entry { table, origin, profile, judgement } = entry;
    page.line(&format!("  - name: {}", text(table)), "");
    page.line("    source:", "");
    let kind = match origin {
        Origin::Files { .. } => "file",
        Origin::Api(_) => "api",
    };
    page.line(&format!("      type: {kind}"), "");
    page.line(&format!("      system: {}", text(system)), "");
    page.line(&format!("      table: {}", text(table)), "");
    match origin {
        Origin::Files { path, group } => file(page, path, &deliveries(group), &profile.form),
        Origin::Api(endpoint) => api(page, endpoint),
    }
    page.line("      run:", "");
    let (pattern, why) = &judgement.load_pattern;
    page.line(&format!("        load_pattern: {pattern}"), why);
    if !profile.nulls.is_empty() {
        let words = std::iter::once("").chain(profile.nulls.keys().map(String::as_str));
        page.line(&format!("        null_values: {}", scalar::list(words)), &nulls(profile));
    }
    if !profile.doubtful.is_empty() {
        let words = std::iter::once("").chain(profile.nulls.keys().chain(profile.doubtful.keys()).map(String::as_str));
        let columns: BTreeSet<&str> = profile.doubtful.values().flatten().map(String::as_str).collect();
        let words = format!("# null_values: {}", scalar::list(words));
        page.line(
            &format!("        {}", padded(&words, &format!("if these stand for null in {}", some(&columns)))),
            "",
        );
    }
    schema(page, profile, judgement);
    silver(page, system, table, profile, judgement);
}

/// "7 files, 2013-01-01 to 2013-01-07".
fn deliveries(group: &Group) -> String {
    let dates: Vec<_> = group.files.iter().filter_map(|file| file.date).collect();
    match (dates.first(), dates.last()) {
        _ if !group.is_dated() => String::new(),
        (Some(first), Some(last)) if dates.len() > 1 => {
            format!("one file for each date: {} from {first} to {last}", count(dates.len() as u64))
        }
        (Some(first), _) => format!("one file for each date, so far {first}"),
        _ => String::new(),
    }
}

/// Which columns have a type because of the words for null, and which lose a word.
fn nulls(profile: &Profile) -> String {
    let columns: BTreeSet<&str> = profile.nulls.values().flatten().map(String::as_str).collect();
    let also: BTreeSet<&str> = profile.also.iter().map(String::as_str).collect();
    let also = if also.is_empty() { String::new() } else { format!("; null in {} too", some(&also)) };
    format!("without it {} would be text{also}", some(&columns))
}

/// The first few names.
fn some(names: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}

/// Types that held in every record looked at.
fn schema(page: &mut Page, profile: &Profile, judgement: &Judgement) {
    // Parquet brings its own.
    if profile.form.format == "parquet" || profile.rows == 0 {
        return;
    }
    let mut begun = false;
    let mut line = |page: &mut Page, code: String, comment: String| {
        if !std::mem::replace(&mut begun, true) {
            page.line(
                "        schema:",
                &format!("types that hold in {}; the others are inferred", profile.looked_at()),
            );
        }
        page.line(&format!("          {code}"), &comment);
    };
    let mut later: Vec<(String, String)> = Vec::new();
    for column in profile.columns.iter().filter(|column| column.is_declarable()) {
        let name = scalar::text(&column.name, Place::Block);
        let matters = judgement.keys.contains(&column.name) || judgement.order.as_ref() == Some(&column.name);
        match declared(column, matters, profile) {
            Declared::Yes(data_type, why) => line(page, format!("{name}: {data_type}"), why),
            Declared::Perhaps(data_type, why) => later.push((format!("# {name}: {data_type}"), why)),
            Declared::No => {}
        }
    }
    // Comments alone would leave the key without a value.
    for (code, why) in later {
        if begun_or(&mut begun, page, profile) {
            page.line(&format!("          {}", padded(&code, &why)), "");
        }
    }
}

/// Whether the section is there; one with comments only is written as a comment itself.
fn begun_or(begun: &mut bool, page: &mut Page, profile: &Profile) -> bool {
    if !*begun {
        page.line("        # schema:", "");
        *begun = true;
    }
    profile.rows > 0
}

/// A comment with a comment.
fn padded(code: &str, why: &str) -> String {
    if why.is_empty() {
        code.to_owned()
    } else {
        format!("{code}{}# {why}", " ".repeat(27_usize.saturating_sub(code.chars().count()).max(2)))
    }
}

enum Declared {
    Yes(String, String),
    Perhaps(String, String),
    No,
}

fn declared(column: &Column, matters: bool, profile: &Profile) -> Declared {
    let yes = |why: &str| Declared::Yes(column.data_type.clone(), why.to_owned());
    let code = is_code(&column.name);
    // A tenth of a percent of values decides nothing about the others.
    let enough = column.values > 0 && column.values * 100 >= profile.rows;
    match column.data_type.as_str() {
        "text" if column.code => Declared::Yes("text".into(), "digits, but with zeros in front".into()),
        "text" if column.decimal.is_some_and(|(whole, fraction)| fraction <= 6 && whole + fraction <= 18) => {
            let fraction = column.decimal.map_or(0, |(_, fraction)| fraction);
            let why = "exact; a float would not write these numbers as they are";
            Declared::Yes(format!("decimal(18,{fraction})"), why.into())
        }
        "text" if column.decimal.is_some() => Declared::Perhaps(
            "float".into(),
            "numbers with many digits: a float may round them, as text nothing is lost".into(),
        ),
        "text" if matters => yes(""),
        "text" => Declared::No,
        "integer" if code && !matters => {
            Declared::Perhaps("text".into(), "by its name a code: as text it would keep zeros in front".into())
        }
        _ if !enough => {
            Declared::Perhaps(column.data_type.clone(), format!("seen in {} records only", count(column.values as u64)))
        }
        "float" if is_money(&column.name) => yes("if this is money, \"decimal(18,2)\" is exact"),
        _ => yes(""),
    }
}

fn is_code(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    [
        "zip", "zipcode", "postal", "postcode", "plz", "phone", "mobile", "fax", "sku", "ean", "gtin", "isbn", "ssn",
        "code",
    ]
    .iter()
    .any(|word| words.contains(word))
}

fn is_money(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    ["price", "amount", "cost", "total", "balance", "fee", "tax", "revenue", "salary", "payment"]
        .iter()
        .any(|word| words.contains(word))
}

fn silver(page: &mut Page, system: &str, table: &str, profile: &Profile, judgement: &Judgement) {
    page.line("    silver:", "");
    page.line(&format!("      domain: {}", text(system)), "");
    page.line(&format!("      entity: {}", text(table)), "");
    let (model, why) = judgement.model;
    page.line(&format!("      model: {model}"), why);
    let keys = |columns: &[String]| scalar::list(columns.iter().map(String::as_str));
    if !judgement.keys.is_empty() {
        page.line(&format!("      primary_keys: {}", keys(&judgement.keys)), &judgement.keys_why);
    } else if !judgement.weak_keys.is_empty() {
        let code = format!("# primary_keys: {}", keys(&judgement.weak_keys));
        let why = format!("unique in {}, perhaps by chance", profile.looked_at());
        page.line(&format!("      {}", padded(&code, &why)), "");
    }
    if let Some(order) = &judgement.order {
        page.line(
            &format!("      order_column: {}", text(order)),
            "of the rows of a key, the one with the greatest value is the last",
        );
    } else if !judgement.times.is_empty() && !judgement.keys.is_empty() {
        let code = format!("# order_column: {}", text(judgement.times.first().map_or("", String::as_str)));
        page.line(&format!("      {}", padded(&code, "if a key can come twice: what orders its rows")), "");
    }
    if let Some(operation) = &judgement.operation {
        page.line("      cdc:", "");
        page.line(
            &format!("        operation_column: {}", text(operation)),
            "i, c, r, insert; u, update; d, delete; in any case",
        );
    }
}
