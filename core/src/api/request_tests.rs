//! What is refused about a text, as annotated files: the first line of each says what is asked for.

use std::path::Path;

use super::Engine;
use super::wire::{Draft, Edit, EditRequest, EditValue, ErrorBody, IgnoreRequest};
use crate::config::fixture::check_answer;
use crate::diagnostic::Diagnostic;
use crate::world::World;

/// Asks what the first line says, such as `# ask: unset sources[3].silver`.
fn ask(engine: &Engine, text: &str) -> Result<(), ErrorBody> {
    let asked = text.lines().next().and_then(|line| line.strip_prefix("# ask: ")).expect("nothing is asked");
    let draft = Draft { file: "config.yaml".into(), text: text.to_owned(), environment: None };
    let (verb, rest) = asked.split_once(' ').unwrap_or((asked, ""));
    let edit = match verb {
        "migrate" => return engine.migrate_text(draft).map(drop),
        "format" => return engine.format_text(draft).map(drop),
        "ignore" => {
            let (code, place) = rest.split_once(" at `").unwrap();
            let offset = text.rfind(place.trim_end_matches('`')).unwrap();
            let request = IgnoreRequest { draft, code: code.into(), offset: u32::try_from(offset).unwrap() };
            return engine.ignore_text(request).map(drop);
        }
        "unset" => Edit::Unset { path: rest.into() },
        "set" => {
            let (path, value) = rest.split_once(" = ").unwrap();
            Edit::Set { path: path.into(), value: EditValue::Yaml(value.into()) }
        }
        "rename" => {
            let (path, key) = rest.split_once(" > ").unwrap();
            Edit::Rename { path: path.into(), key: key.into() }
        }
        other => panic!("nobody can be asked to {other}"),
    };
    engine.edit_text(EditRequest { draft, edits: vec![edit] }).map(drop)
}

#[test]
fn every_fixture_is_refused_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/fixtures");
    let engine = Engine::open("/nowhere", World::real());
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        eprintln!("{}", path.display());
        check_answer(&path, |text| {
            let error = ask(&engine, text).expect_err("it was not refused");
            assert!(error.hint.is_some(), "what to do: {error:?}");
            let mut found = vec![Diagnostic::error(error.code, error.message)];
            found.extend(error.diagnostics);
            found
        });
    }
}
