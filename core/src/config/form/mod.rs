//! A configuration as fields: the schema laid over the text, whatever state the text is in.

pub(crate) mod language;
