//! Templates: config files with questions in their head and places for the answers.
//!
//! A template begins with lines `#? key: value` (`summary`, `source`, `load_pattern`) and
//! `#? question NAME [one|two] = DEFAULT: text`. In the rest `{{NAME}}` is the answer as a YAML text,
//! `{{NAME|list}}` as a list of what stands between commas, `{{NAME|raw}}` as it is. A line with an
//! answer `none` becomes a comment, so that the key can still be learned from it.

use std::path::Path;

use super::scalar::{self, Place};
use super::{ScaffoldError, head};
use crate::api::wire::{Answer, Question, Template};
use crate::config::files::normalise;
use crate::nearest::nearest;

/// Every template: its name and its text.
const TEMPLATES: &[(&str, &str)] = &[
    ("file-full", include_str!("../../../configs/templates/file-full.yaml")),
    ("file-cdc", include_str!("../../../configs/templates/file-cdc.yaml")),
    ("file-current-history", include_str!("../../../configs/templates/file-current-history.yaml")),
    ("api-full", include_str!("../../../configs/templates/api-full.yaml")),
    ("api-cdc", include_str!("../../../configs/templates/api-cdc.yaml")),
    ("db-full", include_str!("../../../configs/templates/db-full.yaml")),
    ("db-cdc", include_str!("../../../configs/templates/db-cdc.yaml")),
    ("db-current-history", include_str!("../../../configs/templates/db-current-history.yaml")),
    ("custom-full", include_str!("../../../configs/templates/custom-full.yaml")),
];
/// The answer that leaves a line out.
const NONE: &str = "none";

/// Every template with its questions.
pub(crate) fn templates() -> Vec<Template> {
    TEMPLATES.iter().map(|(name, text)| describe(name, text)).collect()
}

fn describe(name: &str, text: &str) -> Template {
    let mut template = Template {
        name: name.to_owned(),
        summary: String::new(),
        source: String::new(),
        load_pattern: String::new(),
        questions: Vec::new(),
    };
    for line in text.lines().filter_map(|line| line.strip_prefix("#? ")) {
        if let Some(question) = line.strip_prefix("question ").and_then(question) {
            template.questions.push(question);
        } else if let Some((key, value)) = line.split_once(": ") {
            match key {
                "summary" => value.clone_into(&mut template.summary),
                "source" => value.clone_into(&mut template.source),
                "load_pattern" => value.clone_into(&mut template.load_pattern),
                _ => {}
            }
        }
    }
    template
}

/// `NAME [one|two] = DEFAULT: text`.
fn question(line: &str) -> Option<Question> {
    let (head, rest) = line.split_once(" = ")?;
    let (default, text) = rest.split_once(": ")?;
    let (name, choices) = match head.split_once(" [") {
        Some((name, choices)) => {
            (name, choices.trim_end_matches(']').split('|').map(str::to_owned).collect::<Vec<_>>())
        }
        None => (head, Vec::new()),
    };
    Some(Question { name: name.to_owned(), text: text.to_owned(), default: default.to_owned(), choices })
}

/// A config from a template: the file it would become, one that does not exist yet if `file` is empty,
/// and its text.
pub(crate) fn fill(name: &str, answers: &[Answer], file: &str, root: &Path) -> Result<(String, String), ScaffoldError> {
    let (given, text) = filled_in(name, answers)?;
    let table = given.iter().find(|(name, _)| name == "table").map_or("dataset", |(_, table)| table.as_str());
    let file = if file.is_empty() { super::free_name(root, &super::identifier(table)) } else { file.to_owned() };
    let line = head::schema_line(&normalise(&root.join(&file)), root);
    Ok((file, line + &text))
}

/// The answers that count, and the text of a template with them, without the lines of its head.
fn filled_in(name: &str, answers: &[Answer]) -> Result<(Vec<(String, String)>, String), ScaffoldError> {
    let Some((name, text)) = TEMPLATES.iter().find(|(known, _)| *known == name) else {
        let known: Vec<String> = TEMPLATES.iter().map(|(known, _)| (*known).to_owned()).collect();
        let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        return Err(ScaffoldError::NoTemplate { name: name.to_owned(), nearest, known });
    };
    let template = describe(name, text);
    let given = answered(&template, answers)?;
    let mut out = String::with_capacity(text.len());
    for line in text.lines().filter(|line| !line.starts_with("#?")) {
        out.push_str(&filled(line, &given));
        out.push('\n');
    }
    Ok((given, out))
}

/// Each question with its answer.
fn answered(template: &Template, answers: &[Answer]) -> Result<Vec<(String, String)>, ScaffoldError> {
    let known: Vec<String> = template.questions.iter().map(|question| question.name.clone()).collect();
    if let Some(stranger) = answers.iter().find(|answer| !known.contains(&answer.name)) {
        let nearest = nearest(&stranger.name, known.iter().map(String::as_str)).map(str::to_owned);
        let (template, name) = (template.name.clone(), stranger.name.clone());
        return Err(ScaffoldError::NoQuestion { template, name, nearest, known });
    }
    let mut given = Vec::new();
    for question in &template.questions {
        // The last answer counts, as the last flag of a command line does.
        let answer = answers.iter().rev().find(|answer| answer.name == question.name);
        let value = answer.map(|answer| answer.value.trim()).filter(|value| !value.is_empty());
        let value = value.unwrap_or(&question.default).to_owned();
        let bad = |problem: String| ScaffoldError::BadAnswer {
            name: question.name.clone(),
            problem,
            question: question.text.clone(),
        };
        if value.is_empty() {
            return Err(bad("is missing".to_owned()));
        }
        if !question.choices.is_empty() && !question.choices.contains(&value) {
            return Err(bad(format!("is none of {}", question.choices.join(", "))));
        }
        if value.chars().any(char::is_control) {
            return Err(bad("has a line break or another control character".to_owned()));
        }
        given.push((question.name.clone(), value));
    }
    Ok(given)
}

