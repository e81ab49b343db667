//! Changing a configuration as text, so that nothing else in it changes.

pub(crate) mod draft;
