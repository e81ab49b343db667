//! Generated files: what is written from tables in Rust, and whether it is fresh.
//!
//! Owns the text of generated files; never decides what is in the tables.

mod code_reference;
mod config_reference;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use medallion_core::api::commands::{self, COMMANDS, Kind};
use medallion_core::api::config_schema_text;

/// Where the TypeScript client's types stand, below the workspace root.
const TYPESCRIPT: &str = "ui/src/lib/api/generated.ts";
/// The published schema of config files.
const SCHEMA: &str = "configs/schema/medallion.schema.json";
/// The reference of the command table.
const COMMAND_REFERENCE: &str = "docs/reference/commands.md";
/// The reference of the codes.
const CODE_REFERENCE: &str = "docs/reference/codes.md";

/// The reference of the configuration.
const CONFIG_REFERENCE: &str = "docs/reference/config.md";

/// Every generated file with its text.
fn generated() -> Result<[(&'static str, String); 5]> {
    Ok([
        (TYPESCRIPT, typescript()),
        (SCHEMA, config_schema_text()),
        (COMMAND_REFERENCE, command_reference()),
        (CODE_REFERENCE, code_reference::page()?),
        (CONFIG_REFERENCE, config_reference::page()),
    ])
}

/// Writes the files that are not fresh.
#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
pub(crate) fn write(root: &Path) -> Result<()> {
    let stale = stale(root)?;
    for (path, text) in generated()? {
        if stale.iter().any(|stale| stale == path) {
            let file = root.join(path);
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&file, text).with_context(|| format!("{path} cannot be written"))?;
            println!("wrote {path}");
        }
    }
    Ok(())
}

/// Fails if a file is not fresh.
pub(crate) fn check(root: &Path) -> Result<()> {
    let stale = stale(root)?;
    if !stale.is_empty() {
        bail!("not fresh: {}; run `cargo xtask codegen`", stale.join(", "));
    }
    Ok(())
}

/// Files that are missing or differ from what would be written.
pub(crate) fn stale(root: &Path) -> Result<Vec<String>> {
    let fresh =
        |path: &str, text: &String| std::fs::read_to_string(root.join(path)).is_ok_and(|standing| standing == *text);
    Ok(generated()?.iter().filter(|(path, text)| !fresh(path, text)).map(|(path, _)| (*path).to_owned()).collect())
}

fn command_reference() -> String {
    let mut out = String::from(
        "# Commands\n\n\
         Written by `cargo xtask codegen` from `core/src/api/commands.rs`; do not edit.\n\
         \n\
         The desktop window and the web host send these by name, with a JSON request.\n\
         A *query* answers one JSON value.\n\
         A *table* answers an Arrow IPC stream whose schema metadata has the JSON named here under `medallion.info`.\n\
         A *stream* answers JSON events, the last one being the result.\n\
         The command line prints the same replies with `--json`.\n\n\
         | command | answers | request | reply | |\n| --- | --- | --- | --- | --- |\n",
    );
    for command in COMMANDS {
        let _ = writeln!(
            out,
            "| `{}` | {} | `{}` | `{}` | {} |",
            command.name,
            kind(command.kind),
            (command.request)(),
            (command.reply)(),
            command.doc.trim().replace('\n', " ")
        );
    }
    out.push_str("\n## Types\n\nIn TypeScript's notation.\n\n```ts\n");
    for (index, (_, declaration)) in commands::typescript().into_iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(declaration.trim());
        out.push('\n');
    }
    out.push_str("```\n");
    out
}

/// The TypeScript side of the command table: every type on the wire, then one line for each command.
fn typescript() -> String {
    let mut out = String::from("// Written by `cargo xtask codegen` from core::api::commands. Do not edit.\n");
    for (_, declaration) in commands::typescript() {
        out.push('\n');
        let mut inside = false;
        for line in export(&declaration).replace("/**\n * ", "/** ").replace("\n */", " */").lines() {
            let _ = writeln!(out, "{}{}", if inside { "  " } else { "" }, line.trim_end());
            inside |= line.starts_with("export type ");
        }
    }
    out.push_str("\n/** Every command: what it takes, what it answers, and how. */\nexport interface Commands {\n");
    for command in COMMANDS {
        let kind = kind(command.kind);
        let _ = writeln!(out, "  /** {} */", command.doc.trim().replace('\n', " "));
        let _ = writeln!(
            out,
            "  {}: {{ kind: \"{kind}\"; request: {}; reply: {} }};",
            command.name,
            (command.request)(),
            (command.reply)()
        );
    }
    out.push_str(
        "}\n\n/** How each command answers: one JSON value, one Arrow stream, or a stream of JSON events. */\n",
    );
    out.push_str("export const KINDS = {\n");
    for command in COMMANDS {
        let _ = writeln!(out, "  {}: \"{}\",", command.name, kind(command.kind));
    }
    out.push_str("} as const satisfies { [Name in keyof Commands]: Commands[Name][\"kind\"] };\n");
    out
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Query => "query",
        Kind::Table => "table",
        Kind::Stream => "stream",
    }
}

/// Puts `export` in front of the declaration, below its doc comment.
fn export(declaration: &str) -> String {
    match declaration.rfind("\ntype ").map(|at| at + 1).or_else(|| declaration.starts_with("type ").then_some(0)) {
        Some(at) => format!("{}export {}", &declaration[..at], &declaration[at..]),
        None => declaration.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_the_client() {
        let text = typescript();
        for command in COMMANDS {
            assert!(text.contains(&format!("  {}: {{ kind: ", command.name)), "{} is missing", command.name);
        }
        assert_eq!(text.matches("\ntype ").count(), 0, "every type is exported");
    }

    #[test]
    fn every_command_and_type_is_in_the_reference() {
        let text = command_reference();
        for command in COMMANDS {
            assert!(text.contains(&format!("| `{}` |", command.name)), "{} is missing", command.name);
            assert!(
                text.contains(&format!(
                    "type {} ",
                    (command.reply)().trim_start_matches("Array<").trim_end_matches('>')
                ))
            );
        }
    }

    #[test]
    fn every_code_has_a_page() {
        let text = code_reference::page().unwrap();
        assert!(text.contains("\n## CFG013: unknown key\n\n") && text.matches("\n## ").count() > 40);
    }

    #[test]
    fn a_missing_file_is_stale() {
        assert_eq!(stale(Path::new("/nonexistent")).unwrap().len(), 5);
    }
}
