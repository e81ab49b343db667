//! The cursor of a list: which line is chosen and which is the first one shown.

use crate::keys::Action;

/// A cursor. `top` follows the chosen line when the list is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The chosen line, from 0.
    pub(crate) at: usize,
    /// The first line shown.
    pub(crate) top: usize,
    /// Lines shown when it was last drawn; a page for PgUp and PgDn.
    height: usize,
}

impl Cursor {
    /// Moves by `action` among `len` lines. False when the action is no movement.
    pub(crate) fn act(&mut self, action: Action, len: usize) -> bool {
        let page = self.height.max(2) - 1;
        let last = len.saturating_sub(1);
        self.at = match action {
            Action::Up => self.at.saturating_sub(1),
            Action::Down => self.at + 1,
            Action::PageUp => self.at.saturating_sub(page),
            Action::PageDown => self.at + page,
            Action::HalfUp => self.at.saturating_sub(page.div_ceil(2)),
            Action::HalfDown => self.at + page.div_ceil(2),
            Action::First => 0,
            Action::Last => last,
            _ => return false,
        }
        .min(last);
        true
    }

    /// Chooses `line`.
    pub(crate) fn set(&mut self, line: usize) {
        self.at = line;
    }

    /// Keeps the cursor inside a list that may have become shorter.
    pub(crate) fn clamp(&mut self, len: usize) {
        self.at = self.at.min(len.saturating_sub(1));
    }

    /// The lines to show in `height`, so that the chosen one is among them.
    pub(crate) fn window(&mut self, len: usize, height: usize) -> std::ops::Range<usize> {
        self.height = height;
        self.clamp(len);
        if self.at < self.top {
            self.top = self.at;
        }
        if height > 0 && self.at >= self.top + height {
            self.top = self.at + 1 - height;
        }
        self.top = self.top.min(len.saturating_sub(height));
        self.top..(self.top + height).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_line_is_always_shown() {
        let mut cursor = Cursor::default();
        assert_eq!(cursor.window(100, 10), 0..10);
        for (action, at, window) in [
            (Action::Up, 0, 0..10),
            (Action::Down, 1, 0..10),
            (Action::PageDown, 10, 1..11),
            (Action::HalfDown, 15, 6..16),
            (Action::Last, 99, 90..100),
            (Action::Down, 99, 90..100),
            (Action::PageUp, 90, 90..100),
            (Action::First, 0, 0..10),
        ] {
            assert!(cursor.act(action, 100));
            assert_eq!((cursor.at, cursor.window(100, 10)), (at, window), "{action:?}");
        }
        assert!(!cursor.act(Action::Help, 100));
        cursor.set(99);
        assert_eq!(cursor.window(3, 10), 0..3);
        assert_eq!(cursor.at, 2);
        assert_eq!(cursor.window(0, 0), 0..0);
    }
}
