use std::collections::{HashSet, VecDeque};
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use insula_control::api::SourceMapUpload;
use insula_supervisor::ModuleKind;

use super::error::{ImportProblem, PackageError};
use super::maps::{self, Shift};
use super::resolve::{self, ModuleFile, Root, Treatment};
use super::scan::{self, Import, SyntaxError};
use super::typescript::{self, Positions, Stripped};
use super::{Module, Original};
use crate::diagnostic::{Diagnostic, Spot};

/// More modules than a deployment may have anywhere.
const MAX_MODULES: usize = 4096;

/// More bytes than a deployment may have anywhere; the server's own limit is lower.
const MAX_BYTES: u64 = 64 << 20;

/// What makes `require` a function of a module that uses it without saying where it comes from, as
/// bundlers' code for CommonJS packages does.
const REQUIRE: &str = "\nimport { __require as require } from \"node:module\";\n";

/// What can be reached from an entry module.
#[derive(Debug, Default)]
pub struct Graph {
    /// The modules, the entry first.
    pub modules: Vec<Module>,
    /// The maps that scripts came with.
    pub source_maps: Vec<SourceMapUpload>,
    /// Imports that may fail when they are run.
    pub warnings: Vec<Diagnostic>,
}

/// Reads the module `entry` and everything that it imports, directly or not.
///
/// # Errors
///
/// [`PackageError`] for the first thing that is wrong.
pub fn collect(
    root: &Root,
    entry: &ModuleFile,
    touched: &mut Vec<PathBuf>,
) -> Result<Graph, PackageError> {
    let treatment = resolve::treatment(&entry.name, None)
        .ok()
        .filter(|treatment| !matches!(treatment, Treatment::Plain(_)))
        .ok_or_else(|| PackageError::BadEntry {
            path: root.show(&entry.name).into(),
            reason: "it is neither JavaScript (.js, .mjs) nor TypeScript (.ts, .mts)".to_owned(),
        })?;
    let mut collector = Collector {
        root,
        touched,
        graph: Graph::default(),
        bytes: 0,
        queue: VecDeque::new(),
        known: HashSet::new(),
    };
    collector.enqueue(entry.clone(), treatment)?;
    while let Some((file, treatment)) = collector.queue.pop_front() {
        collector.add(&file, treatment)?;
    }
    Ok(collector.graph)
}

struct Collector<'a> {
    root: &'a Root,
    touched: &'a mut Vec<PathBuf>,
    graph: Graph,
    /// Read so far.
    bytes: u64,
    queue: VecDeque<(ModuleFile, Treatment)>,
    /// Names that were queued once.
    known: HashSet<String>,
}

impl Collector<'_> {
    fn enqueue(&mut self, file: ModuleFile, treatment: Treatment) -> Result<(), PackageError> {
        if self.known.contains(&file.name) {
            return Ok(());
        }
        if self.known.len() == MAX_MODULES {
            return Err(PackageError::TooManyModules(MAX_MODULES));
        }
        self.known.insert(file.name.clone());
        self.queue.push_back((file, treatment));
        Ok(())
    }

    fn add(&mut self, file: &ModuleFile, treatment: Treatment) -> Result<(), PackageError> {
        let source = self.read(file)?;
        let shown = self.root.show(&file.name);
        let name = file.name.clone();
        let module = match treatment {
            Treatment::JavaScript => {
                let text = utf8(&shown, source)?;
                self.javascript(name, &shown, &text)?
            }
            Treatment::TypeScript => {
                let text = utf8(&shown, source)?;
                let stripped = typescript::strip(&name, &text)
                    .map_err(|error| syntax(error, |place| in_text(&shown, &text, place)))?;
                let text = Text { shown: &shown, author: &text, stripped: Some(&stripped) };
                self.script(name, text)?.0
            }
            Treatment::Plain(kind @ (ModuleKind::Json | ModuleKind::Text)) => {
                let text = utf8(&shown, source)?;
                if kind == ModuleKind::Json {
                    check_json(&shown, &text)?;
                }
                Module { name, kind, source: text.into_bytes(), original: None }
            }
            Treatment::Plain(kind) => Module { name, kind, source, original: None },
        };
        self.graph.modules.push(module);
        Ok(())
    }

    fn read(&mut self, file: &ModuleFile) -> Result<Vec<u8>, PackageError> {
        self.touched.push(file.path.clone());
        let failed =
            |source| PackageError::Read { path: self.root.show(&file.name).into(), source };
        // The size is asked first so that a huge file is refused, not loaded.
        self.bytes += fs::metadata(&file.path).map_err(failed)?.len();
        if self.bytes > MAX_BYTES {
            return Err(PackageError::TooLarge(MAX_BYTES));
        }
        fs::read(&file.path).map_err(failed)
    }

    fn javascript(
        &mut self,
        name: String,
        shown: &str,
        text: &str,
    ) -> Result<Module, PackageError> {
        let mention = maps::mention(text);
        let code = match mention {
            maps::Mention::Inline { at, .. } => &text[..at],
            _ => text,
        };
        let graph = &mut self.graph;
        let map = maps::find(self.root, &name, &mention, self.touched, &mut graph.warnings);
        let (module, shifts) = self.script(name, Text { shown, author: code, stripped: None })?;
        self.graph.source_maps.extend(map.map(|map| maps::moved(map, &shifts)));
        Ok(module)
    }

    /// Follows a script's imports, and spells out those that left something to guess.
    fn script(
        &mut self,
        name: String,
        text: Text<'_>,
    ) -> Result<(Module, Vec<Shift>), PackageError> {
        let scan = scan::scan(text.code()).map_err(|error| syntax(error, |at| text.spot(at)))?;
        let mut edits = Vec::new();
        for import in scan.imports {
            match self.follow(&name, &import) {
                Ok(Some(spelled_out)) => edits.push((import.literal, spelled_out)),
                Ok(None) => {}
                Err(Refusal::Whole(error)) => return Err(error),
                Err(Refusal::Import(problem)) => {
                    let error = PackageError::Import {
                        spot: Box::new(text.spot(&import.literal)),
                        specifier: import.specifier,
                        problem,
                    };
                    // An `import()` may be there for another runtime, behind a condition.
                    if !import.dynamic {
                        return Err(error);
                    }
                    self.graph.warnings.push(error.diagnostic());
                }
            }
        }
        for place in &scan.computed {
            self.graph.warnings.push(
                Diagnostic::new("this import() computes what it imports")
                    .at(Spot { width: 1, ..text.spot(place) })
                    .help("only modules that some import names literally are deployed"),
            );
        }
        let mut module = text.module(name, edits);
        if scan.free_require {
            // Declared where no position moves; imports are evaluated first wherever they stand.
            module.0.source.extend_from_slice(REQUIRE.as_bytes());
        }
        Ok(module)
    }

    /// Queues what an import means. Returns the specifier to write instead, if it differs.
    fn follow(&mut self, importer: &str, import: &Import) -> Result<Option<String>, Refusal> {
        if resolve::is_builtin(&import.specifier) {
            return Ok(None);
        }
        let file = self.root.resolve(importer, &import.specifier)?;
        let treatment = resolve::treatment(&file.name, import.type_attribute.as_deref())?;
        let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
        let exact = resolve::join(folder, &import.specifier).as_deref() == Some(&file.name);
        let spelled_out = (!exact).then(|| resolve::relative(importer, &file.name));
        self.enqueue(file, treatment).map_err(Refusal::Whole)?;
        Ok(spelled_out)
    }
}

