//! Comments that hide findings: `# medallion: ignore CFG024[, CFG018] [reason]`, on the line above or
//! at the end of the line that is meant.
//!
//! Owns reading the comments and deciding what they hide. Errors are never hidden: they say that a
//! dataset cannot run as it is described.

use granit_parser::{Event, Parser};

use super::syntax::{MAX_DEPTH, cut};
use super::text::{Extent, Source};
use crate::diagnostic::code::{self, Code};
use crate::diagnostic::{Diagnostic, Fix, Severity};
use crate::nearest::nearest;

/// What every such comment starts with, after its `#`.
const MARK: &str = "medallion:";
const VERB: &str = "ignore";

/// The comments of one file, and what of them was of use.
#[derive(Debug, Default)]
pub(crate) struct Ignores {
    list: Vec<Ignore>,
    /// What is wrong with comments that cannot be followed.
    faults: Vec<Diagnostic>,
}

/// One comment that can be followed.
#[derive(Debug)]
struct Ignore {
    /// Where its text starts in the space of all texts.
    base: usize,
    /// The line whose findings are meant, from 1.
    line: u32,
    codes: Vec<Named>,
    /// From the first code to the last.
    codes_extent: Extent,
    /// What goes when the comment goes: its line, or the end of a line with something on it.
    whole: Extent,
}

#[derive(Debug)]
struct Named {
    code: Code,
    extent: Extent,
    used: bool,
}

impl Ignores {
    /// The comments of all texts of `source`. Broken YAML has them up to the place where it breaks.
    pub(crate) fn of(source: &Source<'_>) -> Self {
        let mut ignores = Self::default();
        for base in source.bases() {
            // Nearly every file has none, and then nothing is read a second time.
            if memchr::memmem::find(source.text_at(base).as_bytes(), MARK.as_bytes()).is_some() {
                for comment in comments(source, base) {
                    ignores.read(source, comment);
                }
            }
        }
        // Of a file that several others extend, each of these uses another part.
        ignores.faults.retain(|fault| fault.span.is_some_and(|span| source.base_of(span.start as usize) == 0));
        ignores
    }

    fn read(&mut self, source: &Source<'_>, comment: Extent) {
        let text = source.slice(comment);
        let body = text.trim_start_matches('#');
        let Some(rest) = body.trim_start().strip_prefix(MARK) else { return };
        let at = |part: &str| comment.start + (part.as_ptr() as usize - text.as_ptr() as usize);
        let (verb, rest) = split_word(rest.trim_start());
        if verb != VERB {
            if nearest(verb, [VERB]).is_some() {
                let extent = Extent::new(at(verb), at(verb) + verb.len());
                let mut finding = Diagnostic::warning(code::CFG073, format!("`{}` is no instruction", cut(verb)))
                    .at("", Some(source.span(extent)))
                    .help("did you mean `ignore`?");
                finding.fix = Some(Fix::one("write `ignore`", source.span(extent), VERB, false));
                self.faults.push(finding);
            }
            return;
        }
        let words: Vec<&str> = words(rest).take_while(|word| looks_like_code(word)).collect();
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            let finding = Diagnostic::warning(code::CFG073, "an ignore comment that names no code")
                .at("", Some(source.span(comment)))
                .help("name what is meant: `# medallion: ignore CFG024`");
            self.faults.push(finding);
            return;
        };
        let codes_extent = Extent::new(at(first), at(last) + last.len());
        let mut codes = Vec::new();
        for word in words {
            let extent = Extent::new(at(word), at(word) + word.len());
            match Code::find(word) {
                Some(code) => codes.push(Named { code, extent, used: false }),
                None => self.faults.push(unknown(word, source, extent)),
            }
        }
        let before = source.line_before(comment.start);
        let alone = before.trim().is_empty();
        let line = if alone { source.next_content_line(comment.start) } else { source.span(comment).line };
        let base = source.base_of(comment.start);
        let whole = if alone {
            source.whole_line(comment.start)
        } else {
            Extent::new(comment.start - (before.len() - before.trim_end().len()), comment.end)
        };
        self.list.push(Ignore { base, line, codes, codes_extent, whole });
    }

    /// Removes what the comments hide from `found`, and adds what is to be said about the comments.
    /// Of a file with errors nobody is told that a comment hides nothing: what it hides may come back
    /// when the error is mended.
    pub(crate) fn apply(mut self, source: &Source<'_>, found: &mut Vec<Diagnostic>) {
        let mut refused = Vec::new();
        found.retain(|finding| {
            let Some(span) = finding.span.filter(|_| finding.file.is_empty()) else { return true };
            let base = source.base_of(span.start as usize);
            let mut kept = true;
            let named = self
                .list
                .iter_mut()
                .filter(|ignore| (ignore.base, ignore.line) == (base, span.line))
                .flat_map(|ignore| &mut ignore.codes);
            for named in named.filter(|named| named.code == finding.code) {
                if finding.severity == Severity::Error {
                    if !named.used {
                        refused.push(cannot(finding.code, source, named.extent));
                    }
                } else {
                    kept = false;
                }
                named.used = true;
            }
            kept
        });
        let broken = found.iter().any(|finding| finding.severity == Severity::Error);
        found.append(&mut refused);
        found.append(&mut self.faults);
        if !broken {
            found.extend(self.list.iter().filter(|ignore| ignore.base == 0).filter_map(|ignore| ignore.unused(source)));
        }
    }
}

