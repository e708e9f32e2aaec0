//! Puts printed code back on its author's lines, so that a stack trace names the right ones.
//!
//! A printer has its own opinion on where lines end. Every line break that it chose may be moved:
//! code without comments means the same whether a break between two tokens is one newline, ten or
//! a space, because the printer ends every statement with `;`. Only breaks inside template
//! literals, and the one after `#!`, are part of the meaning.

use std::ops::Range;

use super::scan;
use super::typescript::Segment;

/// A position of the printed code and where it comes from, both from 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub line: u32,
    pub column: u32,
    pub author_line: u32,
    pub author_column: u32,
}

/// The code on the author's lines, as far as `tokens` tell and order allows, and its positions.
pub(super) fn realign(code: &str, tokens: &[Token]) -> (String, Vec<Segment>) {
    // Without knowing where template literals are, nothing may move.
    let templates = scan::scan(code).map(|scan| scan.templates).ok();
    let mut out = Output::default();
    let mut offset: usize = 0;
    let mut rest = tokens;
    for (number, line) in code.split('\n').enumerate() {
        let in_line = rest.partition_point(|token| token.line as usize <= number);
        let (here, later) = rest.split_at(in_line);
        rest = later;
        let fixed = (number == 1 && code.starts_with("#!"))
            || templates.as_ref().is_none_or(|it| breaks_template(it, offset));
        let skipped = match number {
            0 => 0,
            _ if fixed => {
                out.newline();
                0
            }
            _ => out.soft_break(here.first().map(|token| token.author_line), line),
        };
        out.push(line, skipped, here);
        offset += line.len() + 1;
    }
    (out.code, out.segments)
}

/// Whether the line break before the line at `offset` is inside a template literal.
fn breaks_template(templates: &[Range<usize>], offset: usize) -> bool {
    let newline = offset.saturating_sub(1);
    templates.iter().any(|template| template.contains(&newline))
}

#[derive(Default)]
struct Output {
    code: String,
    line: u32,
    /// In UTF-16 units.
    column: u32,
    segments: Vec<Segment>,
}

impl Output {
    fn newline(&mut self) {
        self.code.push('\n');
        self.line += 1;
        self.column = 0;
    }

    /// Moves to the author's line when it is ahead; otherwise stays on this one. Returns how many
    /// bytes of indentation to leave out.
    fn soft_break(&mut self, wanted: Option<u32>, line: &str) -> usize {
        if wanted.is_some_and(|wanted| wanted > self.line) {
            while wanted.is_some_and(|wanted| wanted > self.line) {
                self.newline();
            }
            return 0;
        }
        let text = line.trim_start_matches('\t');
        if !text.is_empty() {
            self.code.push(' ');
            self.column += 1;
        }
        line.len() - text.len()
    }

    fn push(&mut self, line: &str, skipped: usize, tokens: &[Token]) {
        let mut done = skipped;
        for token in tokens {
            let start = byte_of_column(line, token.column).max(done);
            self.write(&line[done..start]);
            done = start;
            if token.author_line > self.line && self.may_break() {
                while token.author_line > self.line {
                    self.newline();
                }
            }
            self.segments.push(Segment {
                line: self.line,
                column: self.column,
                author_line: token.author_line,
                author_column: token.author_column,
            });
        }
        self.write(&line[done..]);
    }

    /// Whether a line break may be added before the next token: after these, none has a meaning.
    /// The fixed parts of a template literal start after a backtick or `}`, so they stay whole.
    fn may_break(&self) -> bool {
        self.code.trim_end_matches(' ').ends_with(['{', '(', '[', ',', ';'])
    }

    fn write(&mut self, text: &str) {
        self.code.push_str(text);
        self.column += text.encode_utf16().count() as u32;
    }
}

/// The byte at which UTF-16 column `column` of `line` starts.
fn byte_of_column(line: &str, column: u32) -> usize {
    let mut left = column as usize;
    let start = line.char_indices().find(|(_, c)| {
        let here = left == 0;
        left = left.saturating_sub(c.len_utf16());
        here
    });
    start.map_or(line.len(), |(at, _)| at)
}
