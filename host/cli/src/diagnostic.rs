use std::fmt;

use insula_supervisor::Blame;

use crate::text::printable;

/// Something to tell the author of code or configuration, with the place it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub spot: Option<Spot>,
    /// Whose fault it is, when that is not plain.
    pub blame: Option<Blame>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spot {
    /// The file, as the reader knows it.
    pub file: String,
    /// The line, from 1; 0 when unknown.
    pub line: u32,
    /// The column in characters, from 1; 0 when unknown.
    pub column: u32,
    /// The line's text; empty when unknown.
    pub source_line: String,
    /// How many characters to underline; at least 1.
    pub width: u32,
}

impl Diagnostic {
    /// A message about no place in particular.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), spot: None, blame: None, help: None }
    }

    /// The same, about `spot`.
    #[must_use]
    pub fn at(self, spot: Spot) -> Self {
        Self { spot: Some(spot), ..self }
    }

    /// The same, with the one who is to blame.
    #[must_use]
    pub fn blame(self, blame: Blame) -> Self {
        Self { blame: Some(blame), ..self }
    }

    /// The same, with advice.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The text for a terminal, headed by `label` (`error`, `warning`).
    pub fn labelled<'a>(&'a self, label: &'a str) -> impl fmt::Display + 'a {
        Labelled { label, diagnostic: self }
    }
}

impl Spot {
    /// Only a file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), width: 1, ..Self::default() }
    }

    /// The place of the bytes `start..end` of `text`. Offsets outside of it are brought inside;
    /// what is only after the last visible character is shown right behind that.
    pub fn in_text(file: impl Into<String>, text: &str, start: usize, end: usize) -> Self {
        let start = floor_char_boundary(text, start.min(text.trim_end().len()));
        let end = floor_char_boundary(text, end).max(start);
        let before = &text[..start];
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let source_line = text[line_start..].split(['\n', '\r']).next().unwrap_or_default();
        let underlined_end = end.min(line_start + source_line.len()).max(start);
        Self {
            file: file.into(),
            line: line_breaks(before) + 1,
            column: count(&text[line_start..start]) + 1,
            source_line: source_line.to_owned(),
            width: count(&text[start..underlined_end]).max(1),
        }
    }

    /// `file:line:column`, as far as it is known.
    pub fn position(&self) -> String {
        match (self.line, self.column) {
            (0, _) => self.file.clone(),
            (line, 0) => format!("{}:{line}", self.file),
            (line, column) => format!("{}:{line}:{column}", self.file),
        }
    }

    /// The padding that puts a caret under the column: tabs stay tabs.
    pub fn padding(&self) -> String {
        let before = (self.column as usize).saturating_sub(1);
        self.source_line.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.labelled("error").fmt(f)
    }
}

struct Labelled<'a> {
    label: &'a str,
    diagnostic: &'a Diagnostic,
}

/// Harmless whatever the code that it is about says of itself.
impl fmt::Display for Labelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text)?;
        f.write_str(&printable(&text))
    }
}

impl Labelled<'_> {
    fn write(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let Self { label, diagnostic } = self;
        write!(f, "{label}: {}", diagnostic.message)?;
        let gutter = match &diagnostic.spot {
            Some(spot) => write_spot(f, spot)?,
            None => 1,
        };
        if let Some(blame) = diagnostic.blame {
            write!(f, "\n{:gutter$} = blame: {}", "", blame_text(blame))?;
        }
        if let Some(help) = &diagnostic.help {
            for (number, line) in help.lines().enumerate() {
                let mark = if number == 0 { "= help: " } else { "        " };
                write!(f, "\n{:gutter$} {mark}{line}", "")?;
            }
        }
        Ok(())
    }
}

/// Writes the place and returns the width of the line-number gutter.
fn write_spot(f: &mut impl fmt::Write, spot: &Spot) -> Result<usize, fmt::Error> {
    let number = spot.line.to_string();
    let gutter = number.len();
    write!(f, "\n{:gutter$}--> {}", "", spot.position())?;
    if spot.line > 0 && !spot.source_line.is_empty() {
        write!(f, "\n{:gutter$} |\n{number} | {}", "", spot.source_line)?;
        if spot.column > 0 {
            let carets = "^".repeat(spot.width.max(1) as usize);
            write!(f, "\n{:gutter$} | {}{carets}", "", spot.padding())?;
        }
    }
    Ok(gutter)
}

fn blame_text(blame: Blame) -> &'static str {
    match blame {
        Blame::Client => "what was asked for",
        Blame::Tenant => "the application",
        Blame::Operator => "the server's machine or configuration",
        Blame::Insula => "Insula itself: please report it",
    }
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Line breaks in `text`; `\r\n` is one.
fn line_breaks(text: &str) -> u32 {
    let lone_returns = text.match_indices('\r').filter(|(at, _)| !text[at + 1..].starts_with('\n'));
    (text.matches('\n').count() + lone_returns.count()) as u32
}

fn count(text: &str) -> u32 {
    text.chars().count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_column() {
        let text = "a\r\n\tlet é = oops;\r\nb";
        let start = text.find("oops").unwrap();
        let spot = Spot::in_text("x.js", text, start, start + 4);
        assert_eq!((spot.line, spot.column, spot.width), (2, 10, 4));
        let shown = Diagnostic::new("bad").at(spot).help("fix\nit").to_string();
        assert_eq!(
            shown,
            "error: bad\n --> x.js:2:10\n  |\n2 | \tlet é = oops;\n  | \t        ^^^^\n  = help: fix\n          it"
        );
    }

    #[test]
    fn offsets_outside_the_text_are_brought_inside() {
        let spot = Spot::in_text("x.js", "é", 1, 99);
        assert_eq!((spot.line, spot.column, spot.width), (1, 1, 1));
        assert_eq!(Spot::in_text("x.js", "", 7, 9).line, 1);
    }

    #[test]
    fn the_end_of_the_text_is_where_its_last_character_is() {
        let text = "fetch( \n\n";
        let spot = Spot::in_text("x.js", text, text.len(), text.len());
        assert_eq!((spot.line, spot.column, spot.source_line.as_str()), (1, 7, "fetch( "));
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        assert_eq!(line_breaks("a\nb\r\nc\rd"), 3);
    }
}
