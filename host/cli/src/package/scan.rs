use std::ops::Range;

use oxc::allocator::Allocator;
use oxc::ast::ast::{
    ArrowFunctionExpression, AwaitExpression, ExportAllDeclaration, ExportFromDeclaration,
    Expression, ForOfStatement, Function, ImportAttribute, ImportDeclaration, ImportExpression,
    ObjectPropertyKind, StringLiteral, TemplateElement, WithClause,
};
use oxc::ast_visit::{Visit, walk};
use oxc::diagnostics::OxcDiagnostic;
use oxc::parser::Parser;
use oxc::semantic::{ScopeFlags, SemanticBuilder};
use oxc::span::SourceType;

/// What a JavaScript module asks for.
#[derive(Debug, Default)]
pub struct Scan {
    /// Its imports with literal specifiers, in source order.
    pub imports: Vec<Import>,
    /// The bytes of each `import()` whose specifier is computed.
    pub computed: Vec<Range<usize>>,
    /// The bytes of each template literal's fixed parts.
    pub templates: Vec<Range<usize>>,
    /// Whether it uses a `require` that it does not declare.
    pub free_require: bool,
}

/// One import with a literal specifier.
#[derive(Debug, PartialEq, Eq)]
pub struct Import {
    /// What it names.
    pub specifier: String,
    /// The bytes of the string literal, quotes included.
    pub literal: Range<usize>,
    /// Whether it is an `import()` expression.
    pub dynamic: bool,
    /// The import attribute `type`.
    pub type_attribute: Option<String>,
}

/// Why a module does not parse.
#[derive(Debug)]
pub struct SyntaxError {
    /// In one line.
    pub message: String,
    /// The bytes that are wrong.
    pub place: Range<usize>,
    /// Advice, if the parser has some.
    pub help: Option<String>,
}

/// Finds the imports of an ECMAScript module.
///
/// # Errors
///
/// [`SyntaxError`] when the text does not parse.
pub fn scan(source: &str) -> Result<Scan, SyntaxError> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::mjs()).parse();
    SyntaxError::first(&parsed.diagnostics)?;
    let mut scan = Scan::default();
    scan.visit_program(&parsed.program);
    // To bind all names of a large bundle takes longer than to parse it.
    if source.contains("require") {
        let bound = SemanticBuilder::new().build(&parsed.program).semantic;
        let unresolved = bound.scoping().root_unresolved_references();
        scan.free_require = unresolved.keys().any(|name| name.as_str() == "require");
    }
    Ok(scan)
}

/// The bytes of each `await` at the top level of an ECMAScript module, in source order; nothing
/// for a text that does not parse.
pub fn top_level_awaits(source: &str) -> Vec<Range<usize>> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::mjs()).parse();
    let mut awaits = Awaits::default();
    awaits.visit_program(&parsed.program);
    awaits.0
}

/// Finds awaits that belong to no function.
#[derive(Default)]
struct Awaits(Vec<Range<usize>>);

impl<'a> Visit<'a> for Awaits {
    fn visit_await_expression(&mut self, expression: &AwaitExpression<'a>) {
        self.0.push(range(expression.span));
        walk::walk_await_expression(self, expression);
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        if statement.r#await {
            self.0.push(range(statement.span));
        }
        walk::walk_for_of_statement(self, statement);
    }

    fn visit_function(&mut self, _function: &Function<'a>, _flags: ScopeFlags) {}

    fn visit_arrow_function_expression(&mut self, _function: &ArrowFunctionExpression<'a>) {}
}

impl SyntaxError {
    /// Fails with the first error among `diagnostics`, if there is one.
    pub fn first(diagnostics: &oxc::diagnostics::Diagnostics) -> Result<(), Self> {
        diagnostics.errors().next().map_or(Ok(()), |error| Err(error.into()))
    }
}

impl From<&OxcDiagnostic> for SyntaxError {
    fn from(error: &OxcDiagnostic) -> Self {
        let place = error.labels.first().map_or(0..0, |label| {
            let start = label.offset() as usize;
            start..start + label.len() as usize
        });
        Self {
            message: error.message.to_string(),
            place,
            help: error.help.as_ref().map(ToString::to_string),
        }
    }
}

impl Scan {
    fn add(&mut self, source: &StringLiteral<'_>, dynamic: bool, type_attribute: Option<String>) {
        self.imports.push(Import {
            specifier: source.value.to_string(),
            literal: range(source.span),
            dynamic,
            type_attribute,
        });
    }
}

impl<'a> Visit<'a> for Scan {
    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        self.add(&import.source, false, with_type(import.with_clause.as_deref()));
    }

    fn visit_export_all_declaration(&mut self, export: &ExportAllDeclaration<'a>) {
        self.add(&export.source, false, with_type(export.with_clause.as_deref()));
    }

    fn visit_export_from_declaration(&mut self, export: &ExportFromDeclaration<'a>) {
        self.add(&export.source, false, with_type(export.with_clause.as_deref()));
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        match &import.source {
            Expression::StringLiteral(source) => {
                self.add(source, true, import.options.as_ref().and_then(options_type));
            }
            _ => self.computed.push(range(import.span)),
        }
        walk::walk_import_expression(self, import);
    }

    fn visit_template_element(&mut self, element: &TemplateElement<'a>) {
        self.templates.push(range(element.span));
    }
}

fn with_type(clause: Option<&WithClause<'_>>) -> Option<String> {
    let is_type = |entry: &&ImportAttribute<'_>| entry.key.as_arena_str().as_str() == "type";
    let entry = clause?.with_entries.iter().find(is_type)?;
    Some(entry.value.value.to_string())
}

/// `type` in the second argument of `import('…', { with: { type: '…' } })`.
fn options_type(options: &Expression<'_>) -> Option<String> {
    match property(property(options, "with")?, "type")? {
        Expression::StringLiteral(value) => Some(value.value.to_string()),
        _ => None,
    }
}

fn property<'e, 'a>(object: &'e Expression<'a>, name: &str) -> Option<&'e Expression<'a>> {
    let Expression::ObjectExpression(object) = object else { return None };
    object.properties.iter().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property)
            if property.key.is_specific_static_name(name) =>
        {
            Some(&property.value)
        }
        _ => None,
    })
}

fn range(span: oxc::span::Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