impl Ignore {
    fn unused(&self, source: &Source<'_>) -> Option<Diagnostic> {
        let names = |used: bool| {
            let names: Vec<&str> =
                self.codes.iter().filter(|named| named.used == used).map(|named| named.code.as_str()).collect();
            names.join(", ")
        };
        let (idle, rest) = (names(false), names(true));
        if idle.is_empty() {
            return None;
        }
        let mut finding =
            Diagnostic::new(code::CFG072, Severity::Info, format!("no finding {idle} is there to be ignored"))
                .at("", Some(source.span(self.codes_extent)));
        let fix = if rest.is_empty() {
            finding = finding.help("remove the comment");
            Fix::one("remove the comment", source.span(self.whole), "", true)
        } else {
            finding = finding.help(format!("remove {idle} from the comment"));
            Fix::one(format!("remove {idle}"), source.span(self.codes_extent), rest, true)
        };
        finding.fix = Some(fix);
        Some(finding)
    }
}

fn unknown(word: &str, source: &Source<'_>, extent: Extent) -> Diagnostic {
    let shown = cut(word);
    let mut finding = Diagnostic::warning(code::CFG073, format!("there is no code `{shown}`"))
        .at("", Some(source.span(extent)))
        .help("`medallion explain` lists all codes");
    if let Some(meant) = code::nearest_code(word) {
        finding = finding.help(format!("did you mean `{meant}`? `medallion explain {meant}` says what it means"));
        finding.fix = Some(Fix::one(format!("write `{meant}`"), source.span(extent), meant.as_str(), false));
    }
    finding
}

fn cannot(code: Code, source: &Source<'_>, extent: Extent) -> Diagnostic {
    Diagnostic::warning(code::CFG074, format!("{code} cannot be ignored here, because it is an error"))
        .at("", Some(source.span(extent)))
        .help("mend the error below, then remove the comment")
}

/// Where comments stand, as the parser sees them: a `#` in quotes or in a block of text is none.
fn comments(source: &Source<'_>, base: usize) -> Vec<Extent> {
    let mut options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        max_buffered_comment_events: usize::MAX,
    };
    options.set_emit_comments(true);
    let mut parser = Parser::new_from_str_with_options(source.text_at(base), options);
    let mut found = Vec::new();
    while let Some(Ok((event, span))) = parser.next_event() {
        if matches!(event, Event::Comment(..)) {
            let at = |marker: granit_parser::Marker| base + marker.byte_offset().unwrap_or_default();
            found.push(Extent::new(at(span.start), at(span.end)));
        }
    }
    // Events of properties come before those of the comments in front of them.
    found.sort_unstable();
    found
}

