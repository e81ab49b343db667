//! `medallion config`: what counts for a config file, all layers and defaults considered, and who said it.

use medallion_core::api::wire::{EffectiveConfig, EffectiveValue, Origin, Severity};

use super::args::ConfigArgs;
use super::output::{Failure, Ink, findings, harmless, paint, style};
use super::{Context, USAGE};

/// Exit code 1 if the configuration has an error.
pub(crate) fn answer(context: &Context, args: &ConfigArgs) -> Result<u8, Failure> {
    let output = &context.output;
    let config = context.engine.effective_config(args.target.target())?;
    let wrong = config.diagnostics.iter().any(|finding| finding.severity == Severity::Error);
    let exit = if wrong { USAGE } else { 0 };
    if output.json {
        output.reply(&config)?;
        return Ok(exit);
    }
    output.data(&text(&config, args.defaults, output.colour))?;
    if !config.environments.is_empty() {
        output.talk(&format!("environments: {}", harmless(&config.environments.join(", "))));
    }
    if !config.diagnostics.is_empty() {
        output.talk(findings(&context.engine, &config.diagnostics, style(output.colour_talk), output.width).trim_end());
    }
    Ok(exit)
}

/// One line for each value: path, value, and behind it who gave it.
fn text(config: &EffectiveConfig, defaults: bool, colour: bool) -> String {
    let shown: Vec<(String, &EffectiveValue)> = config
        .values
        .iter()
        .filter(|value| defaults || value.origin != Origin::Default)
        .map(|value| (format!("{} = {}", value.path, said(value)), value))
        .collect();
    let width = shown.iter().map(|(line, _)| line.chars().count()).max().unwrap_or_default().min(60);
    let mut text = String::new();
    for (line, value) in shown {
        let line = harmless(&line);
        let gap = " ".repeat(width.saturating_sub(line.chars().count()) + 2);
        let origin = paint(colour, Ink::Faint, &format!("# {}", harmless(&origin(config, value))));
        text += &format!("{line}{gap}{origin}\n");
    }
    text
}

fn said(value: &EffectiveValue) -> String {
    let one_line = |text: &str| {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        if lines.next().is_some() { format!("{first} …") } else { first }
    };
    match (&value.value, &value.written) {
        (Some(value), _) if value.is_empty() => "\"\"".into(),
        (Some(value), _) => one_line(value),
        // The reference is shown, never what it stands for.
        (None, Some(written)) => one_line(written),
        (None, None) if value.origin == Origin::Default => String::new(),
        (None, None) => "(not shown)".into(),
    }
}

fn origin(config: &EffectiveConfig, value: &EffectiveValue) -> String {
    let at = |file: &str| value.line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
    match &value.origin {
        Origin::Nowhere => String::new(),
        Origin::Default => "default".into(),
        Origin::Here => at(&config.file),
        Origin::Parent { file } => at(file),
        Origin::Environment { file } => format!("{} (environment)", at(file)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_origin_and_no_value_of_a_variable() {
        let value = |path: &str, value: Option<&str>, written: Option<&str>, origin, line| EffectiveValue {
            path: path.into(),
            value: value.map(Into::into),
            written: written.map(Into::into),
            origin,
            line,
        };
        let config = EffectiveConfig {
            file: "a.yaml".into(),
            values: vec![
                value("a", Some("1"), Some("1"), Origin::Here, Some(3)),
                value("b", None, Some("${X}"), Origin::Parent { file: "_b.yaml".into() }, Some(1)),
                value("c", None, None, Origin::Environment { file: "e.yaml".into() }, Some(2)),
                value("d", Some("snappy"), None, Origin::Default, None),
            ],
            ..EffectiveConfig::default()
        };
        insta::assert_snapshot!(text(&config, true, false), @r"
        a = 1            # a.yaml:3
        b = ${X}         # _b.yaml:1
        c = (not shown)  # e.yaml:2 (environment)
        d = snappy       # default
        ");
        assert!(!text(&config, false, false).contains("default"));
    }
}
