//! Parts that screens are made of: functions of data and an area, without knowledge of any screen.

pub(crate) mod cells;
pub(crate) mod diff;
pub(crate) mod editor;
pub(crate) mod field;
pub(crate) mod grid;
pub(crate) mod list;
pub(crate) mod markdown;
pub(crate) mod pane;
pub(crate) mod text;
