//! One line of text that a person types.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The text and where the next character goes, in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field {
    text: String,
    at: usize,
}

impl Field {
    /// A field that holds `text`, with the cursor behind it.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { at: text.chars().count(), text }
    }

    /// What was typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor, and what behind.
    pub(crate) fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.byte(self.at))
    }

    /// Edits by a key. False when the key means nothing here.
    pub(crate) fn key(&mut self, key: KeyEvent) -> bool {
        let length = self.text.chars().count();
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => {
                self.text.drain(..self.byte(self.at));
                self.at = 0;
            }
            KeyCode::Char('a') if control => self.at = 0,
            KeyCode::Char('e') if control => self.at = length,
            KeyCode::Char('w') if control => {
                let before = &self.text[..self.byte(self.at)];
                let kept = before.trim_end().rfind(' ').map_or(0, |space| space + 1);
                let count = before[..kept].chars().count();
                self.text.drain(kept..self.byte(self.at));
                self.at = count;
            }
            KeyCode::Char(character) if !control && !key.modifiers.contains(KeyModifiers::ALT) => self.put(character),
            KeyCode::Backspace if self.at > 0 => {
                self.at -= 1;
                self.text.remove(self.byte(self.at));
            }
            KeyCode::Delete if self.at < length => {
                self.text.remove(self.byte(self.at));
            }
            KeyCode::Left => self.at = self.at.saturating_sub(1),
            KeyCode::Right => self.at = (self.at + 1).min(length),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = length,
            _ => return false,
        }
        true
    }

    /// Inserts pasted text; line ends become spaces.
    pub(crate) fn paste(&mut self, text: &str) {
        for character in text.trim_end_matches(['\r', '\n']).chars() {
            self.put(if character.is_control() { ' ' } else { character });
        }
    }

    fn put(&mut self, character: char) {
        self.text.insert(self.byte(self.at), character);
        self.at += 1;
    }

    fn byte(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(byte, _)| byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_counts_characters_not_bytes() {
        let mut field = Field::new("é日b");
        for (key, text) in [
            (KeyEvent::from(KeyCode::Left), "é日b"),
            (KeyEvent::from(KeyCode::Backspace), "éb"),
            (KeyEvent::from(KeyCode::Char('x')), "éxb"),
            (KeyEvent::from(KeyCode::Home), "éxb"),
            (KeyEvent::from(KeyCode::Delete), "xb"),
            (KeyEvent::from(KeyCode::End), "xb"),
            (KeyEvent::from(KeyCode::Char(' ')), "xb "),
            (KeyEvent::from(KeyCode::Char('z')), "xb z"),
            (KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL), "xb "),
            (KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL), ""),
            (KeyEvent::from(KeyCode::Backspace), ""),
        ] {
            field.key(key);
            assert_eq!(field.text(), text, "{key:?}");
        }
        field.paste("2013-01-01\n");
        assert_eq!(field.text(), "2013-01-01");
        assert!(!field.key(KeyEvent::from(KeyCode::F(5))));
    }
}
