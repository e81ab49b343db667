//! Tests of the flow around the screens.
