//! Where text goes: data to standard output, talk to standard error.
//!
//! Owns the two streams, colour and verbosity. A reader that closed the pipe is no error. The only
//! place of the command line that writes to either stream.

use std::io::{self, IsTerminal, Write};

use medallion_core::api::wire::{ConfigTextRequest, Diagnostic, ErrorBody, Note, NoteLevel};
use medallion_core::api::{Engine, RenderStyle, WIDTH, render, without_secrets};
use medallion_core::world::World;
use serde::Serialize;

use super::args::{ColorWhen, Global};

/// Why a verb ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The engine refused or failed.
    Engine(Box<ErrorBody>),
    /// Standard output or standard error cannot be written.
    Stream(io::Error),
}

impl From<ErrorBody> for Failure {
    fn from(body: ErrorBody) -> Self {
        Self::Engine(Box::new(body))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

/// How text is emphasised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// As it is.
    Plain,
    /// Headings.
    Strong,
    /// Less important.
    Faint,
    /// Failed.
    Bad,
    /// Deserves a look.
    Warn,
    /// Succeeded.
    Good,
}

/// Text with its ink, if the stream shows colour.
pub(crate) fn paint(colour: bool, ink: Ink, text: &str) -> String {
    let code = match ink {
        _ if !colour => return text.to_owned(),
        Ink::Plain => return text.to_owned(),
        Ink::Strong => "1",
        Ink::Faint => "2",
        Ink::Bad => "1;31",
        Ink::Warn => "1;33",
        Ink::Good => "32",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Text that cannot steer a terminal: control characters other than line feed and tab are escaped.
pub(crate) fn harmless(text: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(steers) {
        return text.to_owned();
    }
    text.chars().map(|c| if steers(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// The two streams.
#[derive(Debug)]
pub(crate) struct Output {
    /// Replies are written as JSON.
    pub(crate) json: bool,
    /// Say more.
    pub(crate) verbose: bool,
    /// Standard output shows colour.
    pub(crate) colour: bool,
    /// Standard error shows colour.
    pub(crate) colour_talk: bool,
    /// Standard error is a terminal that can redraw a line, and talk is wanted.
    pub(crate) animate: bool,
    /// Columns of the terminal; `None` when standard output is none, so nothing needs to fit.
    pub(crate) width: Option<usize>,
    quiet: bool,
    out: io::Stdout,
    err: io::Stderr,
}

impl Output {
    /// Decides colour and width from the flags, the streams and the environment.
    pub(crate) fn new(global: &Global, world: &World) -> Self {
        let set = |name: &str| world.env.var(name).is_some_and(|value| !value.is_empty());
        let dumb = world.env.var("TERM").is_some_and(|term| term == "dumb");
        let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let colour = |terminal: bool| match global.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => terminal && !dumb && !set("NO_COLOR"),
        };
        let width =
            if out { crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns).max(40)) } else { None };
        Self {
            json: global.json,
            verbose: global.verbose,
            colour: colour(out),
            colour_talk: colour(err),
            animate: err && !dumb && !global.quiet,
            width,
            quiet: global.quiet,
            out: io::stdout(),
            err: io::stderr(),
        }
    }

    /// Writes data, as it is.
    pub(crate) fn data(&self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Writes data.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = self.out.lock();
        out.write_all(bytes)?;
        Ok(out.flush()?)
    }

    /// Writes a reply as one JSON document.
    pub(crate) fn reply<T: Serialize>(&self, reply: &T) -> Result<(), Failure> {
        self.data(&(serde_json::to_string_pretty(reply).map_err(io::Error::from)? + "\n"))
    }

    /// Writes a reply as one line of JSON.
    pub(crate) fn line<T: Serialize>(&self, reply: &T) -> Result<(), Failure> {
        self.data(&(serde_json::to_string(reply).map_err(io::Error::from)? + "\n"))
    }

    /// Says something besides the data. Nobody has to hear it, so failures are ignored.
    pub(crate) fn talk(&self, text: &str) {
        if !self.quiet {
            drop(writeln!(self.err.lock(), "{text}"));
        }
    }

    /// Asks the person at the terminal; `None` when the input has ended.
    pub(crate) fn ask(&self, question: &str) -> Result<Option<String>, Failure> {
        let mut err = self.err.lock();
        write!(err, "{question}")?;
        err.flush()?;
        drop(err);
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim().to_owned()))
    }

    /// Draws over the current line of standard error, if it is a terminal; empty text clears the line.
    pub(crate) fn redraw(&self, text: &str) {
        if !self.animate {
            return;
        }
        let mut err = self.err.lock();
        drop(write!(err, "\r\x1b[2K{text}"));
        drop(err.flush());
    }

    /// Says a note of the engine.
    pub(crate) fn note(&self, about: &str, note: &Note) {
        let (ink, word) = match note.level {
            NoteLevel::Info => (Ink::Faint, "note"),
            NoteLevel::Warning => (Ink::Warn, "warning"),
        };
        let code = note.code.as_deref().map(|code| format!("[{code}]")).unwrap_or_default();
        let word = paint(self.colour_talk, ink, &format!("{word}{code}"));
        let about = if about.is_empty() { String::new() } else { format!("{about}: ") };
        self.talk(&format!("{word}: {}{}", harmless(&about), harmless(&note.message)));
    }

    /// Reports an error; also when quiet.
    pub(crate) fn error(&self, engine: &Engine, error: &ErrorBody) {
        let text = if self.json {
            let body = ErrorBody { hint: Some(hint(error)), ..error.clone() };
            serde_json::to_string(&body).unwrap_or_else(|_| error.message.clone()) + "\n"
        } else {
            // A finding without a file is about what was typed, and the message has said it.
            let placed: Vec<Diagnostic> =
                error.diagnostics.iter().filter(|finding| !finding.file.is_empty()).cloned().collect();
            if placed.is_empty() {
                error_text(error, self.colour_talk)
            } else {
                // What to do stands at each finding; the sum comes last, where it is seen.
                let all = findings(engine, &placed, style(self.colour_talk), self.width);
                format!("{}\n\n{}", all.trim_end(), head(error, self.colour_talk))
            }
        };
        drop(self.err.lock().write_all(text.as_bytes()));
    }

    /// Reports what went wrong on this side of the engine; also when quiet.
    pub(crate) fn alarm(&self, message: &str, help: &str) {
        last_words(&format!(
            "{}\n  {}: {help}",
            paint(self.colour_talk, Ink::Bad, &harmless(message)),
            paint(self.colour_talk, Ink::Good, "help")
        ));
    }
}

/// Writes to standard error before the flags are known.
pub(crate) fn last_words(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// How findings are rendered on a stream with or without colour.
pub(crate) fn style(colour: bool) -> RenderStyle {
    if colour { RenderStyle::Colour } else { RenderStyle::Plain }
}

/// The first line of an error, ending with a line feed.
fn head(error: &ErrorBody, colour: bool) -> String {
    format!("{}: {}\n", paint(colour, Ink::Bad, &format!("error[{}]", error.code)), harmless(&error.message))
}

/// An error in full, ending with a line feed.
pub(crate) fn error_text(error: &ErrorBody, colour: bool) -> String {
    let mut text = head(error, colour);
    // Some messages end with their cause already.
    for cause in error.causes.iter().filter(|cause| !error.message.ends_with(cause.as_str())) {
        text += &format!("  because: {}\n", harmless(cause));
    }
    text += &format!("  {}: {}\n", paint(colour, Ink::Good, "help"), harmless(&hint(error)));
    text
}

/// What to do. Without a hint of its own the code's page has the cure.
fn hint(error: &ErrorBody) -> String {
    error.hint.clone().unwrap_or_else(|| format!("`medallion explain {}` says how to mend it", error.code))
}

/// Findings rendered file by file, each with its excerpt. `width` is that of the terminal.
pub(crate) fn findings(
    engine: &Engine,
    diagnostics: &[Diagnostic],
    style: RenderStyle,
    width: Option<usize>,
) -> String {
    let mut sorted: Vec<Diagnostic> = diagnostics.to_vec();
    sorted.sort_by(|a, b| a.file.cmp(&b.file));
    // A file that cannot be read has findings too, but no text to quote.
    let text = |file: &str| {
        engine.config_text(ConfigTextRequest { file: file.to_owned() }).ok().map(|reply| without_secrets(&reply.text))
    };
    render(&sorted, &text, style, width.unwrap_or(WIDTH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\x1b[2Jb\u{9b}c\r"), "a\\u{1b}[2Jb\\u{9b}c\\r");
        assert_eq!(harmless("naïve\n\tcafé"), "naïve\n\tcafé");
    }

    #[test]
    fn colour_only_where_it_is_shown() {
        assert_eq!(paint(false, Ink::Bad, "x"), "x");
        assert_eq!(paint(true, Ink::Bad, "x"), "\x1b[1;31mx\x1b[0m");
    }
}
