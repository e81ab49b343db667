//! What every error of the engine can say about itself, whichever module it comes from.

use crate::diagnostic::code::Code;

/// Exit code of success.
pub(crate) const EXIT_OK: u8 = 0;
/// Exit codes of DESIGN §4; the same numbers the original documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Bad configuration or usage.
    Configuration,
    /// The source could not be read.
    Extraction,
    /// The target could not be read or written.
    Storage,
    /// The data broke a rule.
    Validation,
    /// Somebody cancelled.
    Cancelled,
}

impl Stage {
    /// The process exit code that stands for this stage.
    pub(crate) const fn exit(self) -> u8 {
        match self {
            Self::Configuration => 1,
            Self::Extraction => 2,
            Self::Storage => 3,
            Self::Validation => 4,
            Self::Cancelled => 130,
        }
    }
}

/// Implemented by each module's error enum, so that the door can report any of them alike.
pub(crate) trait Coded: std::error::Error {
    /// The code that `medallion explain` answers.
    fn code(&self) -> Code;
    /// Which exit code it leads to.
    fn stage(&self) -> Stage;
    /// What to do about it, if this place knows more than the code's own page.
    fn hint(&self) -> Option<String> {
        None
    }
    /// Whether the same call may succeed later without anybody changing anything.
    fn is_transient(&self) -> bool {
        false
    }
}
