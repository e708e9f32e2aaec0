//! Errors and log lines, told in positions of the author's files.

use insula_supervisor::ErrorDetail;

use super::MapSet;
use super::map::Place;

impl MapSet {
    /// Tells `detail` in positions of the author's files, as far as they are known.
    pub(crate) fn explain(&self, detail: &mut ErrorDetail) {
        if self.is_empty() || detail.mapped {
            return;
        }
        if let Some(stack) = self.explain_text(&detail.stack) {
            detail.stack = stack;
        }
        if let Some(place) = self.find(&detail.file, detail.line, detail.column) {
            detail.source_line = place.source_line().into();
            (detail.line, detail.column) = (place.line, place.column);
            detail.file = place.file.to_owned();
            detail.mapped = true;
        }
    }

    /// The same text with its stack frames in positions of the author's files; `None` when none
    /// of them is known.
    pub(crate) fn explain_text(&self, text: &str) -> Option<String> {
        if !self.maps.keys().any(|module| text.contains(module.as_str())) {
            return None;
        }
        let mut explained = String::with_capacity(text.len());
        let mut any = false;
        for line in text.split_inclusive('\n') {
            match self.explain_frame(line) {
                Some(frame) => {
                    explained.push_str(&frame);
                    any = true;
                }
                None => explained.push_str(line),
            }
        }
        any.then_some(explained)
    }

    /// A line of a stack: `name@file:line:column`, `at name (file:line:column)` or
    /// `at file:line:column`.
    fn explain_frame(&self, line: &str) -> Option<String> {
        let frame = line.trim();
        let position = match frame.strip_prefix("at ") {
            Some(rest) => match rest.strip_suffix(')') {
                Some(rest) => rest.rsplit_once('(')?.1,
                None => rest,
            },
            None => frame.split_once('@')?.1,
        };
        let (rest, column) = position.rsplit_once(':')?;
        let (file, line_number) = rest.rsplit_once(':')?;
        let place = self.find(file, line_number.parse().ok()?, column.parse().ok()?)?;
        // Both are parts of `line`.
        let at = position.as_ptr() as usize - line.as_ptr() as usize;
        let Place { file, line: number, column, .. } = place;
        let (before, after) = (line.get(..at)?, line.get(at + position.len()..)?);
        Some(format!("{before}{file}:{number}:{column}{after}"))
    }

    fn find(&self, module: &str, line: u32, column: u32) -> Option<Place<'_>> {
        self.maps.get(module)?.find(line, column)
    }
}

#[cfg(test)]
mod tests {
    use super::super::map::{SourceMap, Tally};
    use super::*;

    fn set() -> MapSet {
        let json = br#"{"version":3,"sources":["../src/a.ts"],"sourcesContent":["first\nsecond"],"mappings":"AAAA,IACC"}"#;
        let map = SourceMap::parse("dist/index.js", json, &mut Tally::default()).unwrap();
        MapSet { maps: [("dist/index.js".to_owned(), map)].into() }
    }

    #[test]
    fn frames_of_every_shape_are_explained_and_nothing_else() {
        let text = "TypeError: x@dist/index.js is bad\n    at f (dist/index.js:1:5)\n    at dist/index.js:1:1\n\
                    g@dist/index.js:1:9\nasync*@dist/index.js:1:1\nh@other.js:1:1\n    at f (dist/index.js:9:9)\n";
        assert_eq!(
            set().explain_text(text).unwrap(),
            "TypeError: x@dist/index.js is bad\n    at f (src/a.ts:2:2)\n    at src/a.ts:1:1\n\
             g@src/a.ts:2:2\nasync*@src/a.ts:1:1\nh@other.js:1:1\n    at f (dist/index.js:9:9)\n"
        );
        for plain in [
            "",
            "nothing",
            "dist/index.js",
            "at (dist/index.js:x:y)",
            "@",
            "at )",
            "@:::",
            "é@dist/index.js:1",
        ] {
            assert_eq!(set().explain_text(plain), None, "{plain}");
        }
    }

    #[test]
    fn an_error_is_told_at_the_author_s_line_once() {
        let mut detail = ErrorDetail {
            message: "Error: no".to_owned(),
            stack: "f@dist/index.js:1:5".to_owned(),
            file: "dist/index.js".to_owned(),
            line: 1,
            column: 6,
            source_line: "first;second".into(),
            mapped: false,
        };
        set().explain(&mut detail);
        assert_eq!((detail.file.as_str(), detail.line, detail.column), ("src/a.ts", 2, 2));
        assert_eq!((&*detail.source_line, detail.stack.as_str()), ("second", "f@src/a.ts:2:2"));
        let before = detail.clone();
        set().explain(&mut detail);
        assert_eq!(detail, before);
    }
}