enum Refusal {
    Import(ImportProblem),
    Whole(PackageError),
}

impl From<ImportProblem> for Refusal {
    fn from(problem: ImportProblem) -> Self {
        Self::Import(problem)
    }
}

/// A script on its way from the author's text to the deployed one.
#[derive(Clone, Copy)]
struct Text<'a> {
    shown: &'a str,
    author: &'a str,
    stripped: Option<&'a Stripped>,
}

impl Text<'_> {
    fn code(&self) -> &str {
        self.stripped.map_or(self.author, |stripped| &stripped.code)
    }

    /// Where bytes of the code are in the author's text.
    fn spot(&self, place: &Range<usize>) -> Spot {
        let spot = in_text(self.shown, self.code(), place);
        let Some(stripped) = self.stripped else { return spot };
        let (line, column) = stripped.positions.author(spot.line, spot.column);
        let source_line = self.author.lines().nth(line.saturating_sub(1) as usize);
        let source_line = source_line.unwrap_or_default().to_owned();
        Spot { line, column, source_line, ..spot }
    }

    /// The module, with each of `edits` (in source order) put in place of a string literal, and
    /// what that has moved.
    fn module(&self, name: String, edits: Vec<(Range<usize>, String)>) -> (Module, Vec<Shift>) {
        let kind = ModuleKind::JavaScript;
        if edits.is_empty() && self.stripped.is_none() {
            let source = self.author.as_bytes().to_vec();
            return (Module { name, kind, source, original: None }, Vec::new());
        }
        let mut shifts = Vec::new();
        let mut code = self.code().to_owned();
        let mut positions =
            self.stripped.map_or_else(Positions::default, |it| it.positions.clone());
        // From the end, so that the places of the others stay true.
        for (place, specifier) in edits.into_iter().rev() {
            let literal = format!("{specifier:?}");
            let end = in_text("", &code, &(place.end..place.end));
            let (old, new) = (&code[place.clone()], literal.as_str());
            let grown = utf16(new) - utf16(old);
            let end_column = utf16(&code[line_start(&code, place.end)..place.end]) as u32;
            positions.grew(end.line - 1, end_column, grown);
            shifts.push(Shift { line: end.line - 1, end: end_column, grown });
            code.replace_range(place, &literal);
        }
        let original = Original { text: self.author.to_owned(), positions };
        (Module { name, kind, source: code.into_bytes(), original: Some(original) }, shifts)
    }
}

fn in_text(shown: &str, text: &str, place: &Range<usize>) -> Spot {
    Spot::in_text(shown, text, place.start, place.end)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |newline| newline + 1)
}

fn utf16(text: &str) -> i64 {
    text.encode_utf16().count() as i64
}

fn syntax(error: SyntaxError, spot: impl FnOnce(&Range<usize>) -> Spot) -> PackageError {
    let diagnostic = Diagnostic::new(error.message).at(spot(&error.place));
    PackageError::Syntax(Box::new(Diagnostic { help: error.help, ..diagnostic }))
}

/// The text without its byte order mark.
fn utf8(shown: &str, source: Vec<u8>) -> Result<String, PackageError> {
    let text = String::from_utf8(source).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
        PackageError::NotUtf8(Box::new(Spot::in_text(shown, &lossy, valid, valid)))
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

fn check_json(shown: &str, text: &str) -> Result<(), PackageError> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).map(|_| ()).map_err(|error| {
        PackageError::Syntax(Box::new(super::jsonc::diagnostic(shown, text, &error)))
    })
}
