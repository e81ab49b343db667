//! What is wrong with a document: first each value against the schema ([`walk`]), then what only
//! several values together can show, one file for each kind of finding.

mod scalar;
pub(crate) mod walk;
