//! Whether each webhook has one address.

use super::view::{Entries, Mark};
use crate::config::findings::Findings;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(entries: &Entries<'_>, findings: &mut Findings) {
    let count = entries.around.platform.webhooks.as_ref().map_or(0, Vec::len);
    for index in 0..count {
        let at = |key: &str| format!("platform.webhooks[{index}].{key}");
        match (entries.given(&at("url")), entries.given(&at("url_env_var"))) {
            (true, true) => {
                let finding = Diagnostic::error(code::CFG024, "the address is given itself and by variable")
                    .help("keep `url` or `url_env_var`");
                entries.report(findings, &at("url"), Mark::Key, finding);
            }
            (false, false) if !findings.suggested(&at("url")) && !findings.suggested(&at("url_env_var")) => {
                let finding = Diagnostic::error(code::CFG014, "the webhook has no address")
                    .help("add `url: https://…`, or `url_env_var`, the name of the environment variable that holds it");
                entries.report(findings, &format!("platform.webhooks[{index}]"), Mark::Key, finding);
            }
            _ => {}
        }
    }
}
