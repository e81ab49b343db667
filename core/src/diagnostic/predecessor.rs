//! Codes of this program's predecessor: what they meant there, and which code of ours took their place.
//! Logs and runbooks outlive programs, so `explain` answers these too. Nothing here is ever reported.

use super::code::{self, Code};

/// One code of the predecessor.
#[derive(Debug)]
pub(crate) struct Former {
    /// The code.
    pub(crate) code: Code,
    /// What it said in a few words.
    pub(crate) title: &'static str,
    /// What it meant there.
    pub(crate) meaning: &'static str,
    /// What to do here.
    pub(crate) here: &'static str,
    /// Codes of ours that took its place.
    pub(crate) successors: &'static [Code],
}

/// The code with this text, in any case.
pub(crate) fn find(text: &str) -> Option<&'static Former> {
    FORMER.iter().find(|former| former.code.as_str().eq_ignore_ascii_case(text.trim()))
}

const fn former(
    code: &'static str,
    title: &'static str,
    meaning: &'static str,
    here: &'static str,
    successors: &'static [Code],
) -> Former {
    Former { code: Code::of_predecessor(code), title, meaning, here, successors }
}

/// All of them. Some have the same text as a code of ours; then the page of ours tells of both.
pub(crate) const FORMER: &[Former] = &[
    former(
        "ERR000",
        "an error without a code",
        "The base of all errors of the predecessor.",
        "Every error has a code of its own here; what nobody foresaw is RUN013.",
        &[code::RUN013],
    ),
    former(
        "CFG001",
        "the folder of Bronze under its other name",
        "Said when a local Bronze had `output_dir` and no `local_path`, the reverse of what the documents asked for. Also the code of errors in the configuration, which were reported without it.",
        "`output_dir` is the name, and `local_path` the one that goes. Errors in the configuration have a code for each kind, from CFG010 on.",
        &[code::CFG001, code::CFG013, code::CFG014, code::CFG015, code::CFG016],
    ),
    former(
        "CFG002",
        "`source.api.url`",
        "Said when an API was named by `url`.",
        "The same code means the same.",
        &[code::CFG002],
    ),
    former(
        "CFG003",
        "no `source.api.endpoint`",
        "Said when `endpoint` was left out, so that `/` was asked.",
        "The same code means the same.",
        &[code::CFG003],
    ),
    former(
        "CFG004",
        "no `config_version`",
        "Said when `config_version` was missing, for each entry of a file with several sources, also where it was given.",
        "The same code means the same, and is said once.",
        &[code::CFG004],
    ),
    former(
        "CFG_NEW_ORDER",
        "no `silver.order_column`",
        "Said for every configuration in the older form without `silver.order_column`.",
        "Only models that need an order ask for it.",
        &[code::CFG022],
    ),
    former(
        "STREAM001",
        "`--stream` and `--resume`",
        "The flags `--stream` and `--resume` of the Silver command were going away in favour of chunks.",
        "Everything is streamed, always, in bounded memory, so there is no such flag. What a run that was cut off has committed stays, and the next run does the rest.",
        &[],
    ),
    former(
        "API001",
        "the wrapper `write_silver_outputs`",
        "The Python function `write_silver_outputs` was going away in favour of the class `DefaultSilverArtifactWriter`.",
        "There is no Python API. Silver is promoted by `medallion silver`, all or nothing.",
        &[],
    ),
    former(
        "RETRY001",
        "retries are used up",
        "An operation failed after all its attempts, or a circuit breaker was open. Failures that no retry can mend, such as a refused login, ended here too, with `attempts=1`.",
        "The failure is reported under the code of its own cause; the report says whether the same call may succeed later.",
        &[code::EXT001, code::EXT019, code::STG010, code::STG013],
    ),
    former(
        "QUAL001",
        "data quality",
        "Meant for data that breaks a rule; the predecessor defined it and never raised it.",
        "Bad rows are set aside and counted; too many of them refuse the load.",
        &[code::VAL010, code::VAL011],
    ),
    former(
        "EXT001",
        "extraction failed",
        "Meant for failures of extraction; the predecessor defined it and never raised it.",
        "Most failures of extraction have a code of their own, from EXT010 on.",
        &[code::EXT001],
    ),
    former(
        "AUTH001",
        "authentication failed",
        "Meant for refused logins; the predecessor defined it and never raised it: they ended as RETRY001.",
        "A failure of the source is reported under an EXT code with its cause.",
        &[code::EXT001],
    ),
    former(
        "PAGE001",
        "pagination failed",
        "Meant for pages that cannot be followed; the predecessor defined it and never raised it.",
        "A failure of the source is reported under an EXT code with its cause.",
        &[code::EXT001],
    ),
    former(
        "STATE001",
        "state cannot be kept",
        "Meant for cursor files that cannot be read or written; the predecessor defined it and never raised it.",
        "State is a part of the commits and cannot disagree with them. A commit that is damaged is STG014.",
        &[code::STG014],
    ),
    former(
        "STG001",
        "storage failed",
        "Meant for failures of storage; the predecessor defined it and never raised it.",
        "Failures of storage have a code for each kind, from STG010 on.",
        &[code::STG010, code::STG013],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successors_are_codes_of_ours() {
        for former in FORMER {
            assert!(former.successors.iter().all(|code| code.entry().is_some()), "{former:?}");
            assert!(former.meaning.ends_with('.') && former.here.ends_with('.'), "{former:?}");
        }
        assert!(find("stream001").is_some() && find("CFG013").is_none());
    }
}
