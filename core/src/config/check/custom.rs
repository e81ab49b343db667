//! Whether an extractor of one's own is named, once.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::options::{ProtocolOption, SourceKind};
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(source) = dataset.source().filter(|source| source.kind == Some(SourceKind::Custom)) else { return };
    let Some(custom) = &source.custom else { return };
    let given = |key: &str| {
        let path = format!("source.custom.{key}");
        dataset.given(&path) || dataset.misspelt(&path, findings)
    };
    let (command, module, class) = (given("command"), given("module"), given("class_name"));
    let finding = match (command, module, class) {
        (false, false, false) => Some((
            "source.custom",
            Diagnostic::error(code::CFG014, "nothing says what is started")
                .help("add `command: [python3, ./extract.py]`, or `module` and `class_name` of a Python class"),
        )),
        (false, true, false) => Some((
            "source.custom.module",
            Diagnostic::error(code::CFG014, "`module` needs `class_name`").help("add the name of the class"),
        )),
        (false, false, true) => Some((
            "source.custom.class_name",
            Diagnostic::error(code::CFG014, "`class_name` needs `module`").help("add the module that has the class"),
        )),
        (true, true, _) | (true, _, true) => Some((
            "source.custom.command",
            Diagnostic::error(code::CFG024, "a program and a Python class are given").help("keep one of them"),
        )),
        _ => None,
    };
    if let Some((place, finding)) = finding {
        dataset.report(findings, place, Mark::Key, finding);
    }
    if let Some(command) = &custom.command
        && let Err(misfit) = forms::command(&command.0)
    {
        let finding = Diagnostic::error(misfit.code, format!("`command` {}", misfit.reason)).help(misfit.help);
        dataset.report(findings, "source.custom.command", Mark::Value, finding);
    }
    let singer = custom.protocol == Some(ProtocolOption::Singer);
    if dataset.given("source.custom.stream") && !singer {
        let why = ", because `protocol` is not `singer`";
        dataset.idle(findings, "source.custom.stream", why, "remove it, or set `protocol: singer`");
    }
}
