//! The reference of the codes, from the tables that `explain` answers from.

use std::fmt::Write as _;

use anyhow::{Result, anyhow};
use medallion_core::api::Engine;
use medallion_core::api::wire::{Dialect, ExplainRequest, Explanation, Nothing};
use medallion_core::world::World;

const HEAD: &str = "# Codes

Written by `cargo xtask codegen` from `core/src/diagnostic`; do not edit.
`medallion explain CODE` prints the same pages, `medallion explain --deprecated` the table at the end.

CFG is about configuration, EXT about extraction, STG about storage, VAL about data, DOC about what the doctor found, QRY about reading rows, RUN about runs.

A comment hides warnings and remarks of the configuration on the next line, or on its own line if something stands before it:

```yaml
# medallion: ignore CFG024 the next delivery is CSV
delimiter: ;
```

Several codes are separated by commas; what follows them is the reason. Errors cannot be hidden.
";

/// The whole page.
pub(super) fn page() -> Result<String> {
    // The pages need no files, so any folder will do.
    let engine = Engine::open("/", World::real());
    let failed = |what: &str, message: &str| anyhow!("{what} cannot be listed: {message}");
    let pages =
        engine.explain(ExplainRequest { code: String::new() }).map_err(|error| failed("the codes", &error.message))?;
    let mut out = HEAD.to_owned();
    for page in &pages {
        section(&mut out, page);
    }
    out.push_str("\n## Deprecated keys\n\n| key | form | code | since | removal | replacement |\n| --- | --- | --- | --- | --- | --- |\n");
    for row in engine.deprecations(Nothing {}).map_err(|error| failed("the deprecations", &error.message))? {
        let dialect = match row.dialect {
            Dialect::Canonical => "canonical",
            Dialect::Predecessor => "predecessor",
            Dialect::Intent => "intent",
        };
        let replacement = if row.is_move() { format!("`{}`", row.replacement) } else { row.replacement.to_owned() };
        let _ = writeln!(
            out,
            "| `{}` | {dialect} | {} | {} | {} | {replacement} |",
            row.path, row.code, row.since, row.removal
        );
    }
    Ok(out)
}

fn section(out: &mut String, page: &Explanation) {
    let _ = write!(out, "\n## {}: {}\n\n{}\n", page.code, page.title, page.explanation.trim());
    if let Some(example) = &page.example {
        let language = if example.yaml { "yaml" } else { "text" };
        for (heading, text) in [("For example:", &example.before), ("Mended:", &example.after)] {
            let _ = write!(out, "\n{heading}\n\n```{language}\n{text}\n```\n");
        }
        if !page.predecessor.is_empty() {
            let _ = write!(out, "\nIn the predecessor: {}\n", page.predecessor);
        }
    }
    if !page.successors.is_empty() {
        let codes: Vec<&str> = page.successors.iter().map(|code| code.as_str()).collect();
        let _ = write!(out, "\nSee also: {}.\n", codes.join(", "));
    }
}
