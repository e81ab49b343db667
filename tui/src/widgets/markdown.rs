//! Help texts in a little Markdown as lines: headings, code, emphasis, lists.

use ratatui::text::{Line, Span};

use super::{pane, text};
use crate::theme::{Theme, Tone};

/// The lines of `markdown` in at most `columns`.
pub(crate) fn lines(markdown: &str, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> = Vec::new();
    let mut paragraph = String::new();
    let mut code = false;
    let flush = |paragraph: &mut String, out: &mut Vec<Line<'static>>| {
        if !paragraph.is_empty() {
            out.extend(styled(&std::mem::take(paragraph), columns, theme));
        }
    };
    for line in markdown.lines() {
        let words = line.trim();
        if words.starts_with("```") {
            flush(&mut paragraph, &mut out);
            code = !code;
        } else if code {
            out.push(Line::styled(text::cut(&format!("  {line}"), columns, theme), theme.style(Tone::Key)));
        } else if words.is_empty() {
            flush(&mut paragraph, &mut out);
            if out.last().is_some_and(|line| line.width() > 0) {
                out.push(Line::default());
            }
        } else if let Some(heading) = words.strip_prefix('#') {
            flush(&mut paragraph, &mut out);
            out.push(Line::styled(
                text::cut(heading.trim_start_matches('#').trim(), columns, theme),
                theme.style(Tone::Strong),
            ));
        } else if words.starts_with("- ") || words.starts_with("* ") {
            flush(&mut paragraph, &mut out);
            paragraph = format!("  {words}");
        } else {
            // Lines that follow each other are one paragraph.
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(words);
        }
    }
    flush(&mut paragraph, &mut out);
    while out.last().is_some_and(|line| line.width() == 0) {
        out.pop();
    }
    out
}

/// The first sentence, without marks.
pub(crate) fn first_sentence(markdown: &str) -> String {
    let paragraph = markdown.trim().split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |end| end + 1);
    paragraph[..end].replace(['`', '*'], "")
}

/// One paragraph: code in its colour, emphasis strong, the marks themselves left out.
fn styled(paragraph: &str, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut code = false;
    let mut strong = false;
    text::wrap(paragraph, columns)
        .into_iter()
        .map(|line| {
            let mut spans: Vec<Span<'static>> = Vec::new();
            let mut run = String::new();
            let mut rest = line.as_str();
            let tone = |code: bool, strong: bool| match (code, strong) {
                (true, _) => Tone::Key,
                (false, true) => Tone::Strong,
                _ => Tone::Plain,
            };
            while !rest.is_empty() {
                let mark = if rest.starts_with('`') {
                    1
                } else if rest.starts_with("**") && !code {
                    2
                } else {
                    0
                };
                if mark == 0 {
                    let next = rest.chars().next().map_or(1, char::len_utf8);
                    run.push_str(&rest[..next]);
                    rest = &rest[next..];
                    continue;
                }
                if !run.is_empty() {
                    spans.push(pane::span(std::mem::take(&mut run), tone(code, strong), theme));
                }
                if mark == 1 {
                    code = !code;
                } else {
                    strong = !strong;
                }
                rest = &rest[mark..];
            }
            if !run.is_empty() {
                spans.push(pane::span(run, tone(code, strong), theme));
            }
            Line::from(spans)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEME: Theme = Theme { colour: true, ascii: false, light: false };

    #[test]
    fn marks_become_styles_and_paragraphs_are_filled() {
        let text = "# Title\n\nThe `load\nmode` is **not** a\nthing.\n\n- one\n- two\n\n```yaml\nkey: value\n```\n";
        let shown: Vec<String> = lines(text, 20, THEME).iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["Title", "", "The load mode is", "not a thing.", "", "  - one", "  - two", "", "  key: value"]
        );
        let spans: Vec<String> =
            lines("a `b c` d", 80, THEME)[0].spans.iter().map(|span| span.content.to_string()).collect();
        assert_eq!(spans, ["a ", "b c", " d"]);
        assert_eq!(lines("", 10, THEME).len(), 0);
    }

    #[test]
    fn the_first_sentence_stands_alone() {
        assert_eq!(first_sentence("The `path` of a\nfile. More.\n\nRest"), "The path of a file.");
        assert_eq!(first_sentence("no stop"), "no stop");
        assert_eq!(first_sentence(""), "");
    }
}
