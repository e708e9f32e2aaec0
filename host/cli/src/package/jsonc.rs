//! JSON with comments and trailing commas.

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Spot};

/// Parses JSON with comments and trailing commas.
///
/// # Errors
///
/// A [`Diagnostic`] with the place in `text`.
pub fn parse(shown: &str, text: &str) -> Result<Value, Diagnostic> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(&plain(text)).map_err(|error| diagnostic(shown, text, &error))
}

/// Where `text` is not JSON.
pub fn diagnostic(shown: &str, text: &str, error: &serde_json::Error) -> Diagnostic {
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or(&full);
    let line_start = match error.line().checked_sub(1) {
        Some(0) | None => 0,
        Some(breaks) => {
            text.match_indices('\n').nth(breaks - 1).map_or(text.len(), |(at, _)| at + 1)
        }
    };
    // The parser counts columns in bytes, from 1.
    let at = line_start + error.column().saturating_sub(1);
    Diagnostic::new(message).at(Spot::in_text(shown, text, at, at))
}

/// The same text with blanks in place of comments and trailing commas: every other byte stays
/// where it was.
fn plain(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let mut comma = None;
    let mut at = 0;
    while at < out.len() {
        match out[at] {
            b'"' => {
                at = string_end(&out, at);
                comma = None;
            }
            b'/' if matches!(out.get(at + 1), Some(b'/' | b'*')) => {
                at = blank_comment(&mut out, at)
            }
            byte => {
                match byte {
                    b',' => comma = Some(at),
                    b'}' | b']' => {
                        if let Some(comma) = comma.take() {
                            out[comma] = b' ';
                        }
                    }
                    byte if byte.is_ascii_whitespace() => {}
                    _ => comma = None,
                }
                at += 1;
            }
        }
    }
    // Only whole characters were overwritten, so this is UTF-8 still.
    String::from_utf8(out).unwrap_or_default()
}

/// The index after the string that starts at `at`.
fn string_end(text: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// Blanks the comment that starts at `at` and returns the index after it. One without an end is
/// left alone, for the parser to complain about.
fn blank_comment(text: &mut [u8], at: usize) -> usize {
    let rest = &text[at..];
    let length = if rest[1] == b'/' {
        rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
    } else {
        match rest[2..].windows(2).position(|pair| pair == b"*/") {
            Some(end) => end + 4,
            None => return text.len(),
        }
    };
    for byte in &mut text[at..at + length] {
        if *byte != b'\n' && *byte != b'\r' {
            *byte = b' ';
        }
    }
    at + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_are_ignored() {
        let text =
            "{ // one\n \"a\": [1, 2, /* x , */ ],\n \"b\": \"// no /* comment\\\" , }\",\n}\n";
        let value = parse("w.jsonc", text).unwrap();
        assert_eq!(value["a"], serde_json::json!([1, 2]));
        assert_eq!(value["b"], "// no /* comment\" , }");
    }

    #[test]
    fn errors_point_into_the_author_s_text() {
        let error = parse("w.jsonc", "{\n  /* c */ \"a\": oops\n}").unwrap_err();
        let spot = error.spot.unwrap();
        assert_eq!(spot.line, 2);
        assert_eq!(spot.source_line, "  /* c */ \"a\": oops");
    }

    #[test]
    fn two_commas_stay_an_error() {
        assert!(parse("w.jsonc", "[1,,]").is_err());
        assert!(parse("w.jsonc", "{} /* no end").is_err());
    }
}
