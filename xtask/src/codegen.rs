//! Generated files: what is written from tables in Rust, and whether it is fresh.
//!
//! Owns the text of generated files; never decides what is in the tables.

use std::fmt::Write as _;

use medallion_core::api::commands::{self, COMMANDS, Kind};

/// Where the TypeScript client's types stand, below the workspace root.
pub(crate) const TYPESCRIPT: &str = "ui/src/lib/api/generated.ts";

/// The TypeScript side of the command table: every type on the wire, then one line for each command.
pub(crate) fn typescript() -> String {
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
}
