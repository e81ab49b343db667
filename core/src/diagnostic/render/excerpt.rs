//! A finding as a paragraph: what, where, the lines that are meant with marks under them, what to do.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::rc::Rc;

use unicode_width::UnicodeWidthStr;

use super::window::Window;
use super::{advice, harmless, severity};
use crate::diagnostic::{Diagnostic, Severity, Span, code};

/// The contents of files, each asked for once; what the findings say are secrets is masked.
pub(super) struct Texts<'t> {
    ask: &'t dyn Fn(&str) -> Option<String>,
    findings: &'t [Diagnostic],
    known: HashMap<String, Option<Rc<str>>>,
}

impl<'t> Texts<'t> {
    pub(super) fn new(ask: &'t dyn Fn(&str) -> Option<String>, findings: &'t [Diagnostic]) -> Self {
        Self { ask, findings, known: HashMap::new() }
    }

    fn of(&mut self, file: &str) -> Option<Rc<str>> {
        if let Some(known) = self.known.get(file) {
            return known.clone();
        }
        let text: Option<Rc<str>> = if file.is_empty() {
            None
        } else {
            (self.ask)(file).filter(|text| !text.is_empty()).map(|text| self.masked(file, text))
        };
        self.known.insert(file.to_owned(), text.clone());
        text
    }
}

impl Texts<'_> {
    fn masked(&self, file: &str, mut text: String) -> Rc<str> {
        let secrets =
            self.findings.iter().filter(|finding| finding.file == file && code::SECRETS.contains(&finding.code));
        for span in secrets.filter_map(|finding| finding.span) {
            let place = span.start as usize..span.end as usize;
            if let Some(secret) = text.get(place.clone()) {
                let masked: String = secret.chars().map(mask).collect();
                text.replace_range(place, &masked);
            }
        }
        text.into()
    }
}

/// A sign that takes as many bytes as the character.
const fn mask(character: char) -> char {
    match character.len_utf8() {
        1 => '*',
        2 => '\u{b7}',
        3 => '\u{2022}',
        _ => '\u{1f784}',
    }
}

/// How things are coloured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ink {
    Error,
    Warning,
    Info,
    Help,
    Frame,
    Strong,
}

/// The paragraph, ending with a line feed.
pub(super) fn paragraph(diagnostic: &Diagnostic, texts: &mut Texts<'_>, colour: bool, width: usize) -> String {
    Paragraph::new(diagnostic, texts, colour, width).write()
}

/// A place with what is said about it; the place of the finding itself has no label.
struct Place<'d> {
    span: Span,
    label: Option<&'d str>,
}

/// The places of one file whose text is known.
struct Quoted<'d> {
    file: &'d str,
    text: Rc<str>,
    /// By line.
    lines: BTreeMap<u32, Vec<Place<'d>>>,
}

struct Paragraph<'d> {
    finding: &'d Diagnostic,
    quoted: Vec<Quoted<'d>>,
    /// Places that cannot be quoted.
    elsewhere: Vec<String>,
    colour: bool,
    width: usize,
    /// Columns of the longest line number.
    gutter: usize,
    out: String,
}

impl<'d> Paragraph<'d> {
    fn new(finding: &'d Diagnostic, texts: &mut Texts<'_>, colour: bool, width: usize) -> Self {
        let own = finding.span.map(|span| (finding.file.as_str(), Place { span, label: None }));
        let related = finding.related.iter().map(|related| {
            let file = if related.file.is_empty() { &finding.file } else { &related.file };
            (file.as_str(), Place { span: related.span, label: Some(related.message.as_str()) })
        });
        let mut quoted: Vec<Quoted<'d>> = Vec::new();
        let mut elsewhere = Vec::new();
        for (file, place) in own.into_iter().chain(related) {
            if let Some(known) = quoted.iter_mut().find(|quoted| quoted.file == file) {
                known.lines.entry(place.span.line).or_default().push(place);
            } else if let Some(text) = texts.of(file) {
                quoted.push(Quoted { file, text, lines: BTreeMap::from([(place.span.line, vec![place])]) });
            } else if let Some(label) = place.label {
                elsewhere.push(format!("{label}: {}", located(file, place.span)));
            }
        }
        let last = quoted.iter().filter_map(|quoted| quoted.lines.keys().last()).max().copied().unwrap_or_default();
        let gutter = if last == 0 { 0 } else { last.to_string().len() };
        Self { finding, quoted, elsewhere, colour, width, gutter, out: String::new() }
    }

    fn write(mut self) -> String {
        let finding = self.finding;
        let ink = ink(finding.severity);
        let head = self.paint(ink, &format!("{}[{}]", severity(finding.severity), finding.code));
        let message = self.paint(Ink::Strong, &format!(": {}", harmless(&finding.message)));
        self.line(&format!("{head}{message}"));
        if !finding.file.is_empty() {
            let place = finding.span.map_or_else(|| finding.file.clone(), |span| located(&finding.file, span));
            let arrow = self.paint(Ink::Frame, "-->");
            self.line(&format!("{:gutter$}{arrow} {}", "", harmless(&place), gutter = self.gutter));
        }
        let quoted = std::mem::take(&mut self.quoted);
        for (index, part) in quoted.iter().enumerate() {
            self.quote(part, index > 0);
        }
        if !quoted.is_empty() {
            self.frame("");
        }
        if let Some(help) = advice(finding) {
            self.footnote("help", Ink::Help, &harmless(help));
        }
        for note in std::mem::take(&mut self.elsewhere) {
            self.footnote("note", Ink::Info, &harmless(&note));
        }
        self.out
    }

