use std::path::{Path, PathBuf};

use oxc::allocator::Allocator;
use oxc::codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;
use oxc::transformer::{TransformOptions, Transformer};

use super::realign::{self, Token};
use super::scan::SyntaxError;

/// JavaScript made from TypeScript.
#[derive(Debug)]
pub struct Stripped {
    /// The JavaScript.
    pub code: String,
    /// Which of its positions comes from which position of the TypeScript.
    pub positions: Positions,
}

/// Which position of a deployed text comes from which position of the author's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    /// In the order of the deployed text.
    segments: Vec<Segment>,
}

/// One known pair. Lines and columns count from 0, columns in UTF-16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub line: u32,
    pub column: u32,
    pub author_line: u32,
    pub author_column: u32,
}

/// Strips the types from a module and compiles what is not only types (enums, namespaces,
/// parameter properties). Statements stay on their lines wherever that is possible.
///
/// # Errors
///
/// [`SyntaxError`] when the text does not parse, or asks for something that cannot be compiled.
pub fn strip(name: &str, source: &str) -> Result<Stripped, SyntaxError> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::ts().with_module(true)).parse();
    SyntaxError::first(&parsed.diagnostics)?;
    let mut program = parsed.program;
    let semantic = SemanticBuilder::new()
        .with_check_syntax_error(true)
        .with_excess_capacity(2.0)
        .with_enum_eval(true)
        .build(&program);
    SyntaxError::first(&semantic.diagnostics)?;
    let scoping = semantic.semantic.into_scoping();
    let transformed = Transformer::new(&allocator, Path::new(name), &TransformOptions::default())
        .build_with_scoping(scoping, &mut program);
    SyntaxError::first(&transformed.diagnostics)?;
    let printed = Codegen::new()
        .with_options(CodegenOptions {
            comments: CommentOptions::disabled(),
            source_map_path: Some(PathBuf::from(name)),
            ..CodegenOptions::default()
        })
        .build(&program);
    let tokens = printed.map.as_ref().map_or_else(Vec::new, |map| {
        map.get_tokens()
            .filter(|token| token.get_source_id().is_some())
            .map(|token| Token {
                line: token.get_dst_line(),
                column: token.get_dst_col(),
                author_line: token.get_src_line(),
                author_column: token.get_src_col(),
            })
            .collect()
    });
    let (code, segments) = realign::realign(&printed.code, &tokens);
    Ok(Stripped { code, positions: Positions { segments } })
}

impl Positions {
    /// The author's line and column for those of the deployed text; all count from 1.
    pub fn author(&self, line: u32, column: u32) -> (u32, u32) {
        let (Some(line_at), Some(column_at)) = (line.checked_sub(1), column.checked_sub(1)) else {
            return (line, column);
        };
        let after =
            self.segments.partition_point(|it| (it.line, it.column) <= (line_at, column_at));
        let before = after.checked_sub(1).and_then(|at| self.segments.get(at));
        match before.filter(|segment| segment.line == line_at) {
            Some(segment) => {
                let into = column_at - segment.column;
                (segment.author_line + 1, segment.author_column + into + 1)
            }
            None => (line, column),
        }
    }

    /// Takes note that a piece of line `line` (from 0) that ended at column `end` became `grown`
    /// units longer.
    pub(super) fn grew(&mut self, line: u32, end: u32, grown: i64) {
        let (_, author_column) = self.author(line + 1, end + 1);
        let (author_line, _) = self.author(line + 1, end + 1);
        for segment in self.segments.iter_mut().filter(|it| it.line == line && it.column >= end) {
            segment.column = segment.column.saturating_add_signed(grown as i32);
        }
        let column = end.saturating_add_signed(grown as i32);
        let after = self.segments.partition_point(|it| (it.line, it.column) < (line, column));
        if self.segments.get(after).is_none_or(|it| (it.line, it.column) != (line, column)) {
            let author_line = author_line - 1;
            let author_column = author_column - 1;
            self.segments.insert(after, Segment { line, column, author_line, author_column });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_of_an_object_stay_on_their_lines() {
        let source = "let a = `x\n${1 +\n 2}\n`;\nexport default {\n  async fetch(r: Request, env: Env): Promise<void> {\n    go();\n  },\n  other(): void {\n  },\n  plain: 1,\n  get x(): number { return 1 },\n};\n";
        let stripped = strip("a.ts", source).unwrap();
        let line_of = |needle: &str| {
            stripped.code.lines().position(|line| line.contains(needle)).map(|at| at + 1)
        };
        let lines = ["async fetch", "go()", "other", "plain", "get x"].map(line_of);
        assert_eq!(
            lines,
            [6, 7, 9, 11, 12].map(Some),
            "{}\n{:#?}",
            stripped.code,
            stripped.positions
        );
    }

    #[test]
    fn what_the_printer_joins_is_parted_again() {
        let source = "export default {\n  fetch(a: string) {\n    return f(\n      `é{\n${a}`,\n      a,\n      [\n        a],\n    );\n  },\n};\n";
        let stripped = strip("a.ts", source).unwrap();
        let code = &stripped.code;
        let line_of = |needle: &str| code.lines().position(|line| line.contains(needle));
        assert_eq!(line_of("fetch("), Some(1), "{code}");
        assert_eq!(line_of("return f("), Some(2), "{code}");
        assert!(code.contains("`é{\n${a}`"), "{code}");
        assert_eq!(line_of("${a}"), Some(4), "{code}");
        super::super::scan::scan(code).unwrap();
    }
}
