//! Scalars with their variables replaced.

use super::Walk;
use crate::config::interpolate::{Cause, Interpolated};
use crate::config::path::Path;
use crate::config::syntax::{Node, Scalar, Value, cut, resolve};
use crate::config::text::Extent;
use crate::diagnostic::{Diagnostic, code};

/// A scalar after its variables are replaced.
pub(crate) struct Given<'n> {
    /// The value.
    pub(crate) scalar: Scalar,
    /// Whether any of it comes from a variable: then it is not shown.
    pub(crate) replaced: bool,
    /// As written.
    pub(crate) written: &'n str,
    /// Where.
    pub(crate) extent: Extent,
}

impl Walk<'_> {
    /// The scalar with its variables replaced.
    pub(super) fn given<'n>(&mut self, node: &'n Node, path: &Path<'_>) -> Option<Given<'n>> {
        let Value::Scalar(scalar) = &node.value else { return None };
        let (text, replaced) = match self.variables.interpolate(&scalar.text) {
            Interpolated::Literal(text) => (text, false),
            Interpolated::Replaced(text) => (text, true),
            Interpolated::Failed(problems) => {
                for problem in problems {
                    let reference = scalar.text.get(problem.at).unwrap_or_default();
                    let finding = match problem.cause {
                        Cause::Missing { name, nearest } => {
                            let help = match nearest {
                                Some(nearest) => format!(
                                    "did you mean `${{{nearest}}}`? Otherwise set it, or write `${{{name}:default}}`"
                                ),
                                None => {
                                    format!("set it in the environment or in `.env`, or write `${{{name}:default}}`")
                                }
                            };
                            Diagnostic::error(code::CFG017, format!("the variable `{name}` is not set")).help(help)
                        }
                        Cause::Unclosed => Diagnostic::error(code::CFG016, "`${` without `}`")
                            .help("close it, or write `$${` for the characters themselves"),
                        Cause::BadName => {
                            Diagnostic::error(code::CFG016, format!("`{}` names no variable", cut(reference)))
                                .help("a name has letters, digits and `_`; write `$${` for the characters themselves")
                        }
                    };
                    let at = self.inside(node.extent, reference);
                    self.report(path, finding, at);
                }
                return None;
            }
        };
        let kind = if replaced { resolve(&text) } else { scalar.kind };
        Some(Given { scalar: Scalar { text, kind }, replaced, written: &scalar.text, extent: node.extent })
    }

    /// Where `part` stands inside `extent`; all of it if escapes hide the part.
    fn inside(&self, extent: Extent, part: &str) -> Extent {
        match self.source.slice(extent).find(part) {
            Some(at) if !part.is_empty() => Extent::new(extent.start + at, extent.start + at + part.len()),
            _ => extent,
        }
    }
}