    /// The lines of one file.
    fn quote(&mut self, part: &Quoted<'_>, another_file: bool) {
        if another_file {
            self.frame("");
            let first = part.lines.values().next().and_then(|places| places.first());
            let place = first.map_or_else(String::new, |place| located(part.file, place.span));
            let sign = self.paint(Ink::Frame, ":::");
            self.line(&format!("{:gutter$}{sign} {}", "", harmless(&place), gutter = self.gutter));
        }
        self.frame("");
        let mut last = None;
        for (line, places) in &part.lines {
            if last.is_some_and(|last| last + 1 < *line) {
                let dots = self.paint(Ink::Frame, "...");
                self.line(&dots);
            }
            last = Some(*line);
            self.source_line(&part.text, *line, places);
        }
    }

    fn source_line(&mut self, text: &str, number: u32, places: &[Place<'_>]) {
        let own = places.iter().find(|place| place.label.is_none());
        let Some(anchor) = own.or_else(|| places.first()) else { return };
        let window = Window::new(text, anchor.span, self.width.saturating_sub(self.gutter + 3));
        let number = self.paint(Ink::Frame, &format!("{number:>gutter$} |", gutter = self.gutter));
        self.line(format!("{number} {}", window.text).trim_end());
        let mut marks: Vec<Mark<'_>> = Vec::new();
        for place in places {
            match window.columns(place.span) {
                Some(columns) => marks.push(Mark { from: columns.start, to: columns.end, label: place.label }),
                None => self.elsewhere.extend(place.label.map(|label| {
                    let Span { line, column, .. } = place.span;
                    format!("{label}: line {line}, column {column}")
                })),
            }
        }
        self.marks(marks);
    }

    /// One row of marks, the last label beside it, the others below.
    fn marks(&mut self, mut marks: Vec<Mark<'_>>) {
        marks.sort_by_key(|mark| (mark.from, mark.to));
        let mut row: Vec<Option<bool>> = Vec::new();
        for mark in &marks {
            let own = mark.label.is_none();
            row.resize(row.len().max(mark.to), None);
            for cell in row.iter_mut().skip(mark.from).take(mark.to - mark.from) {
                *cell = Some(own || *cell == Some(true));
            }
        }
        let mut shown = String::new();
        let own_ink = ink(self.finding.severity);
        let mut at = 0;
        while let Some(cell) = row.get(at) {
            let length = row.iter().skip(at).take_while(|other| *other == cell).count();
            match cell {
                Some(true) => shown += &self.paint(own_ink, &"^".repeat(length)),
                Some(false) => shown += &self.paint(Ink::Frame, &"-".repeat(length)),
                None => shown += &" ".repeat(length),
            }
            at += length;
        }
        let room = self.width.saturating_sub(self.gutter + 3);
        let beside = marks.last().and_then(|mark| {
            let label = harmless(mark.label?);
            (mark.to == row.len() && mark.to + 1 + label.width() <= room).then_some(label)
        });
        if let Some(label) = &beside {
            write!(shown, " {}", self.paint(Ink::Frame, label)).unwrap_or_default();
            marks.pop();
        }
        self.frame(&shown);
        for mark in marks.iter().rev() {
            let Some(label) = mark.label.map(harmless) else { continue };
            let from = mark.from.min(room.saturating_sub(label.width()));
            let label = self.paint(Ink::Frame, &label);
            self.frame(&format!("{:from$}{label}", ""));
        }
    }

    fn footnote(&mut self, name: &str, ink: Ink, text: &str) {
        let lead = self.gutter + 1;
        let indent = lead + name.len() + 4;
        let lines = wrap(text, self.width.saturating_sub(indent + 1));
        let name = self.paint(ink, name);
        let sign = self.paint(Ink::Frame, "=");
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                self.line(&format!("{:lead$}{sign} {name}: {line}", ""));
            } else {
                self.line(&format!("{:indent$}{line}", ""));
            }
        }
    }

    /// A line beside the frame.
    fn frame(&mut self, text: &str) {
        let bar = self.paint(Ink::Frame, "|");
        let lead = self.gutter + 1;
        self.line(format!("{:lead$}{bar} {text}", "").trim_end());
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn paint(&self, ink: Ink, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Error => "1;31",
            Ink::Warning => "1;33",
            Ink::Info => "1;36",
            Ink::Help => "1;32",
            Ink::Frame => "1;34",
            Ink::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// A mark in columns of the line.
struct Mark<'l> {
    from: usize,
    to: usize,
    label: Option<&'l str>,
}

const fn ink(severity: Severity) -> Ink {
    match severity {
        Severity::Error => Ink::Error,
        Severity::Warning => Ink::Warning,
        Severity::Info => Ink::Info,
    }
}

fn located(file: &str, span: Span) -> String {
    format!("{file}:{}:{}", span.line, span.column)
}

/// Breaks between words, so that no line is wider than `width` where that can be.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.width();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { break };
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    lines
}
