//! Source maps that come with modules: the author's bundler made them.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use insula_control::api::SourceMapUpload;
use oxc_sourcemap::{SourceMap, Token};

use super::resolve::{self, Root};
use crate::diagnostic::{Diagnostic, Spot};

/// Bytes that a map may have anywhere.
const MAX_BYTES: u64 = 64 << 20;

const COMMENT: &str = "//# sourceMappingURL=";

/// What the last line of a module says about its map.
#[derive(Debug, PartialEq, Eq)]
pub enum Mention<'a> {
    /// Nothing.
    None,
    /// The map is in a file: a relative path.
    File(&'a str),
    /// The map is in the comment, which begins at this byte: it need not be deployed.
    Inline {
        /// Where the comment begins.
        at: usize,
        /// The map, in base64.
        base64: &'a str,
    },
}

/// A piece of a line (from 0) that ended at a column and became so many units longer.
#[derive(Debug, Clone, Copy)]
pub struct Shift {
    pub line: u32,
    pub end: u32,
    pub grown: i64,
}

/// What `text` says about its map.
pub fn mention(text: &str) -> Mention<'_> {
    let end = text.trim_end();
    // On the last line it cannot be a part of something else that goes on.
    let at = end.rfind(['\n', '\r']).map_or(0, |newline| newline + 1);
    let Some(url) = end[at..].strip_prefix(COMMENT) else { return Mention::None };
    // What holds one of these is the end of a string or template, not a comment.
    if url.contains(['"', '\'', '`', ' ', '\t']) {
        return Mention::None;
    }
    match url.strip_prefix("data:") {
        None => Mention::File(url),
        Some(data) => match data.split_once(";base64,") {
            Some((_, base64)) => Mention::Inline { at, base64 },
            None => Mention::None,
        },
    }
}

/// The map of the module `name`, if it comes with one: inside, or in a file beside it.
pub fn find(
    root: &Root,
    name: &str,
    mention: &Mention<'_>,
    touched: &mut Vec<PathBuf>,
    warnings: &mut Vec<Diagnostic>,
) -> Option<SourceMapUpload> {
    let path = match mention {
        Mention::Inline { base64, .. } => {
            return Some(SourceMapUpload { module: name.to_owned(), map: (*base64).to_owned() });
        }
        Mention::File(path) if path.contains(':') => return None,
        Mention::File(path) => {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            resolve::join(folder, path)?
        }
        Mention::None => format!("{name}.map"),
    };
    let named = matches!(mention, Mention::File(_));
    match read(root, &path, touched) {
        Some(map) => Some(SourceMapUpload::new(name, &map)),
        None => {
            if named {
                let spot = Spot::file(root.show(name));
                let message =
                    format!("there is no source map {path}: errors will not be shown in it");
                warnings.push(Diagnostic::new(message).at(spot));
            }
            None
        }
    }
}

fn read(root: &Root, path: &str, touched: &mut Vec<PathBuf>) -> Option<Vec<u8>> {
    let file = root.file(path).ok().flatten()?;
    touched.push(file.path.clone());
    let size = fs::metadata(&file.path).ok()?.len();
    (size <= MAX_BYTES).then(|| fs::read(&file.path).ok()).flatten()
}

/// The same map for a module in which pieces have grown. What is no map stays as it is: it is
/// judged where it is used.
pub fn moved(upload: SourceMapUpload, shifts: &[Shift]) -> SourceMapUpload {
    if shifts.is_empty() {
        return upload;
    }
    let json = upload.decode().and_then(|json| String::from_utf8(json).ok());
    let Some(map) = json.as_deref().and_then(|json| SourceMap::from_json_string(json).ok()) else {
        return upload;
    };
    let tokens = map.get_tokens().map(|token| {
        let (line, column) = (token.get_dst_line(), token.get_dst_col());
        let before = shifts.iter().filter(|shift| shift.line == line && shift.end <= column);
        let grown: i64 = before.map(|shift| shift.grown).sum();
        Token::new(
            line,
            column.saturating_add_signed(grown as i32),
            token.get_src_line(),
            token.get_src_col(),
            token.get_source_id(),
            token.get_name_id(),
        )
    });
    let moved = SourceMap::new(
        None,
        map.get_names().map(Cow::Borrowed).collect(),
        map.get_source_root().map(Cow::Borrowed),
        map.get_sources().map(Cow::Borrowed).collect(),
        map.get_source_contents().map(|content| content.map(Cow::Borrowed)).collect(),
        tokens.collect(),
        None,
    );
    SourceMapUpload::new(upload.module, moved.to_json_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_line_speaks_of_a_map() {
        assert_eq!(mention("a();\n//# sourceMappingURL=a.js.map\n"), Mention::File("a.js.map"));
        assert_eq!(
            mention("a();\r\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,e30="),
            Mention::Inline { at: 6, base64: "e30=" }
        );
        for text in [
            "",
            "a();",
            "//# sourceMappingURL=a.map\na();",
            "`\n//# sourceMappingURL=a.map`",
            "//# sourceMappingURL=data:application/json,{}",
        ] {
            assert_eq!(mention(text), Mention::None, "{text}");
        }
    }

    #[test]
    fn a_map_follows_what_has_grown() {
        // Two segments on the first line, at 0 and 20, and one on the second.
        let json = br#"{"version":3,"sources":["a"],"names":[],"mappings":"AAAA,oBAAoB;AACA"}"#;
        let shifts = [Shift { line: 0, end: 18, grown: 3 }];
        let upload = moved(SourceMapUpload::new("m.js", json), &shifts);
        let json = String::from_utf8(upload.decode().unwrap()).unwrap();
        let map = SourceMap::from_json_string(&json).unwrap();
        let columns: Vec<_> = map
            .get_tokens()
            .map(|it| (it.get_dst_line(), it.get_dst_col(), it.get_src_col()))
            .collect();
        assert_eq!(columns, [(0, 0, 0), (0, 23, 20), (1, 0, 20)]);
        let broken = SourceMapUpload::new("m.js", b"no");
        assert_eq!(moved(broken.clone(), &shifts), broken);
    }
}