/// A line with its answers; as a comment if one of them is `none`.
fn filled(line: &str, given: &[(String, String)]) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    let mut left_out = false;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inner, after)) = after.split_once("}}") else { break };
        out.push_str(before);
        let (name, form) = inner.split_once('|').unwrap_or((inner, ""));
        let value = given.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        left_out |= value == NONE;
        match form {
            "list" => out.push_str(&scalar::list(value.split(',').map(str::trim).filter(|item| !item.is_empty()))),
            "raw" => out.push_str(value),
            _ => out.push_str(&scalar::text(value, Place::Block)),
        }
        rest = after;
    }
    out.push_str(rest);
    let mut out = scalar::aligned(&out);
    if left_out {
        let indent = out.len() - out.trim_start().len();
        out.insert_str(indent, "# ");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(name: &str, value: &str) -> Answer {
        Answer { name: name.into(), value: value.into() }
    }

    #[test]
    fn every_template_describes_itself() {
        let templates = templates();
        assert_eq!(templates.len(), TEMPLATES.len());
        for template in templates {
            let name = &template.name;
            assert!(template.summary.ends_with('.') && template.summary.len() > 20, "{name}");
            assert_eq!(name, &format!("{}-{}", template.source, template.load_pattern.replace('_', "-")));
            assert!(template.questions.len() >= 3, "{name}");
            for question in &template.questions {
                assert!(!question.default.is_empty() && question.text.ends_with(['.', '?']), "{name}: {question:?}");
                assert!(question.choices.is_empty() || question.choices.contains(&question.default), "{name}");
            }
            let (_, text) = filled_in(name, &[]).unwrap();
            assert!(!text.contains("{{") && !text.contains("#?"), "{name}");
            for question in &template.questions {
                let changed = filled_in(name, &[answer(&question.name, question.choices.last().map_or("zzz", |c| c))]);
                let same = question.choices.last() == Some(&question.default);
                assert!(same || changed.unwrap().1 != text, "{name}: nothing depends on {}", question.name);
            }
        }
    }

    #[test]
    fn every_template_is_a_config_without_findings() {
        let root = Path::new("/workspace");
        let environment = crate::world::FixedEnvironment::default();
        for (name, _) in TEMPLATES {
            for answers in [vec![], vec![answer("keys", "a b, ü"), answer("table", "x: y"), answer("system", "true")]]
            {
                let (file, text) = fill(name, &answers, "", root).unwrap();
                let loaded = crate::config::load_text(root, &file, &text, None, &environment);
                let odd = !answers.is_empty();
                let found: Vec<String> =
                    loaded.diagnostics.iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect();
                // A colon cannot stand in the name of a folder; that is the one thing to find then.
                assert!(
                    found.is_empty() || odd && found.iter().all(|text| text.contains("CFG016")),
                    "{name}: {found:#?}"
                );
                assert!(odd || loaded.pipeline.is_some_and(|pipeline| pipeline.datasets.len() == 1), "{name}");
                assert!(text.starts_with("# yaml-language-server: $schema="), "{name}");
            }
        }
    }

    #[test]
    fn answers_are_values_whatever_is_in_them() {
        let given = vec![("a".into(), "x: y".into()), ("k".into(), "id, b c,".into()), ("n".into(), "none".into())];
        assert_eq!(filled("  path: {{a}}  # why", &given), "  path: \"x: y\"                       # why");
        assert_eq!(filled("  keys: {{k|list}}", &given), "  keys: [id, b c]");
        assert_eq!(filled("  # of {{k|raw}}", &given), "  # of id, b c,");
        assert_eq!(
            filled("    order: {{n}}   # last wins", &given),
            "    # order: none                      # last wins"
        );
    }

    #[test]
    fn wrong_questions_and_answers_are_refused() {
        for (name, answers, expected) in [
            ("file-ful", vec![], "there is no template `file-ful`: did you mean `file-full`?"),
            ("nope", vec![], "there is no template `nope`: there are file-full, "),
            ("file-full", vec![answer("pth", "x")], "has no question `pth`: did you mean `path`?"),
            ("file-full", vec![answer("format", "xml")], "the answer to `format` is none of csv, tsv, json"),
            ("file-full", vec![answer("path", "a\nb")], "the answer to `path` has a line break"),
        ] {
            let error = filled_in(name, &answers).unwrap_err();
            let text = format!("{error}: {}", crate::error::Coded::hint(&error).unwrap_or_default());
            assert!(text.contains(expected), "{text}");
        }
    }
}