/// Two or more letters, then two or more digits: `CFG024`, also where no such code exists.
fn looks_like_code(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    word.len() - digits.len() >= 2 && digits.len() >= 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn split_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// Words between spaces and commas.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{check, load_one};

    #[test]
    fn a_comment_above_or_beside_hides_warnings() {
        check(
            r#"
config_version: 1
sources:
  - source:
      type: file
      system: s
      table: t
      # medallion: ignore CFG023 kept for the day the API is back
      # (see the wiki)
      api: {base_url: "https://example.com # medallion: ignore CFG013"}
      file:
        path: a.json
        has_header: true # medallion: ignore cfg024
"#,
        );
    }

    #[test]
    fn errors_stay_and_the_comment_is_told() {
        check(
            r"
config_version: 1
sources:
  - source:
      type: file
      system: s
      table: t
      # medallion: ignore CFG013, CFG023
                        # ^^^^^^ warning CFG074: CFG013 cannot be ignored here, because it is an error
      fiel: {path: a.csv}
    # ^^^^ error CFG013 sources[0].source.fiel: unknown key `fiel` -> file
",
        );
    }

    #[test]
    fn what_hides_nothing_is_to_be_removed() {
        check(
            r"
config_version: 1
# medallion: ignore CFG024 no longer true
                  # ^^^^^^ info CFG072: no finding CFG024 is there to be ignored -> 
sources:
  - source:
      type: file
      system: s
      table: t # medallion: ignore CFG018
                                 # ^^^^^^ info CFG072: no finding CFG018 is there to be ignored -> 
      # medallion: ignore CFG023, CFG016
                        # ^^^^^^^^^^^^^^ info CFG072: no finding CFG016 is there to be ignored -> CFG023
      db: {}
      file: {path: a.csv}
",
        );
    }

    #[test]
    fn comments_that_cannot_be_followed() {
        check(
            r"
config_version: 1
# medallion: ignore CFFG024 typing error
                  # ^^^^^^^ warning CFG073: there is no code `CFFG024` -> CFG024
# medallion: ignore because I say so
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning CFG073: an ignore comment that names no code
# medallion: ingore CFG024
           # ^^^^^^ warning CFG073: `ingore` is no instruction -> ignore
# medallion: is a fine tool
sources:
  - source: {type: file, system: s, table: t, file: {path: a.csv}}
",
        );
    }

    #[test]
    fn only_comments_count() {
        let text = "config_version: 1\nx-note: |\n  # medallion: ignore CFG024\nx-b: '# medallion: ignore CFG024'\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}}\n";
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), text).unwrap();
        assert_eq!(load_one(folder.path(), "a.yaml", &[]).diagnostics, []);
    }

    #[test]
    fn removing_the_comment_leaves_the_rest_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        for (added, left) in [
            ("x-a: 1 # medallion: ignore CFG024 reason\r\n", "x-a: 1\r\n"),
            ("# medallion: ignore CFG024\r\nx-a: 1\r\n", "x-a: 1\r\n"),
            ("x-a: 1\n  # medallion: ignore CFG024", "x-a: 1\n"),
            ("x-a: 1\t# medallion: ignore CFG024\n", "x-a: 1\n"),
        ] {
            let text = format!("{FINE}{added}");
            std::fs::write(folder.path().join("a.yaml"), &text).unwrap();
            let file = load_one(folder.path(), "a.yaml", &[]);
            let [finding] = file.diagnostics.as_slice() else { panic!("{:#?}", file.diagnostics) };
            let edit = &finding.fix.as_ref().unwrap().edits[0];
            let mut mended = text.clone();
            mended.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
            assert_eq!(mended, format!("{FINE}{left}"));
        }
    }

    const FINE: &str =
        "config_version: 1\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}}\n";
}
